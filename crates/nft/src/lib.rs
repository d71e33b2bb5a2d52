//! Tables of nftables that give packets firewall marks, through netlink.
//!
//! Decides what such a table looks like in the kernel and how it is changed as a whole or not at
//! all. Which packets get which mark, and what follows from a failure, is decided elsewhere.
//! Whose a table is stands in its comment: a daemon that was killed leaves its tables, so that its
//! services go on, and the next one has to find them.
//!
//! A table looks like this, once for each family:
//!
//! ```text
//! table ip keepalived_ipvs {
//!     comment "keepalived /run/keepalived.pid"
//!     map tcp_map { type ipv4_addr . inet_service : mark; flags interval
//!                   elements = { 192.0.2.1-192.0.2.9 . 80 : 1000 } }
//!     chain in { type filter hook input priority -1; policy accept;
//!                meta l4proto tcp meta mark set ip daddr . tcp dport map @tcp_map counter return }
//! }
//! ```

mod disjoint;
mod element;
mod owner;
mod skeleton;
mod socket;

pub use disjoint::disjoint;
pub use socket::Socket;

/// What a table is called, and when its chain is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, at most 254 bytes.
    pub name: String,
    /// The priority of its chain among those of the same hook.
    pub priority: i32,
}
