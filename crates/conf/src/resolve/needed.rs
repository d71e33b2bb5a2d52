//! Which links an instance needs: the loss of one is a fault, or costs priority.

use net::{LinkName, Route, Rule};
use vrrp::Weight;
use vrrp::config::{Held, Tracked, VirtualAddress};

use crate::block::vrrp_instance::InstanceDraft;

/// Its own link or VRF, those of what it holds, and the listed ones; each once.
pub(super) fn all<'a>(
    draft: &InstanceDraft,
    own: Option<&'a LinkName>,
    held: impl Iterator<Item = &'a LinkName>,
    listed: Vec<Tracked<LinkName>>,
) -> Vec<Tracked<LinkName>> {
    let mut all: Vec<Tracked<LinkName>> = Vec::new();
    if let Some(own) = own.filter(|_| !draft.dont_track_primary) {
        track(&mut all, own);
    }
    all.extend(listed);
    held.filter(|link| Some(*link) != own).for_each(|link| track(&mut all, link));
    all
}

/// The links of what is watched of addresses, routes and rules.
pub(super) fn of_holdings<'a>(
    addresses: &'a [&Vec<VirtualAddress>],
    routes: &'a [Held<Route>],
    rules: &'a [Held<Rule>],
) -> impl Iterator<Item = &'a LinkName> {
    let addresses = addresses.iter().flat_map(|all| all.iter()).filter(|held| held.tracked);
    let routes = routes.iter().filter(|held| held.tracked);
    let rules = rules.iter().filter(|held| held.tracked);
    addresses
        .map(|held| &held.address.link)
        .chain(routes.flat_map(|held| held.object.links()))
        .chain(rules.flat_map(|held| held.object.links()))
}

/// Loss of the link is a fault, unless something else is said of it.
pub(super) fn track(all: &mut Vec<Tracked<LinkName>>, link: &LinkName) {
    if !all.iter().any(|tracked| tracked.object == *link) {
        let weight = Weight::FAULT;
        all.push(Tracked { object: link.clone(), weight, reverse: false });
    }
}
