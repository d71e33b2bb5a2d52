//! The next changes for one owner, in the order in which things lean on each other: rules,
//! routes and addresses go in that order, and come in the opposite one (compat 11 §12.2).

use std::collections::BTreeSet;

use net::{Address, AddressKey, LinkIndex, LinkName, Route, Rule};
use rtnl::{Change, PlacedRoute};
use vrrp::OwnerId;

use super::super::links::Links;
use super::shelf::{Shelf, Why};
use super::{Owner, Owners};

/// Changes made before newer orders are looked for.
const MOST: usize = 250;

/// Something to do now.
pub(in super::super) struct Batch {
    pub(in super::super) owner: OwnerId,
    pub(in super::super) changes: Vec<Change>,
    /// What is wanted on a link that does not exist.
    pub(in super::super) missing: Vec<Missing>,
    /// Nothing is left to do for this owner after it.
    pub(in super::super) complete: bool,
    /// The addresses were put back and need to be announced.
    pub(in super::super) drifted: bool,
}

/// Something that cannot be added: there is no such link.
pub(in super::super) enum Missing {
    Address(AddressKey),
    Route(Box<Route>, LinkName),
}

/// A batch that is being filled.
struct Filling<'a, H> {
    links: &'a Links,
    /// Whether an address is there.
    holds: H,
    changes: Vec<Change>,
    missing: Vec<Missing>,
}

impl Owners {
    /// The next changes for one owner; `holds` says whether an address is there.
    pub(in super::super) fn next_batch(
        &mut self,
        links: &Links,
        holds: impl Fn(LinkIndex, &AddressKey) -> bool,
    ) -> Option<Batch> {
        let id = *self.dirty.first()?;
        let owner = self.owners.get_mut(&id)?;
        let wanted = |key: &AddressKey| self.wanted.contains_key(key);
        let mut filling = Filling { links, holds, changes: Vec::new(), missing: Vec::new() };
        let complete = filling.remove_rules(owner, &self.rules)
            && filling.remove_routes(owner, &self.routes)
            && filling.remove_addresses(owner, wanted)
            && filling.add_addresses(owner)
            && filling.add_routes(owner, &mut self.routes)
            && filling.add_rules(owner, &self.rules);
        let Filling { changes, missing, .. } = filling;
        let drifted = complete && std::mem::take(&mut owner.drifted);
        Some(Batch { owner: id, changes, missing, complete, drifted })
    }
}

/// Each step returns whether it is done and the batch has room for the next.
impl<H: Fn(LinkIndex, &AddressKey) -> bool> Filling<'_, H> {
    fn has_room(&self) -> bool {
        self.changes.len() < MOST
    }

    fn index_of(&self, name: &LinkName) -> Option<LinkIndex> {
        self.links.named(name).map(|link| link.index)
    }

    fn place(&self, route: &Route) -> Result<PlacedRoute, LinkName> {
        PlacedRoute::new(route, |name| self.links.named(name))
    }

    fn remove_rules(&mut self, owner: &mut Owner, rules: &Shelf<Rule>) -> bool {
        while self.has_room() {
            let Some(rule) = owner.rules.next_removal(rules) else { return true };
            self.changes.push(Change::RemoveRule(rule));
        }
        false
    }

    /// A route over a link that is gone has gone with it.
    fn remove_routes(&mut self, owner: &mut Owner, routes: &Shelf<Route>) -> bool {
        while self.has_room() {
            let Some(route) = owner.routes.next_removal(routes) else { return true };
            self.changes.extend(self.place(&route).map(Change::RemoveRoute));
        }
        false
    }

    fn remove_addresses(
        &mut self,
        owner: &mut Owner,
        wanted: impl Fn(&AddressKey) -> bool,
    ) -> bool {
        while self.has_room() {
            let Some((key, address)) = owner.former.pop_first() else { return true };
            let own = owner.wants.get(&key);
            if let Some(index) = self.index_of(&key.link)
                && (own.is_some() || !wanted(&key))
                && (self.holds)(index, &key)
                && wants_other(own, &address)
            {
                self.changes.push(Change::remove(&address, index));
            }
        }
        false
    }

    fn add_addresses(&mut self, owner: &Owner) -> bool {
        let removed: BTreeSet<_> = self.changes.iter().filter_map(removed_key).cloned().collect();
        for (key, address) in &owner.wants {
            if !self.has_room() {
                return false;
            }
            match self.index_of(&key.link) {
                Some(index) if (self.holds)(index, key) && !removed.contains(key) => {}
                Some(index) => self.changes.push(Change::AddAddress(address.clone(), index)),
                None => self.missing.push(Missing::Address(key.clone())),
            }
        }
        self.has_room()
    }

    fn add_routes(&mut self, owner: &Owner, routes: &mut Shelf<Route>) -> bool {
        let missing: Vec<_> = owner.routes.missing(routes).cloned().collect();
        for route in missing {
            if !self.has_room() {
                return false;
            }
            match self.place(&route) {
                Ok(placed) => self.changes.push(Change::AddRoute(placed)),
                Err(link) => {
                    if routes.refused(&route, Why::NoLink) {
                        self.missing.push(Missing::Route(route.into(), link));
                    }
                }
            }
        }
        self.has_room()
    }

    fn add_rules(&mut self, owner: &Owner, rules: &Shelf<Rule>) -> bool {
        for rule in owner.rules.missing(rules) {
            if !self.has_room() {
                return false;
            }
            self.changes.push(Change::AddRule(rule.clone()));
        }
        // Nothing comes after the rules: a batch that is just full is complete.
        true
    }
}

/// Whether what is there is not what this owner wants there.
fn wants_other(wanted: Option<&Address>, there: &Address) -> bool {
    wanted.is_none_or(|wanted| wanted != there)
}

const fn removed_key(change: &Change) -> Option<&AddressKey> {
    match change {
        Change::RemoveAddress(key, ..) => Some(key),
        Change::AddAddress(..)
        | Change::AddRoute(_)
        | Change::RemoveRoute(_)
        | Change::AddRule(_)
        | Change::RemoveRule(_) => None,
    }
}
