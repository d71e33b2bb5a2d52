//! What the BFD core needs to know, already valid: the language fills it.
//!
//! Defaults and bounds are those of compat 22 §2.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Everything that the BFD core runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The sessions, in the order of the file.
    pub sessions: Vec<Session>,
}

impl Config {
    /// Where to listen for the neighbours of these sessions.
    #[must_use]
    pub fn listeners(&self) -> Listeners {
        let any = |multihop| self.sessions.iter().any(|session| session.multihop == multihop);
        Listeners { single_hop: any(false), multihop: any(true) }
    }
}

/// Which sockets are listened on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listeners {
    /// On port 3784.
    pub single_hop: bool,
    /// On port 4784.
    pub multihop: bool,
}

/// One session with one neighbour (`bfd_instance`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name in the file: at most 31 bytes.
    pub name: Arc<str>,
    /// `neighbor_ip`.
    pub neighbor: IpAddr,
    /// `source_ip`, of the same family; without one the kernel chooses.
    pub source: Option<IpAddr>,
    /// `min_rx`: how fast the neighbour may send, in steps of a microsecond.
    pub min_rx: Duration,
    /// `min_tx`: how fast it wishes to send while up.
    pub min_tx: Duration,
    /// `idle_tx`: how fast it sends while not up, a second or more.
    pub idle_tx: Duration,
    /// `multiplier`: lost packets that make it down, at least 1.
    pub multiplier: u8,
    /// `passive`: it does not send before it has heard the neighbour.
    pub passive: bool,
    /// `ttl`: of sent packets, at least 1.
    pub ttl: u8,
    /// `max_hops`: how far a packet may have come; `None` is from anywhere.
    pub max_hops: Option<u8>,
    /// `multihop`: runs across routers, on port 4784.
    pub multihop: bool,
    /// `weight` for those that track it without a weight of their own, -253 to 253.
    pub weight: i16,
    /// `reverse` of that weight.
    pub reverse: bool,
    /// Who is told.
    pub told: Told,
}

impl Session {
    /// A session with this neighbour and keepalived's defaults.
    #[must_use]
    pub fn new(name: &str, neighbor: IpAddr) -> Self {
        Self {
            name: name.into(),
            neighbor,
            source: None,
            min_rx: Duration::from_millis(10),
            min_tx: Duration::from_millis(10),
            idle_tx: Duration::from_secs(1),
            multiplier: 5,
            passive: false,
            ttl: if neighbor.is_ipv4() { 255 } else { 64 },
            max_hops: Some(0),
            multihop: false,
            weight: 0,
            reverse: false,
            told: Told::Both,
        }
    }
}

/// Who is told when a session goes up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Virtual routers and checks.
    Both,
    /// Virtual routers (`vrrp`).
    Vrrp,
    /// Checks (`checker`).
    Checkers,
}
