//! Reads adverts and refuses what is not one, in the order of compat 11 §3.

use std::net::{IpAddr, Ipv4Addr};

use super::{
    ADVERTISEMENT, AUTH_DATA, Advert, Discard, FIXED, IPV4_HEADER, PROTOCOL, Remark, checksum,
    encode,
};
use crate::config::{Authentication, Cast, Instance};
use crate::units::{AdvertInterval, Advertised, Version};

/// Frames shorter than this are padded by Ethernet, and some receivers see the padding.
const SHORTEST_PAYLOAD: usize = 46;

/// A packet cut into its parts; every slice is in bounds.
struct Parts<'a> {
    header: &'a [u8],
    pdu: &'a [u8],
    expected: usize,
    received: usize,
}

/// The virtual router that a packet is for and its sender; `None` when it is too short to say.
pub(crate) fn vrid_of(packet: &[u8]) -> Option<(u8, Ipv4Addr)> {
    let header = header_length(packet)?;
    let vrid = *packet.get(header + 1)?;
    (packet.len() >= header + FIXED).then(|| (vrid, address_at(packet, 12)))
}

/// Source and destination of a packet that [`vrid_of`] accepted.
pub(crate) fn addresses_of(packet: &[u8]) -> (Ipv4Addr, Ipv4Addr) {
    (address_at(packet, 12), address_at(packet, 16))
}

fn header_length(packet: &[u8]) -> Option<usize> {
    let length = usize::from(packet.first()? & 0x0f) * 4;
    (length >= IPV4_HEADER && packet.len() >= length).then_some(length)
}

fn address_at(packet: &[u8], offset: usize) -> Ipv4Addr {
    let mut octets = [0; 4];
    octets.copy_from_slice(&packet[offset..offset + 4]);
    octets.into()
}

/// Reads an IPv4 packet as an advert for this instance.
///
/// `known_master` is the sender of the last accepted advert, for `skip_check_adv_addr`; pass
/// `None` in MASTER state, where the addresses are always compared.
///
/// # Errors
/// The first check of compat 11 §3 that it fails.
pub fn decode(
    packet: &[u8],
    instance: &Instance,
    known_master: Option<Ipv4Addr>,
) -> Result<Advert, Discard> {
    let parts = Parts::of(packet)?;
    if let Cast::Multicast { .. } = instance.cast
        && parts.header[8] != 255
    {
        return Err(Discard::Ttl(parts.header[8]));
    }
    let version = parts.pdu[0] >> 4;
    if version != instance.version.number() {
        return Err(Discard::Version { received: version, expected: instance.version });
    }
    if instance.version == Version::V2 {
        authenticate(&parts, &instance.authentication)?;
        same_interval(&parts, instance)?;
    }
    if parts.pdu[0] & 0x0f != ADVERTISEMENT {
        return Err(Discard::Type(parts.pdu[0] & 0x0f));
    }
    parts.total_length()?;
    parts.checksum(instance.version)?;
    let source = address_at(packet, 12);
    destination(&parts, instance)?;
    if instance.options.owner_ignores_adverts && instance.priority.is_owner() {
        return Err(Discard::OwnerIgnores);
    }
    sender(&parts, source, instance)?;
    let interval = interval(&parts, instance.version);
    let mut remarks = Vec::new();
    if instance.version == Version::V3 && interval != instance.advert_interval {
        remarks.push(Remark::Interval { ours: instance.advert_interval, received: interval });
    }
    compare_addresses(&parts, instance, known_master == Some(source), &mut remarks);
    Ok(Advert { source, priority: Advertised::from_number(parts.pdu[2]), interval, remarks })
}

impl<'a> Parts<'a> {
    fn of(packet: &'a [u8]) -> Result<Self, Discard> {
        let received = packet.len();
        let short = Discard::Length { received, expected: IPV4_HEADER + FIXED };
        let header = header_length(packet).ok_or_else(|| short.clone())?;
        if packet[9] != PROTOCOL {
            return Err(Discard::UnexpectedAh);
        }
        if received < header + FIXED {
            return Err(short);
        }
        let count = usize::from(packet[header + 3]);
        let tail = if packet[header] >> 4 == 2 { AUTH_DATA } else { 0 };
        let expected = header + FIXED + 4 * count + tail;
        if received != expected && !padded(received, expected) {
            return Err(Discard::Length { received, expected });
        }
        Ok(Self { header: &packet[..header], pdu: &packet[header..expected], expected, received })
    }

    fn total_length(&self) -> Result<(), Discard> {
        let claimed = u16::from_be_bytes([self.header[2], self.header[3]]);
        let short_frame =
            self.received <= SHORTEST_PAYLOAD && usize::from(claimed) == self.expected;
        if usize::from(claimed) == self.received || short_frame {
            Ok(())
        } else {
            Err(Discard::TotalLength { claimed, received: self.received })
        }
    }

