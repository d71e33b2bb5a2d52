//! What the virtual servers want of the kernel, what the kernel has, and the difference.
//!
//! Decides which changes come next; makes none. Only the newest order of an owner counts. A
//! service that several owners claim has the settings that the first of them in the file wants, and
//! the destinations that any of them wants.

mod drift;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ipvs::Change;
use lvs::{Generation, Order, ServerId};
use net::{Destination, DestinationKey, Forwarding, Marking, Service, ServiceKey};

pub(super) use drift::Drift;

/// Changes between two looks at newer orders.
const BATCH: usize = 2_048;
/// How often one order may find the kernel's table other than it was left.
const READINGS: u8 = 3;

/// A service as the kernel has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) service: Service,
    pub(super) destinations: BTreeMap<DestinationKey, Destination>,
}

/// A change that the kernel did not make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// Its place in the batch.
    pub(super) change: usize,
    /// The kernel's table is not what it was thought to be.
    pub(super) drift: bool,
}

/// Changes to make now.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) changes: Vec<Change>,
    /// The owners that have what they want once these changes are made.
    complete: Vec<ServerId>,
}

struct Owner {
    order: Order,
    /// Where each of its services stands in the order: a group may have tens of thousands.
    places: HashMap<ServiceKey, usize>,
    /// Services that it claimed before and that are still to be looked at.
    former: BTreeSet<ServiceKey>,
}

impl Owner {
    /// Every service that it has to do with.
    fn keys(&self) -> BTreeSet<ServiceKey> {
        self.former.iter().chain(self.places.keys()).copied().collect()
    }

    fn service(&self, key: ServiceKey) -> Option<&Service> {
        self.places.get(&key).and_then(|place| self.order.services.get(*place))
    }
}

/// What the kernel refuses of one service.
#[derive(Default)]
struct Refusals {
    /// How often the service was found other than it was left.
    readings: u8,
    /// Nothing of it is tried before the next retry.
    service: bool,
    /// Nor are these.
    destinations: BTreeSet<DestinationKey>,
}

impl Refusals {
    fn is_empty(&self) -> bool {
        !self.service && self.destinations.is_empty()
    }
}

/// The owners, and what is known of the kernel.
#[derive(Default)]
pub(super) struct Table {
    owners: BTreeMap<ServerId, Owner>,
    claims: HashMap<ServiceKey, BTreeSet<ServerId>>,
    /// `None` where the kernel has no such service; no entry where nobody has looked yet.
    known: HashMap<ServiceKey, Option<Known>>,
    refusals: HashMap<ServiceKey, Refusals>,
    /// What others changed or added, and what was said of it.
    told: HashMap<ServiceKey, Vec<Drift>>,
    dirty: BTreeSet<ServerId>,
    /// What is to be marked is what it was at the last look.
    marks_are_told: bool,
    settled: Vec<(ServerId, Generation)>,
}

impl Table {
    /// Takes a newer wish; older ones of the same owner are forgotten.
    pub(super) fn order(&mut self, order: Order) {
        let id = order.owner;
        let mut former = BTreeSet::new();
        let old = self.owners.remove(&id);
        let before = old.as_ref().map_or(&[][..], |old| &old.order.markings);
        self.marks_are_told &= *before == *order.markings;
        if let Some(old) = old {
            former = old.former;
            for service in old.order.services.iter() {
                former.insert(service.key);
                self.release(service.key, id);
            }
        }
        for service in order.services.iter() {
            self.claims.entry(service.key).or_default().insert(id);
            // What was refused may have been the old wish.
            self.refusals.remove(&service.key);
        }
        let keys = order.services.iter().map(|service| service.key);
        let places = keys.enumerate().map(|(place, key)| (key, place)).collect();
        self.owners.insert(id, Owner { order, places, former });
        self.dirty.insert(id);
    }

    fn release(&mut self, key: ServiceKey, id: ServerId) {
        self.refusals.remove(&key);
        if let Some(claims) = self.claims.get_mut(&key) {
            claims.remove(&id);
            if claims.is_empty() {
                self.claims.remove(&key);
                self.told.remove(&key);
            }
        }
    }

