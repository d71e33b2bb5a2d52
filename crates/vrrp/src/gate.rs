//! Where adverts come in and go out: what a pair of sockets is bound to (compat 11 §2).
//!
//! Which sockets there are is decided in `endpoints`.

use std::fmt;
use std::net::IpAddr;

use net::LinkName;

/// What a pair of sockets is bound to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// A link: everything that comes in on it and goes out of it.
    Link(LinkName),
    /// An address: what comes in for it on any link, and what routes lead elsewhere.
    Address {
        /// The address.
        source: IpAddr,
        /// The VRF that it is in, if it is in one.
        vrf: Option<LinkName>,
    },
}

impl Gate {
    /// The link or VRF that the sockets are bound to, if it is one.
    #[must_use]
    pub const fn device(&self) -> Option<&LinkName> {
        match self {
            Self::Link(link) => Some(link),
            Self::Address { vrf, .. } => vrf.as_ref(),
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(link) => write!(f, "{link}"),
            Self::Address { source, vrf: None } => write!(f, "{source}"),
            Self::Address { source, vrf: Some(vrf) } => write!(f, "{source}%{vrf}"),
        }
    }
}
