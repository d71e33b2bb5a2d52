//! Keeps what is due next, and nothing else. The deadlines themselves live in the checks.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::units::CheckId;

/// The waiting checks, soonest first; of one moment, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Agenda(BTreeSet<(Instant, CheckId)>);

impl Agenda {
    /// Notes that a check waits until then. It must not be waiting already.
    pub(crate) fn add(&mut self, at: Instant, check: CheckId) {
        self.0.insert((at, check));
    }

    /// The soonest deadline.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes a check that is due at `now`, the one that has been so for longest.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<CheckId> {
        let (at, _) = self.0.first()?;
        if *at > now {
            return None;
        }
        self.0.pop_first().map(|(_, check)| check)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
