//! Groups of addresses and firewall marks that virtual servers share.

use std::net::IpAddr;
use std::sync::Arc;

use net::Family;

/// A named set of addresses and marks (`virtual_server_group`), with at least one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: Arc<str>,
    /// What is in it, in the order of the file.
    pub entries: Vec<GroupEntry>,
}

/// One line of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupEntry {
    /// All addresses from the first to the last, which are of one family.
    Range {
        /// The first address.
        first: IpAddr,
        /// The last address, not before the first.
        last: IpAddr,
        /// The port; 0 is every port.
        port: u16,
    },
    /// Packets with a firewall mark.
    Mark {
        /// The mark, never 0.
        mark: u32,
        /// Their family; `None` is the virtual server's.
        family: Option<Family>,
    },
}

impl GroupEntry {
    /// The family of its packets, as far as the entry says it.
    #[must_use]
    pub const fn family(&self) -> Option<Family> {
        match self {
            Self::Range { first, .. } => Some(Family::of(*first)),
            Self::Mark { family, .. } => *family,
        }
    }

    /// How many services it is.
    #[must_use]
    pub fn size(&self) -> u128 {
        match self {
            Self::Range { first, last, .. } => {
                number(*last).saturating_sub(number(*first)).saturating_add(1)
            }
            Self::Mark { .. } => 1,
        }
    }
}

/// An address as a number: those of a family follow one another.
const fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_bits() as u128,
        IpAddr::V6(ip) => ip.to_bits(),
    }
}
