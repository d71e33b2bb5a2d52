//! What scripts, FIFOs and mails are told of servers and services (compat 21 §5.4).

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::config::{Command, Identity};
use crate::units::{Generation, ServerName};

/// A change, as the outside hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who changed.
    pub subject: Subject,
    /// Whether it is up now.
    pub up: bool,
    /// The program that wants to hear of it.
    pub command: Option<Arc<Command>>,
}

impl Notice {
    /// The line that pipes get: `RS [A]:tcp:P [V]:tcp:P UP`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}\n", self.subject, if self.up { "UP" } else { "DOWN" })
    }
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

/// Notices that wait until the kernel shows what they tell.
///
/// A script that hears UP may rely on connections getting there, and one that hears DOWN on
/// there being no new ones.
#[derive(Debug, Default)]
pub(crate) struct Waiting(VecDeque<(Generation, Notice)>);

impl Waiting {
    /// Keeps a notice until `generation` is settled.
    pub(crate) fn hold(&mut self, generation: Generation, notice: Notice) {
        self.0.push_back((generation, notice));
    }

    /// The next notice that no longer waits.
    pub(crate) fn release(&mut self, settled: Generation) -> Option<Notice> {
        let (needs, _) = self.0.front()?;
        if *needs > settled {
            return None;
        }
        self.0.pop_front().map(|(_, notice)| notice)
    }

    /// There is no generation beyond this one after all: what the notices tell is in it already.
    pub(crate) fn settle_for(&mut self, generation: Generation) {
        for (needs, _) in &mut self.0 {
            *needs = generation.min(*needs);
        }
    }
}
