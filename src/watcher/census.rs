//! Which processes are the watched ones, and how many of each kind there are (compat 11 §7.7).
//!
//! It is told what happened and may ask who somebody is; it reads nothing by itself.

use std::collections::{BTreeSet, HashMap};

use sys::proc_events::ProcessEvent;
use vrrp::Recount;
use vrrp::config::{ParameterMatch, TrackProcess};

use super::Count;
use super::identity::Identity;

/// What the kernel keeps of a name.
const NAME: usize = 15;

/// The watched kinds, and the processes that belong to some.
#[derive(Debug, Default)]
pub(super) struct Census {
    kinds: Vec<TrackProcess>,
    counts: Vec<u32>,
    /// The kinds that a process is of, by their positions; processes of none are left out.
    members: HashMap<u32, BTreeSet<usize>>,
}

impl Census {
    pub(super) fn new(kinds: Vec<TrackProcess>) -> Self {
        Self { counts: vec![0; kinds.len()], kinds, members: HashMap::new() }
    }

    /// Whether nothing is watched.
    pub(super) const fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Everybody is counted anew; says the number of every kind.
    pub(super) fn count_all(
        &mut self,
        everybody: impl Iterator<Item = (u32, Identity)>,
        why: Recount,
    ) -> Vec<Count> {
        let of_kinds = everybody.map(|(id, identity)| (id, self.kinds_of(&identity)));
        self.members = of_kinds.filter(|(_, kinds)| !kinds.is_empty()).collect();
        self.counts = vec![0; self.kinds.len()];
        for kind in self.members.values().flatten() {
            self.counts[*kind] += 1;
        }
        (0..self.kinds.len()).map(|kind| self.count(kind, why)).collect()
    }

    /// Something happened; says the numbers that changed.
    pub(super) fn on_event(
        &mut self,
        event: ProcessEvent,
        look: impl Fn(u32) -> Option<Identity>,
    ) -> Vec<Count> {
        let seen = |id| look(id).map(|found| self.kinds_of(&found)).unwrap_or_default();
        let (id, kinds, why) = match event {
            ProcessEvent::Confirmed => return Vec::new(),
            // A first look came before this news, and knows better.
            ProcessEvent::Forked { child, .. } if self.members.contains_key(&child) => {
                return Vec::new();
            }
            ProcessEvent::Forked { parent, child } if parent.is_first() => {
                let kinds = self.members.get(&parent.group).cloned().unwrap_or_default();
                (child, kinds, Recount::Forked)
            }
            // Other threads may be called otherwise than their process, and their children are
            // called as they are.
            ProcessEvent::Forked { child, .. } => (child, seen(child), Recount::Forked),
            ProcessEvent::Executed(id) | ProcessEvent::Renamed(id) => {
                (id, seen(id), Recount::Became)
            }
            ProcessEvent::Ended(id) => (id, BTreeSet::new(), Recount::Exited),
        };
        self.set(id, kinds, why)
    }

    /// A process is of these kinds now.
    fn set(&mut self, id: u32, kinds: BTreeSet<usize>, why: Recount) -> Vec<Count> {
        let before = self.members.remove(&id).unwrap_or_default();
        for gone in before.difference(&kinds) {
            self.counts[*gone] -= 1;
        }
        for new in kinds.difference(&before) {
            self.counts[*new] += 1;
        }
        let changed = before.symmetric_difference(&kinds);
        let changed = changed.map(|kind| self.count(*kind, why)).collect();
        if !kinds.is_empty() {
            self.members.insert(id, kinds);
        }
        changed
    }

    fn count(&self, kind: usize, why: Recount) -> Count {
        Count { process: self.kinds[kind].name.clone(), count: self.counts[kind], why }
    }

    fn kinds_of(&self, identity: &Identity) -> BTreeSet<usize> {
        let kinds = self.kinds.iter().enumerate();
        kinds.filter(|(_, kind)| is_one(kind, identity)).map(|(index, _)| index).collect()
    }
}

/// Whether a process is of this kind.
fn is_one(kind: &TrackProcess, identity: &Identity) -> bool {
    let Some((program, parameters)) = kind.command.split_first() else {
        return false;
    };
    let program = program.as_bytes();
    if !kind.full_command {
        return identity.name == program[..program.len().min(NAME)];
    }
    let Some((first, others)) = identity.words.split_first() else {
        return false;
    };
    first == program && fits(kind.parameters, parameters, others)
}

fn fits(how: ParameterMatch, wanted: &[String], found: &[Vec<u8>]) -> bool {
    let same = |(wanted, found): (&String, &Vec<u8>)| wanted.as_bytes() == found;
    let begins = || found.len() >= wanted.len() && wanted.iter().zip(found).all(same);
    match how {
        ParameterMatch::Ignored => true,
        ParameterMatch::Exact => found.len() == wanted.len() && begins(),
        ParameterMatch::Partial => begins(),
        ParameterMatch::Initial => match wanted.split_last() {
            None => true,
            Some((last, before)) => {
                let longer = found.get(before.len());
                let all = before.iter().zip(found).all(same);
                all && longer.is_some_and(|found| found.starts_with(last.as_bytes()))
            }
        },
    }
}

#[cfg(test)]
mod tests;
