//! Looks at every virtual router after every moment: how many masters it has, and for how long.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use net::{Family, LinkName};
use testkit::segment::Segment;
use vrrp::StateKind;

use crate::random::segment_of;

/// What the segment sees of a virtual router.
type Key = (LinkName, u8, Family);

/// Who takes part in one virtual router at a moment.
#[derive(Default)]
struct Company {
    masters: Vec<usize>,
    backups: BTreeSet<usize>,
}

/// A time without a master, and the routers that have waited through all of it.
struct Gap {
    since: Duration,
    waiting: BTreeSet<usize>,
}

/// What a healthy segment has to hold to.
pub(crate) struct Watch {
    seed: u64,
    /// The longest that two masters may meet.
    meeting: Duration,
    /// The longest that a router may wait without anybody being master.
    gap: Duration,
    crowded: BTreeMap<Key, Duration>,
    empty: BTreeMap<Key, Gap>,
}

impl Watch {
    pub(crate) const fn new(seed: u64, meeting: Duration, gap: Duration) -> Self {
        Self { seed, meeting, gap, crowded: BTreeMap::new(), empty: BTreeMap::new() }
    }

    /// Lets time pass and watches.
    pub(crate) fn over(&mut self, segment: &mut Segment, time: Duration) {
        segment.advance_watched(time, &mut |segment| self.look(segment));
    }

    pub(crate) fn look(&mut self, segment: &Segment) {
        let now = segment.elapsed();
        let companies = companies(segment);
        self.crowded.retain(|key, _| companies.contains_key(key));
        self.empty.retain(|key, _| companies.contains_key(key));
        for (key, company) in companies {
            self.not_crowded(&key, &company, now);
            self.not_empty(&key, company, now);
        }
    }

    fn not_crowded(&mut self, key: &Key, company: &Company, now: Duration) {
        if company.masters.len() < 2 {
            self.crowded.remove(key);
            return;
        }
        let since = *self.crowded.entry(key.clone()).or_insert(now);
        let (masters, long) = (&company.masters, now - since);
        assert!(long <= self.meeting, "seed {}: {masters:?} of {key:?} for {long:?}", self.seed);
    }

    fn not_empty(&mut self, key: &Key, company: Company, now: Duration) {
        if !company.masters.is_empty() || company.backups.is_empty() {
            self.empty.remove(key);
            return;
        }
        let start = Gap { since: now, waiting: company.backups.clone() };
        let gap = self.empty.entry(key.clone()).or_insert(start);
        gap.waiting.retain(|at| company.backups.contains(at));
        if gap.waiting.is_empty() {
            *gap = Gap { since: now, waiting: company.backups };
        }
        let (waiting, long) = (&gap.waiting, now - gap.since);
        assert!(long <= self.gap, "seed {}: {waiting:?} of {key:?} for {long:?}", self.seed);
    }
}

fn companies(segment: &Segment) -> BTreeMap<Key, Company> {
    let mut companies: BTreeMap<Key, Company> = BTreeMap::new();
    for (at, node) in segment.nodes.iter().enumerate().filter(|(_, node)| node.is_awake()) {
        for view in node.instances() {
            let config = &view.config;
            let key = (segment_of(&config.seat), config.vrid.number(), config.family);
            let company = companies.entry(key).or_default();
            match view.state {
                StateKind::Master => company.masters.push(at),
                StateKind::Backup => drop(company.backups.insert(at)),
                StateKind::Init | StateKind::Fault | StateKind::Stop => {}
            }
        }
    }
    companies
}
