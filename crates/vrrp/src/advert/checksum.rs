//! The Internet checksum (RFC 1071) and the pseudo header that VRRPv3 puts before it.

use std::net::{IpAddr, Ipv4Addr};

use super::PROTOCOL;

/// What releases before 1.3.7 put into the pseudo header of unicast adverts as destination.
const OLD_DESTINATION: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 18);

/// Sums 16-bit words, odd ends padded with zero; fold with [`finish`].
fn sum(bytes: &[u8]) -> u32 {
    bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)))
        .sum()
}

const fn finish(mut sum: u32) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum.to_be_bytes()[2] as u16 * 256 + sum.to_be_bytes()[3] as u16)
}

/// Over the packet alone: VRRPv2.
pub(super) fn plain(pdu: &[u8]) -> u16 {
    finish(sum(pdu))
}

/// Over the pseudo header and the packet: VRRPv3 (RFC 9568 §5.2.8), and everything over IPv6.
pub(super) fn with_pseudo_header(pdu: &[u8], source: IpAddr, destination: IpAddr) -> u16 {
    let length = u32::try_from(pdu.len()).unwrap_or(u32::MAX);
    let addresses = address(source) + address(destination);
    finish(addresses + u32::from(PROTOCOL) + length + sum(pdu))
}

fn address(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(ip) => sum(&ip.octets()),
        IpAddr::V6(ip) => sum(&ip.octets()),
    }
}

/// The checksum of VRRPv3 adverts of releases before 1.3.7 to a unicast peer.
pub(super) fn old_unicast(pdu: &[u8], source: IpAddr) -> u16 {
    with_pseudo_header(pdu, source, IpAddr::V4(OLD_DESTINATION))
}
