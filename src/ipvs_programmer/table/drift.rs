//! What others changed in the kernel's table behind our back.
//!
//! Decides what differs from how a service was left, and what is done about it. What was removed
//! is put back: its owners are looked at again. What was changed or added stays as it is, since
//! that is how operators drain a server by hand; it lasts until something of ours changes there.
//! Each difference is told once. When the kernel is looked at is decided in `audit`.

use std::fmt;

use net::{DestinationKey, ServiceKey};

use super::{Known, Table};

/// Something of ours that is not as it was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Drift {
    service: ServiceKey,
    /// `None` when it is the service itself.
    destination: Option<DestinationKey>,
    deed: Deed,
}

impl Drift {
    /// Something is gone.
    pub(in super::super) fn is_removal(&self) -> bool {
        self.deed == Deed::Removed
    }
}

/// What somebody else did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Removed,
    Changed,
    /// Only to destinations: a service that nobody here asked for is none of ours.
    Added,
}

/// Writes the log line without its prefix.
impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (done, answer) = match self.deed {
            Deed::Removed => ("removed", "putting it back"),
            Deed::Changed => ("changed", "leaving it so"),
            Deed::Added => ("added", "leaving it"),
        };
        write!(f, "({}", self.service)?;
        if let Some(destination) = self.destination {
            write!(f, " -> {destination}")?;
        }
        write!(f, ") was {done} by somebody else - {answer}")
    }
}

impl Table {
    /// The services that somebody here wants and that were looked at before.
    pub(in super::super) fn claimed(&self) -> Vec<ServiceKey> {
        self.claims.keys().filter(|key| self.known.contains_key(key)).copied().collect()
    }

    /// Compares what the kernel has of a service now with how it was left, and returns the
    /// differences that are new. A service that nobody wants any more, or that nobody has looked
    /// at, tells nothing.
    pub(in super::super) fn observe(
        &mut self,
        key: ServiceKey,
        seen: Option<&Known>,
    ) -> Vec<Drift> {
        let (Some(owners), Some(left)) = (self.claims.get(&key), self.known.get_mut(&key)) else {
            return Vec::new();
        };
        let drifts = differences(key, left.as_ref(), seen);
        for drift in drifts.iter().filter(|drift| drift.is_removal()) {
            forget(left, drift.destination);
            self.dirty.extend(owners);
        }
        let told = self.told.remove(&key).unwrap_or_default();
        let news = drifts.iter().filter(|drift| !told.contains(drift)).copied().collect();
        let lasting: Vec<_> = drifts.into_iter().filter(|drift| !drift.is_removal()).collect();
        if !lasting.is_empty() {
            self.told.insert(key, lasting);
        }
        news
    }
}

/// It is there no more: a destination, or the whole service.
fn forget(left: &mut Option<Known>, destination: Option<DestinationKey>) {
    match (left.as_mut(), destination) {
        (Some(known), Some(destination)) => drop(known.destinations.remove(&destination)),
        (_, None) => *left = None,
        (None, Some(_)) => {}
    }
}

fn differences(service: ServiceKey, left: Option<&Known>, seen: Option<&Known>) -> Vec<Drift> {
    let drift = |destination, deed| Drift { service, destination, deed };
    let (left, seen) = match (left, seen) {
        (None, None) => return Vec::new(),
        // It was refused: that somebody else added it is as good.
        (None, Some(_)) => return Vec::new(),
        (Some(_), None) => return vec![drift(None, Deed::Removed)],
        (Some(left), Some(seen)) => (left, seen),
    };
    let mut all = Vec::new();
    if left.service != seen.service {
        all.push(drift(None, Deed::Changed));
    }
    for (key, destination) in &left.destinations {
        match seen.destinations.get(key) {
            None => all.push(drift(Some(*key), Deed::Removed)),
            Some(other) if other != destination => all.push(drift(Some(*key), Deed::Changed)),
            Some(_) => {}
        }
    }
    let added = seen.destinations.keys().filter(|key| !left.destinations.contains_key(key));
    all.extend(added.map(|key| drift(Some(*key), Deed::Added)));
    all
}
