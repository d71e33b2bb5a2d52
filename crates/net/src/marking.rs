//! Which packets get a firewall mark.

use std::net::IpAddr;

use crate::{Family, Protocol};

/// Packets to some addresses, and the mark that they get. Ordered by where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marking {
    /// Their protocol.
    pub protocol: Protocol,
    /// The first address, and the last one, which is of the same family and not before it.
    pub addresses: (IpAddr, IpAddr),
    /// The first port and the last one, not before it.
    pub ports: (u16, u16),
    /// The mark, never 0.
    pub mark: u32,
}

impl Marking {
    /// The family of the packets.
    #[must_use]
    pub const fn family(&self) -> Family {
        Family::of(self.addresses.0)
    }
}
