//! Who wants what, and what is left to do about it.
//!
//! An object is wanted if any owner wants it: two virtual routers that swap numbers on a reload
//! swap owners, and nothing is removed. Which addresses the kernel holds is `kernel`'s knowledge;
//! what is known of routes and rules is on their `shelf`.

mod batch;
mod drift;
mod shelf;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use net::{Address, AddressKey, Link, Route, Rule};
use rtnl::{Change, Failure};
use vrrp::{Generation, Order, OwnerId};

pub(super) use batch::Missing;
pub(super) use drift::By;
use shelf::{Claims, Shelf, Why};

#[derive(Default)]
pub(super) struct Owners {
    owners: BTreeMap<OwnerId, Owner>,
    dirty: BTreeSet<OwnerId>,
    /// How many owners want an address installed.
    wanted: BTreeMap<AddressKey, u32>,
    routes: Shelf<Route>,
    rules: Shelf<Rule>,
}

/// One owner and its newest order.
pub(super) struct Owner {
    pub(super) order: Order,
    /// What it wants installed; counted in `wanted`.
    wants: BTreeMap<AddressKey, Address>,
    /// What it held at any time: gone unless somebody wants it.
    former: BTreeMap<AddressKey, Address>,
    routes: Claims<Route>,
    rules: Claims<Rule>,
    /// Announcements made of `order.announce.count`.
    pub(super) announced: u64,
    /// The same of `order.extra.count`.
    pub(super) further_announced: u64,
    /// The same of `order.own.count`.
    pub(super) itself_announced: u64,
    /// Addresses already announced in the pass that is under way.
    pub(super) fresh: BTreeSet<AddressKey>,
    /// Somebody else removed an address of it.
    drifted: bool,
}

impl Owner {
    /// One that has wanted nothing so far.
    fn new(order: Order) -> Self {
        Self {
            order,
            wants: BTreeMap::new(),
            former: BTreeMap::new(),
            routes: Claims::default(),
            rules: Claims::default(),
            announced: 0,
            further_announced: 0,
            itself_announced: 0,
            fresh: BTreeSet::new(),
            drifted: false,
        }
    }

    pub(super) const fn generation(&self) -> Generation {
        self.order.generation
    }

    fn may_hold(&self, key: &AddressKey) -> bool {
        self.order.holdings.addresses.iter().any(|one| one.address.key() == *key)
    }

    fn restores(&self, key: &AddressKey) -> bool {
        let mut addresses = self.order.holdings.addresses.iter();
        addresses.any(|one| one.tracked && one.address.key() == *key)
    }

    /// Replaces what it wants of addresses.
    fn claim_addresses(&mut self, wanted: &mut BTreeMap<AddressKey, u32>) {
        let new = wanted_by(&self.order);
        let old = std::mem::replace(&mut self.wants, new);
        old.keys().for_each(|key| release(wanted, key));
        self.former.extend(old);
        if !self.order.installed {
            for one in self.order.holdings.addresses.iter() {
                self.former.entry(one.address.key()).or_insert_with(|| one.address.clone());
            }
        }
        for key in self.wants.keys() {
            *wanted.entry(key.clone()).or_default() += 1;
        }
        // An address whose label or scope changed has to be made anew.
        let wants = &self.wants;
        self.former.retain(|key, old| wants.get(key).is_none_or(|new| new != old));
    }
}

impl Owners {
    /// Takes a newer wish; older ones of the same owner are forgotten.
    pub(super) fn order(&mut self, order: Order) {
        let id = order.owner;
        let owner = self.owners.entry(id).or_insert_with(|| Owner::new(order.clone()));
        owner.order = order;
        owner.drifted &= owner.order.installed;
        owner.claim_addresses(&mut self.wanted);
        let Order { holdings, installed, .. } = &owner.order;
        owner.routes.replace(&holdings.routes, *installed, &mut self.routes);
        owner.rules.replace(&holdings.rules, *installed, &mut self.rules);
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

    pub(super) fn get(&mut self, id: OwnerId) -> Option<&mut Owner> {
        self.owners.get_mut(&id)
    }

    /// Notes what became of changes; returns the failures that are news.
    pub(super) fn note(&mut self, changes: &[Change], failures: Vec<Failure>) -> Vec<Failure> {
        let refused: BTreeSet<usize> = failures.iter().map(|failure| failure.change).collect();
        for (place, change) in changes.iter().enumerate() {
            match change {
                Change::AddRoute(placed) if !refused.contains(&place) => {
                    self.routes.added(placed.route());
                }
                Change::AddRule(rule) if !refused.contains(&place) => self.rules.added(rule),
                Change::RemoveRoute(placed) => self.routes.forget(placed.route()),
                Change::RemoveRule(rule) => self.rules.forget(rule),
                Change::AddRoute(_) | Change::AddRule(_) => {}
                Change::AddAddress(..) | Change::RemoveAddress(..) => {}
            }
        }
        let is_news = |failure: &Failure| match changes.get(failure.change) {
            Some(Change::AddRoute(placed)) => {
                self.routes.refused(placed.route(), Why::Kernel(failure.errno))
            }
            Some(Change::AddRule(rule)) => self.rules.refused(rule, Why::Kernel(failure.errno)),
            Some(Change::AddAddress(..) | Change::RemoveAddress(..)) => true,
            Some(Change::RemoveRoute(_) | Change::RemoveRule(_)) | None => true,
        };
        let mut failures = failures;
        failures.retain(is_news);
        failures
    }

    /// The kernel satisfies the newest order of this owner. One that may hold nothing any more
    /// has gone for good.
    pub(super) fn settle(&mut self, id: OwnerId) {
        self.dirty.remove(&id);
        let gone = |order: &Order| order.holdings.is_empty() && order.own.addresses.is_empty();
        if self.owners.get(&id).is_some_and(|owner| gone(&owner.order)) {
            self.owners.remove(&id);
        }
    }

    /// Whether some owner may have a route or a rule.
    pub(super) fn has_routing(&self) -> bool {
        let routing = |owner: &Owner| {
            let holdings = &owner.order.holdings;
            !(holdings.routes.is_empty() && holdings.rules.is_empty())
        };
        self.owners.values().any(routing)
    }

    /// Whether an address is one that some owner may hold.
    pub(super) fn knows(&self, link: Option<&Link>, ip: IpAddr) -> bool {
        let name = link.map(|link| &link.name);
        let ours = |key: &AddressKey| Some(&key.link) == name && key.ip == ip;
        self.owners.values().any(|owner| {
            owner.order.holdings.addresses.iter().any(|one| ours(&one.address.key()))
                || owner.former.keys().any(ours)
        })
    }
}

fn wanted_by(order: &Order) -> BTreeMap<AddressKey, Address> {
    let all = order.holdings.addresses.iter().filter(|_| order.installed);
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

#[cfg(test)]
mod tests;
