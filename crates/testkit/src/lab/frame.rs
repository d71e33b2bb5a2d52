//! Reads adverts and announcements out of Ethernet frames, byte by byte and without using the
//! daemon's own codec, so that a mistake there cannot hide itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Instant, SystemTime};

const ETHERNET: usize = 14;
const AH_HEADER: usize = 24;
const VRRP: u8 = 112;
const AH: u8 = 51;
const ICMPV6: u8 = 58;
const NEIGHBOUR_ADVERTISEMENT: u8 = 136;

/// Where and when a frame came into the switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The host that sent it.
    pub host: String,
    /// When the kernel got it (wall clock).
    pub at: SystemTime,
    /// When the capture read it (monotonic clock, a little later).
    pub read_at: Instant,
}

/// One VRRP advertisement as it was on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advert {
    /// Who sent it, and when.
    pub origin: Origin,
    /// Source address of the packet.
    pub source: IpAddr,
    /// Destination address of the packet.
    pub destination: IpAddr,
    /// TTL or hop limit.
    pub ttl: u8,
    /// Type of service or traffic class.
    pub tos: u8,
    /// IPv4 identification; 0 for IPv6.
    pub identification: u16,
    /// Virtual router id.
    pub vrid: u8,
    /// Priority.
    pub priority: u8,
    /// The packet from the IP header on, without Ethernet padding.
    pub packet: Vec<u8>,
    /// The VRRP part of it.
    pub vrrp: Vec<u8>,
}

/// One gratuitous ARP or unsolicited neighbour advertisement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Who sent it, and when.
    pub origin: Origin,
    /// The address that is announced.
    pub ip: IpAddr,
    /// The hardware address it is announced for, as `ip link` writes it.
    pub mac: String,
    /// The whole frame.
    pub frame: Vec<u8>,
}

/// What a frame turned out to be.
pub(super) enum Seen {
    Advert(Advert),
    Announcement(Announcement),
}

/// Reads a frame; `None` for everything else that passes.
pub(super) fn read(frame: &[u8], origin: Origin) -> Option<Seen> {
    match be16(frame, 12)? {
        0x0806 => gratuitous_arp(frame, origin).map(Seen::Announcement),
        0x0800 => ipv4_advert(frame.get(ETHERNET..)?, origin).map(Seen::Advert),
        0x86dd => ipv6(frame, origin),
        _ => None,
    }
}

/// An ARP request or reply whose sender and target are the same address.
fn gratuitous_arp(frame: &[u8], origin: Origin) -> Option<Announcement> {
    let arp = frame.get(ETHERNET..ETHERNET + 28)?;
    let sender: [u8; 4] = arp.get(14..18)?.try_into().ok()?;
    let target = arp.get(24..28)?;
    let mac = mac(arp.get(8..14)?);
    (sender == target).then(|| Announcement {
        origin,
        ip: Ipv4Addr::from(sender).into(),
        mac,
        frame: frame.to_vec(),
    })
}

fn ipv4_advert(packet: &[u8], origin: Origin) -> Option<Advert> {
    let packet = packet.get(..usize::from(be16(packet, 2)?))?;
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let start = match *packet.get(9)? {
        VRRP => header,
        AH => header + AH_HEADER,
        _ => return None,
    };
    let vrrp = packet.get(start..)?;
    Some(Advert {
        origin,
        source: ipv4(packet, 12)?.into(),
        destination: ipv4(packet, 16)?.into(),
        ttl: *packet.get(8)?,
        tos: *packet.get(1)?,
        identification: be16(packet, 4)?,
        vrid: *vrrp.get(1)?,
        priority: *vrrp.get(2)?,
        packet: packet.to_vec(),
        vrrp: vrrp.to_vec(),
    })
}

fn ipv6(frame: &[u8], origin: Origin) -> Option<Seen> {
    let packet = frame.get(ETHERNET..)?;
    let payload = packet.get(40..40 + usize::from(be16(packet, 4)?))?;
    match *packet.get(6)? {
        VRRP => ipv6_advert(packet, payload, origin).map(Seen::Advert),
        ICMPV6 => neighbour_advertisement(frame, payload, origin).map(Seen::Announcement),
        _ => None,
    }
}

fn ipv6_advert(packet: &[u8], vrrp: &[u8], origin: Origin) -> Option<Advert> {
    Some(Advert {
        origin,
        source: ipv6_address(packet, 8)?.into(),
        destination: ipv6_address(packet, 24)?.into(),
        ttl: *packet.get(7)?,
        tos: (packet.first()? << 4) | (packet.get(1)? >> 4),
        identification: 0,
        vrid: *vrrp.get(1)?,
        priority: *vrrp.get(2)?,
        packet: packet.get(..40 + vrrp.len())?.to_vec(),
        vrrp: vrrp.to_vec(),
    })
}

/// An advertisement that answers nobody: the solicited flag is not set.
fn neighbour_advertisement(frame: &[u8], icmp: &[u8], origin: Origin) -> Option<Announcement> {
    let unsolicited = *icmp.first()? == NEIGHBOUR_ADVERTISEMENT && icmp.get(4)? & 0x40 == 0;
    let address = ipv6_address(icmp, 8)?;
    let mac = mac(icmp.get(26..32)?);
    unsolicited.then(|| Announcement { origin, ip: address.into(), mac, frame: frame.to_vec() })
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn ipv4(bytes: &[u8], at: usize) -> Option<Ipv4Addr> {
    let octets: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(octets.into())
}

fn ipv6_address(bytes: &[u8], at: usize) -> Option<Ipv6Addr> {
    let octets: [u8; 16] = bytes.get(at..at + 16)?.try_into().ok()?;
    Some(octets.into())
}

fn mac(bytes: &[u8]) -> String {
    let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    parts.join(":")
}
