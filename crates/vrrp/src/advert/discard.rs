//! Why a packet is refused, or accepted with a remark; the wording of both stands here only.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::stats::Stats;
use crate::units::{AdvertInterval, Version, Vrid};

/// Why a packet is not used (compat 11 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discard {
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
    /// Its length does not fit its content.
    Length {
        /// Bytes received.
        received: usize,
        /// Bytes that its content needs.
        expected: usize,
    },
    /// A multicast advert that a router forwarded.
    Ttl(u8),
    /// A peer whose TTL is out of its configured range.
    PeerTtl {
        /// Received.
        ttl: u8,
        /// Lowest accepted.
        min: u8,
        /// Highest accepted.
        max: u8,
    },
    /// Another version of the protocol.
    Version {
        /// Received.
        received: u8,
        /// Configured.
        expected: Version,
    },
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
    /// Another interval than configured (VRRPv2), in seconds.
    Interval {
        /// Received.
        received: u8,
        /// Configured.
        expected: u8,
    },
    /// Not an advert.
    Type(u8),
    /// The IP header claims another length.
    TotalLength {
        /// What the header claims.
        claimed: u16,
        /// Bytes received.
        received: usize,
    },
    /// Wrong checksum.
    Checksum(Version),
    /// Unicast to a multicast instance, or the reverse.
    Cast {
        /// Whether the instance expects unicast.
        unicast_expected: bool,
    },
    /// The address owner does not listen (`owner_ignore_adverts`).
    OwnerIgnores,
    /// The sender is not a configured peer (`check_unicast_src`).
    NotAPeer,
}

/// Discards of one kind and sender share a line for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiscardKind {
    /// AH header present or missing.
    Ah,
    /// What AH says is wrong.
    AhContent,
    /// No trailer.
    NoTrailer,
    /// Form of the trailer.
    MalformedTrailer,
    /// Key of the trailer.
    UnknownKey,
    /// Check value of the trailer.
    Forged,
    /// Time of the trailer.
    Stale,
    /// Number of the trailer.
    SeenBefore,
    /// Length of content.
    Length,
    /// TTL.
    Ttl,
    /// Peer TTL.
    PeerTtl,
    /// Version.
    Version,
    /// Unknown authentication type.
    AuthType,
    /// Authentication type of another configuration.
    AuthTypeMismatch,
    /// Password.
    Password,
    /// Interval, whether refused (v2) or remarked on (v3).
    Interval,
    /// Packet type.
    Type,
    /// Length in the IP header.
    TotalLength,
    /// Checksum.
    Checksum,
    /// Cast.
    Cast,
    /// Address owner.
    Owner,
    /// Not a peer.
    NotAPeer,
    /// Number of addresses.
    Count,
    /// A missing address.
    Address,
}

impl Discard {
    /// Which of the once-only reports it belongs to.
    #[must_use]
    pub const fn kind(&self) -> DiscardKind {
        match self {
            Self::UnexpectedAh | Self::MissingAh => DiscardKind::Ah,
            Self::NotInAh | Self::CheckValue | Self::Association(_) | Self::Replayed { .. } => {
                DiscardKind::AhContent
            }
            Self::NoTrailer => DiscardKind::NoTrailer,
            Self::MalformedTrailer => DiscardKind::MalformedTrailer,
            Self::UnknownKey(_) => DiscardKind::UnknownKey,
            Self::Forged => DiscardKind::Forged,
            Self::Stale { .. } => DiscardKind::Stale,
            Self::SeenBefore => DiscardKind::SeenBefore,
            Self::Length { .. } => DiscardKind::Length,
            Self::Ttl(_) => DiscardKind::Ttl,
            Self::PeerTtl { .. } => DiscardKind::PeerTtl,
            Self::Version { .. } => DiscardKind::Version,
            Self::AuthType(_) => DiscardKind::AuthType,
            Self::AuthTypeMismatch { .. } => DiscardKind::AuthTypeMismatch,
            Self::Password => DiscardKind::Password,
            Self::Interval { .. } => DiscardKind::Interval,
            Self::Type(_) => DiscardKind::Type,
            Self::TotalLength { .. } => DiscardKind::TotalLength,
            Self::Checksum(_) => DiscardKind::Checksum,
            Self::Cast { .. } => DiscardKind::Cast,
            Self::OwnerIgnores => DiscardKind::Owner,
            Self::NotAPeer => DiscardKind::NotAPeer,
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
            Self::Length { .. } | Self::TotalLength { .. } => stats.packet_len_err += 1,
            Self::Ttl(_) | Self::PeerTtl { .. } => stats.ip_ttl_err += 1,
            Self::Version { .. } => stats.vers_err += 1,
            Self::AuthType(_) => stats.invalid_authtype += 1,
            Self::Password
            | Self::NotInAh
            | Self::CheckValue
            | Self::Association(_)
            | Self::Replayed { .. } => stats.auth_failure += 1,
            // keepalived declares this counter but forgets to count; the name says what users want.
            Self::Interval { .. } => stats.advert_interval_err += 1,
            Self::Type(_) => stats.invalid_type_rcvd += 1,
            Self::Checksum(_) => stats.chk_err += 1,
            Self::Cast { .. } => stats.addr_list_err += 1,
            Self::OwnerIgnores | Self::NotAPeer => {}
        }
    }

