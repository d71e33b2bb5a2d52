//! What the core needs to know, already valid: the language fills it, the core never checks it.
//!
//! Defaults that a virtual server hands down to its servers, and those to their checks, are
//! resolved before a value of these types exists (compat 21 §3); the numbers are those of
//! compat 20.

use std::sync::Arc;
use std::time::Duration;

use net::{DestinationKey, Forwarding, Protocol, Service, ServiceKey};

use crate::probe::Probe;

/// Everything that the load balancing core runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The virtual servers, in the order of the file.
    pub virtual_servers: Vec<VirtualServer>,
    /// `rs_init_notifies`: servers that are in service from the start are told of too.
    pub notify_at_start: bool,
}

/// One load-balanced service (`virtual_server`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualServer {
    /// By what a reload recognises it.
    pub identity: Identity,
    /// The services that the kernel gets for it: one, or one for each address of a group.
    /// They differ in nothing but their key.
    pub services: Vec<Service>,
    /// When it counts as working.
    pub quorum: Quorum,
    /// `omega`: a stop is told of like a failure.
    pub omega: bool,
    /// `quorum_up`.
    pub quorum_up: Option<Command>,
    /// `quorum_down`.
    pub quorum_down: Option<Command>,
    /// `sorry_server`.
    pub sorry_server: Option<SorryServer>,
    /// `real_server`, no two with the same key.
    pub real_servers: Vec<RealServer>,
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
    /// `notify_up`.
    pub notify_up: Option<Command>,
    /// `notify_down`.
    pub notify_down: Option<Command>,
    /// Its checks; it is up while none has failed.
    pub checks: Vec<Check>,
}

/// One health check of a real server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// When it runs, and how often it may fail.
    pub schedule: Schedule,
    /// What it does.
    pub kind: CheckKind,
}

/// What a check does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// `TCP_CHECK`: a connection can be made.
    Tcp(Arc<Probe>),
    /// `HTTP_GET`: all of these answer as they should; never empty.
    Http(HttpCheck),
}

/// `HTTP_GET`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpCheck {
    /// One attempt for each `url`, in the order of the file.
    pub urls: Vec<Arc<Probe>>,
    /// `fast_recovery`: the next url is asked at once, not a delay later.
    pub fast_recovery: bool,
}

/// When a check runs, and how often it may fail (compat 21 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// `delay_loop`: from the end of one check to the start of the next.
    pub delay_loop: Duration,
    /// `delay_before_retry`: from a failed attempt to the next one.
    pub delay_before_retry: Duration,
    /// `retry`: further attempts before a server that was up counts as failed.
    pub retry: u32,
    /// `warmup`: the first check comes up to this much later than a second after the start.
    pub warmup: Duration,
    /// `alpha`: it counts as failed until it succeeds.
    pub alpha: bool,
    /// `log_all_failures`: failures that still have retries are logged too.
    pub log_all_failures: bool,
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
