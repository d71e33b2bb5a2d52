//! What the core tells the operator: one variant per log line, worded in one place.
//!
//! The wording is keepalived's (compat 24 §2 to §5), because monitors match it.

mod finding;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use net::ServiceKey;

use crate::config::{Identity, Quorum};
use crate::units::ServerName;

pub use finding::{Finding, Retries};

/// Something worth a line in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something was done with a server (compat 24 §2, §3, §4).
    Server {
        /// The server.
        server: ServerName,
        /// Its virtual server.
        of: Arc<Identity>,
        /// What was done.
        deed: ServerDeed,
    },
    /// Something happened to a virtual server (compat 24 §3, §4).
    Virtual {
        /// The virtual server.
        of: Arc<Identity>,
        /// What happened.
        happening: Happening,
    },
    /// A check found something out (compat 24 §5).
    Check {
        /// The server that it checks.
        server: ServerName,
        /// The virtual server of that.
        of: Arc<Identity>,
        /// What it found out.
        finding: Finding,
    },
    /// Checks that follow BFD sessions began their lives: one line for all of them (compat 24 §2).
    SessionsFollowed,
}

/// What was done with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerDeed {
    /// A check of it began its life, or its rest is over.
    Activated,
    /// A check of it begins its life at rest: the address is not here.
    Deactivated,
    /// A check of it rests: the address has gone.
    Suspended,
    /// It is up and put into the table.
    Added,
    /// It is up and gets its weight back.
    Enabled,
    /// It is down, or left the configuration, and leaves the table.
    Removed {
        /// Whether it was there with weight 0, being down.
        inhibited: bool,
    },
    /// It is down and stays in the table with weight 0.
    Disabled,
    /// The daemon stops.
    ShutDown {
        /// Whether it was there with weight 0, being down.
        inhibited: bool,
    },
    /// It is not in the new configuration.
    Gone,
    /// It has another weight.
    Weighed {
        /// Before.
        from: u32,
        /// After.
        to: u32,
        /// Whether it is up.
        active: bool,
    },
}

/// What happened to a virtual server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// There is enough live weight again, or from the start.
    QuorumGained {
        /// What is enough.
        quorum: Quorum,
        /// What there is.
        weight: u64,
    },
    /// There is too little live weight.
    QuorumLost {
        /// What is enough.
        quorum: Quorum,
        /// What there is.
        weight: u64,
    },
    /// There was too little from the start, and there is a sorry server.
    QuorumNeverMet {
        /// What is enough.
        quorum: Quorum,
        /// What there is.
        weight: u64,
    },
    /// The sorry server takes over.
    SorryAdded {
        /// The sorry server.
        server: ServerName,
        /// Whether it was in the table before, with weight 0.
        inhibit: bool,
    },
    /// The sorry server is no longer needed.
    SorryRemoved {
        /// The sorry server.
        server: ServerName,
        /// Whether it stays in the table, with weight 0.
        inhibit: bool,
    },
    /// The live servers serve again.
    AliveAdded,
    /// The live servers make way for the sorry server.
    AliveRemoved,
    /// It is not in the new configuration.
    Removed,
    /// Its group has these addresses no longer.
    EntryGone(Entry),
    /// Its group has these addresses now.
    EntryAdded(Entry),
}

/// What a group has: an address, a range of them, or a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The first or only one.
    pub first: ServiceKey,
    /// The last address of a range.
    pub last: Option<IpAddr>,
}

impl Event {
    /// Whether the line is only for a detailed log (`-D`).
    #[must_use]
    pub const fn is_detail(&self) -> bool {
        match self {
            Self::Server { .. } | Self::Virtual { .. } | Self::SessionsFollowed => false,
            Self::Check { finding, .. } => matches!(finding, Finding::File { .. }),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server { server, of, deed } => deed.write(f, server, of),
            Self::Virtual { of, happening } => happening.write(f, of),
            Self::Check { server, of, finding } => finding.write(f, server, of),
            Self::SessionsFollowed => f.write_str("Activating BFD healthchecker"),
        }
    }
}

