//! UDP sockets for protocols that care how far a datagram has come: one that receives for both
//! families, and one that sends from a port of a range with a chosen TTL.
//!
//! Decides the socket options; which ports, and what a failure means, is left to the caller.

use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::os::fd::{AsRawFd, RawFd};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, RecvMsg, SockaddrStorage, recvmsg, setsockopt, sockopt,
};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Receives the datagrams to one port, of both families. Nothing blocks.
#[derive(Debug)]
pub struct DatagramReceiver {
    socket: Socket,
}

/// What the kernel says of a datagram that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Its bytes, at most as many as there was room for.
    pub length: usize,
    /// Whether it was longer than the room for it.
    pub truncated: bool,
    /// Its sender; an IPv4 address may be written as an IPv6 one.
    pub source: SocketAddr,
    /// Where it was sent to, if known.
    pub destination: Option<IpAddr>,
    /// Its TTL or hop limit on arrival, if known.
    pub ttl: Option<u8>,
}

impl DatagramReceiver {
    /// Opens the socket on every address; where there is no IPv6, for IPv4 alone.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn open(port: u16) -> io::Result<Self> {
        let Some(socket) = udp_unless_missing(Domain::IPV6)? else {
            let socket = udp(Domain::IPV4)?;
            setsockopt(&socket, sockopt::Ipv4RecvTtl, &true)?;
            setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
            socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())?;
            return Ok(Self { socket });
        };
        socket.set_only_v6(false)?;
        setsockopt(&socket, sockopt::Ipv4RecvTtl, &true)?;
        setsockopt(&socket, sockopt::Ipv6RecvHopLimit, &true)?;
        setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
        socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
        Ok(Self { socket })
    }

    /// Receives one datagram.
    ///
    /// # Errors
    /// `WouldBlock` when none is there.
    pub fn receive(&self, room: &mut [u8]) -> io::Result<Arrived> {
        let mut notes = cmsg_space!(libc::in6_pktinfo, libc::in_pktinfo, i32, i32);
        let mut pieces = [IoSliceMut::new(room)];
        let flags = MsgFlags::MSG_DONTWAIT;
        let fd = self.socket.as_raw_fd();
        let message: RecvMsg<'_, '_, SockaddrStorage> =
            recvmsg(fd, &mut pieces, Some(&mut notes), flags)?;
        let source = message.address.as_ref().and_then(address_of);
        let source = source.ok_or(ErrorKind::InvalidData)?;
        let (mut destination, mut ttl) = (None, None);
        for note in message.cmsgs()? {
            match note {
                ControlMessageOwned::Ipv6PacketInfo(info) => {
                    destination = Some(Ipv6Addr::from(info.ipi6_addr.s6_addr).into());
                }
                ControlMessageOwned::Ipv4PacketInfo(info) => {
                    let octets = info.ipi_addr.s_addr.to_ne_bytes();
                    destination = Some(Ipv4Addr::from(octets).into());
                }
                ControlMessageOwned::Ipv4Ttl(hops) | ControlMessageOwned::Ipv6HopLimit(hops) => {
                    ttl = u8::try_from(hops).ok();
                }
                // The enum is not ours.
                _ => {}
            }
        }
        let truncated = message.flags.contains(MsgFlags::MSG_TRUNC);
        Ok(Arrived { length: message.bytes, truncated, source, destination, ttl })
    }

    /// Lets tokio tell when there is something to receive: await `readable()`, then call
    /// [`DatagramReceiver::receive`] inside `try_io` until it gives `WouldBlock`.
    ///
    /// # Errors
    /// When no more sockets can be watched. Panics outside a tokio runtime.
    pub fn watch(self) -> io::Result<AsyncFd<Self>> {
        // SAFETY: the socket stays open until it is dropped, and is never exchanged.
        Ok(unsafe { AsyncFd::register_with_interest(self, Interest::READABLE) }?)
    }
}

impl AsRawFd for DatagramReceiver {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

/// Sends datagrams to one address from one port. Nothing blocks, and nothing is received.
#[derive(Debug)]
pub struct DatagramSender {
    socket: Socket,
    to: SocketAddr,
}

impl DatagramSender {
    /// Opens the socket on a port of the range that is free, tried in turn from `first` on.
    /// Without a source the kernel chooses the address for each datagram.
    ///
    /// # Errors
    /// When the source is no address of this host, or no port is free.
    pub fn open(
        source: Option<IpAddr>,
        to: SocketAddr,
        ttl: u8,
        ports: RangeInclusive<u16>,
        first: u16,
    ) -> io::Result<Self> {
        let (domain, any) = match to {
            SocketAddr::V4(_) => (Domain::IPV4, Ipv4Addr::UNSPECIFIED.into()),
            SocketAddr::V6(_) => (Domain::IPV6, Ipv6Addr::UNSPECIFIED.into()),
        };
        let socket = udp(domain)?;
        match to {
            SocketAddr::V4(_) => socket.set_ttl_v4(ttl.into())?,
            SocketAddr::V6(_) => socket.set_unicast_hops_v6(ttl.into())?,
        }
        socket.set_recv_buffer_size(0)?;
        bind_to_one(&socket, source.unwrap_or(any), ports, first)?;
        Ok(Self { socket, to })
    }

