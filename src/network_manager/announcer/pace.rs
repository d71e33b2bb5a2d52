//! How soon the next announcement may leave: `garp_group`, `vrrp_garp_interval` and
//! `vrrp_gna_interval` (compat 11 §5).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use net::{Family, LinkName};
use vrrp::config::LinkSettings;

/// The limits of all links, and when each may be used again.
#[derive(Debug, Default)]
pub(super) struct Paces {
    settings: LinkSettings,
    free_at: BTreeMap<Lane, Instant>,
}

/// What shares a limit: the links of a group, or a link by itself; each family apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lane {
    links: Sharing,
    v6: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sharing {
    Group(usize),
    Link(LinkName),
}

impl Paces {
    pub(super) fn new(settings: &LinkSettings) -> Self {
        Self { settings: settings.clone(), free_at: BTreeMap::new() }
    }

    /// The lane of an address on a link; `None` where there is no limit.
    pub(super) fn lane(&self, link: &LinkName, family: Family) -> Option<Lane> {
        let group = self.settings.paces.iter().position(|pace| pace.links.contains(link));
        let links = group.map_or_else(|| Sharing::Link(link.clone()), Sharing::Group);
        let lane = Lane { links, v6: family == Family::V6 };
        self.pause(&lane).map(|_| lane)
    }

    /// When the next packet of this lane may leave; `None` when it may now.
    pub(super) fn free_at(&self, lane: &Lane, now: Instant) -> Option<Instant> {
        self.free_at.get(lane).copied().filter(|at| *at > now)
    }

    /// A packet of this lane has left.
    pub(super) fn used(&mut self, lane: &Lane, now: Instant) {
        if let Some(pause) = self.pause(lane) {
            self.free_at.insert(lane.clone(), now + pause);
        }
    }

    fn pause(&self, lane: &Lane) -> Option<Duration> {
        let (arp, neighbor) = match &lane.links {
            Sharing::Group(number) => {
                let pace = self.settings.paces.get(*number)?;
                (pace.arp, pace.neighbor)
            }
            Sharing::Link(_) => (self.settings.arp_interval, self.settings.neighbor_interval),
        };
        let pause = if lane.v6 { neighbor } else { arp };
        pause.filter(|pause| *pause > Duration::ZERO)
    }
}
