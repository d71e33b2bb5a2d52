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

/// A receive buffer of an operator's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiveBuffer {
    /// Its bytes; the kernel takes twice as many for its own needs.
    pub bytes: usize,
    /// It may exceed `net.core.rmem_max`.
    pub force: bool,
}

impl ReceiveBuffer {
    /// Gives it to a socket.
    ///
    /// # Errors
    /// When the kernel refuses: forcing needs `CAP_NET_ADMIN`.
    pub fn give_to(self, socket: &impl AsFd) -> io::Result<()> {
        match self.force {
            true => Ok(setsockopt(socket, sockopt::RcvBufForce, &self.bytes)?),
            false => Ok(setsockopt(socket, sockopt::RcvBuf, &self.bytes)?),
        }
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