impl ServerDeed {
    fn write(&self, f: &mut fmt::Formatter<'_>, server: &ServerName, of: &Identity) -> fmt::Result {
        match self {
            Self::Activated => {
                write!(f, "Activating healthchecker for service {server} for VS {of}")
            }
            Self::Deactivated => {
                write!(f, "Deactivating healthchecker for service {server} for VS {of}")
            }
            Self::Suspended => {
                write!(f, "Suspending healthchecker for service {server} for VS {of}")
            }
            Self::Added => write!(f, "Adding service {server} to VS {of}"),
            Self::Enabled => write!(f, "Enabling service {server} of VS {of}"),
            Self::Removed { inhibited } => {
                write!(f, "Removing {}service {server} from VS {of}", note(*inhibited))
            }
            Self::Disabled => write!(f, "Disabling service {server} of VS {of}"),
            Self::ShutDown { inhibited } => {
                write!(f, "Shutting down {}service {server} from VS {of}", note(*inhibited))
            }
            Self::Gone => write!(f, "service {server} no longer exist"),
            Self::Weighed { from, to, active } => {
                let word = if *active { "active" } else { "inactive" };
                write!(
                    f,
                    "Changing weight from {from} to {to} for {word} service {server} of VS {of}"
                )
            }
        }
    }
}

const fn note(inhibited: bool) -> &'static str {
    if inhibited { "(inhibited) " } else { "" }
}

impl Happening {
    fn write(&self, f: &mut fmt::Formatter<'_>, of: &Identity) -> fmt::Result {
        match self {
            Self::QuorumGained { quorum: Quorum { needed, hysteresis }, weight } => {
                let enough = u64::from(*needed) + u64::from(*hysteresis);
                write!(f, "Gained quorum {needed}+{hysteresis}={enough} <= {weight} for VS {of}")
            }
            Self::QuorumLost { quorum, weight } => {
                write!(f, "Lost quorum {} > {weight} for VS {of}", least(*quorum))
            }
            Self::QuorumNeverMet { quorum, weight } => {
                write!(f, "Starting with quorum down {} > {weight} for VS {of}", least(*quorum))
            }
            Self::SorryAdded { server, inhibit } => {
                let verb = if *inhibit { "Enabling" } else { "Adding" };
                write!(f, "{verb} sorry server {server} to VS {of}")
            }
            Self::SorryRemoved { server, inhibit } => {
                let verb = if *inhibit { "Disabling" } else { "Removing" };
                write!(f, "{verb} sorry server {server} from VS {of}")
            }
            Self::AliveAdded => write!(f, "Adding alive servers to the pool for VS {of}"),
            Self::AliveRemoved => write!(f, "Removing alive servers from the pool for VS {of}"),
            Self::Removed => match of {
                Identity::Group { name, .. } => {
                    write!(f, "Removing Virtual Server Group [{name}]")
                }
                Identity::Service(_) => write!(f, "Removing Virtual Server {of}"),
            },
            Self::EntryGone(entry) => {
                write!(f, "VS [{entry}] in group {} no longer exists", group(of))
            }
            Self::EntryAdded(entry) => {
                let word = if matches!(entry.first, ServiceKey::Mark { .. }) { "FWM " } else { "" };
                write!(f, "VS [{word}{entry}] added into group {}", group(of))
            }
        }
    }
}

/// `Q-H=T`: with less than T the quorum is lost.
fn least(Quorum { needed, hysteresis }: Quorum) -> String {
    format!("{needed}-{hysteresis}={}", needed.saturating_sub(hysteresis))
}

fn group(of: &Identity) -> &str {
    match of {
        Identity::Group { name, .. } => name,
        Identity::Service(_) => "",
    }
}

/// Writes `[ADDR]:tcp:PORT`, with `-ADDR` behind it for a range, or the number of a mark.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first {
            ServiceKey::Address { protocol, ip, port } => write!(f, "[{ip}]:{protocol}:{port}")?,
            ServiceKey::Mark { mark, .. } => write!(f, "{mark}")?,
        }
        self.last.map_or(Ok(()), |last| write!(f, "-{last}"))
    }
}
