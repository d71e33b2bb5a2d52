//! What follows when the kernel changes without having been asked: others put something right or
//! wrong, links come and go.

use std::net::IpAddr;

use net::{Address, AddressKey, Link, LinkName, Route};
use rtnl::{Change, PlacedRoute, RouteTrace, RuleTrace};
use vrrp::OwnerId;

use super::Owners;
use crate::dump::set_address;
use crate::log::Log;

/// Who changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum By {
    /// This process.
    Us,
    /// Somebody who asked the kernel.
    Others,
    /// The kernel: a link went down, a time was over.
    Kernel,
}

impl Owners {
    /// Somebody else removed an address.
    pub(in super::super) fn on_removed(
        &mut self,
        link: Option<&Link>,
        ip: IpAddr,
        prefix: u8,
        log: &Log,
    ) {
        let Some(link) = link else { return };
        let key = AddressKey { link: link.name.clone(), ip, prefix };
        for (id, owner) in &mut self.owners {
            let mut held = owner.order.holdings.addresses.iter();
            let lost = held.find(|one| one.tracked && one.address.key() == key);
            if let Some(lost) = lost.filter(|_| owner.order.installed) {
                log.info(match id {
                    OwnerId::Statics => {
                        format!("Restoring deleted static address {}", set_address(lost))
                    }
                    OwnerId::Instance(_) => format!(
                        "({}) {ip} was removed from {} by somebody else - putting it back",
                        owner.order.name, key.link
                    ),
                });
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
    pub(in super::super) fn on_vanished(
        &mut self,
        link: Option<&Link>,
        ip: IpAddr,
        prefix: u8,
    ) -> bool {
        let Some(link) = link else { return false };
        let key = AddressKey { link: link.name.clone(), ip, prefix };
        let wanting = self.owners.iter().filter(|(_, owner)| owner.wants.contains_key(&key));
        let wanting: Vec<_> = wanting.map(|(id, _)| *id).collect();
        self.dirty.extend(&wanting);
        !wanting.is_empty()
    }

    /// Somebody else added an address that only a master may hold.
    pub(in super::super) fn on_added(
        &mut self,
        link: Option<&Link>,
        ip: IpAddr,
        prefix: u8,
        log: &Log,
    ) {
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

    /// Routes that need an address, or the network that came with it, may have gone silently.
    pub(in super::super) fn on_address_gone(&mut self, link: Option<&Link>, ip: IpAddr) {
        let name = link.map(|link| &link.name);
        let needs_it =
            |route: &Route| route.preferred_source == Some(ip) || leads_over(route, name);
        if self.routes.doubt(needs_it) {
            self.look_again();
        }
    }

    /// A router may be within reach now.
    pub(in super::super) fn on_address_seen(&mut self) {
        if self.routes.hope() {
            self.look_again();
        }
    }

    /// A link works: the kernel dropped its routes while it did not, or they were refused.
    pub(in super::super) fn on_link_up(&mut self, name: &LinkName) {
        self.routes.doubt(|route| leads_over(route, Some(name)));
        self.routes.hope();
        self.look_again();
    }

    /// A link appeared: whoever has something there has work.
    pub(in super::super) fn on_link_added(&mut self, name: &LinkName) {
        for (id, owner) in &mut self.owners {
            if owner.wants.keys().any(|key| key.link == *name) {
                owner.drifted = true;
                self.dirty.insert(*id);
            }
        }
        self.on_link_up(name);
    }

    /// Takes away everything that is wanted on a link which is about to change its name.
    pub(in super::super) fn held_on(&self, old: &LinkName, link: &Link) -> Vec<Change> {
        let wants = self.owners.values().flat_map(|owner| owner.wants.values());
        let there = wants.filter(|address| address.link == *old);
        let addresses = there.map(|address| Change::remove(address, link.index));
        let routes = self.owners.values().flat_map(|owner| &owner.routes.wants);
        let placed =
            |route| PlacedRoute::new(route, |name| Some(link).filter(|_| name == old)).ok();
        let routes = routes.filter(|route| route.links().any(|name| name == old));
        routes.filter_map(placed).map(Change::RemoveRoute).chain(addresses).collect()
    }

    /// A route of keepalived is gone.
    pub(in super::super) fn on_route_removed(&mut self, trace: &RouteTrace, by: By, log: &Log) {
        let mut gone = Vec::new();
        for (id, owner) in self.owners.iter().filter(|(_, owner)| owner.order.installed) {
            let held = owner.order.holdings.routes.iter();
            let lost =
                held.filter(|held| held.tracked || by != By::Others).map(|held| &held.object);
            for route in lost.filter(|route| trace.may_be(route) && self.routes.holds(route)) {
                gone.push(route.clone());
                match by {
                    // It comes back with the link.
                    By::Kernel => continue,
                    // One that is much like it was removed.
                    By::Us => {}
                    By::Others => log.info(match id {
                        OwnerId::Statics => format!("Restoring deleted static route {route}"),
                        OwnerId::Instance(_) => format!(
                            "({}) route {} was removed by somebody else - putting it back",
                            owner.order.name,
                            route.destination_text()
                        ),
                    }),
                }
                self.dirty.insert(*id);
            }
        }
        gone.iter().for_each(|route| self.routes.forget(route));
        self.routes.forget_unwanted(|route| trace.may_be(route));
    }

    /// A rule of keepalived is gone.
    pub(in super::super) fn on_rule_removed(&mut self, trace: &RuleTrace, by: By, log: &Log) {
        let mut gone = Vec::new();
        for (id, owner) in self.owners.iter().filter(|(_, owner)| owner.order.installed) {
            let held = owner.order.holdings.rules.iter();
            let lost =
                held.filter(|held| held.tracked || by != By::Others).map(|held| &held.object);
            for rule in lost.filter(|rule| trace.may_be(rule) && self.rules.holds(rule)) {
                gone.push(rule.clone());
                if by == By::Others {
                    log.info(match id {
                        OwnerId::Statics => format!("Restoring deleted static rule {rule}"),
                        OwnerId::Instance(_) => format!(
                            "({}) rule {} was removed by somebody else - putting it back",
                            owner.order.name, rule.preference
                        ),
                    });
                }
                self.dirty.insert(*id);
            }
        }
        gone.iter().for_each(|rule| self.rules.forget(rule));
        self.rules.forget_unwanted(|rule| trace.may_be(rule));
    }

    /// Compare everything with the kernel again.
    pub(in super::super) fn check_all(&mut self) {
        self.routes.doubt(|_| true);
        self.rules.doubt(|_| true);
        for (id, owner) in &mut self.owners {
            for one in owner.order.holdings.addresses.iter() {
                let key = one.address.key();
                if !owner.wants.contains_key(&key) {
                    owner.former.insert(key, one.address.clone());
                }
            }
            self.dirty.insert(*id);
        }
    }

    /// Whoever misses a route has work.
    fn look_again(&mut self) {
        for (id, owner) in &self.owners {
            if owner.routes.missing(&self.routes).next().is_some() {
                self.dirty.insert(*id);
            }
        }
    }
}

/// Whether a route leads over this link, or may.
fn leads_over(route: &Route, name: Option<&LinkName>) -> bool {
    let mut links = route.links().peekable();
    links.peek().is_none() || links.any(|link| Some(link) == name)
}
