//! What scripts, FIFOs and mails are told of servers and services (compat 21 §5.4).

use std::fmt;
use std::sync::Arc;

use crate::config::{Command, Identity};
use crate::units::ServerName;

/// A change, as the outside hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who changed.
    pub subject: Subject,
    /// Whether it is up now.
    pub up: bool,
    /// The program that wants to hear of it.
    pub command: Option<Command>,
}

/// Who changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A server of a virtual server.
    Real(ServerName, Arc<Identity>),
    /// A virtual server, by its quorum.
    Virtual(Arc<Identity>),
}

/// Writes `RS [A]:tcp:P [V]:tcp:P` or `VS [V]:tcp:P`, as FIFO lines begin.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real(name, of) => write!(f, "RS {name} {of}"),
            Self::Virtual(identity) => write!(f, "VS {identity}"),
        }
    }
}
