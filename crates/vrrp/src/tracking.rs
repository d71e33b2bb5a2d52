//! What the state of everything that is tracked does to an instance: its effective priority, and
//! whether it can take part at all (compat 11 §7).
//!
//! Always computed from the whole picture, never by adding and subtracting differences, so that
//! nothing can drift.

mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use net::{Detection, Family, Held, Link, LinkName};

use crate::config::{Cast, Instance, Seat, SyncGroup, Tracked};
use crate::debounce::Debounce;
use crate::fault::FaultCause;
use crate::file::File;
use crate::gate::Gate;
use crate::process::Process;
use crate::script::{Health, Script};
use crate::units::{Name, Priority};

use tally::{Standing, Tally};

/// What is known of everything outside the instances.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) links: BTreeMap<LinkName, Link>,
    pub(crate) scripts: BTreeMap<Name, Script>,
    pub(crate) files: BTreeMap<Name, File>,
    pub(crate) processes: BTreeMap<Name, Process>,
    pub(crate) debounce: Debounce,
    /// Links whose state is polled, for the wording of their news.
    pub(crate) polled: BTreeSet<LinkName>,
    /// The BFD sessions that are up; of all others nothing good was heard.
    pub(crate) sessions_up: BTreeSet<Name>,
    /// Where no socket can be opened.
    pub(crate) deaf: BTreeSet<Gate>,
    /// The addresses that move between routers: none of them can be a source address.
    pub(crate) virtual_addresses: BTreeSet<IpAddr>,
}

/// What the world means to one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The effective priority.
    pub(crate) priority: Priority,
    /// What its own priority and all weights add up to, which may be no priority.
    pub(crate) total: i64,
    /// Why it cannot take part; empty when it can.
    pub(crate) faults: BTreeSet<FaultCause>,
    /// Whether a check script that could mean a fault has not answered yet.
    pub(crate) awaiting: bool,
    /// The address that it sends from.
    pub(crate) source: Option<Held>,
    /// Whether it may not send from there yet (RFC 4862 section 5.4): nobody would hear of it if it
    /// became master.
    pub(crate) mute: bool,
}

impl Verdict {
    /// The address that it may send from now.
    pub(crate) fn voice(&self) -> Option<IpAddr> {
        let usable = self.source.filter(|source| source.detection == Detection::Unique);
        usable.map(|source| source.ip)
    }
}

