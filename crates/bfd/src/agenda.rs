//! Keeps the next deadline of every session, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::units::SessionId;

/// Deadlines by session, soonest first.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    order: BTreeSet<(Instant, SessionId)>,
    at: BTreeMap<SessionId, Instant>,
}

impl Agenda {
    /// Replaces the deadline of a session.
    pub(crate) fn set(&mut self, session: SessionId, deadline: Option<Instant>) {
        if self.at.get(&session).copied() == deadline {
            return;
        }
        if let Some(old) = self.at.remove(&session) {
            self.order.remove(&(old, session));
        }
        if let Some(new) = deadline {
            self.at.insert(session, new);
            self.order.insert((new, session));
        }
    }

    /// The soonest deadline.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Everything due at `now`, soonest first.
    pub(crate) fn due(&self, now: Instant) -> Vec<SessionId> {
        self.order.iter().take_while(|(at, _)| *at <= now).map(|(_, session)| *session).collect()
    }
}
