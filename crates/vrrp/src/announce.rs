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
    /// The next one on further links.
    extra_at: Option<Instant>,
}

/// What is due at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Due {
    /// A burst of all addresses, in so many rounds.
    pub(crate) rounds: Option<u32>,
    /// One address of each further link.
    pub(crate) extra: bool,
}

impl Schedule {
    /// What follows the first burst of a new master.
    pub(crate) fn of_new_master(now: Instant, config: &Announcement) -> Self {
        Self {
            second_at: later(now, config.delay),
            refresh_at: config.refresh.map(|interval| now + interval),
            lower_at: None,
            extra_at: config.extra_links.map(|extra| now + extra.every),
        }
    }

    /// A router of lower priority was heard: the same again after the delay.
    pub(crate) fn lower_heard(&mut self, now: Instant, config: &Announcement) {
        self.lower_at = later(now, config.lower_priority_delay);
    }

    /// When the next one is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let all = [self.second_at, self.refresh_at, self.lower_at, self.extra_at];
        all.into_iter().flatten().min()
    }

    /// Takes what is due; one burst covers all of its kind.
    pub(crate) fn take_due(&mut self, now: Instant, config: &Announcement) -> Due {
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
        let extra = take(&mut self.extra_at, now);
        if extra {
            self.extra_at = config.extra_links.map(|extra| now + extra.every);
        }
        Due { rounds, extra }
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
    use crate::config::ExtraLinks;

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
        assert_eq!(schedule.take_due(start + 4 * SECOND, &config).rounds, None);
        assert_eq!(schedule.take_due(start + 5 * SECOND, &config).rounds, Some(5));
        assert_eq!(schedule.deadline(), Some(start + 60 * SECOND));
        assert_eq!(schedule.take_due(start + 60 * SECOND, &config).rounds, Some(1));
        assert_eq!(schedule.deadline(), Some(start + 120 * SECOND));
    }

    #[test]
    fn further_links_are_announced_on_at_their_own_pace() {
        let start = Instant::now();
        let extra_links = Some(ExtraLinks { all: true, every: 10 * SECOND });
        let config = Announcement { extra_links, ..Announcement::default() };
        let mut schedule = Schedule::of_new_master(start, &config);
        let at = |seconds| start + seconds * SECOND;
        assert_eq!(schedule.take_due(at(5), &config), Due { rounds: Some(5), extra: false });
        assert_eq!(schedule.deadline(), Some(at(10)));
        assert_eq!(schedule.take_due(at(10), &config), Due { rounds: None, extra: true });
        assert_eq!(schedule.deadline(), Some(at(20)));
    }

    #[test]
    fn without_delay_and_refresh_nothing_more_is_owed() {
        let config = Announcement { delay: Duration::ZERO, ..Announcement::default() };
        assert_eq!(Schedule::of_new_master(Instant::now(), &config).deadline(), None);
    }
}
