//! Why a packet is not trusted to come from a router of ours: passwords, the authentication
//! header and trailers; the wording stands here only.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{Discard, DiscardKind};
use crate::stats::Stats;

/// Why a packet is not trusted (compat 11 §1.4 to §1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// It comes under AH, which is not configured.
    UnexpectedAh,
    /// It does not come under AH, which is configured.
    MissingAh,
    /// AH around something else.
    NotInAh,
    /// The integrity check value of AH is wrong.
    CheckValue,
    /// The security parameter index of AH is not the sender's address.
    Association(Ipv4Addr),
    /// The sequence number of AH was seen before.
    Replayed {
        /// Received.
        received: u32,
        /// The highest one so far.
        highest: u32,
    },
    /// It has no trailer, and must have one (`auth_hmac`).
    NoTrailer,
    /// What is in the place of the trailer is none.
    MalformedTrailer,
    /// The trailer names a key that is not configured.
    UnknownKey(u8),
    /// The trailer was not made with the key that it names.
    Forged,
    /// The trailer's time is out of the window.
    Stale {
        /// By how many seconds it is ahead of our clock, or behind when negative.
        skew: i32,
        /// What is allowed.
        window: Duration,
    },
    /// The number in the trailer was seen before.
    SeenBefore,
    /// Its trailer may be good, but the sender is not a configured peer.
    NotAPeer,
    /// An authentication type that does not exist.
    AuthType(u8),
    /// Another authentication type than configured.
    AuthTypeMismatch {
        /// Received.
        received: u8,
        /// Configured.
        expected: u8,
    },
    /// Another password than configured.
    Password,
}

impl Distrust {
    pub(super) const fn kind(&self) -> DiscardKind {
        match self {
            Self::UnexpectedAh | Self::MissingAh => DiscardKind::Ah,
            Self::NotInAh => DiscardKind::AhContent,
            Self::CheckValue => DiscardKind::AhValue,
            Self::Association(_) => DiscardKind::AhAssociation,
            Self::Replayed { .. } => DiscardKind::AhReplay,
            Self::NoTrailer => DiscardKind::NoTrailer,
            Self::MalformedTrailer => DiscardKind::MalformedTrailer,
            Self::UnknownKey(_) => DiscardKind::UnknownKey,
            Self::Forged => DiscardKind::Forged,
            Self::Stale { .. } => DiscardKind::Stale,
            Self::SeenBefore => DiscardKind::SeenBefore,
            Self::NotAPeer => DiscardKind::NotAPeer,
            Self::AuthType(_) => DiscardKind::AuthType,
            Self::AuthTypeMismatch { .. } => DiscardKind::AuthTypeMismatch,
            Self::Password => DiscardKind::Password,
        }
    }

    /// Counts it where users look for it (compat 11 §3).
    pub(crate) const fn count(&self, stats: &mut Stats) {
        match self {
            Self::UnexpectedAh | Self::MissingAh | Self::AuthTypeMismatch { .. } => {
                stats.authtype_mismatch += 1;
            }
            Self::NoTrailer => stats.auth_ext_missing += 1,
            Self::MalformedTrailer => stats.auth_ext_malformed += 1,
            Self::UnknownKey(_) => stats.auth_ext_unknown_key += 1,
            Self::Forged => stats.auth_ext_invalid_hmac += 1,
            Self::Stale { .. } => stats.auth_ext_stale += 1,
            Self::SeenBefore => stats.auth_ext_replay += 1,
            Self::NotAPeer => {}
            Self::AuthType(_) => stats.invalid_authtype += 1,
            Self::Password
            | Self::NotInAh
            | Self::CheckValue
            | Self::Association(_)
            | Self::Replayed { .. } => stats.auth_failure += 1,
        }
    }

    /// The log line without its instance (compat 12 §5).
    pub(crate) fn line(&self, from: IpAddr) -> String {
        match self {
            Self::UnexpectedAh => format!("Received AH header but auth type not AH from {from}"),
            Self::MissingAh => format!("No AH header but auth type is AH from {from}"),
            Self::NotInAh => format!("AH header from {from} carries no VRRP packet"),
            Self::CheckValue => "IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation \
                                 or bad password !"
                .to_owned(),
            Self::Association(spi) => {
                // keepalived's way round: the sender first.
                let (sender, spi) = (raw(from), raw(IpAddr::V4(*spi)));
                format!("IPSEC AH : invalid IPSEC SPI value. {sender} and expect {spi}")
            }
            Self::Replayed { received, highest } => {
                let number = format!("sequence number {received} already processed");
                format!("IPSEC-AH : {number}. Packet dropped. Local({highest})")
            }
            Self::NoTrailer => format!("missing authentication trailer from {from}"),
            Self::MalformedTrailer => format!("malformed authentication trailer from {from}"),
            Self::UnknownKey(key) => format!("unknown authentication key id {key} from {from}"),
            Self::Forged => format!("invalid authentication HMAC from {from}"),
            Self::Stale { skew, window } => {
                let clocks =
                    format!("clock skew {skew} sec exceeds window {} sec", window.as_secs());
                format!("stale authentication trailer from {from}, {clocks}")
            }
            Self::NotAPeer => Discard::NotAPeer.line(from),
            Self::SeenBefore => format!("replayed authentication trailer from {from}"),
            Self::AuthType(received) => format!("Invalid auth type from {from}: {received}"),
            Self::AuthTypeMismatch { received, expected } => {
                format!("received a {received} auth from {from}, expecting {expected}!")
            }
            Self::Password => format!("received an invalid passwd from {from}!"),
        }
    }
}

/// An address as keepalived logs it in this one line: the number that its bytes are in memory.
const fn raw(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(ip) => u32::from_ne_bytes(ip.octets()),
        IpAddr::V6(_) => 0,
    }
}

impl From<Distrust> for Discard {
    fn from(why: Distrust) -> Self {
        Self::Distrusted(why)
    }
}
