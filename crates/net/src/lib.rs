//! The vocabulary of networking that every other crate speaks: links, addresses, routes,
//! rules, services.
//!
//! Values only. What a value means to the kernel is decided in `rtnl` and `ipvs`, what it means
//! to a virtual router in `vrrp`, to a virtual server in `lvs`; nothing here does any input or output.

mod address;
mod link;
mod marking;
mod route;
mod rule;
mod service;
mod text;

pub use address::{Address, AddressFlags, AddressKey, Label, Lifetime, Scope};
pub use link::{Detection, Held, Link, LinkIndex, LinkKind, LinkName, MacAddress, NameError};
pub use marking::Marking;
pub use route::{
    Hops, Insertion, IpTunnel, Metric, Network, NextHop, PROTOCOL_KEEPALIVED, Realms, Route,
    RouteKind, RouteMetrics, RouterPreference, Table, Tunnel,
};
pub use rule::{Mark, Rule, RuleAction, Selector};
pub use service::{
    Checksum, Destination, DestinationKey, Encapsulation, Forwarding, Granularity, ModuleName,
    Persistence, Protocol, Service, ServiceFlags, ServiceKey,
};

/// An address family that VRRP runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The family that an address belongs to.
    #[must_use]
    pub const fn of(ip: std::net::IpAddr) -> Self {
        match ip {
            std::net::IpAddr::V4(_) => Self::V4,
            std::net::IpAddr::V6(_) => Self::V6,
        }
    }

    /// The length of an address of this family, in bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}
