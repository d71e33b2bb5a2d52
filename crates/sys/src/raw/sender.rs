//! The socket that adverts are sent with.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use libc::c_int;
use net::Family;
use socket2::{SockFilter, Socket};

use super::Bound;
use crate::message::{self, address_length};

/// Adverts go out before everything else (`TC_PRIO_INTERACTIVE`).
const PRIORITY: u32 = 6;
/// `BPF_RET | BPF_K`, returning 0: keep nothing of any packet.
const DROP_ALL: SockFilter = SockFilter::new(0x06, 0, 0, 0);

/// `AF_INET` and `AF_INET6` in the width of an address's field.
const FAMILY: libc::sa_family_t = 2;
const FAMILY_V6: libc::sa_family_t = 10;
const _: () = assert!(FAMILY as c_int == libc::AF_INET && FAMILY_V6 as c_int == libc::AF_INET6);

/// Sends whole packets of one family, out of one interface if it is bound to one; it receives nothing and never blocks.
#[derive(Debug)]
pub struct VrrpSender {
    socket: Socket,
    /// The interface, or 0.
    index: u32,
}

/// A packet that could not be sent.
#[derive(Debug)]
pub struct Unsent {
    /// Its place among the packets given to [`VrrpSender::send`].
    pub index: usize,
    /// Why; `WouldBlock` when the socket's buffer is full.
    pub error: io::Error,
}

impl VrrpSender {
    /// Opens the socket. The IP header, including traffic class and hop limit,
    /// comes with each packet; the kernel fills in the checksum of an IPv4 header.
    ///
    /// # Errors
    /// Without `CAP_NET_RAW`, or when there is no such interface.
    pub fn open(bound: Bound<'_>, family: Family) -> io::Result<Self> {
        let socket = super::open(bound, family, libc::IPPROTO_RAW)?;
        let index = bound.index();
        socket.attach_filter(&[DROP_ALL])?;
        socket.set_recv_buffer_size(0)?;
        socket.set_priority(PRIORITY)?;
        match family {
            Family::V4 => {
                socket.set_header_included_v4(true)?;
                socket.set_multicast_loop_v4(false)?;
                set_multicast_interface(&socket, index)?;
            }
            Family::V6 => {
                socket.set_header_included_v6(true)?;
                socket.set_multicast_loop_v6(false)?;
                socket.set_multicast_if_v6(index)?;
            }
        }
        Ok(Self { socket, index })
    }

    /// Sends each packet to its address and returns those that failed; a failure does not keep
    /// the later ones back. Multicast stays on the link (`MSG_DONTROUTE`), unicast is routed.
    #[must_use = "adverts that did not go out have to be counted and logged"]
    pub fn send(&self, packets: &[(IpAddr, &[u8])]) -> Vec<Unsent> {
        let mut failures = Vec::new();
        let mut next = 0;
        while let Some((first, _)) = packets.get(next) {
            let kind = |to: &IpAddr| (to.is_ipv4(), to.is_multicast());
            let same = |(to, _): &&(IpAddr, &[u8])| kind(to) == kind(first);
            let end = next + packets[next..].iter().take_while(same).count();
            match self.send_alike(&packets[next..end]) {
                Ok(sent) => next += sent.max(1),
                Err(error) => {
                    failures.push(Unsent { index: next, error });
                    next += 1;
                }
            }
        }
        failures
    }

    /// Packets of one family, all multicast or none.
    fn send_alike(&self, packets: &[(IpAddr, &[u8])]) -> io::Result<usize> {
        let multicast = packets.first().is_some_and(|(to, _)| to.is_multicast());
        let flags = if multicast { libc::MSG_DONTROUTE } else { 0 };
        let v4 = packets.iter().filter_map(|(to, bytes)| match to {
            IpAddr::V4(to) => Some((address(*to), *bytes)),
            IpAddr::V6(_) => None,
        });
        let v4: Vec<_> = v4.collect();
        if !v4.is_empty() {
            return message::send(self.socket.as_fd(), &v4, flags);
        }
        let v6 = packets.iter().filter_map(|(to, bytes)| match to {
            IpAddr::V4(_) => None,
            IpAddr::V6(to) => Some((address_v6(*to, self.index), *bytes)),
        });
        message::send(self.socket.as_fd(), &v6.collect::<Vec<_>>(), flags)
    }
}

fn address(to: Ipv4Addr) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: FAMILY,
        sin_port: 0,
        sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(to.octets()) },
        sin_zero: [0; 8],
    }
}

/// The scope is the link: link-local addresses mean nothing without it.
fn address_v6(to: Ipv6Addr, link: u32) -> libc::sockaddr_in6 {
    libc::sockaddr_in6 {
        sin6_family: FAMILY_V6,
        sin6_port: 0,
        sin6_flowinfo: 0,
        sin6_addr: libc::in6_addr { s6_addr: to.octets() },
        sin6_scope_id: link,
    }
}

/// `IP_MULTICAST_IF` by index: socket2 only knows it by address.
fn set_multicast_interface(socket: &Socket, index: u32) -> io::Result<()> {
    let request = libc::ip_mreqn {
        imr_multiaddr: libc::in_addr { s_addr: 0 },
        imr_address: libc::in_addr { s_addr: 0 },
        imr_ifindex: c_int::try_from(index).map_err(|_| io::ErrorKind::InvalidInput)?,
    };
    // SAFETY: the pointer and the length describe `request`, which outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IP,
            libc::IP_MULTICAST_IF,
            std::ptr::from_ref(&request).cast::<libc::c_void>(),
            address_length::<libc::ip_mreqn>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

impl AsFd for VrrpSender {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for VrrpSender {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}