    /// Sends one datagram.
    ///
    /// # Errors
    /// When there is no way to its address, or the socket's buffer is full.
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        self.socket.send_to_with_flags(bytes, &self.to.into(), flags).map(drop)
    }
}

fn bind_to_one(
    socket: &Socket,
    source: IpAddr,
    ports: RangeInclusive<u16>,
    first: u16,
) -> io::Result<()> {
    let in_turn = (first..=*ports.end()).chain(*ports.start()..first);
    let mut taken = io::Error::from(ErrorKind::AddrInUse);
    for port in in_turn {
        match socket.bind(&SocketAddr::new(source, port).into()) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => taken = error,
            result => return result,
        }
    }
    Err(taken)
}

fn udp(domain: Domain) -> io::Result<Socket> {
    Socket::new(domain, Type::DGRAM.cloexec().nonblocking(), Some(Protocol::UDP))
}

/// `None` when the kernel does not have the family.
fn udp_unless_missing(domain: Domain) -> io::Result<Option<Socket>> {
    match udp(domain) {
        Ok(socket) => Ok(Some(socket)),
        Err(error) if error.raw_os_error() == Some(Errno::EAFNOSUPPORT as i32) => Ok(None),
        Err(error) => Err(error),
    }
}

fn address_of(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|v4| SocketAddr::new(v4.ip().into(), v4.port()));
    v4.or_else(|| storage.as_sockaddr_in6().map(|v6| SocketAddr::new(v6.ip().into(), v6.port())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: RangeInclusive<u16> = 49_152..=65_535;

    /// A receiver on a port that is free, and its number.
    fn receiver() -> (DatagramReceiver, u16) {
        let port = std::net::UdpSocket::bind("[::]:0").unwrap().local_addr().unwrap().port();
        (DatagramReceiver::open(port).unwrap(), port)
    }

    fn receive(receiver: &DatagramReceiver, room: &mut [u8]) -> Arrived {
        for _ in 0..1_000 {
            match receiver.receive(room) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                result => return result.unwrap(),
            }
        }
        panic!("nothing came");
    }

    #[test]
    fn both_families_arrive_with_source_destination_and_hops() {
        let (receiver, port) = receiver();
        for (source, ttl) in [("127.0.0.3", 7), ("::1", 255)] {
            let source: IpAddr = source.parse().unwrap();
            let local: IpAddr = if source.is_ipv4() { "127.0.0.2" } else { "::1" }.parse().unwrap();
            let to = SocketAddr::new(local, port);
            let sender = DatagramSender::open(Some(source), to, ttl, PORTS, 60_000).unwrap();
            sender.send(b"hello").unwrap();
            let mut room = [0; 32];
            let arrived = receive(&receiver, &mut room);
            assert_eq!(&room[..arrived.length], b"hello");
            assert_eq!(arrived.source.ip().to_canonical(), source);
            assert!(PORTS.contains(&arrived.source.port()));
            assert_eq!(arrived.destination.map(|to| to.to_canonical()), Some(local));
            assert_eq!((arrived.ttl, arrived.truncated), (Some(ttl), false));
        }
    }

    #[test]
    fn a_long_datagram_is_marked_as_truncated() {
        let (receiver, port) = receiver();
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let sender = DatagramSender::open(None, to, 1, PORTS, 50_000).unwrap();
        sender.send(&[0; 33]).unwrap();
        let arrived = receive(&receiver, &mut [0; 32]);
        assert_eq!((arrived.length, arrived.truncated), (32, true));
    }

    #[test]
    fn a_port_that_is_taken_is_passed_over_and_the_range_goes_round() {
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        let source = Some("127.0.0.77".parse().unwrap());
        let open = |first| DatagramSender::open(source, to, 1, 50_001..=50_003, first);
        let mut held = Vec::new();
        for expected in [50_003, 50_001, 50_002] {
            let sender = open(50_003).unwrap();
            let local = sender.socket.local_addr().unwrap().as_socket().unwrap();
            assert_eq!(local.port(), expected);
            held.push(sender);
        }
        assert_eq!(open(50_002).unwrap_err().kind(), ErrorKind::AddrInUse);
    }

    #[test]
    fn an_address_of_another_host_is_refused() {
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        let source = Some("192.0.2.77".parse().unwrap());
        let refused = DatagramSender::open(source, to, 1, PORTS, 50_000).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AddrNotAvailable);
    }
}
