//! Buffer sizes and timeouts of any socket, for crates that may not contain `unsafe` themselves.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};

/// Asks for a receive buffer of so many bytes, beyond `net.core.rmem_max` when we are allowed to.
///
/// # Errors
/// When the kernel takes neither request.
pub fn force_receive_buffer(socket: &impl AsFd, bytes: usize) -> io::Result<()> {
    match setsockopt(socket, sockopt::RcvBufForce, &bytes) {
        Ok(()) => Ok(()),
        Err(_) => Ok(setsockopt(socket, sockopt::RcvBuf, &bytes)?),
    }
}

/// Asks for a send buffer of so many bytes, beyond `net.core.wmem_max` when we are allowed to.
///
/// # Errors
/// When the kernel takes neither request.
pub fn force_send_buffer(socket: &impl AsFd, bytes: usize) -> io::Result<()> {
    match setsockopt(socket, sockopt::SndBufForce, &bytes) {
        Ok(()) => Ok(()),
        Err(_) => Ok(setsockopt(socket, sockopt::SndBuf, &bytes)?),
    }
}

/// Makes a blocking receive end with `WouldBlock` after this time.
///
/// # Errors
/// When the kernel refuses the option.
pub fn set_receive_timeout(socket: &impl AsFd, timeout: Duration) -> io::Result<()> {
    socket2::SockRef::from(socket).set_read_timeout(Some(timeout))
}
