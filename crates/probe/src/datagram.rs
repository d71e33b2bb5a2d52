//! A socket that sends datagrams to one peer, and hears of nobody else.

use std::io;
use std::os::fd::AsRawFd;

use lvs::Connect;
use nix::sys::socket::{MsgFlags, recv};
use socket2::{Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::connect::{Refusal, begin, no_socket, open};

/// The socket; also one for ICMP, which takes and gives datagrams as well.
#[derive(Debug)]
pub(crate) struct Datagram(UdpSocket);

impl Datagram {
    /// A socket of UDP.
    ///
    /// # Errors
    /// When there is none, or it cannot be used as configured.
    pub(crate) fn connect(wish: &Connect) -> Result<Self, Refusal> {
        let socket = open(wish, Type::DGRAM, Protocol::UDP)?;
        begin(&socket, wish)?;
        Self::of(socket)
    }

    /// A socket that is open and connected.
    ///
    /// # Errors
    /// When the kernel cannot watch it.
    pub(crate) fn of(socket: Socket) -> Result<Self, Refusal> {
        UdpSocket::from_std(socket.into()).map(Self).map_err(|error| no_socket(&error))
    }

    pub(crate) const fn socket(&self) -> &UdpSocket {
        &self.0
    }

    /// Sends one datagram.
    ///
    /// # Errors
    /// With what the kernel says, of an earlier datagram too.
    pub(crate) async fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.send(bytes).await.map(drop)
    }

    /// Receives one datagram, cut to the space there is; returns its length.
    ///
    /// # Errors
    /// With what the network said of what was sent.
    pub(crate) async fn receive(&self, space: &mut [u8]) -> io::Result<usize> {
        let hears = Interest::READABLE | Interest::ERROR;
        let receive = || Ok(recv(self.0.as_raw_fd(), space, MsgFlags::empty())?);
        self.0.async_io(hears, receive).await
    }
}
