//! Many datagrams with one system call (`sendmmsg`), for every kind of socket address.
//!
//! Decides how the kernel's structures are laid out; which failure matters is left to the caller.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::{c_int, c_uint, c_void};

/// The most datagrams handed over in one call; the kernel itself stops at 1,024.
const CALL: usize = 256;

/// A C socket address that the kernel reads through a pointer and a length.
///
/// # Safety
/// The type must be plain data that begins with the address family, as `struct sockaddr` does.
pub(crate) unsafe trait SocketAddress: Copy {}

// SAFETY: a `repr(C)` struct of integers that begins with `sin_family`.
unsafe impl SocketAddress for libc::sockaddr_in {}
// SAFETY: a `repr(C)` struct of integers that begins with `sin6_family`.
unsafe impl SocketAddress for libc::sockaddr_in6 {}
// SAFETY: a `repr(C)` struct of integers that begins with `sll_family`.
unsafe impl SocketAddress for libc::sockaddr_ll {}

/// Sends the datagrams in order and returns how many went out: at least one, or the error of
/// the first. When it is less than all, the next call finds out why (as `sendmmsg` itself does).
pub(crate) fn send<A: SocketAddress>(
    socket: BorrowedFd<'_>,
    datagrams: &[(A, &[u8])],
    flags: c_int,
) -> io::Result<usize> {
    let mut sent = 0;
    for part in datagrams.chunks(CALL) {
        match send_part(socket, part, flags) {
            Ok(count) if count == part.len() => sent += count,
            Ok(count) => return Ok(sent + count),
            Err(error) if sent == 0 => return Err(error),
            Err(_) => return Ok(sent),
        }
    }
    Ok(sent)
}

fn send_part<A: SocketAddress>(
    socket: BorrowedFd<'_>,
    datagrams: &[(A, &[u8])],
    flags: c_int,
) -> io::Result<usize> {
    let mut addresses: Vec<A> = datagrams.iter().map(|(address, _)| *address).collect();
    let mut pieces: Vec<libc::iovec> = datagrams.iter().map(|(_, bytes)| piece(bytes)).collect();
    let mut headers: Vec<libc::mmsghdr> = addresses
        .iter_mut()
        .zip(&mut pieces)
        .map(|(address, piece)| header(address, piece))
        .collect();
    let count = c_uint::try_from(headers.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let flags = flags | libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    loop {
        // SAFETY: `headers` holds `count` entries, whose pointers lead into `addresses`, `pieces`
        // and the caller's slices; all of them outlive the call and the kernel only reads them.
        let sent =
            unsafe { libc::sendmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), count, flags) };
        match usize::try_from(sent) {
            Ok(sent) => return Ok(sent),
            Err(_) => retry_if_interrupted()?,
        }
    }
}

/// The error of the last system call, unless that was only a signal.
pub(crate) fn retry_if_interrupted() -> io::Result<()> {
    let error = io::Error::last_os_error();
    if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) }
}

fn piece(bytes: &[u8]) -> libc::iovec {
    // The kernel does not write through it: `iovec` merely has no constant twin.
    libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast::<c_void>(), iov_len: bytes.len() }
}

fn header<A: SocketAddress>(address: &mut A, piece: &mut libc::iovec) -> libc::mmsghdr {
    // SAFETY: `mmsghdr` is plain data for which all zeros mean "nothing here".
    let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
    header.msg_hdr.msg_name = std::ptr::from_mut(address).cast::<c_void>();
    header.msg_hdr.msg_namelen = address_length::<A>();
    header.msg_hdr.msg_iov = piece;
    header.msg_hdr.msg_iovlen = 1;
    header
}

/// The size of a C structure as the socket calls want it.
pub(crate) fn address_length<A>() -> libc::socklen_t {
    libc::socklen_t::try_from(size_of::<A>()).unwrap_or(libc::socklen_t::MAX)
}
