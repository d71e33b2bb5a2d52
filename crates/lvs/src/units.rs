//! Numbers and names of the core as types.

use std::fmt;

use net::{DestinationKey, Protocol, ServiceKey};

use crate::config::Identity;

/// A virtual server over its life, reloads included. Never given to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub u32);

/// A check over its life, reloads included. Never given to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub u64);

/// The version of what a virtual server wants; newer is greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

/// Writes `[ADDR]:tcp:PORT`, `FWM N` or `[GROUP]:N` (compat 21 §14).
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(ServiceKey::Address { protocol, ip, port }) => {
                write!(f, "[{ip}]:{protocol}:{port}")
            }
            Self::Service(ServiceKey::Mark { mark, .. }) => write!(f, "FWM {mark}"),
            Self::Group { name, place, .. } => write!(f, "[{name}]:{place}"),
        }
    }
}

impl Identity {
    /// The protocol of its connections, as far as it has one.
    #[must_use]
    pub const fn protocol(&self) -> Option<Protocol> {
        match self {
            Self::Service(ServiceKey::Address { protocol, .. }) => Some(*protocol),
            Self::Service(ServiceKey::Mark { .. }) => None,
            Self::Group { protocol, .. } => *protocol,
        }
    }
}

/// What a real server is called: `[ADDR]:tcp:PORT`, the protocol being its virtual server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerName {
    /// Its address and port.
    pub key: DestinationKey,
    /// The protocol; `None` for a firewall mark.
    pub protocol: Option<Protocol>,
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = self.protocol.map_or("none", Protocol::name);
        write!(f, "[{}]:{protocol}:{}", self.key.ip, self.key.port)
    }
}