    /// A correct checksum makes the sum over everything zero.
    fn checksum(&self, version: Version) -> Result<(), Discard> {
        let sum = match version {
            Version::V2 => checksum::plain(self.pdu),
            Version::V3 => checksum::with_pseudo_header(
                self.pdu,
                address_at(self.header, 12),
                address_at(self.header, 16),
            ),
        };
        if sum == 0 { Ok(()) } else { Err(Discard::Checksum(version)) }
    }
}

const fn padded(received: usize, expected: usize) -> bool {
    expected < SHORTEST_PAYLOAD && received > expected && (received - expected) % 4 == 2
}

fn authenticate(parts: &Parts<'_>, ours: &Authentication) -> Result<(), Discard> {
    let received = parts.pdu[4];
    if received > 2 {
        return Err(Discard::AuthType(received));
    }
    let expected = encode::auth_type(ours);
    if received != expected {
        return Err(Discard::AuthTypeMismatch { received, expected });
    }
    match ours {
        Authentication::None => Ok(()),
        // Packets without the header of IPsec never are what was asked for.
        Authentication::Ah(_) => Err(Discard::Password),
        Authentication::Pass(password) => {
            let theirs = &parts.pdu[parts.pdu.len() - AUTH_DATA..];
            // Every byte is looked at: the time taken says nothing about where they differ.
            let difference = password.iter().zip(theirs).fold(0, |all, (a, b)| all | (a ^ b));
            if difference == 0 { Ok(()) } else { Err(Discard::Password) }
        }
    }
}

fn same_interval(parts: &Parts<'_>, instance: &Instance) -> Result<(), Discard> {
    let (received, expected) = (parts.pdu[5], instance.advert_interval.whole_secs());
    if received == expected { Ok(()) } else { Err(Discard::Interval { received, expected }) }
}

fn interval(parts: &Parts<'_>, version: Version) -> AdvertInterval {
    let read = match version {
        Version::V2 => AdvertInterval::from_secs(parts.pdu[5]),
        Version::V3 => {
            // RFC 9568 §5.2.6: the upper four bits are reserved and ignored on receipt.
            let field = u16::from_be_bytes([parts.pdu[4], parts.pdu[5]]);
            AdvertInterval::from_centis(field & AdvertInterval::MAX_CENTIS)
        }
    };
    // An interval of zero would make every backup take over at once: the default is kinder.
    read.unwrap_or(AdvertInterval::SECOND)
}

fn destination(parts: &Parts<'_>, instance: &Instance) -> Result<(), Discard> {
    let multicast = address_at(parts.header, 16).is_multicast();
    match (&instance.cast, multicast) {
        (Cast::Multicast { .. }, true) | (Cast::Unicast { .. }, false) => Ok(()),
        (Cast::Multicast { .. }, false) => Err(Discard::Cast { unicast_expected: false }),
        (Cast::Unicast { .. }, true) => Err(Discard::Cast { unicast_expected: true }),
    }
}

fn sender(parts: &Parts<'_>, source: Ipv4Addr, instance: &Instance) -> Result<(), Discard> {
    let Cast::Unicast { peers } = &instance.cast else {
        return Ok(());
    };
    if !instance.options.check_unicast_source {
        return Ok(());
    }
    let Some(peer) = peers.iter().find(|peer| peer.address == IpAddr::V4(source)) else {
        return Err(Discard::NotAPeer);
    };
    let ttl = parts.header[8];
    if (peer.min_ttl..=peer.max_ttl).contains(&ttl) {
        Ok(())
    } else {
        Err(Discard::PeerTtl { ttl, min: peer.min_ttl, max: peer.max_ttl })
    }
}

fn compare_addresses(
    parts: &Parts<'_>,
    instance: &Instance,
    same_master: bool,
    remarks: &mut Vec<Remark>,
) {
    let received = usize::from(parts.pdu[3]);
    if received != instance.addresses.len() {
        remarks.push(Remark::Count { ours: instance.addresses.len(), received });
    }
    if instance.options.skip_address_check && same_master {
        return;
    }
    let theirs = || parts.pdu[FIXED..FIXED + 4 * received].chunks_exact(4);
    let missing = instance.addresses.iter().find_map(|ours| match ours.address.ip {
        IpAddr::V4(ip) => theirs().all(|their| their != ip.octets()).then_some(ip),
        IpAddr::V6(_) => None,
    });
    if let Some(address) = missing {
        remarks.push(Remark::Missing { vrid: instance.vrid, address });
    }
}