    pub(super) fn has_work(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// The packets that are to be marked, in the order of their marks, if that was not told by the
    /// last call.
    pub(super) fn new_markings(&mut self) -> Option<Vec<Marking>> {
        if std::mem::replace(&mut self.marks_are_told, true) {
            return None;
        }
        let all = self.owners.values().flat_map(|owner| owner.order.markings.iter());
        let mut all: Vec<Marking> = all.copied().collect();
        all.sort_by_key(|marking| marking.mark);
        Some(all)
    }

    /// Whether the kernel lacks what it refused.
    pub(super) fn has_refused(&self) -> bool {
        self.refusals.values().any(|refusals| !refusals.is_empty())
    }

    /// Tries again what was refused.
    pub(super) fn retry(&mut self) {
        for key in std::mem::take(&mut self.refusals).into_keys() {
            self.dirty.extend(self.claims.get(&key).into_iter().flatten());
            let left = self.owners.iter().filter(|(_, owner)| owner.former.contains(&key));
            self.dirty.extend(left.map(|(id, _)| *id));
        }
    }

    /// The orders that the kernel satisfies since the last call.
    pub(super) fn settled(&mut self) -> Vec<(ServerId, Generation)> {
        std::mem::take(&mut self.settled)
    }

    /// The next changes. `read` looks at a service in the kernel.
    ///
    /// What leaves does so in the reverse order of its coming: the kernel keeps what was removed
    /// for some minutes in a list, newest first, and searches it for whatever is added. In this
    /// order a daemon that is started again finds each at the front; otherwise 36,000 destinations
    /// take it half a minute.
    pub(super) fn next_batch(
        &mut self,
        mut read: impl FnMut(ServiceKey) -> Option<Known>,
    ) -> Batch {
        let mut batch = Batch::default();
        let leaves = |owner: &Owner| owner.order.services.is_empty();
        let dirty = |id| self.owners.get(id).map(|owner| (id, owner));
        let staying = self.dirty.iter().filter_map(dirty).filter(|(_, owner)| !leaves(owner));
        let leaving = self.dirty.iter().rev().filter_map(dirty).filter(|(_, owner)| leaves(owner));
        // A service that changes its owner is looked at once.
        let mut seen = BTreeSet::new();
        for (id, owner) in staying.chain(leaving) {
            for key in owner.keys().into_iter().rev().filter(|key| seen.insert(*key)) {
                let known = self.known.entry(key).or_insert_with(|| read(key));
                let refusals = self.refusals.get(&key);
                if refusals.is_some_and(|refusals| refusals.service) {
                    continue;
                }
                match wanted(&self.owners, &self.claims, key) {
                    Some(wanted) => {
                        wanted.differences(known.as_ref(), refusals, &mut batch.changes);
                    }
                    None if known.is_some() => batch.changes.push(Change::RemoveService(key)),
                    None => {}
                }
                if batch.changes.len() >= BATCH {
                    return batch;
                }
            }
            batch.complete.push(*id);
        }
        batch
    }

    /// Notes what became of a batch.
    pub(super) fn note(&mut self, batch: &Batch, refused: &[Refused]) {
        let mut left = refused.iter().peekable();
        for (place, change) in batch.changes.iter().enumerate() {
            if left.next_if(|one| one.change == place).is_none() {
                self.made(change);
            }
        }
        let drifted = self.note_refusals(batch, refused);
        for id in &batch.complete {
            let again =
                self.owners.get(id).is_some_and(|owner| !owner.keys().is_disjoint(&drifted));
            if !again {
                self.settle(*id);
            }
        }
    }

    /// Decides what of the refused is given up for now, and returns the services to read again.
    fn note_refusals(&mut self, batch: &Batch, refused: &[Refused]) -> BTreeSet<ServiceKey> {
        let mut drifted = BTreeSet::new();
        for one in refused {
            let Some(change) = batch.changes.get(one.change) else { continue };
            let key = change.service();
            let refusals = self.refusals.entry(key).or_default();
            if one.drift && !refusals.service && refusals.readings < READINGS {
                drifted.insert(key);
                continue;
            }
            match change.destination() {
                None => refusals.service = true,
                Some(destination) => drop(refusals.destinations.insert(destination)),
            }
        }
        for key in &drifted {
            self.known.remove(key);
            if let Some(refusals) = self.refusals.get_mut(key) {
                refusals.readings += 1;
            }
        }
        drifted
    }

    /// The kernel satisfies the newest order of this owner, but for what it refused. One that has
    /// and wants nothing any more has gone for good.
    fn settle(&mut self, id: ServerId) {
        self.dirty.remove(&id);
        let Some(owner) = self.owners.get_mut(&id) else { return };
        let refused = |key: &ServiceKey| self.refusals.get(key).is_some_and(|one| one.service);
        let former = std::mem::take(&mut owner.former);
        let (left, gone): (BTreeSet<_>, BTreeSet<_>) = former.into_iter().partition(refused);
        owner.former = left;
        // Services come and go with reloads: of one that nobody wants nothing is kept.
        for key in gone.iter().filter(|key| !self.claims.contains_key(key)) {
            self.known.remove(key);
        }
        self.settled.push((id, owner.order.generation));
        if owner.order.services.is_empty() && owner.former.is_empty() {
            self.owners.remove(&id);
        }
    }

    /// Somebody made this change.
    fn made(&mut self, change: &Change) {
        let entry = self.known.entry(change.service()).or_default();
        match (change, entry) {
            (Change::AddService(service), entry) => {
                *entry = Some(Known { service: service.clone(), destinations: BTreeMap::new() });
            }
            (Change::RemoveService(_), entry) => *entry = None,
            (Change::EditService(service), Some(known)) => known.service = service.clone(),
            (
                Change::AddDestination(_, destination) | Change::EditDestination(_, destination),
                Some(known),
            ) => {
                known.destinations.insert(destination.key, *destination);
            }
            (Change::RemoveDestination(_, key), Some(known)) => {
                known.destinations.remove(key);
            }
            // A destination of a service that is not there cannot have been changed.
            (
                Change::EditService(_)
                | Change::AddDestination(..)
                | Change::EditDestination(..)
                | Change::RemoveDestination(..),
                None,
            ) => {}
        }
    }
}

/// What all owners together want of one service.
struct Wanted<'a> {
    service: &'a Service,
    destinations: BTreeMap<DestinationKey, Destination>,
}

