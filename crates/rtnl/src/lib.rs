//! The kernel's links, addresses, routes and rules: changing them in batches, listing the first
//! two, hearing of changes.
//!
//! Decides how an object is put to the kernel and what its answers mean. Which objects there
//! should be is decided elsewhere. Routes and rules are never listed: a router may have a million
//! of them, and asking for one that is there, or taking away one that is not, does no harm.

mod address;
mod announce;
mod batch;
mod link;
mod message;
mod monitor;
mod route;
mod rule;
mod socket;

pub use address::Installed;
pub use announce::{
    GRATUITOUS_ARP_LENGTH, NEIGHBOUR_ADVERT_LENGTH, gratuitous_arp, neighbour_advert,
};
pub use batch::{Change, Failure};
pub use monitor::{Event, Monitor};
pub use netlink::Error;
pub use route::{PlacedRoute, RouteTrace};
pub use rule::RuleTrace;
pub use socket::Socket;
