//! The socket that adverts arrive on.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use net::Family;
use socket2::{InterfaceIndexOrAddress, Socket};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Bound, ReceiveBatch};

/// Receives every VRRP packet that comes in on one interface (the joined groups and unicast), or
/// for one address.
///
/// Nothing blocks; [`VrrpReceiver::watch`] fits it into tokio.
#[derive(Debug)]
pub struct VrrpReceiver {
    socket: Socket,
    /// The interface on which groups are joined.
    index: u32,
    family: Family,
    protocol: u8,
}

impl VrrpReceiver {
    /// Opens the socket for VRRP (IP protocol 112).
    ///
    /// # Errors
    /// Without `CAP_NET_RAW`, or when there is no such interface.
    pub fn open(bound: Bound<'_>, family: Family) -> io::Result<Self> {
        Self::open_protocol(bound, family, super::VRRP)
    }

    /// Opens the socket for VRRPv2 inside an authentication header (IP protocol 51), which only
    /// IPv4 has.
    ///
    /// # Errors
    /// As [`VrrpReceiver::open`].
    pub fn open_authenticated(bound: Bound<'_>) -> io::Result<Self> {
        Self::open_protocol(bound, Family::V4, super::AUTHENTICATION_HEADER)
    }

    fn open_protocol(bound: Bound<'_>, family: Family, protocol: u8) -> io::Result<Self> {
        let socket = super::open(bound, family, protocol.into())?;
        // Otherwise groups that other sockets of the host have joined arrive here too.
        match family {
            Family::V4 => socket.set_multicast_all_v4(false)?,
            Family::V6 => {
                socket.set_multicast_all_v6(false)?;
                super::switch_on(&socket, libc::IPV6_RECVPKTINFO)?;
                super::switch_on(&socket, libc::IPV6_RECVHOPLIMIT)?;
            }
        }
        Ok(Self { socket, index: bound.index(), family, protocol })
    }

    /// Joins a multicast group on the interface.
    ///
    /// # Errors
    /// When the group is joined already, the interface is gone, or there are too many groups.
    pub fn join(&self, group: IpAddr) -> io::Result<()> {
        match group {
            IpAddr::V4(group) => {
                let interface = InterfaceIndexOrAddress::Index(self.index);
                self.socket.join_multicast_v4_n(&group, &interface)
            }
            IpAddr::V6(group) => self.socket.join_multicast_v6(&group, self.index),
        }
    }

    /// Asks for a receive buffer of so many bytes, beyond the system's limit if we may.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn set_receive_buffer(&self, bytes: usize) -> io::Result<()> {
        crate::socket::force_receive_buffer(&self.socket, bytes)
    }

    /// Receives what is there, as far as the batch has room, and returns how many packets.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is there; `ENETDOWN` when the interface went down.
    pub fn receive(&self, batch: &mut ReceiveBatch) -> io::Result<usize> {
        match self.family {
            Family::V4 => batch.fill(self.socket.as_fd()),
            Family::V6 => batch.fill_v6(self.socket.as_fd(), self.protocol),
        }
    }

    /// Lets tokio tell when there is something to receive: await `readable()`, then call
    /// [`VrrpReceiver::receive`] inside `try_io` until it gives `WouldBlock`.
    ///
    /// # Errors
    /// When no more sockets can be watched. Panics outside a tokio runtime.
    pub fn watch(self) -> io::Result<AsyncFd<Self>> {
        // SAFETY: the socket stays open until it is dropped, and is never exchanged.
        Ok(unsafe { AsyncFd::register_with_interest(self, Interest::READABLE) }?)
    }
}

impl AsFd for VrrpReceiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for VrrpReceiver {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}
