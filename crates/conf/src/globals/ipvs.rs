//! Settings of IPVS itself: its namespace, timeouts, table and connection synchronisation.

use std::net::IpAddr;
use std::time::Duration;

use net::LinkName;
use vrrp::Name;

/// Settings of IPVS itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ipvs {
    /// `net_namespace_ipvs`: where its table is; without it the daemon's own namespace.
    pub namespace: Option<IpvsNamespace>,
    /// `lvs_timeouts`.
    pub timeouts: IpvsTimeouts,
    /// `lvs_flush`: the whole table is emptied at the start.
    pub flush: bool,
    /// `lvs_flush_on_stop`.
    pub flush_on_stop: Option<Flush>,
    /// `lvs_sync_daemon`.
    pub sync_daemon: Option<SyncDaemon>,
    /// `lvs_audit_interval` (ours only): how often the table is compared with how it was left, so
    /// that what others removed is put back; 0 is never.
    pub audit_interval: Duration,
}

impl Default for Ipvs {
    fn default() -> Self {
        Self {
            namespace: None,
            timeouts: IpvsTimeouts::default(),
            flush: false,
            flush_on_stop: None,
            sync_daemon: None,
            audit_interval: Duration::from_secs(10),
        }
    }
}

/// The network namespace that IPVS works in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IpvsNamespace {
    /// That of process 1.
    Initial,
    /// A named one.
    Named(String),
}

/// How long IPVS keeps connections; what is not set stays as the kernel has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IpvsTimeouts {
    /// Of TCP.
    pub tcp: Option<Duration>,
    /// Of TCP after a FIN.
    pub tcp_fin: Option<Duration>,
    /// Of UDP.
    pub udp: Option<Duration>,
}

/// What is removed at the stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flush {
    /// The whole table.
    Table,
    /// The own virtual servers, without their real servers one by one first.
    VirtualServers,
}

/// The connection synchronisation of IPVS; what is not set is the kernel's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncDaemon {
    /// The interface it sends and receives on.
    pub link: LinkName,
    /// The instance whose state decides its direction; without one it goes both ways.
    pub instance: Option<Name>,
    /// `id`; without it the number of the virtual router, or 0.
    pub id: Option<u8>,
    /// `maxlen`: the longest message in bytes.
    pub max_length: Option<u16>,
    /// `port`.
    pub port: Option<u16>,
    /// `ttl`.
    pub ttl: Option<u8>,
    /// `group`: the multicast group.
    pub group: Option<IpAddr>,
}
