//! Writes adverts.

use std::net::{IpAddr, Ipv4Addr};

use super::{ADVERTISEMENT, AUTH_DATA, FIXED, IPV4_HEADER, PROTOCOL, checksum};
use crate::config::{Authentication, Instance};
use crate::units::{Advertised, Version};

/// Internetwork control: what routers talk to routers with.
const TOS: u8 = 0xc0;

/// Writes the IPv4 packet of one advert, its header included (compat 11 §1.1 to §1.4).
///
/// The header checksum is left to the kernel, as with every `IP_HDRINCL` socket.
#[must_use]
pub fn encode(
    instance: &Instance,
    priority: Advertised,
    identification: u16,
    (source, destination): (Ipv4Addr, Ipv4Addr),
) -> Vec<u8> {
    let mut packet =
        Vec::with_capacity(IPV4_HEADER + FIXED + 4 * instance.addresses.len() + AUTH_DATA);
    packet.resize(IPV4_HEADER, 0);
    write_pdu(&mut packet, instance, priority);
    let sum = match instance.version {
        Version::V2 => checksum::plain(&packet[IPV4_HEADER..]),
        Version::V3 => checksum::with_pseudo_header(&packet[IPV4_HEADER..], source, destination),
    };
    packet[IPV4_HEADER + 6..IPV4_HEADER + 8].copy_from_slice(&sum.to_be_bytes());
    let length = u16::try_from(packet.len()).unwrap_or(u16::MAX);
    packet[0] = 0x45;
    packet[1] = TOS;
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    packet[4..6].copy_from_slice(&identification.to_be_bytes());
    packet[8] = instance.ttl;
    packet[9] = PROTOCOL;
    packet[12..16].copy_from_slice(&source.octets());
    packet[16..20].copy_from_slice(&destination.octets());
    packet
}

fn write_pdu(packet: &mut Vec<u8>, instance: &Instance, priority: Advertised) {
    let count = u8::try_from(instance.addresses.len()).unwrap_or(u8::MAX);
    packet.push(instance.version.number() << 4 | ADVERTISEMENT);
    packet.extend([instance.vrid.number(), priority.number(), count]);
    match instance.version {
        Version::V2 => {
            packet.extend([
                auth_type(&instance.authentication),
                instance.advert_interval.whole_secs(),
            ]);
        }
        Version::V3 => packet.extend(instance.advert_interval.centis().to_be_bytes()),
    }
    packet.extend([0, 0]);
    for address in instance.addresses.iter().take(usize::from(count)) {
        match address.address.ip {
            IpAddr::V4(ip) => packet.extend(ip.octets()),
            IpAddr::V6(ip) => packet.extend(ip.octets()),
        }
    }
    if instance.version == Version::V2 {
        packet.extend(auth_data(&instance.authentication));
    }
}

/// The authentication type field (RFC 2338 §5.3.6).
pub(super) const fn auth_type(authentication: &Authentication) -> u8 {
    match authentication {
        Authentication::None => 0,
        Authentication::Pass(_) => 1,
        Authentication::Ah(_) => 2,
    }
}

const fn auth_data(authentication: &Authentication) -> [u8; AUTH_DATA] {
    match authentication {
        Authentication::None | Authentication::Ah(_) => [0; AUTH_DATA],
        Authentication::Pass(password) => *password,
    }
}
