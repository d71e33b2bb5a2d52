//! The socket that adverts are sent with.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use libc::c_int;
use net::{LinkIndex, LinkName};
use socket2::{SockFilter, Socket};

use crate::message::{self, address_length};

/// Adverts go out before everything else (`TC_PRIO_INTERACTIVE`).
const PRIORITY: u32 = 6;
/// `BPF_RET | BPF_K`, returning 0: keep nothing of any packet.
const DROP_ALL: SockFilter = SockFilter::new(0x06, 0, 0, 0);

/// `AF_INET` in the width of an address's field.
const FAMILY: libc::sa_family_t = 2;
const _: () = assert!(FAMILY as c_int == libc::AF_INET);

/// Sends whole IPv4 packets out of one interface; it receives nothing and never blocks.
#[derive(Debug)]
pub struct VrrpSender {
    socket: Socket,
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
    /// Opens the socket on this interface. The IP header, including TOS and TTL, comes with each
    /// packet; the kernel fills in the header's checksum.
    ///
    /// # Errors
    /// Without `CAP_NET_RAW`, or when there is no such interface.
    pub fn open(link: &LinkName, index: LinkIndex) -> io::Result<Self> {
        let socket = super::open(link, libc::IPPROTO_RAW)?;
        socket.attach_filter(&[DROP_ALL])?;
        socket.set_recv_buffer_size(0)?;
        socket.set_header_included_v4(true)?;
        socket.set_multicast_loop_v4(false)?;
        socket.set_priority(PRIORITY)?;
        set_multicast_interface(&socket, index)?;
        Ok(Self { socket })
    }

    /// Sends each packet to its address and returns those that failed; a failure does not keep
    /// the later ones back. Multicast stays on the link (`MSG_DONTROUTE`), unicast is routed.
    #[must_use = "adverts that did not go out have to be counted and logged"]
    pub fn send(&self, packets: &[(Ipv4Addr, &[u8])]) -> Vec<Unsent> {
        let addressed: Vec<_> = packets.iter().map(|(to, bytes)| (address(*to), *bytes)).collect();
        let mut failures = Vec::new();
        let mut next = 0;
        while let Some((first, _)) = packets.get(next) {
            let same = |(to, _): &&(Ipv4Addr, &[u8])| to.is_multicast() == first.is_multicast();
            let end = next + packets[next..].iter().take_while(same).count();
            let flags = if first.is_multicast() { libc::MSG_DONTROUTE } else { 0 };
            match message::send(self.socket.as_fd(), &addressed[next..end], flags) {
                Ok(sent) => next += sent.max(1),
                Err(error) => {
                    failures.push(Unsent { index: next, error });
                    next += 1;
                }
            }
        }
        failures
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

/// `IP_MULTICAST_IF` by index: socket2 only knows it by address.
fn set_multicast_interface(socket: &Socket, index: LinkIndex) -> io::Result<()> {
    let request = libc::ip_mreqn {
        imr_multiaddr: libc::in_addr { s_addr: 0 },
        imr_address: libc::in_addr { s_addr: 0 },
        imr_ifindex: c_int::try_from(index.0).map_err(|_| io::ErrorKind::InvalidInput)?,
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
