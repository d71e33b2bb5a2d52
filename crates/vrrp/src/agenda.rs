//! Keeps the next deadline of everything that has one, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Deadlines by owner, soonest first.
#[derive(Debug)]
pub(crate) struct Agenda<K> {
    order: BTreeSet<(Instant, K)>,
    at: BTreeMap<K, Instant>,
}

impl<K: Clone + Ord> Agenda<K> {
    pub(crate) const fn new() -> Self {
        Self { order: BTreeSet::new(), at: BTreeMap::new() }
    }

    /// Replaces the deadline of `key`.
    pub(crate) fn set(&mut self, key: K, deadline: Option<Instant>) {
        let old = match deadline {
            Some(new) => self.at.insert(key.clone(), new),
            None => self.at.remove(&key),
        };
        if old == deadline {
            return;
        }
        if let Some(old) = old {
            self.order.remove(&(old, key.clone()));
        }
        if let Some(new) = deadline {
            self.order.insert((new, key));
        }
    }

    /// The soonest deadline.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Everything due at `now`, soonest first.
    pub(crate) fn due(&self, now: Instant) -> Vec<K> {
        self.order.iter().take_while(|(at, _)| *at <= now).map(|(_, key)| key.clone()).collect()
    }
}
