//! Who wants which addresses, and what is left to do about it.
//!
//! An address is wanted if any owner wants it: two virtual routers that swap numbers on a reload
//! swap owners, and nothing is removed. What the kernel holds is `kernel`'s knowledge.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use net::{Address, AddressKey, Link, LinkIndex, LinkName};
use rtnl::Change;
use vrrp::{Generation, InstanceId, Order};

use super::links::Links;
use crate::log::Log;

/// Changes made before newer orders are looked for.
const BATCH: usize = 250;

#[derive(Default)]
pub(super) struct Owners {
    owners: BTreeMap<InstanceId, Owner>,
    dirty: BTreeSet<InstanceId>,
    /// How many owners want an address installed.
    wanted: BTreeMap<AddressKey, u32>,
}

/// One owner and its newest order.
pub(super) struct Owner {
    pub(super) order: Order,
    /// What it wants installed; counted in `wanted`.
    wants: BTreeMap<AddressKey, Address>,
    /// What it held at any time: gone unless somebody wants it.
    former: BTreeMap<AddressKey, Address>,
    /// Announcements made of `order.announce.count`.
    pub(super) announced: u64,
    /// The same of `order.extra.count`.
    pub(super) further_announced: u64,
    /// Addresses already announced in the pass that is under way.
    pub(super) fresh: BTreeSet<AddressKey>,
    /// Somebody else removed an address of it.
    drifted: bool,
}

/// Something to do now.
pub(super) struct Batch {
    pub(super) owner: InstanceId,
    pub(super) changes: Vec<Change>,
    /// Wanted addresses whose link does not exist.
    pub(super) missing: Vec<AddressKey>,
    /// Nothing is left to do for this owner after it.
    pub(super) complete: bool,
    /// The addresses were put back and need to be announced.
    pub(super) drifted: bool,
}

impl Owner {
    pub(super) const fn generation(&self) -> Generation {
        self.order.generation
    }

    fn may_hold(&self, key: &AddressKey) -> bool {
        self.order.addresses.iter().any(|one| one.address.key() == *key)
    }

    fn restores(&self, key: &AddressKey) -> bool {
        self.order.addresses.iter().any(|one| one.tracked && one.address.key() == *key)
    }
}

impl Owners {
    /// Takes a newer wish; older ones of the same owner are forgotten.
    pub(super) fn order(&mut self, order: Order) {
        let id = order.owner;
        let wants = wanted_by(&order);
        let (mut former, announced, further_announced, fresh, drifted) =
            match self.owners.remove(&id) {
                Some(old) => {
                    for key in old.wants.keys() {
                        release(&mut self.wanted, key);
                    }
                    let mut former = old.former;
                    former.extend(old.wants);
                    (former, old.announced, old.further_announced, old.fresh, old.drifted)
                }
                None => (BTreeMap::new(), 0, 0, BTreeSet::new(), false),
            };
        if !order.installed {
            for one in order.addresses.iter() {
                former.entry(one.address.key()).or_insert_with(|| one.address.clone());
            }
        }
        for key in wants.keys() {
            *self.wanted.entry(key.clone()).or_default() += 1;
        }
        // An address whose label or scope changed has to be made anew.
        former.retain(|key, old| wants.get(key).is_none_or(|new| new != old));
        let drifted = drifted && order.installed;
        let owner = Owner { order, wants, former, announced, further_announced, fresh, drifted };
        self.owners.insert(id, owner);
        self.dirty.insert(id);
    }

    /// Everybody wants nothing any more.
    pub(super) fn withdraw_all(&mut self) {
        let orders: Vec<_> = self.owners.values().map(|owner| owner.order.clone()).collect();
        for order in orders {
            let generation = Generation(order.generation.0 + 1);
            self.order(Order { installed: false, generation, ..order });
        }
    }

    pub(super) fn has_work(&self) -> bool {
        !self.dirty.is_empty()
    }

    pub(super) fn get(&mut self, id: InstanceId) -> Option<&mut Owner> {
        self.owners.get_mut(&id)
    }

    /// The next changes for one owner: removals first, so that an address can move.
    pub(super) fn next_batch(
        &mut self,
        links: &Links,
        holds: impl Fn(LinkIndex, &AddressKey) -> bool,
    ) -> Option<Batch> {
        let id = *self.dirty.first()?;
        let owner = self.owners.get_mut(&id)?;
        let index_of = |name: &LinkName| links.named(name).map(|link| link.index);
        let mut changes = Vec::new();
        let mut missing = Vec::new();
        while changes.len() < BATCH
            && let Some((key, address)) = owner.former.pop_first()
        {
            let remade = owner.wants.contains_key(&key);
            let unwanted = !self.wanted.contains_key(&key);
            if let Some(index) = index_of(&key.link)
                && (unwanted || remade)
                && holds(index, &key)
                && owner_wants_other(owner.wants.get(&key), &address)
            {
                changes.push(Change::remove(&address, index));
            }
        }
        if !owner.former.is_empty() || changes.len() >= BATCH {
            return Some(Batch { owner: id, changes, missing, complete: false, drifted: false });
        }
        let removing: BTreeSet<_> = changes.iter().filter_map(removed_key).cloned().collect();
        for (key, address) in &owner.wants {
            match index_of(&key.link) {
                Some(index) if holds(index, key) && !removing.contains(key) => {}
                Some(index) => changes.push(Change::Add(address.clone(), index)),
                None => missing.push(key.clone()),
            }
            if changes.len() >= BATCH {
                return Some(Batch {
                    owner: id,
                    changes,
                    missing,
                    complete: false,
                    drifted: false,
                });
            }
        }
        let drifted = std::mem::take(&mut owner.drifted);
        Some(Batch { owner: id, changes, missing, complete: true, drifted })
    }

