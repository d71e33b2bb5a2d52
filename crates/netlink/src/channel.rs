//! The socket: talks to the kernel and to nobody else, and blocks for as long as the kernel works.

use std::io;
use std::time::Duration;

use netlink_sys::{Socket, SocketAddr};
use sys::socket::ReceiveBuffer;
use tracing::warn;

/// Bytes asked for the socket's receive buffer.
const RECEIVE_BUFFER: usize = 4 << 20;
/// Room for one datagram: the kernel never puts more than 32 KB of a list into one.
const DATAGRAM: usize = 64 << 10;
/// The kernel answers before `send` returns; this only bounds the wait for an answer that it lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// A socket of one netlink protocol. It belongs to a thread that may wait.
#[derive(Debug)]
pub struct Channel {
    socket: Socket,
    port: u32,
    /// The sequence number of the next request.
    sequence: u32,
    /// Kept for its capacity.
    request: Vec<u8>,
    received: Vec<u8>,
}

impl Channel {
    /// Opens a socket of that protocol (`NETLINK_ROUTE`, `NETLINK_GENERIC`) in the network
    /// namespace of the calling thread, which it then stays in.
    ///
    /// # Errors
    /// When the kernel gives out no socket.
    pub fn open(protocol: isize) -> io::Result<Self> {
        let mut socket = Socket::new(protocol)?;
        let port = socket.bind_auto()?.port_number();
        socket.connect(&SocketAddr::new(0, 0))?;
        sys::socket::force_receive_buffer(&socket, RECEIVE_BUFFER)?;
        sys::socket::set_receive_timeout(&socket, PATIENCE)?;
        // Both are wishes: without them, errors come with less text or more bytes.
        for (option, result) in
            [("extended", socket.set_ext_ack(true)), ("capped", socket.set_cap_ack(true))]
        {
            if let Err(error) = result {
                warn!(option, %error, "the kernel has no such netlink acknowledgements");
            }
        }
        let received = Vec::with_capacity(DATAGRAM);
        Ok(Self { socket, port, sequence: 1, request: Vec::new(), received })
    }

    /// Replaces its receive buffer.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn set_receive_buffer(&self, buffer: ReceiveBuffer) -> io::Result<()> {
        buffer.give_to(&self.socket)
    }

    /// The socket's port, by which events tell who caused them.
    #[must_use]
    pub const fn port(&self) -> u32 {
        self.port
    }

    /// So many sequence numbers that follow each other: returns the first.
    pub fn numbers(&mut self, count: usize) -> u32 {
        let first = self.sequence;
        self.sequence = first.wrapping_add(u32::try_from(count).unwrap_or(u32::MAX));
        first
    }

    /// Sends the datagram that `write` fills.
    ///
    /// # Errors
    /// When the kernel does not take it.
    pub(crate) fn send(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.request.clear();
        write(&mut self.request);
        self.socket.send(&self.request, 0).map(drop)
    }

    /// One datagram from the kernel: the socket is connected to it and takes no other's.
    ///
    /// # Errors
    /// When none comes for five seconds, or some were lost (`ENOBUFS`). [`Self::drain`] has to follow.
    pub(crate) fn receive(&mut self) -> io::Result<&[u8]> {
        self.receive_with(libc::MSG_TRUNC)
    }

    /// Takes what is still there, or still to come of a list, after something was lost. Before that
    /// the kernel drops whatever else it would answer, and takes no question for another list.
    pub(crate) fn drain(&mut self, mut hear: impl FnMut(&[u8])) {
        loop {
            match self.receive_with(libc::MSG_TRUNC | libc::MSG_DONTWAIT) {
                Ok(datagram) => hear(datagram),
                // Each loss is told once.
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
                Err(_) => return,
            }
        }
    }

    fn receive_with(&mut self, flags: libc::c_int) -> io::Result<&[u8]> {
        self.received.clear();
        loop {
            match self.socket.recv(&mut self.received, flags) {
                Ok(length) if length <= self.received.len() => return Ok(&self.received),
                Ok(_) => return Err(invalid("a datagram did not fit into the buffer")),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The error of an answer that makes no sense.
pub(crate) fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
