//! Adverts on the wire: what is in one, how it is written, and which packets are refused.
//!
//! VRRPv2 is RFC 3768 §5 with the password field of RFC 2338 §5.3.6, VRRPv3 is RFC 9568 §5.
//! What an accepted advert means is the instance's business.

mod checksum;
mod decode;
mod discard;
mod encode;

use std::net::Ipv4Addr;

use crate::units::{AdvertInterval, Advertised};

pub use decode::decode;
pub(crate) use decode::{addresses_of, vrid_of};
pub use discard::{Discard, DiscardKind, Remark};
pub use encode::encode;

/// The IP protocol number of VRRP.
const PROTOCOL: u8 = 112;
/// The packet type: there is only one (RFC 9568 §5.2.2).
const ADVERTISEMENT: u8 = 1;
/// Bytes before the addresses.
const FIXED: usize = 8;
/// Bytes of VRRPv2 authentication data, always there.
const AUTH_DATA: usize = 8;
/// An IPv4 header without options.
const IPV4_HEADER: usize = 20;

/// What an advert says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advert {
    /// Its sender.
    pub source: Ipv4Addr,
    /// The sender's priority, or that it releases the virtual router.
    pub priority: Advertised,
    /// The sender's interval.
    pub interval: AdvertInterval,
    /// Oddities that are reported but do not matter to the protocol.
    pub remarks: Vec<Remark>,
}

#[cfg(test)]
mod tests;
