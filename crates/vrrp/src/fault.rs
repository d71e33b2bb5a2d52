//! Why an instance cannot take part, and in which words the log says so (compat 12 §1).

use std::fmt;
use std::net::IpAddr;

use net::{Family, LinkName};

use crate::config::Obstacle;
use crate::gate::Gate;
use crate::units::Name;

/// Why an instance cannot take part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultCause {
    /// A link that it needs is down or missing.
    Link(LinkName),
    /// There is no address to send from.
    NoSource(Family),
    /// The configured source address, which is tracked, is missing.
    SourceMissing(IpAddr),
    /// Somebody else on the segment has the address to send from.
    SourceTaken(IpAddr),
    /// No socket can be opened where its adverts come in.
    NoSocket(Gate),
    /// It has no peers (`unicast_fault_no_peer`).
    NoPeers,
    /// The configuration keeps it from taking part.
    Obstacle(Obstacle),
    /// A check script without weight has failed.
    Script(Name),
    /// A BFD session without weight is down, or up if that is reversed.
    Session(Name),
    /// Too few or too many processes without weight run.
    Process(Name),
    /// What a watched file holds means a fault.
    File {
        /// The file.
        file: Name,
        /// What its value amounts to.
        status: i64,
    },
}

impl FaultCause {
    /// The file, if it is one.
    pub(crate) const fn file(&self) -> Option<&Name> {
        match self {
            Self::File { file, .. } => Some(file),
            Self::Link(_)
            | Self::NoSource(_)
            | Self::SourceMissing(_)
            | Self::SourceTaken(_)
            | Self::NoSocket(_)
            | Self::NoPeers
            | Self::Obstacle(_)
            | Self::Script(_)
            | Self::Session(_)
            | Self::Process(_) => None,
        }
    }

    /// It is there for as long as the configuration is.
    #[must_use]
    pub const fn is_configured(&self) -> bool {
        match self {
            Self::NoPeers | Self::Obstacle(_) => true,
            Self::Link(_) | Self::NoSource(_) | Self::SourceMissing(_) | Self::SourceTaken(_) => {
                false
            }
            Self::NoSocket(_) | Self::Script(_) | Self::Session(_) => false,
            Self::Process(_) | Self::File { .. } => false,
        }
    }

    /// keepalived puts a colon after the instance's name in the lines of some causes.
    pub(crate) const fn has_colon(&self) -> bool {
        match self {
            Self::Link(_) | Self::SourceMissing(_) | Self::Script(_) | Self::File { .. } => true,
            Self::NoSource(_) | Self::SourceTaken(_) => false,
            Self::NoSocket(_) | Self::NoPeers => false,
            Self::Obstacle(_) | Self::Session(_) | Self::Process(_) => false,
        }
    }
}

/// What comes after "entering FAULT state".
impl fmt::Display for FaultCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(link) => write!(f, "(interface {link} down)"),
            Self::NoSource(family) => {
                let number = if *family == Family::V4 { 4 } else { 6 };
                write!(f, "(no IPv{number} address for interface)")
            }
            Self::SourceMissing(_) => f.write_str("(src address not configured)"),
            Self::SourceTaken(ip) => write!(f, "(address {ip} is in use by another host)"),
            Self::NoSocket(Gate::Link(link)) => write!(f, "(no socket on interface {link})"),
            Self::NoSocket(gate @ Gate::Address { .. }) => write!(f, "(no socket for {gate})"),
            Self::NoPeers => {
                f.write_str("Cannot use unicast without any peers - going to fault state")
            }
            Self::Obstacle(obstacle) => f.write_str(match obstacle {
                Obstacle::NoMulticast => "(interface does not support multicast)",
                Obstacle::NoEthernet => "(interface is not of an Ethernet type)",
                Obstacle::NoIpvlanAddress => "(ipvlan has no IPv4 address)",
                Obstacle::SameNumber => "(VRID is duplicated)",
            }),
            Self::Script(script) => write!(f, "due to script {script}"),
            Self::Session(session) => write!(f, "due to BFD instance {session}"),
            Self::Process(process) => {
                write!(f, "(tracked process {process} quorum not achieved)")
            }
            Self::File { file, status } => write!(f, "(tracked file {file} has status {status})"),
        }
    }
}
