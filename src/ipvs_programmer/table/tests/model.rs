//! A kernel's table in memory, for tests: it does what the kernel does with each change.

use std::collections::{BTreeMap, HashMap};

use ipvs::Change;
use lvs::{Generation, ServerId};
use net::ServiceKey;

use crate::ipvs_programmer::table::{Known, Refused, Table};

/// A kernel that does what it is asked, but for what it refuses.
#[derive(Default)]
pub(in crate::ipvs_programmer) struct Kernel {
    pub(in crate::ipvs_programmer) services: HashMap<ServiceKey, Known>,
    pub(super) refuses: Vec<Change>,
    pub(in crate::ipvs_programmer) writes: usize,
}

impl Kernel {
    pub(in crate::ipvs_programmer) fn apply(&mut self, change: &Change) -> Result<(), bool> {
        if self.refuses.contains(change) {
            return Err(false);
        }
        self.writes += 1;
        let entry = self.services.get_mut(&change.service());
        match (change, entry) {
            (Change::AddService(service), None) => {
                let known = Known { service: service.clone(), destinations: BTreeMap::new() };
                self.services.insert(service.key, known);
            }
            (Change::EditService(service), Some(known)) => known.service = service.clone(),
            (Change::RemoveService(key), _) => drop(self.services.remove(key)),
            (Change::AddDestination(_, one), Some(known)) => {
                if known.destinations.insert(one.key, *one).is_some() {
                    return Err(true);
                }
            }
            (Change::EditDestination(_, one), Some(known)) => {
                if known.destinations.insert(one.key, *one).is_none() {
                    return Err(true);
                }
            }
            (Change::RemoveDestination(_, key), Some(known)) => {
                known.destinations.remove(key);
            }
            _ => return Err(true),
        }
        Ok(())
    }

    /// Somebody compares the table with how it was left; returns what the log is told.
    pub(super) fn audit(&self, table: &mut Table) -> Vec<String> {
        let mut claimed = table.claimed();
        claimed.sort_unstable();
        let observed = claimed.into_iter().map(|key| (key, self.services.get(&key).cloned()));
        let drifts = observed.flat_map(|(key, seen)| table.observe(key, seen.as_ref()));
        drifts.map(|drift| drift.to_string()).collect()
    }

    /// Works until nothing is left to do; returns what was settled.
    pub(super) fn run(&mut self, table: &mut Table) -> Vec<(ServerId, Generation)> {
        for _ in 0..100 {
            if !table.has_work() {
                return table.settled();
            }
            let batch = table.next_batch(|key| self.services.get(&key).cloned());
            let failed = batch.changes.iter().enumerate().filter_map(|(change, one)| {
                self.apply(one).err().map(|drift| Refused { change, drift })
            });
            let refused: Vec<_> = failed.collect();
            table.note(&batch, &refused);
        }
        panic!("the table never comes to rest");
    }
}