impl World {
    /// Judges an instance by everything that it and its group track.
    pub(crate) fn judge(&self, instance: &Instance, group: Option<&SyncGroup>) -> Verdict {
        let mut tally = Tally::default();
        for tracked in both(instance, group, |i| &i.tracked_links, |g| &g.tracked_links) {
            let cause = || FaultCause::Link(tracked.object.clone());
            tally.add(&tracked, self.link_standing(&tracked.object), cause);
        }
        for tracked in both(instance, group, |i| &i.tracked_scripts, |g| &g.tracked_scripts) {
            let cause = || FaultCause::Script(tracked.object.clone());
            tally.add(&tracked, self.script_standing(&tracked.object), cause);
        }
        for tracked in both(instance, group, |i| &i.watched.processes, |g| &g.watched.processes) {
            let cause = || FaultCause::Process(tracked.object.clone());
            tally.add(&tracked, self.process_standing(&tracked.object), cause);
        }
        for tracked in both(instance, group, |i| &i.watched.files, |g| &g.watched.files) {
            let cause = |status| FaultCause::File { file: tracked.object.clone(), status };
            tally.add_value(&tracked, self.value(&tracked.object), cause);
        }
        for tracked in sessions(instance, group) {
            let cause = || FaultCause::Session(tracked.object.clone());
            tally.add(&tracked, self.session_standing(&tracked.object), cause);
        }
        let source = self.source(instance);
        if matches!(&instance.cast, Cast::Unicast { peers } if peers.is_empty()) {
            tally.faults.insert(FaultCause::NoPeers);
        }
        tally.faults.extend(instance.obstacle.map(FaultCause::Obstacle));
        let device = instance.seat.device();
        if let Some(device) = device.filter(|device| !self.links.contains_key(device)) {
            // Without its link it cannot send at all, tracked or not.
            tally.faults.insert(FaultCause::Link(device.clone()));
        } else if source.is_none() {
            tally.faults.insert(FaultCause::NoSource(instance.family));
        }
        if let Some(ip) = instance.seat.source().filter(|_| instance.options.tracks_source)
            && self.held(&instance.seat, ip).is_none()
        {
            tally.faults.insert(FaultCause::SourceMissing(ip));
        }
        if let Some(Held { ip, detection: Detection::Duplicate }) = source {
            tally.faults.insert(FaultCause::SourceTaken(ip));
        }
        let gate = instance.seat.gate();
        if self.deaf.contains(&gate) {
            tally.faults.insert(FaultCause::NoSocket(gate));
        }
        let (priority, total) =
            (tally.effective(instance.priority), tally.total(instance.priority));
        let Tally { faults, awaiting, .. } = tally;
        let mute = source.is_some_and(|source| self.is_sought(&instance.seat, source));
        Verdict { priority, total, faults, awaiting, source, mute }
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

    fn process_standing(&self, name: &Name) -> Standing {
        match self.processes.get(name).and_then(Process::is_enough) {
            Some(true) => Standing::Up,
            Some(false) => Standing::Down,
            None => Standing::Unknown,
        }
    }

    fn value(&self, name: &Name) -> Option<i32> {
        self.files.get(name).and_then(|file| file.value)
    }

    fn session_standing(&self, name: &Name) -> Standing {
        if self.sessions_up.contains(name) { Standing::Up } else { Standing::Down }
    }

    /// The configured source address, or that of the link. Where the configured one is missing,
    /// that matters only if it is tracked.
    fn source(&self, instance: &Instance) -> Option<Held> {
        match instance.seat.source() {
            Some(ip) => Some(self.held(&instance.seat, ip).unwrap_or_else(|| ip.into())),
            None => self.source_on(instance.seat.link()?, instance.family),
        }
    }

    /// The first address of a link that does not move; over IPv6 it is link-local (compat 11 §9).
    /// One that somebody else has only where there is no other.
    pub(crate) fn source_on(&self, link: &LinkName, family: Family) -> Option<Held> {
        let fits = |ip: &IpAddr| match ip {
            IpAddr::V4(_) => family == Family::V4,
            IpAddr::V6(ip) => family == Family::V6 && ip.is_unicast_link_local(),
        };
        let all = self.links.get(link)?.addresses.iter().copied();
        let own = all.filter(|held| fits(&held.ip) && !self.virtual_addresses.contains(&held.ip));
        own.min_by_key(|held| held.detection == Detection::Duplicate)
    }

    /// What is known of an address where an instance would use it: on its link, or on any link
    /// that is in the same VRF.
    fn held(&self, seat: &Seat, ip: IpAddr) -> Option<Held> {
        match seat {
            Seat::Link { link, .. } => self.links.get(link)?.held(ip),
            Seat::Address { vrf, .. } => {
                let links = self.links.values().filter(|link| self.is_in(link, vrf.as_ref()));
                links.filter_map(|link| link.held(ip)).min_by_key(|held| held.detection)
            }
        }
    }

    /// Whether the kernel still asks who else has the address. On a link that is down it does not,
    /// and an instance that takes part all the same waits for nothing.
    fn is_sought(&self, seat: &Seat, source: Held) -> bool {
        let asks = |link: &Link| link.up && link.held(source.ip) == Some(source);
        let sought = match seat.link() {
            Some(link) => self.links.get(link).is_some_and(asks),
            None => self.links.values().any(asks),
        };
        sought && source.detection == Detection::Tentative
    }

    /// Whether a link is in this VRF, or in none.
    fn is_in(&self, link: &Link, vrf: Option<&LinkName>) -> bool {
        let master = self.links.values().find(|other| Some(other.index) == link.master);
        let around = [Some(link), master].into_iter().flatten();
        match vrf {
            Some(vrf) => around.into_iter().any(|device| device.name == *vrf),
            None => around.into_iter().all(|device| device.kind.vrf_table().is_none()),
        }
    }
}

/// The BFD sessions that the instance or its group tracks.
pub(crate) fn sessions(instance: &Instance, group: Option<&SyncGroup>) -> Vec<Tracked<Name>> {
    both(instance, group, |i| &i.watched.sessions, |g| &g.watched.sessions)
}

/// Everything of one kind that the instance or its group tracks, each object once.
fn both<T: Clone + PartialEq, W: Copy + Default + PartialEq>(
    instance: &Instance,
    group: Option<&SyncGroup>,
    own: impl Fn(&Instance) -> &[Tracked<T, W>],
    of_group: impl Fn(&SyncGroup) -> &[Tracked<T, W>],
) -> Vec<Tracked<T, W>> {
    overridden(own(instance), group.map_or(&[][..], of_group))
}

/// The group's weight counts where both have one (compat 11 §6, last paragraph).
fn overridden<T, W>(own: &[Tracked<T, W>], group: &[Tracked<T, W>]) -> Vec<Tracked<T, W>>
where
    T: Clone + PartialEq,
    W: Copy + Default + PartialEq,
{
    let of_group = |object: &T| group.iter().find(|tracked| tracked.object == *object);
    let own_only = |tracked: &&Tracked<T, W>| {
        of_group(&tracked.object).is_none() || tracked.weight == W::default()
    };
    let mut all: Vec<_> = own.iter().filter(own_only).cloned().collect();
    for tracked in group {
        if all.iter().all(|known| known.object != tracked.object) {
            all.push(tracked.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::Weight;

    fn list() -> impl Strategy<Value = Vec<Tracked<u8>>> {
        let one = (0_u8..6, prop_oneof![Just(0_i16), -253_i16..=253], any::<bool>());
        let list = proptest::collection::vec(one, 0..6);
        list.prop_map(|list| {
            let mut all: Vec<Tracked<u8>> = Vec::new();
            for (object, weight, reverse) in list {
                let weight = Weight::new(weight).unwrap();
                if all.iter().all(|known| known.object != object) {
                    all.push(Tracked { object, weight, reverse });
                }
            }
            all
        })
    }

    proptest! {
        /// compat 11 §6: each object counts once; the group decides, unless the member has no
        /// weight of its own.
        #[test]
        fn the_group_decides_unless_the_member_has_no_weight(own in list(), group in list()) {
            let all = overridden(&own, &group);
            for object in 0..6 {
                let of = |list: &[Tracked<u8>]| {
                    let found: Vec<_> = list.iter().filter(|one| one.object == object).cloned().collect();
                    assert!(found.len() <= 1, "each object counts once");
                    found.into_iter().next()
                };
                let expected = match (of(&own), of(&group)) {
                    (Some(own), _) if own.weight == Weight::FAULT => Some(own),
                    (own, None) => own,
                    (_, group) => group,
                };
                prop_assert_eq!(of(&all), expected);
            }
        }
    }
}
