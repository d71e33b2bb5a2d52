//! IPv4 adverts made by hand, right or deliberately wrong, and sent from a host of the lab.
//! Knows the layout of packets by itself, so that it can also make what no daemon would send.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread;

use nix::sched::{CloneFlags, setns};
use socket2::{Domain, Protocol, Socket, Type};

use super::run::must;
use super::{Host, names};

const IP_HEADER: usize = 20;
const ANY_PROTOCOL: i32 = 255;

/// An advert to send. Its checksums are right unless `checksum_off_by` says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forged {
    /// Source address of the packet.
    pub source: Ipv4Addr,
    /// Destination address of the packet.
    pub destination: Ipv4Addr,
    /// TTL of the packet.
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
    pub addresses: Vec<Ipv4Addr>,
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
            destination: Ipv4Addr::new(224, 0, 0, 18),
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

    /// A correct v3 advert every 100 ms, to the usual group.
    pub fn v3(source: &str, vrid: u8, priority: u8, address: &str) -> Self {
        let v2 = Self::v2(source, vrid, priority, address);
        Self { version_and_type: 0x31, interval: 10, ..v2 }
    }

    /// The packet, from the IP header on; the kernel fills in the header checksum.
    pub fn packet(&self) -> Vec<u8> {
        let vrrp = self.vrrp();
        let length = must("fit a packet", u16::try_from(IP_HEADER + vrrp.len()));
        let mut packet = vec![0x45, 0xc0];
        packet.extend(length.to_be_bytes());
        packet.extend([0, 1, 0, 0, self.ttl, 112, 0, 0]);
        packet.extend(self.source.octets());
        packet.extend(self.destination.octets());
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
        vrrp.extend(self.addresses.iter().flat_map(Ipv4Addr::octets));
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
            covered.extend(self.source.octets());
            covered.extend(self.destination.octets());
            let length = must("fit a packet", u16::try_from(vrrp.len()));
            covered.extend([0, 112]);
            covered.extend(length.to_be_bytes());
        }
        covered.extend(vrrp);
        internet_checksum(&covered)
    }
}

impl Host {
    /// Sends a forged advert out of `eth0`.
    pub fn forge(&self, advert: &Forged) {
        let (packet, to) = (advert.packet(), SocketAddrV4::new(advert.destination, 0));
        let namespace = self.namespace();
        thread::scope(|scope| {
            scope.spawn(|| {
                let socket = raw_socket(namespace);
                must("send a forged advert", socket.send_to(&packet, &to.into()));
            });
        });
    }
}

fn raw_socket(namespace: &str) -> Socket {
    let file = must("open a namespace", File::open(names::namespace_file(namespace)));
    must("enter a namespace", setns(file, CloneFlags::CLONE_NEWNET));
    let any = Some(Protocol::from(ANY_PROTOCOL));
    let socket = must("open a raw socket", Socket::new(Domain::IPV4, Type::RAW, any));
    must("write headers", socket.set_header_included_v4(true));
    must("bind to the link", socket.bind_device(Some(b"eth0")));
    socket
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
