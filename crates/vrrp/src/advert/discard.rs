//! Why a packet is refused, or accepted with a remark; the wording of both stands here only.

use std::net::IpAddr;
use std::time::Duration;

use super::Distrust;
use crate::stats::Stats;
use crate::units::{AdvertInterval, Version, Vrid};

/// Why a packet is not used (compat 11 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discard {
    /// It cannot be trusted to come from one of our routers.
    Distrusted(Distrust),
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
    /// The same over IPv6.
    Misdirected {
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
    /// Content of AH.
    AhContent,
    /// Check value of AH.
    AhValue,
    /// Association of AH.
    AhAssociation,
    /// Number of AH.
    AhReplay,
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
    /// Clocks that drift apart.
    Skew,
}

impl Discard {
    /// Which of the once-only reports it belongs to.
    #[must_use]
    pub const fn kind(&self) -> DiscardKind {
        match self {
            Self::Length { .. } => DiscardKind::Length,
            Self::Ttl(_) => DiscardKind::Ttl,
            Self::PeerTtl { .. } => DiscardKind::PeerTtl,
            Self::Version { .. } => DiscardKind::Version,
            Self::Interval { .. } => DiscardKind::Interval,
            Self::Type(_) => DiscardKind::Type,
            Self::TotalLength { .. } => DiscardKind::TotalLength,
            Self::Checksum(_) => DiscardKind::Checksum,
            Self::Cast { .. } | Self::Misdirected { .. } => DiscardKind::Cast,
            Self::OwnerIgnores => DiscardKind::Owner,
            Self::NotAPeer => DiscardKind::NotAPeer,
            Self::Distrusted(why) => why.kind(),
        }
    }

    /// Whether the line about it is only for a detailed log (`-D`).
    pub(crate) const fn is_detail(&self) -> bool {
        matches!(self, Self::Misdirected { .. })
    }

    /// Counts it where users look for it (compat 11 §3).
    pub(crate) const fn count(&self, stats: &mut Stats) {
        match self {
            Self::Length { .. } | Self::TotalLength { .. } => stats.packet_len_err += 1,
            Self::Ttl(_) => stats.ip_ttl_err += 1,
            // It passed everything that makes it an advert.
            Self::PeerTtl { .. } => {
                stats.advert_rcvd += 1;
                stats.ip_ttl_err += 1;
            }
            Self::NotAPeer => stats.advert_rcvd += 1,
            Self::Version { .. } => stats.vers_err += 1,
            // keepalived declares this counter but forgets to count; the name says what users want.
            Self::Interval { .. } => stats.advert_interval_err += 1,
            Self::Type(_) => stats.invalid_type_rcvd += 1,
            Self::Checksum(_) => stats.chk_err += 1,
            Self::Cast { .. } => stats.addr_list_err += 1,
            Self::OwnerIgnores | Self::Misdirected { .. } => {}
            Self::Distrusted(why) => why.count(stats),
        }
    }

    /// The log line without its instance (compat 12 §5).
    pub(crate) fn line(&self, from: IpAddr) -> String {
        match self {
            Self::Length { received, expected } => {
                let word = if received > expected { "long" } else { "short" };
                let lengths = format!("length {received} and expect {expected}");
                format!("vrrp packet from {from} too {word}, {lengths}")
            }
            Self::Ttl(ttl) => format!("invalid TTL/HL from {from}. Received {ttl} and expect 255"),
            Self::PeerTtl { ttl, min, max } => {
                format!("TTL/HL {ttl} from {from} not in range [{min}, {max}]")
            }
            Self::Version { received, expected } => {
                let versions = format!("Received {received} and expect {}", expected.number());
                format!("wrong VRRP version from {from}. {versions}")
            }
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
            Self::Misdirected { unicast_expected } => {
                let (ours, theirs) = cast_words(*unicast_expected);
                format!("discarding {theirs} packet on {ours} instance")
            }
            Self::OwnerIgnores => {
                format!("Dropping packet(s) from {from} since we are address owner")
            }
            Self::NotAPeer => format!("unicast source address {from} not a unicast peer"),
            Self::Distrusted(why) => why.line(from),
        }
    }
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
    /// The sender's clock is more than half of what is allowed away from ours (`auth_hmac`).
    Skew {
        /// By how many seconds it is ahead of our clock, or behind when negative.
        skew: i32,
        /// What is allowed.
        window: Duration,
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
            Self::Skew { .. } => DiscardKind::Skew,
        }
    }

    /// Whether it counts among the errors of address lists.
    pub(crate) const fn is_about_addresses(&self) -> bool {
        match self {
            Self::Count { .. } | Self::Missing { .. } => true,
            Self::Interval { .. } | Self::Skew { .. } => false,
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
            Self::Skew { skew, window } => {
                let seconds = window.as_secs();
                format!(
                    "authentication clock skew {skew} sec from {from} approaching window {seconds} sec"
                )
            }
        }
    }
}

/// What it may mean that none of our addresses is in an advert.
fn foreign(vrid: Vrid, instead: &[IpAddr]) -> String {
    let shown: Vec<String> = instead.iter().take(3).map(ToString::to_string).collect();
    let more = if instead.len() > shown.len() { " ..." } else { "" };
    let shown = shown.join(" ");
    format!(
        " - it has {shown}{more}: another virtual router may use VRID {vrid} on this segment, \
         give one of them another virtual_router_id"
    )
}
