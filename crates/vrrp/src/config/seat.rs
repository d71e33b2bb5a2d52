//! What a virtual router is bound to: a link, or an address of this machine (compat 11 §9).

use std::net::IpAddr;

use net::LinkName;

use crate::gate::Gate;

/// What a virtual router is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// A link (`interface`).
    Link {
        /// The link.
        link: LinkName,
        /// `mcast_src_ip` or `unicast_src_ip`; without one the first address of the link.
        source: Option<IpAddr>,
    },
    /// An address, on whatever link that is: unicast without `interface`.
    Address {
        /// `unicast_src_ip`.
        source: IpAddr,
        /// `vrf`: the VRF whose routes lead to the peers; without one those of the machine.
        vrf: Option<LinkName>,
    },
}

impl Seat {
    /// A link, with its first address as source.
    #[must_use]
    pub const fn on(link: LinkName) -> Self {
        Self::Link { link, source: None }
    }

    /// Its own link, if it has one.
    #[must_use]
    pub const fn link(&self) -> Option<&LinkName> {
        match self {
            Self::Link { link, .. } => Some(link),
            Self::Address { .. } => None,
        }
    }

    /// The device without which it can neither hear nor speak: its link, or its VRF.
    #[must_use]
    pub const fn device(&self) -> Option<&LinkName> {
        match self {
            Self::Link { link, .. } => Some(link),
            Self::Address { vrf, .. } => vrf.as_ref(),
        }
    }

    /// The source address, where it is configured.
    #[must_use]
    pub const fn source(&self) -> Option<IpAddr> {
        match self {
            Self::Link { source, .. } => *source,
            Self::Address { source, .. } => Some(*source),
        }
    }

    /// Where its adverts come in and go out.
    #[must_use]
    pub fn gate(&self) -> Gate {
        match self {
            Self::Link { link, .. } => Gate::Link(link.clone()),
            Self::Address { source, vrf } => Gate::Address { source: *source, vrf: vrf.clone() },
        }
    }
}
