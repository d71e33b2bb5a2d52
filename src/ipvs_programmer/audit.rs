//! Looking now and then whether the kernel's table still is as it was left.
//!
//! IPVS tells nobody of changes, so somebody has to look. Decides when, and how much of it the log
//! is told; what differs is found out in `table`. A look is taken in small steps, one service at a
//! time, between which newer orders are carried out. A large table is looked at less often than is
//! wished, so that looking never costs more than half a hundredth of a processor.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use net::ServiceKey;

use super::table::Drift;

/// How many differences of one look are told one by one.
const TOLD: usize = 20;
/// So many times longer than looking takes nobody looks.
const SHARE: u32 = 200;

/// When to look, and how far the present look has come.
#[derive(Debug, Default)]
pub(super) struct Audit {
    /// How often is wished, and when the last look began; `None` when nobody shall look.
    wish: Option<(Duration, Instant)>,
    /// What the last look has cost.
    spent: Duration,
    /// Something showed that the next look shall not wait.
    hastened: bool,
    /// The services that are still to be looked at.
    left: Vec<ServiceKey>,
    /// How many differences the present look has found.
    found: usize,
    /// The kernel could not be asked last time, and that was said.
    pub(super) failing: bool,
}

impl Audit {
    /// From now on the table is looked at so often.
    pub(super) fn every(&mut self, interval: Option<Duration>, now: Instant) {
        if self.wish.map(|(interval, _)| interval) != interval {
            self.wish = interval.map(|interval| (interval, now));
        }
    }

    /// Something showed that the table was changed: all of it is looked at soon.
    pub(super) fn hasten(&mut self) {
        self.hastened = true;
    }

    /// When the next look begins; nothing while one is under way.
    pub(super) fn due(&self) -> Option<Instant> {
        let (interval, begun) = self.wish.filter(|_| self.left.is_empty())?;
        let pause = interval.max(self.spent * SHARE);
        Some(if self.hastened { begun } else { begun + pause })
    }

    pub(super) fn is_under_way(&self) -> bool {
        !self.left.is_empty()
    }

    /// Begins a look at these services.
    pub(super) fn begin(&mut self, services: Vec<ServiceKey>, now: Instant) {
        self.wish = self.wish.map(|(interval, _)| (interval, now));
        (self.spent, self.hastened) = (Duration::ZERO, false);
        (self.left, self.found) = (services, 0);
    }

    /// A step of the present look took so long.
    pub(super) fn spend(&mut self, time: Duration) {
        self.spent += time;
    }

    /// The next service to look at.
    pub(super) fn next(&mut self) -> Option<ServiceKey> {
        self.left.pop()
    }

    /// These services were changed by ourselves since the present look began: it leaves them out.
    pub(super) fn leave_out(&mut self, changed: impl Iterator<Item = ServiceKey>) {
        if self.is_under_way() {
            let changed: HashSet<_> = changed.collect();
            self.left.retain(|key| !changed.contains(key));
        }
    }

    /// Gives the present look up.
    pub(super) fn give_up(&mut self) {
        self.left.clear();
    }

    /// What the log is told of differences that were found just now.
    pub(super) fn lines(&mut self, drifts: &[Drift]) -> Vec<String> {
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

    #[test]
    fn a_look_is_due_once_in_each_interval_and_never_without_one() {
        let (mut audit, now) = (Audit::default(), Instant::now());
        audit.hasten();
        assert_eq!(audit.due(), None);
        audit.every(Some(SECOND), now);
        audit.begin(Vec::new(), now);
        assert_eq!(audit.due(), Some(now + SECOND));
        audit.every(Some(SECOND), now + SECOND / 2);
        assert_eq!(audit.due(), Some(now + SECOND), "the same interval again changes nothing");
        audit.begin(Vec::new(), now + SECOND);
        assert_eq!((audit.due(), audit.is_under_way()), (Some(now + 2 * SECOND), false));
        audit.spend(SECOND / 100);
        assert_eq!(audit.due(), Some(now + 3 * SECOND), "at most half a hundredth of the time");
        audit.hasten();
        assert_eq!(audit.due(), Some(now + SECOND), "at once");
        audit.every(None, now + SECOND);
        assert_eq!(audit.due(), None);
    }

    #[test]
    fn what_was_changed_since_the_look_began_is_left_out() {
        let (mut audit, now) = (Audit::default(), Instant::now());
        audit.every(Some(SECOND), now);
        let keys = [1, 2].map(|mark| ServiceKey::Mark { family: Family::V4, mark });
        audit.begin(keys.to_vec(), now);
        audit.leave_out([keys[1]].into_iter());
        assert_eq!(
            (audit.next(), audit.next(), audit.due()),
            (Some(keys[0]), None, Some(now + SECOND))
        );
    }
}
