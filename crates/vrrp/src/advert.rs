//! Adverts on the wire: what is in one, how it is written, and which packets are refused.
//!
//! VRRPv2 is RFC 3768 §5 with the password field of RFC 2338 §5.3.6, VRRPv3 is RFC 9568 §5.
//! What an accepted advert means is the instance's business.

mod ah;
mod checksum;
mod decode;
mod discard;
mod distrust;
mod encode;
mod freshness;
mod ip;
mod trailer;

use std::net::IpAddr;

use net::Family;

use crate::config::{Authentication, Hmac, HmacMode, Instance};
use crate::units::{AdvertInterval, Advertised, Version};

pub(crate) use decode::{Addressed, addressed};
pub use decode::{Circumstances, decode};
pub use discard::{Discard, DiscardKind, Remark};
pub use distrust::Distrust;
pub(crate) use encode::{Stamp, encode};
pub(crate) use freshness::{Memory, Numbering, Sequence};

/// The IP protocol number of VRRP.
const PROTOCOL: u8 = 112;
/// The packet type: there is only one (RFC 9568 §5.2.2).
const ADVERTISEMENT: u8 = 1;
/// Bytes before the addresses.
const FIXED: usize = 8;
/// Bytes of VRRPv2 authentication data, always there.
const AUTH_DATA: usize = 8;

/// What an advert says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advert {
    /// Its sender.
    pub source: IpAddr,
    /// The sender's priority, or that it releases the virtual router.
    pub priority: Advertised,
    /// The sender's interval.
    pub interval: AdvertInterval,
    /// Its sequence number, when it came under an authentication header.
    pub(crate) sequence: Option<u32>,
    /// The number in its trailer, when that is genuine.
    pub(crate) number: Option<Sequence>,
    /// Its checksum is right as releases before 1.3.7 computed it, and only so.
    pub(crate) old_checksum: bool,
    /// Oddities that are reported but do not matter to the protocol.
    pub remarks: Vec<Remark>,
}

/// Whether an advert ends with authentication data: of VRRPv2, whose RFC knows IPv4 only.
const fn has_auth_data(version: u8, source: IpAddr) -> bool {
    version == 2 && source.is_ipv4()
}

/// The bytes of an instance's whole packet.
pub(crate) fn size(instance: &Instance) -> usize {
    let (header, width) = match instance.family {
        Family::V4 => (ip::V4, 4),
        Family::V6 => (ip::V6, 16),
    };
    let password = match (instance.version, instance.family) {
        (Version::V2, Family::V4) => AUTH_DATA,
        (Version::V2 | Version::V3, _) => 0,
    };
    let ah = match instance.authentication {
        Authentication::Ah(_) => ah::BYTES,
        Authentication::None | Authentication::Pass(_) => 0,
    };
    let sends = |hmac: &Hmac| hmac.mode != HmacMode::ReceiveOnly;
    let trailer = if instance.hmac.as_ref().is_some_and(sends) { trailer::BYTES } else { 0 };
    header + ah + FIXED + width * instance.addresses.len() + password + trailer
}

/// Whether an IPv4 packet comes under an authentication header; any length.
pub(crate) fn is_under_ah(packet: &[u8]) -> bool {
    packet.get(9) == Some(&ah::PROTOCOL)
}

/// `v3_checksum_as_v2`.
fn leaves_pseudo_header_out(instance: &Instance) -> bool {
    instance.options.checksum_as_v2
}

#[cfg(test)]
pub(crate) mod tests;
