//! Looking now and then whether the kernel's table still is as it was left.
//!
//! IPVS tells nobody of changes, so somebody has to look. Decides when, and how much of it the log
//! is told; what differs is found out in `table`. A look is taken in small steps, one service at a
//! time, between which newer orders are carried out. Each step is followed by a pause, so that
//! looking never costs more than half a hundredth of a processor, and never much at a time; as soon
//! as one shows that somebody has removed something, everything is looked at without.

use std::time::{Duration, Instant};

use net::ServiceKey;

use super::table::Drift;

/// How many differences of one look are told one by one.
const TOLD: usize = 20;
/// So many times longer than a step took nobody looks.
const SHARE: u32 = 200;

/// When to look, and how far the present look has come.
#[derive(Debug)]
pub(super) struct Audit {
    /// How often is wished; `None` when nobody shall look.
    interval: Option<Duration>,
    /// When the last look began, or when it was first wished for one.
    begun: Instant,
    /// What was spent is made up for by then.
    rested: Instant,
    haste: Haste,
    /// The services that are still to be looked at.
    left: Vec<ServiceKey>,
    /// How many differences the present look has found.
    found: usize,
    /// The kernel could not be asked last time, and that was said.
    pub(super) failing: bool,
}

/// Whether something shows that the table was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Haste {
    /// Nothing does.
    None,
    /// What is left of this look does not wait.
    Rest,
    /// Nor does a whole one after it.
    Whole,
}

impl Audit {
    /// Nobody looks yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            interval: None,
            begun: now,
            rested: now,
            haste: Haste::None,
            left: Vec::new(),
            found: 0,
            failing: false,
        }
    }

    /// From now on the table is looked at so often.
    pub(super) fn every(&mut self, interval: Option<Duration>, now: Instant) {
        if self.interval != interval {
            (self.interval, self.begun) = (interval, now);
        }
        if interval.is_none() {
            self.give_up();
        }
    }

    /// Something showed that the table was changed: all of it is looked at soon.
    pub(super) fn hasten(&mut self) {
        self.haste = Haste::Whole;
    }

    /// When the next step of a look is taken, or the next look begins.
    pub(super) fn due(&self) -> Option<Instant> {
        let next = self.begun + self.interval?;
        let rested = self.rested;
        Some(match (self.haste, self.is_under_way()) {
            (Haste::Whole, _) | (Haste::Rest, true) => self.begun,
            (Haste::None, true) => rested,
            (Haste::None | Haste::Rest, false) => next.max(rested),
        })
    }

    fn is_under_way(&self) -> bool {
        !self.left.is_empty()
    }

    /// Begins a look at these services.
    pub(super) fn begin(&mut self, services: Vec<ServiceKey>, now: Instant) {
        self.haste = match self.haste {
            Haste::Whole => Haste::Rest,
            Haste::Rest | Haste::None => Haste::None,
        };
        (self.begun, self.left, self.found) = (now, services, 0);
    }

    /// A step took so much of a processor, and has ended now.
    pub(super) fn spend(&mut self, time: Duration, now: Instant) {
        self.rested = self.rested.max(now) + time * SHARE;
    }

    /// The next service to look at.
    pub(super) fn next(&mut self) -> Option<ServiceKey> {
        self.left.pop()
    }

    /// Gives the present look up.
    pub(super) fn give_up(&mut self) {
        self.left.clear();
    }

    /// These differences were found just now: what the log is told of them.
    pub(super) fn find(&mut self, drifts: &[Drift]) -> Vec<String> {
        // Seldom one alone: what was looked at before may be gone meanwhile. Who removes things
        // again and again does not make this look all the time.
        if self.haste == Haste::None && drifts.iter().any(Drift::is_removal) {
            self.hasten();
        }
        let room = TOLD.saturating_sub(self.found);
        self.found += drifts.len();
        let mut lines: Vec<_> =
            drifts.iter().take(room).map(|drift| format!("IPVS: {drift}")).collect();
        if self.left.is_empty() && self.found > TOLD {
            let more = self.found - TOLD;
            lines.push(format!("IPVS: {more} more were not as they were left"));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use net::Family;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn keys(count: u32) -> Vec<ServiceKey> {
        (0..count).map(|mark| ServiceKey::Mark { family: Family::V4, mark }).collect()
    }

    fn wished(now: Instant) -> Audit {
        let mut audit = Audit::new(now);
        audit.every(Some(SECOND), now);
        audit
    }

    #[test]
    fn a_look_is_due_once_in_each_interval_and_never_without_one() {
        let now = Instant::now();
        let mut audit = Audit::new(now);
        audit.hasten();
        assert_eq!(audit.due(), None);
        let mut audit = wished(now);
        audit.begin(Vec::new(), now);
        assert_eq!(audit.due(), Some(now + SECOND));
        audit.every(Some(SECOND), now + SECOND / 2);
        assert_eq!(audit.due(), Some(now + SECOND), "the same interval again changes nothing");
        audit.begin(Vec::new(), now + SECOND);
        assert_eq!((audit.due(), audit.is_under_way()), (Some(now + 2 * SECOND), false));
        audit.begin(keys(2), now + 2 * SECOND);
        audit.every(None, now + 2 * SECOND);
        assert_eq!((audit.due(), audit.is_under_way()), (None, false));
    }

    #[test]
    fn each_step_is_made_up_for_with_a_pause() {
        let now = Instant::now();
        let mut audit = wished(now);
        audit.begin(keys(2), now);
        assert_eq!(audit.due(), Some(now), "the first one is taken at once");
        assert!(audit.next().is_some());
        audit.spend(SECOND / 400, now);
        assert_eq!(audit.due(), Some(now + SECOND / 2));
        let later = now + SECOND / 2;
        assert!(audit.next().is_some() && !audit.is_under_way());
        audit.spend(SECOND / 100, later);
        assert_eq!(audit.due(), Some(later + 2 * SECOND), "nor does a new look begin before");
    }

    #[test]
    fn one_that_is_hastened_takes_no_pause_and_is_followed_by_a_whole_one() {
        let now = Instant::now();
        let mut audit = wished(now);
        audit.begin(keys(3), now);
        audit.spend(SECOND, now);
        audit.hasten();
        let is_due = |audit: &Audit| audit.due().is_some_and(|due| due <= now);
        while audit.is_under_way() {
            assert!(is_due(&audit) && audit.next().is_some());
        }
        assert!(is_due(&audit));
        audit.begin(keys(3), now);
        while audit.is_under_way() {
            assert!(is_due(&audit) && audit.next().is_some());
            audit.spend(SECOND, now);
        }
        assert_eq!(audit.due(), Some(now + 800 * SECOND), "all of it is made up for");
    }
}