    /// The kernel satisfies the newest order of this owner. One that may hold nothing any more
    /// has gone for good.
    pub(super) fn settle(&mut self, id: InstanceId) {
        self.dirty.remove(&id);
        if self.owners.get(&id).is_some_and(|owner| owner.order.addresses.is_empty()) {
            self.owners.remove(&id);
        }
    }

    /// Whether an address is one that some owner may hold.
    pub(super) fn knows(&self, link: Option<&Link>, ip: IpAddr) -> bool {
        let name = link.map(|link| &link.name);
        let ours = |key: &AddressKey| Some(&key.link) == name && key.ip == ip;
        self.owners.values().any(|owner| {
            owner.order.addresses.iter().any(|one| ours(&one.address.key()))
                || owner.former.keys().any(ours)
        })
    }

    /// Takes away everything that is wanted on a link which is about to change its name.
    pub(super) fn held_on(&self, name: &LinkName, index: LinkIndex) -> Vec<Change> {
        let wants = self.owners.values().flat_map(|owner| owner.wants.values());
        let there = wants.filter(|address| address.link == *name);
        there.map(|address| Change::remove(address, index)).collect()
    }

    /// A link appeared: whoever has addresses there has work.
    pub(super) fn on_link_added(&mut self, name: &LinkName) {
        for (id, owner) in &mut self.owners {
            if owner.wants.keys().any(|key| key.link == *name) {
                owner.drifted = true;
                self.dirty.insert(*id);
            }
        }
    }

    /// Compare everything with the kernel again.
    pub(super) fn check_all(&mut self) {
        for (id, owner) in &mut self.owners {
            for one in owner.order.addresses.iter() {
                let key = one.address.key();
                if !owner.wants.contains_key(&key) {
                    owner.former.insert(key, one.address.clone());
                }
            }
            self.dirty.insert(*id);
        }
    }

    /// Somebody else removed an address.
    pub(super) fn on_removed(&mut self, link: Option<&Link>, ip: IpAddr, prefix: u8, log: &Log) {
        let Some(link) = link else { return };
        let key = AddressKey { link: link.name.clone(), ip, prefix };
        for (id, owner) in &mut self.owners {
            if owner.wants.contains_key(&key) && owner.restores(&key) {
                let (name, link) = (&owner.order.name, &key.link);
                log.info(format!(
                    "({name}) {ip} was removed from {link} by somebody else - putting it back"
                ));
                owner.drifted = true;
                self.dirty.insert(*id);
            }
        }
    }

    /// The kernel took an address along with one that we removed: it does so with the secondaries
    /// of a primary address. Returns whether anybody wants it; then it is looked at again.
    ///
    /// The news may also be that of an own removal before it was wanted again. Adding what is
    /// there does nothing, so that need not be told apart.
    pub(super) fn on_vanished(&mut self, link: Option<&Link>, ip: IpAddr, prefix: u8) -> bool {
        let Some(link) = link else { return false };
        let key = AddressKey { link: link.name.clone(), ip, prefix };
        let wanting = self.owners.iter().filter(|(_, owner)| owner.wants.contains_key(&key));
        let wanting: Vec<_> = wanting.map(|(id, _)| *id).collect();
        self.dirty.extend(&wanting);
        !wanting.is_empty()
    }

    /// Somebody else added an address that only a master may hold.
    pub(super) fn on_added(&mut self, link: Option<&Link>, ip: IpAddr, prefix: u8, log: &Log) {
        let Some(link) = link else { return };
        let key = AddressKey { link: link.name.clone(), ip, prefix };
        if self.wanted.contains_key(&key) {
            return;
        }
        for (id, owner) in &mut self.owners {
            if owner.may_hold(&key) && owner.restores(&key) {
                let (name, link) = (&owner.order.name, &key.link);
                log.info(format!(
                    "({name}) {ip} was added to {link} by somebody else while not master - removing it"
                ));
                let address = Address::new(key.link.clone(), ip, prefix);
                owner.former.insert(key.clone(), address);
                self.dirty.insert(*id);
            }
        }
    }
}

fn wanted_by(order: &Order) -> BTreeMap<AddressKey, Address> {
    let all = order.addresses.iter().filter(|_| order.installed);
    all.map(|one| (one.address.key(), one.address.clone())).collect()
}

fn release(wanted: &mut BTreeMap<AddressKey, u32>, key: &AddressKey) {
    if let Some(count) = wanted.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            wanted.remove(key);
        }
    }
}

/// Whether what is there is not what this owner wants there.
fn owner_wants_other(wanted: Option<&Address>, there: &Address) -> bool {
    wanted.is_none_or(|wanted| wanted != there)
}

const fn removed_key(change: &Change) -> Option<&AddressKey> {
    match change {
        Change::Remove(key, ..) => Some(key),
        Change::Add(..) => None,
    }
}

#[cfg(test)]
mod tests;
