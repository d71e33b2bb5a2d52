//! Decides when a master announces its addresses again, and in how many rounds (compat 11 §5).
//!
//! Building and sending the frames is the network manager's business.

use std::time::{Duration, Instant};

use crate::config::Announcement;

/// The announcements that a master still owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// The second burst after becoming master.
    second_at: Option<Instant>,
    /// The next periodic one.
    refresh_at: Option<Instant>,
    /// The second burst after an advert of lower priority.
    lower_at: Option<Instant>,
}

impl Schedule {
    /// What follows the first burst of a new master.
    pub(crate) fn of_new_master(now: Instant, config: &Announcement) -> Self {
        Self {
            second_at: later(now, config.delay),
            refresh_at: config.refresh.map(|interval| now + config.delay + interval),
            lower_at: None,
        }
    }

    /// A router of lower priority was heard: the same again after the delay.
    pub(crate) fn lower_heard(&mut self, now: Instant, config: &Announcement) {
        self.lower_at = later(now, config.lower_priority_delay);
    }

    /// When the next one is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        [self.second_at, self.refresh_at, self.lower_at].into_iter().flatten().min()
    }

    /// Takes what is due: the rounds of one burst that covers all of it.
    pub(crate) fn take_due(&mut self, now: Instant, config: &Announcement) -> Option<u32> {
        let mut rounds = None;
        if take(&mut self.second_at, now) {
            rounds = rounds.max(Some(config.repeat));
        }
        if take(&mut self.lower_at, now) {
            rounds = rounds.max(Some(config.lower_priority_repeat));
        }
        if take(&mut self.refresh_at, now) {
            rounds = rounds.max(Some(config.refresh_repeat));
            self.refresh_at = config.refresh.map(|interval| now + interval);
        }
        rounds
    }
}

fn later(now: Instant, delay: Duration) -> Option<Instant> {
    (!delay.is_zero()).then(|| now + delay)
}

fn take(at: &mut Option<Instant>, now: Instant) -> bool {
    at.take_if(|at| *at <= now).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_new_master_announces_again_after_its_delay_and_then_by_refresh() {
        let start = Instant::now();
        let config = Announcement {
            delay: 5 * SECOND,
            refresh: Some(60 * SECOND),
            ..Announcement::default()
        };
        let mut schedule = Schedule::of_new_master(start, &config);
        assert_eq!(schedule.deadline(), Some(start + 5 * SECOND));
        assert_eq!(schedule.take_due(start + 4 * SECOND, &config), None);
        assert_eq!(schedule.take_due(start + 5 * SECOND, &config), Some(5));
        assert_eq!(schedule.deadline(), Some(start + 65 * SECOND));
        assert_eq!(schedule.take_due(start + 65 * SECOND, &config), Some(1));
        assert_eq!(schedule.deadline(), Some(start + 125 * SECOND));
    }

    #[test]
    fn without_delay_and_refresh_nothing_more_is_owed() {
        let config = Announcement { delay: Duration::ZERO, ..Announcement::default() };
        assert_eq!(Schedule::of_new_master(Instant::now(), &config).deadline(), None);
    }
}
