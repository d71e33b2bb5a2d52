//! Adverts made by hand, right or deliberately wrong, and sent from a host of the lab.
//! Knows the layout of packets by itself, so that it can also make what no daemon would send.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use socket2::{Domain, Protocol, Socket, Type};

use super::Host;
use super::run::must;

const IP_HEADER: usize = 20;
const ANY_PROTOCOL: i32 = 255;
const VRRP: u8 = 112;
const LINK: &str = "eth0";

/// An advert to send. Its checksums are right unless `checksum_off_by` says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forged {
    /// Source address of the packet.
    pub source: IpAddr,
    /// Destination address of the packet.
    pub destination: IpAddr,
    /// TTL or hop limit of the packet.
    pub ttl: u8,
    /// Version and type, one nibble each.
    pub version_and_type: u8,
    /// Virtual router id.
    pub vrid: u8,
    /// Priority.
    pub priority: u8,
    /// Seconds (v2) or centiseconds (v3).
    pub interval: u16,
    /// The addresses.
    pub addresses: Vec<IpAddr>,
    /// v2: the authentication type.
    pub auth_type: u8,
    /// v2: the eight bytes of authentication data.
    pub auth_data: [u8; 8],
    /// How wrong the VRRP checksum is.
    pub checksum_off_by: u16,
}

impl Forged {
    /// A correct v2 advert every second, to the usual group.
    pub fn v2(source: &str, vrid: u8, priority: u8, address: &str) -> Self {
        Self {
            source: must("read a source", source.parse()),
            destination: Ipv4Addr::new(224, 0, 0, 18).into(),
            ttl: 255,
            version_and_type: 0x21,
            vrid,
            priority,
            interval: 1,
            addresses: vec![must("read an address", address.parse())],
            auth_type: 0,
            auth_data: [0; 8],
            checksum_off_by: 0,
        }
    }

    /// A correct v3 advert every 100 ms, to the usual group of the source's family.
    pub fn v3(source: &str, vrid: u8, priority: u8, address: &str) -> Self {
        let v2 = Self::v2(source, vrid, priority, address);
        let destination = match v2.source {
            IpAddr::V4(_) => v2.destination,
            IpAddr::V6(_) => Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12).into(),
        };
        Self { version_and_type: 0x31, interval: 10, destination, ..v2 }
    }

    /// What is given to the socket: over IPv4 the whole packet, of which the kernel fills in the
    /// header checksum, over IPv6 what follows the header.
    pub fn packet(&self) -> Vec<u8> {
        let vrrp = self.vrrp();
        if self.source.is_ipv6() {
            return vrrp;
        }
        let length = must("fit a packet", u16::try_from(IP_HEADER + vrrp.len()));
        let mut packet = vec![0x45, 0xc0];
        packet.extend(length.to_be_bytes());
        packet.extend([0, 1, 0, 0, self.ttl, VRRP, 0, 0]);
        packet.extend(octets(&self.source));
        packet.extend(octets(&self.destination));
        packet.extend(vrrp);
        packet
    }

    fn is_v3(&self) -> bool {
        self.version_and_type >> 4 == 3
    }

    fn vrrp(&self) -> Vec<u8> {
        let count = must("count addresses", u8::try_from(self.addresses.len()));
        let [high, low] = self.interval.to_be_bytes();
        let first = if self.is_v3() { high } else { self.auth_type };
        let mut vrrp =
            vec![self.version_and_type, self.vrid, self.priority, count, first, low, 0, 0];
        vrrp.extend(self.addresses.iter().flat_map(octets));
        if !self.is_v3() {
            vrrp.extend(self.auth_data);
        }
        let checksum = self.checksum(&vrrp).wrapping_add(self.checksum_off_by);
        vrrp[6..8].copy_from_slice(&checksum.to_be_bytes());
        vrrp
    }

    /// v3 covers a pseudo header, v2 does not.
    fn checksum(&self, vrrp: &[u8]) -> u16 {
        let mut covered = Vec::new();
        if self.is_v3() {
            covered.extend(octets(&self.source));
            covered.extend(octets(&self.destination));
            let length = must("fit a packet", u16::try_from(vrrp.len()));
            // The fields of IPv6 are wider, but what is in them adds up to the same.
            covered.extend([0, VRRP]);
            covered.extend(length.to_be_bytes());
        }
        covered.extend(vrrp);
        internet_checksum(&covered)
    }
}

impl Host {
    /// Sends a forged advert out of `eth0`.
    pub fn forge(&self, advert: &Forged) {
        self.inside_thread(|| {
            let (socket, to) = match (advert.source, advert.destination) {
                (IpAddr::V6(source), IpAddr::V6(to)) => socket_v6(advert.ttl, source, to),
                (_, to) => (socket_v4(), SocketAddr::new(to, 0)),
            };
            must("send a forged advert", socket.send_to(&advert.packet(), &to.into()));
        });
    }

    /// Sends a packet that was captured once more, from its IPv4 header on.
    pub fn replay(&self, packet: &[u8]) {
        let to = must("read a destination", <[u8; 4]>::try_from(&packet[16..IP_HEADER]));
        self.inside_thread(|| {
            let to = SocketAddr::new(Ipv4Addr::from(to).into(), 0);
            must("send a packet again", socket_v4().send_to(packet, &to.into()));
        });
    }
}

fn socket_v4() -> Socket {
    let any = Some(Protocol::from(ANY_PROTOCOL));
    let socket = must("open a raw socket", Socket::new(Domain::IPV4, Type::RAW, any));
    must("write headers", socket.set_header_included_v4(true));
    must("bind to the link", socket.bind_device(Some(LINK.as_bytes())));
    socket
}

/// The kernel makes the header: everything in it is said beforehand.
fn socket_v6(ttl: u8, source: Ipv6Addr, to: Ipv6Addr) -> (Socket, SocketAddr) {
    let vrrp = Some(Protocol::from(i32::from(VRRP)));
    let socket = must("open a raw socket", Socket::new(Domain::IPV6, Type::RAW, vrrp));
    let scope = must("find the link", nix::net::if_::if_nametoindex(LINK));
    let at = |ip| SocketAddr::V6(SocketAddrV6::new(ip, 0, 0, scope));
    must("bind to the link", socket.bind_device(Some(LINK.as_bytes())));
    must("bind to the source", socket.bind(&at(source).into()));
    must("choose the hop limit", socket.set_multicast_hops_v6(ttl.into()));
    must("choose the hop limit", socket.set_unicast_hops_v6(ttl.into()));
    (socket, at(to))
}

fn octets(ip: &IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

fn internet_checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| match *pair {
        [high, low] => u32::from(u16::from_be_bytes([high, low])),
        [high, ..] => u32::from(high) << 8,
        [] => 0,
    });
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forged_adverts_are_those_that_keepalived_sends() {
        let v2 = Forged::v2("192.0.2.1", 51, 100, "192.0.2.51").packet();
        let sent = [0x21, 0x33, 0x64, 0x01, 0x00, 0x01, 0xb8, 0x96, 0xc0, 0x00, 0x02, 0x33];
        assert_eq!(v2[20..32], sent);
        let mut v3 = Forged::v3("192.0.2.1", 54, 200, "192.0.2.55");
        v3.interval = 50;
        let sent = [0x31, 0x36, 0xc8, 0x01, 0x00, 0x32, 0xa1, 0xcd, 0xc0, 0x00, 0x02, 0x37];
        assert_eq!(v3.packet()[20..], sent);
    }
}
