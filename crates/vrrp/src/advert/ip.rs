//! The IP header around an advert, of either family.
//!
//! Whole packets pass between the core and its sockets. The kernel takes the header of an IPv6
//! packet off before it hands one over; whoever receives puts one like it back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of an IPv4 header without options.
pub(super) const V4: usize = 20;
/// Bytes of an IPv6 header.
pub(super) const V6: usize = 40;
/// Internetwork control: what routers talk to routers with.
const CLASS: u8 = 0xc0;

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The sender.
    pub(crate) source: IpAddr,
    /// The group or the peer it was sent to.
    pub(crate) destination: IpAddr,
    /// TTL or hop limit.
    pub(crate) ttl: u8,
    /// The protocol inside.
    pub(crate) protocol: u8,
    /// Its own bytes, options included.
    pub(crate) bytes: usize,
    /// The bytes of the whole packet as it claims them.
    pub(crate) total: usize,
}

/// What decides how an advert is written around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) identification: u16,
    pub(super) ttl: u8,
    pub(super) protocol: u8,
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
}

impl Header {
    /// Reads the header of a packet; `None` when there is no whole one.
    pub(crate) fn read(packet: &[u8]) -> Option<Self> {
        match packet.first()? >> 4 {
            4 => Self::read_v4(packet),
            6 => Self::read_v6(packet),
            _ => None,
        }
    }

    fn read_v4(packet: &[u8]) -> Option<Self> {
        let bytes = usize::from(packet[0] & 0x0f) * 4;
        let header = packet.get(..bytes).filter(|_| bytes >= V4)?;
        let address = |at| octets::<4>(header, at).map(|octets| IpAddr::V4(octets.into()));
        Some(Self {
            source: address(12)?,
            destination: address(16)?,
            ttl: header[8],
            protocol: header[9],
            bytes,
            total: usize::from(u16::from_be_bytes([header[2], header[3]])),
        })
    }

    fn read_v6(packet: &[u8]) -> Option<Self> {
        let header = packet.get(..V6)?;
        let address = |at| octets::<16>(header, at).map(|octets| IpAddr::V6(octets.into()));
        Some(Self {
            source: address(8)?,
            destination: address(24)?,
            ttl: header[7],
            protocol: header[6],
            bytes: V6,
            total: V6 + usize::from(u16::from_be_bytes([header[4], header[5]])),
        })
    }
}

fn octets<const N: usize>(header: &[u8], at: usize) -> Option<[u8; N]> {
    header.get(at..at + N)?.try_into().ok()
}

impl Outgoing {
    /// Puts a header before what is carried. The kernel fills in the checksum of an IPv4 header.
    pub(super) fn around(self, payload: &[u8]) -> Vec<u8> {
        let mut packet = match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(to)) => self.v4(source, to, payload.len()),
            (IpAddr::V6(source), IpAddr::V6(to)) => self.v6(source, to, payload.len()),
            // Whoever mixes the families cannot send: the kernel refuses an empty packet.
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => Vec::new(),
        };
        packet.extend(payload);
        packet
    }

    fn v4(self, source: Ipv4Addr, destination: Ipv4Addr, payload: usize) -> Vec<u8> {
        let mut packet = Vec::with_capacity(V4 + payload);
        packet.extend([0x45, CLASS]);
        packet.extend(length(V4 + payload));
        packet.extend(self.identification.to_be_bytes());
        packet.extend([0, 0, self.ttl, self.protocol, 0, 0]);
        packet.extend(source.octets());
        packet.extend(destination.octets());
        packet
    }

    fn v6(self, source: Ipv6Addr, destination: Ipv6Addr, payload: usize) -> Vec<u8> {
        let mut packet = Vec::with_capacity(V6 + payload);
        packet.extend([0x60 | CLASS >> 4, CLASS << 4, 0, 0]);
        packet.extend(length(payload));
        packet.extend([self.protocol, self.ttl]);
        packet.extend(source.octets());
        packet.extend(destination.octets());
        packet
    }
}

fn length(bytes: usize) -> [u8; 2] {
    u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes()
}
