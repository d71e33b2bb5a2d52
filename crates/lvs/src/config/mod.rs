//! What the core needs to know, already valid: the language fills it, the core never checks it.
//!
//! Defaults that a virtual server hands down to its servers, and those to their checks, are
//! resolved before a value of these types exists (compat 21 §3); the numbers are those of
//! compat 20.

mod check;
mod group;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use net::{DestinationKey, Forwarding, Marking, Protocol, Service, ServiceKey};

pub use check::{
    Check, CheckKind, DnsCheck, DnsName, FileCheck, FileWeight, HttpCheck, MiscCheck, QueryType,
    Reply, ReplyByte, Schedule, SmtpCheck, UdpCheck,
};
pub use group::{Group, GroupEntry};

/// Everything that the load balancing core runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The virtual servers, in the order of the file.
    pub virtual_servers: Vec<VirtualServer>,
    /// The groups of addresses that virtual servers name (`virtual_server_group`).
    pub groups: Vec<Group>,
    /// `SSL`: what checks over TLS show of themselves.
    pub tls: Option<Box<TlsMaterial>>,
    /// `rs_init_notifies`: servers that are in service from the start are told of too.
    pub notify_at_start: bool,
    /// `lvs_flush_on_stop`: at the stop services go as a whole, and nothing is said of their
    /// servers.
    pub brief_stop: bool,
}

impl Config {
    /// Where the tracked files are that checks follow, by their names.
    #[must_use]
    pub fn followed(&self) -> BTreeMap<Arc<str>, PathBuf> {
        let servers = self.virtual_servers.iter().flat_map(|server| &server.real_servers);
        let file = |check: &Check| match &check.kind {
            CheckKind::File(check) => Some((Arc::clone(&check.file), PathBuf::from(&check.path))),
            CheckKind::Tcp(_) | CheckKind::Http(_) | CheckKind::Ssl(_) | CheckKind::Smtp(_) => None,
            CheckKind::Dns(_) | CheckKind::Udp(_) | CheckKind::Ping(_) => None,
            CheckKind::Misc(_) | CheckKind::Bfd(_) => None,
        };
        servers.flat_map(|server| &server.checks).filter_map(file).collect()
    }

    /// The addresses without which virtual servers suspend their checks (`ha_suspend`).
    #[must_use]
    pub fn awaited(&self) -> BTreeSet<IpAddr> {
        let waiting = self.virtual_servers.iter().filter(|server| server.ha_suspend);
        waiting.flat_map(VirtualServer::addresses).collect()
    }
}

/// What checks over TLS show of themselves, and whom they know (`SSL`); files in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsMaterial {
    /// `password` of the key.
    pub password: Option<Passphrase>,
    /// `ca`: the file of trusted certificates.
    pub authorities: Option<String>,
    /// `certificate`: the file of the own certificates.
    pub certificate: Option<String>,
    /// `key`: the file of the own key.
    pub key: Option<String>,
}

/// A secret that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(pub String);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(********)")
    }
}

/// One load-balanced service (`virtual_server`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualServer {
    /// By what a reload recognises it.
    pub identity: Identity,
    /// The services that the kernel gets for it: one, or one for each address of a group.
    /// They differ in nothing but their key.
    pub services: Vec<Service>,
    /// `nftables_ipvs`: the packets that are to be marked for its services, which are known by that
    /// mark then; empty otherwise. The language writes the first mark everywhere, and
    /// [`Marks`](crate::Marks) gives each group its own.
    pub marked: Vec<Marking>,
    /// When it counts as working.
    pub quorum: Quorum,
    /// `omega`: a stop is told of like a failure.
    pub omega: bool,
    /// `ha_suspend`: its checks run only while its address, or one of its group's, is on this
    /// machine.
    pub ha_suspend: bool,
    /// `smtp_alert`: its gains and losses of quorum are mailed.
    pub mail: bool,
    /// `snmp_name`.
    pub snmp_name: Option<Box<str>>,
    /// `quorum_up`.
    pub quorum_up: Option<Arc<Command>>,
    /// `quorum_down`.
    pub quorum_down: Option<Arc<Command>>,
    /// `sorry_server`.
    pub sorry_server: Option<SorryServer>,
    /// `real_server`, no two with the same key.
    pub real_servers: Vec<RealServer>,
}

impl VirtualServer {
    /// The addresses of its services, those included whose packets are marked for them.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let own = self.services.iter().filter_map(|service| match service.key {
            ServiceKey::Address { ip, .. } => Some(ip),
            ServiceKey::Mark { .. } => None,
        });
        own.chain(self.marked.iter().flat_map(Marking::each_address))
    }
}

/// What makes two virtual servers of different configurations the same one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// Its only service.
    Service(ServiceKey),
    /// Its group, and its place among the virtual servers of that group.
    Group {
        /// The name of the group.
        name: Arc<str>,
        /// The protocol of its addresses; `None` when it has only firewall marks.
        protocol: Option<Protocol>,
        /// Its place, from 0.
        place: u32,
    },
}

/// How much live weight a virtual server needs (compat 21 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// `quorum`; with 0 it is always met.
    pub needed: u32,
    /// `hysteresis`, less than `needed`, or 0.
    pub hysteresis: u32,
}

impl Default for Quorum {
    fn default() -> Self {
        Self { needed: 1, hysteresis: 0 }
    }
}

/// The server that takes over while the quorum is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SorryServer {
    /// Its address and port.
    pub key: DestinationKey,
    /// How packets get there.
    pub forwarding: Forwarding,
    /// `sorry_server_inhibit`: it stays in the table with weight 0 while it is not needed.
    pub inhibit: bool,
}

/// One server of a virtual server (`real_server`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealServer {
    /// Its address and port. With anything but NAT the port in the kernel is the service's.
    pub key: DestinationKey,
    /// How packets get there.
    pub forwarding: Forwarding,
    /// `weight`, at most 2,147,483,647.
    pub weight: u32,
    /// `uthreshold`, in connections; 0 is none.
    pub upper_threshold: u32,
    /// `lthreshold`, in connections; 0 is the kernel's default.
    pub lower_threshold: u32,
    /// `inhibit_on_failure`: a failed server stays in the table with weight 0.
    pub inhibit_on_failure: bool,
    /// `smtp_alert`: its ups and downs are mailed.
    pub mail: bool,
    /// `snmp_name`.
    pub snmp_name: Option<Box<str>>,
    /// `notify_up`.
    pub notify_up: Option<Arc<Command>>,
    /// `notify_down`.
    pub notify_down: Option<Arc<Command>>,
    /// Its checks; it is up while none has failed.
    pub checks: Vec<Check>,
}

/// A program to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, then its arguments; never empty.
    pub argv: Vec<String>,
    /// The user number it runs as.
    pub uid: u32,
    /// The group number it runs as.
    pub gid: u32,
}
