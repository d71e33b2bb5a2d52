//! Writes adverts.

use std::net::IpAddr;

use super::freshness::Sequence;
use super::ip::Outgoing;
use super::trailer::{self, Claim};
use super::{ADVERTISEMENT, AUTH_DATA, FIXED, PROTOCOL, ah, checksum};
use crate::config::{Authentication, Cast, Instance};
use crate::units::{Advertised, Version};

/// What changes from advert to advert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The identification field of the IPv4 header.
    pub(crate) identification: u16,
    /// The sequence number of the authentication header.
    pub(crate) sequence: u32,
    /// The number in the trailer; without one there is no trailer.
    pub(crate) number: Option<Sequence>,
}

/// Writes the packet of one advert, its IP header included (compat 11 §1.1 to §1.5).
///
/// The checksum of an IPv4 header is left to the kernel, as with every `IP_HDRINCL` socket.
#[must_use]
pub(crate) fn encode(
    instance: &Instance,
    priority: Advertised,
    stamp: Stamp,
    (source, destination): (IpAddr, IpAddr),
) -> Vec<u8> {
    let mut pdu = pdu(instance, priority, source);
    let length = pdu.len();
    if let (Some(hmac), Some(sequence)) = (&instance.hmac, stamp.number)
        && let Some(key) = hmac.keys.iter().find(|key| key.id == hmac.active)
    {
        trailer::append(&mut pdu, source, Claim { key: key.id, sequence }, &key.secret);
    }
    // IPv4's checksum leaves the trailer out, IPv6's covers all that is sent.
    let sum = match (instance.version, source.is_ipv4()) {
        (Version::V2, true) => checksum::plain(&pdu[..length]),
        (Version::V3, true) => checksum::with_pseudo_header(&pdu[..length], source, destination),
        (Version::V2 | Version::V3, false) => {
            checksum::with_pseudo_header(&pdu, source, destination)
        }
    };
    pdu[6..8].copy_from_slice(&sum.to_be_bytes());
    let outgoing = Outgoing {
        identification: stamp.identification,
        ttl: instance.ttl,
        protocol: PROTOCOL,
        source,
        destination,
    };
    match (&instance.authentication, source) {
        (Authentication::Ah(key), IpAddr::V4(from)) => {
            let mut payload = ah::header(from.octets(), stamp.sequence).to_vec();
            payload.extend(pdu);
            let mut packet = Outgoing { protocol: ah::PROTOCOL, ..outgoing }.around(&payload);
            ah::sign(&mut packet, *key, matches!(instance.cast, Cast::Unicast { .. }));
            packet
        }
        (Authentication::None | Authentication::Pass(_) | Authentication::Ah(_), _) => {
            outgoing.around(&pdu)
        }
    }
}

fn pdu(instance: &Instance, priority: Advertised, source: IpAddr) -> Vec<u8> {
    let mut pdu = Vec::with_capacity(FIXED + 16 * instance.addresses.len() + AUTH_DATA);
    let count = u8::try_from(instance.addresses.len()).unwrap_or(u8::MAX);
    pdu.push(instance.version.number() << 4 | ADVERTISEMENT);
    pdu.extend([instance.vrid.number(), priority.number(), count]);
    match instance.version {
        Version::V2 => {
            pdu.extend([
                auth_type(&instance.authentication),
                instance.advert_interval.whole_secs(),
            ]);
        }
        Version::V3 => pdu.extend(instance.advert_interval.centis().to_be_bytes()),
    }
    pdu.extend([0, 0]);
    for address in instance.addresses.iter().take(usize::from(count)) {
        match address.address.ip {
            IpAddr::V4(ip) => pdu.extend(ip.octets()),
            IpAddr::V6(ip) => pdu.extend(ip.octets()),
        }
    }
    if super::has_auth_data(instance.version.number(), source) {
        pdu.extend(auth_data(&instance.authentication));
    }
    pdu
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
