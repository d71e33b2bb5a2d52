//! What the state of links, check scripts and BFD sessions does to an instance: its effective priority, and
//! whether it can take part at all (compat 11 §7).
//!
//! Always computed from the whole picture, never by adding and subtracting differences, so that
//! nothing can drift.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use net::{Family, Link, LinkName};

use crate::config::{Cast, Instance, SyncGroup, Tracked};
use crate::event::FaultCause;
use crate::script::{Health, Script};
use crate::units::{Name, Priority, Weight};

/// What is known of everything outside the instances.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) links: BTreeMap<LinkName, Link>,
    pub(crate) scripts: BTreeMap<Name, Script>,
    /// The BFD sessions that are up; of all others nothing good was heard.
    pub(crate) sessions_up: BTreeSet<Name>,
    /// Links on which no socket can be opened.
    pub(crate) deaf: BTreeSet<LinkName>,
    /// The addresses that move between routers: none of them can be a source address.
    pub(crate) virtual_addresses: BTreeSet<IpAddr>,
}

/// What the world means to one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The effective priority.
    pub(crate) priority: Priority,
    /// Why it cannot take part; empty when it can.
    pub(crate) faults: BTreeSet<FaultCause>,
    /// Whether a check script that could mean a fault has not answered yet.
    pub(crate) awaiting: bool,
    /// The address that it sends from.
    pub(crate) source: Option<IpAddr>,
}

/// The state of one tracked object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Up,
    Down,
    Unknown,
}

impl World {
    /// Judges an instance by everything that it and its group track.
    pub(crate) fn judge(&self, instance: &Instance, group: Option<&SyncGroup>) -> Verdict {
        let mut tally = Tally::default();
        let group_links = group.map_or(&[][..], |group| &group.tracked_links);
        for tracked in overridden(&instance.tracked_links, group_links) {
            let cause = || FaultCause::Link(tracked.object.clone());
            tally.add(&tracked, self.link_standing(&tracked.object), cause);
        }
        let group_scripts = group.map_or(&[][..], |group| &group.tracked_scripts);
        for tracked in overridden(&instance.tracked_scripts, group_scripts) {
            let cause = || FaultCause::Script(tracked.object.clone());
            tally.add(&tracked, self.script_standing(&tracked.object), cause);
        }
        for tracked in sessions(instance, group) {
            let cause = || FaultCause::Session(tracked.object.clone());
            tally.add(&tracked, self.session_standing(&tracked.object), cause);
        }
        let source = self.source(instance);
        if matches!(&instance.cast, Cast::Unicast { peers } if peers.is_empty()) {
            tally.faults.insert(FaultCause::NoPeers);
        }
        if instance.options.tracks_source && !self.has(&instance.link, source) {
            tally.faults.insert(FaultCause::SourceMissing);
        }
        if !self.links.contains_key(&instance.link) {
            // Without its link it cannot send at all, tracked or not.
            tally.faults.insert(FaultCause::Link(instance.link.clone()));
        } else if source.is_none() {
            tally.faults.insert(FaultCause::NoSource(instance.family));
        }
        if self.deaf.contains(&instance.link) {
            tally.faults.insert(FaultCause::NoSocket(instance.link.clone()));
        }
        let Tally { sum, faults, awaiting } = tally;
        Verdict { priority: effective(instance.priority, sum), faults, awaiting, source }
    }

    fn link_standing(&self, name: &LinkName) -> Standing {
        match self.links.get(name) {
            Some(link) if link.up => Standing::Up,
            Some(_) | None => Standing::Down,
        }
    }

    fn script_standing(&self, name: &Name) -> Standing {
        match self.scripts.get(name).map(|script| script.health) {
            Some(Health::Good { .. }) => Standing::Up,
            Some(Health::Bad { .. }) => Standing::Down,
            Some(Health::Unknown) | None => Standing::Unknown,
        }
    }

    /// Whether an address is on a link; a link that is missing is another fault.
    fn has(&self, link: &LinkName, address: Option<IpAddr>) -> bool {
        let (Some(link), Some(ip)) = (self.links.get(link), address) else { return true };
        link.addresses.contains(&ip)
    }

    fn session_standing(&self, name: &Name) -> Standing {
        if self.sessions_up.contains(name) { Standing::Up } else { Standing::Down }
    }