    /// The log line without its instance (compat 12 §5).
    pub(crate) fn line(&self, from: IpAddr) -> String {
        match self {
            Self::UnexpectedAh => format!("Received AH header but auth type not AH from {from}"),
            Self::MissingAh => format!("No AH header but auth type is AH from {from}"),
            Self::NotInAh => format!("AH header from {from} carries no VRRP packet"),
            Self::CheckValue => format!(
                "IPSEC-AH : invalid IPSEC HMAC-MD5 value from {from}. Due to fields mutation or \
                 bad password !"
            ),
            Self::Association(spi) => {
                format!("IPSEC-AH : invalid IPSEC SPI value. {spi} and expect {from}")
            }
            Self::Replayed { received, highest } => {
                let number = format!("sequence number {received} already processed");
                format!("IPSEC-AH : {number}. Packet from {from} dropped. Local({highest})")
            }
            Self::NoTrailer => format!("missing authentication trailer from {from}"),
            Self::MalformedTrailer => format!("malformed authentication trailer from {from}"),
            Self::UnknownKey(key) => format!("unknown authentication key id {key} from {from}"),
            Self::Forged => format!("invalid authentication HMAC from {from}"),
            Self::Stale { skew, window } => stale(from, *skew, *window),
            Self::SeenBefore => format!("replayed authentication trailer from {from}"),
            Self::Length { received, expected } => wrong_length(from, *received, *expected),
            Self::Ttl(ttl) => format!("invalid TTL/HL from {from}. Received {ttl} and expect 255"),
            Self::PeerTtl { ttl, min, max } => {
                format!("TTL/HL {ttl} from {from} not in range [{min}, {max}]")
            }
            Self::Version { received, expected } => {
                let versions = format!("Received {received} and expect {}", expected.number());
                format!("wrong VRRP version from {from}. {versions}")
            }
            Self::AuthType(received) => format!("Invalid auth type from {from}: {received}"),
            Self::AuthTypeMismatch { received, expected } => {
                format!("received a {received} auth from {from}, expecting {expected}!")
            }
            Self::Password => format!("received an invalid passwd from {from}!"),
            Self::Interval { received, expected } => {
                let intervals = format!("mine={expected} sec rcv'd={received} sec");
                format!("advertisement interval mismatch with {from} {intervals}")
            }
            Self::Type(received) => {
                format!("Invalid packet type from {from}. {received} and expect 1")
            }
            Self::TotalLength { claimed, received } => {
                let lengths = format!("{claimed} and received {received}");
                format!("ip_tot_len mismatch against received length from {from}. {lengths}")
            }
            Self::Checksum(version) => {
                format!("Invalid VRRPv{} checksum from {from}", version.number())
            }
            Self::Cast { unicast_expected } => {
                let (ours, theirs) = cast_words(*unicast_expected);
                format!("Expected {ours} packet but received {theirs} packet from {from}")
            }
            Self::OwnerIgnores => {
                format!("Dropping packet(s) from {from} since we are address owner")
            }
            Self::NotAPeer => format!("unicast source address {from} not a unicast peer"),
        }
    }
}

fn stale(from: IpAddr, skew: i32, window: Duration) -> String {
    let clocks = format!("clock skew {skew} sec exceeds window {} sec", window.as_secs());
    format!("stale authentication trailer from {from}, {clocks}")
}

fn wrong_length(from: IpAddr, received: usize, expected: usize) -> String {
    let word = if received > expected { "long" } else { "short" };
    format!("vrrp packet from {from} too {word}, length {received} and expect {expected}")
}

const fn cast_words(unicast_expected: bool) -> (&'static str, &'static str) {
    if unicast_expected { ("unicast", "multicast") } else { ("multicast", "unicast") }
}

/// Something odd about an advert that is used all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Another interval than ours (VRRPv3).
    Interval {
        /// Ours.
        ours: AdvertInterval,
        /// The sender's.
        received: AdvertInterval,
    },
    /// Another number of addresses than ours.
    Count {
        /// Ours.
        ours: usize,
        /// The sender's.
        received: usize,
    },
    /// One of our addresses is not in it.
    Missing {
        /// Our virtual router.
        vrid: Vrid,
        /// The address.
        address: IpAddr,
        /// When it is not the only one, and none of ours is there: the addresses that are.
        instead: Vec<IpAddr>,
    },
}

impl Remark {
    /// Which of the once-only reports it belongs to.
    #[must_use]
    pub const fn kind(&self) -> DiscardKind {
        match self {
            Self::Interval { .. } => DiscardKind::Interval,
            Self::Count { .. } => DiscardKind::Count,
            Self::Missing { .. } => DiscardKind::Address,
        }
    }

    /// The log line without its instance (compat 12 §5).
    pub(crate) fn line(&self, from: IpAddr) -> String {
        match self {
            Self::Interval { ours, received } => {
                let (ours, received) = (ours.centis(), received.centis());
                let intervals = format!("ours = {ours} centi-sec rcv'd={received} centi-sec");
                format!("advertisement interval mismatch {intervals}")
            }
            Self::Count { ours, received } => {
                format!("expected {ours} VIPs but received {received}")
            }
            Self::Missing { vrid, address, instead } => {
                let what = format!("ip address associated with VRID {vrid}");
                let line = format!("{what} not present in advert from {from}: {address}");
                if instead.is_empty() { line } else { line + &foreign(*vrid, instead) }
            }
        }
    }
}

/// What it may mean that none of our addresses is in an advert.
fn foreign(vrid: Vrid, instead: &[IpAddr]) -> String {
    let shown: Vec<String> = instead.iter().take(3).map(ToString::to_string).collect();
    let more = if instead.len() > shown.len() { " ..." } else { "" };
    let shown = shown.join(" ");
    format!(" - it has {shown}{more}: another virtual router may use VRID {vrid} on this segment")
}