fn wanted<'a>(
    owners: &'a BTreeMap<ServerId, Owner>,
    claims: &HashMap<ServiceKey, BTreeSet<ServerId>>,
    key: ServiceKey,
) -> Option<Wanted<'a>> {
    let mut all: Option<Wanted<'a>> = None;
    let mut claimants: Vec<&Owner> =
        claims.get(&key)?.iter().filter_map(|id| owners.get(id)).collect();
    claimants.sort_by_key(|owner| owner.order.place);
    for owner in claimants {
        let Some(service) = owner.service(key) else {
            continue;
        };
        let wanted = all.get_or_insert_with(|| Wanted { service, destinations: BTreeMap::new() });
        for destination in owner.order.destinations.iter() {
            let place = place(destination.key, destination.forwarding, key);
            wanted.destinations.entry(place).or_insert(Destination { key: place, ..*destination });
        }
    }
    all
}

/// What a destination is called in this service: only NAT can change the port on the way.
pub(super) const fn place(
    destination: DestinationKey,
    forwarding: Forwarding,
    of: ServiceKey,
) -> DestinationKey {
    match forwarding {
        Forwarding::Nat => destination,
        Forwarding::Direct | Forwarding::Tunnel(_) => {
            DestinationKey { ip: destination.ip, port: of.port() }
        }
    }
}

impl Wanted<'_> {
    /// What has to change. Servers come before others leave, so that the service is never
    /// without any.
    fn differences(
        &self,
        known: Option<&Known>,
        refusals: Option<&Refusals>,
        changes: &mut Vec<Change>,
    ) {
        let key = self.service.key;
        let given_up = |destination: &DestinationKey| {
            refusals.is_some_and(|refusals| refusals.destinations.contains(destination))
        };
        match known {
            None => changes.push(Change::AddService(self.service.clone())),
            Some(known) if known.service != *self.service => {
                changes.push(Change::EditService(self.service.clone()));
            }
            Some(_) => {}
        }
        for destination in self.destinations.values().filter(|one| !given_up(&one.key)) {
            match known.and_then(|known| known.destinations.get(&destination.key)) {
                None => changes.push(Change::AddDestination(key, *destination)),
                Some(there) if there != destination => {
                    changes.push(Change::EditDestination(key, *destination));
                }
                Some(_) => {}
            }
        }
        let there = known.iter().flat_map(|known| known.destinations.keys().rev());
        let gone = there.filter(|there| !self.destinations.contains_key(there) && !given_up(there));
        changes.extend(gone.map(|gone| Change::RemoveDestination(key, *gone)));
    }
}

#[cfg(test)]
pub(super) mod tests;