    /// The configured source address, or the link's first one that does not move; over IPv6 it
    /// is link-local (compat 11 §9).
    fn source(&self, instance: &Instance) -> Option<IpAddr> {
        let fits = |ip: &IpAddr| match ip {
            IpAddr::V4(_) => instance.family == Family::V4,
            IpAddr::V6(ip) => instance.family == Family::V6 && ip.is_unicast_link_local(),
        };
        let of_link = || {
            let addresses = &self.links.get(&instance.link)?.addresses;
            let mut own = addresses.iter().copied().filter(fits);
            own.find(|ip| !self.virtual_addresses.contains(ip))
        };
        instance.source.or_else(of_link)
    }
}

/// The BFD sessions that the instance or its group tracks.
pub(crate) fn sessions(instance: &Instance, group: Option<&SyncGroup>) -> Vec<Tracked<Name>> {
    let of_group = group.map_or(&[][..], |group| &group.watched.sessions);
    overridden(&instance.watched.sessions, of_group)
}

/// Everything that the instance or its group tracks, each object once.
///
/// The group's weight counts where both have one (compat 11 §6, last paragraph).
fn overridden<T: Clone + PartialEq>(own: &[Tracked<T>], group: &[Tracked<T>]) -> Vec<Tracked<T>> {
    let of_group = |object: &T| group.iter().find(|tracked| tracked.object == *object);
    let own_only = |tracked: &&Tracked<T>| {
        of_group(&tracked.object).is_none() || tracked.weight == Weight::FAULT
    };
    let mut all: Vec<_> = own.iter().filter(own_only).cloned().collect();
    for tracked in group {
        if all.iter().all(|known| known.object != tracked.object) {
            all.push(tracked.clone());
        }
    }
    all
}

#[derive(Default)]
struct Tally {
    sum: i32,
    faults: BTreeSet<FaultCause>,
    awaiting: bool,
}

impl Tally {
    fn add<T>(&mut self, tracked: &Tracked<T>, standing: Standing, cause: impl Fn() -> FaultCause) {
        let weight = i32::from(tracked.weight.number());
        let signed = if tracked.reverse { -weight } else { weight };
        match standing {
            Standing::Unknown => self.awaiting |= weight == 0,
            Standing::Up if weight == 0 && tracked.reverse => drop(self.faults.insert(cause())),
            Standing::Down if weight == 0 && !tracked.reverse => drop(self.faults.insert(cause())),
            Standing::Up if weight > 0 => self.sum += signed,
            Standing::Down if weight < 0 => self.sum += signed,
            Standing::Up | Standing::Down => {}
        }
    }
}

/// An address owner keeps its priority; others stay between 1 and 254 (compat 11 §7.1).
fn effective(base: Priority, sum: i32) -> Priority {
    if base.is_owner() {
        return base;
    }
    let total = (i32::from(base.number()) + sum).clamp(1, 254);
    u8::try_from(total).ok().and_then(Priority::new).unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracked(weight: i16, reverse: bool) -> Tracked<()> {
        Tracked { object: (), weight: Weight::new(weight).unwrap(), reverse }
    }

    fn sum(weight: i16, reverse: bool, standing: Standing) -> Option<i32> {
        let mut tally = Tally::default();
        let cause = || FaultCause::NoSource(Family::V4);
        tally.add(&tracked(weight, reverse), standing, cause);
        tally.faults.is_empty().then_some(tally.sum)
    }

    #[test]
    fn weights_add_while_up_and_take_while_down() {
        assert_eq!(sum(10, false, Standing::Up), Some(10));
        assert_eq!(sum(10, false, Standing::Down), Some(0));
        assert_eq!(sum(-10, false, Standing::Up), Some(0));
        assert_eq!(sum(-10, false, Standing::Down), Some(-10));
        assert_eq!(sum(10, true, Standing::Up), Some(-10));
        assert_eq!(sum(-10, true, Standing::Down), Some(10));
    }

    #[test]
    fn no_weight_means_a_fault_and_reverse_turns_it() {
        assert_eq!(sum(0, false, Standing::Down), None);
        assert_eq!(sum(0, false, Standing::Up), Some(0));
        assert_eq!(sum(0, true, Standing::Up), None);
        assert_eq!(sum(0, true, Standing::Down), Some(0));
    }

    #[test]
    fn the_effective_priority_stays_inside_the_range() {
        let priority = |n| Priority::new(n).unwrap();
        assert_eq!(effective(priority(100), 200), priority(254));
        assert_eq!(effective(priority(100), -200), priority(1));
        assert_eq!(effective(priority(255), -200), priority(255));
    }
}
