//! Decides whether as many processes run as shall, and how long a change has to last before it
//! counts (compat 11 §7.7). Which processes there are is found out by the driver.

use std::time::{Duration, Instant};

use crate::config;
use crate::effect::{Effect, Recount};
use crate::event::{Event, What};
use crate::view::ProcessView;

/// Whether there are enough, and not too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody has counted yet.
    Unknown,
    /// It is so.
    Settled { enough: bool },
    /// It is so still, but will be the other way round then, unless the number turns again.
    Turning { enough: bool, at: Instant, why: Recount },
}

/// A watched process.
#[derive(Debug)]
pub(crate) struct Process {
    config: config::TrackProcess,
    count: u32,
    stage: Stage,
}

impl Process {
    pub(crate) fn new(config: config::TrackProcess, count: Option<u32>) -> Self {
        let mut process = Self { config, count: count.unwrap_or(0), stage: Stage::Unknown };
        if count.is_some() {
            process.stage = Stage::Settled { enough: process.fits() };
        }
        process
    }

    /// The same process after a reload: another command has to be counted first, another quorum
    /// counts at once. A wait that has begun goes on.
    pub(crate) fn replaced(self, config: config::TrackProcess) -> Self {
        let who = |of: &config::TrackProcess| (of.command.clone(), of.full_command, of.parameters);
        if who(&self.config) != who(&config) {
            return Self::new(config, None);
        }
        if (self.config.quorum, self.config.most) == (config.quorum, config.most) {
            return Self { config, ..self };
        }
        let known = self.stage != Stage::Unknown;
        Self::new(config, known.then_some(self.count))
    }

    /// `None` until somebody has counted.
    pub(crate) const fn is_enough(&self) -> Option<bool> {
        match self.stage {
            Stage::Unknown => None,
            Stage::Settled { enough } | Stage::Turning { enough, .. } => Some(enough),
        }
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Unknown | Stage::Settled { .. } => None,
            Stage::Turning { at, .. } => Some(at),
        }
    }

    pub(crate) fn view(&self) -> ProcessView {
        let waits_for = match self.stage {
            Stage::Unknown | Stage::Settled { .. } => None,
            Stage::Turning { why, .. } => Some(why),
        };
        let (config, count) = (self.config.clone(), self.count);
        ProcessView { config, count, enough: self.is_enough(), waits_for }
    }

    /// There are so many now; returns whether that turns it.
    pub(crate) fn on_count(
        &mut self,
        now: Instant,
        count: u32,
        why: Recount,
        effects: &mut impl Extend<Effect>,
    ) -> bool {
        let from = std::mem::replace(&mut self.count, count);
        if from == count && self.stage != Stage::Unknown {
            // A look that finds what is known, as one after a reload does.
            return false;
        }
        let fits = self.fits();
        let turns = self.is_enough() != Some(fits);
        if why == Recount::Lost && from != count {
            let turned = turns.then_some(fits);
            effects.extend([self.report(What::Recounted { from, to: count, turned })]);
        }
        match (self.is_enough(), self.delay(why)) {
            (Some(enough), Some(delay)) if turns => {
                // A second change of the same kind does not begin the wait anew.
                let at = self.deadline().unwrap_or(now + delay);
                self.stage = Stage::Turning { enough, at, why };
                false
            }
            (None, _) => {
                self.stage = Stage::Settled { enough: fits };
                true
            }
            (Some(_), _) => {
                self.settle(fits, effects);
                turns
            }
        }
    }

    /// Does what is due; returns whether that turns it.
    pub(crate) fn on_timeout(&mut self, now: Instant, effects: &mut impl Extend<Effect>) -> bool {
        match self.stage {
            Stage::Turning { enough, at, .. } if at <= now => {
                self.settle(!enough, effects);
                true
            }
            Stage::Turning { .. } | Stage::Settled { .. } | Stage::Unknown => false,
        }
    }

    fn settle(&mut self, enough: bool, effects: &mut impl Extend<Effect>) {
        if self.is_enough() != Some(enough) {
            effects.extend([self.report(What::Quorum { gained: enough })]);
        }
        self.stage = Stage::Settled { enough };
    }

    fn fits(&self) -> bool {
        let most = self.config.most.map_or(u32::MAX, u32::from);
        (u32::from(self.config.quorum)..=most).contains(&self.count)
    }

    /// How long a change has to last; `None` when it counts at once.
    fn delay(&self, why: Recount) -> Option<Duration> {
        let delay = match why {
            Recount::Forked => self.config.start_delay,
            Recount::Exited => self.config.end_delay,
            Recount::Became | Recount::Lost => Duration::ZERO,
        };
        (!delay.is_zero()).then_some(delay)
    }

    fn report(&self, what: What) -> Effect {
        Effect::Report(Event { subject: self.config.name.clone(), what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_secs(2);

    fn watched(quorum: u16, most: Option<u16>, delay: Duration) -> Process {
        let config = config::TrackProcess {
            name: crate::Name::new("p"),
            command: vec!["/bin/p".to_owned()],
            full_command: false,
            parameters: config::ParameterMatch::Ignored,
            weight: config::Factor::FAULT,
            reverse: false,
            quorum,
            most,
            end_delay: delay,
            start_delay: delay,
        };
        Process::new(config, Some(0))
    }

    #[test]
    fn the_number_has_to_be_within_the_quorum() {
        let now = Instant::now();
        let mut process = watched(2, Some(3), Duration::ZERO);
        let enough = [1, 2, 3, 4].map(|count| {
            process.on_count(now, count, Recount::Forked, &mut Vec::new());
            process.is_enough().unwrap()
        });
        assert_eq!(enough, [false, true, true, false]);
    }

    #[test]
    fn a_process_that_must_not_run_is_good_while_it_does_not() {
        let mut process = watched(0, Some(0), Duration::ZERO);
        assert_eq!(process.is_enough(), Some(true));
        assert!(process.on_count(Instant::now(), 1, Recount::Became, &mut Vec::new()));
        assert_eq!(process.is_enough(), Some(false));
    }

    #[test]
    fn a_change_by_fork_or_exit_waits_and_one_back_cancels_it() {
        let start = Instant::now();
        let mut effects = Vec::new();
        let mut process = watched(1, None, DELAY);
        assert!(!process.on_count(start, 1, Recount::Forked, &mut effects));
        assert_eq!(process.deadline(), Some(start + DELAY));
        let later = start + DELAY / 2;
        assert!(!process.on_count(later, 2, Recount::Forked, &mut effects));
        assert_eq!(process.deadline(), Some(start + DELAY), "the wait has begun already");
        assert_eq!(process.view().waits_for, Some(Recount::Forked));
        assert!(!process.on_count(later, 0, Recount::Exited, &mut effects));
        assert_eq!((process.deadline(), process.is_enough()), (None, Some(false)));
        process.on_count(later, 1, Recount::Forked, &mut effects);
        assert!(process.on_timeout(later + DELAY, &mut effects));
        assert_eq!(process.is_enough(), Some(true));
        process.on_count(later, 0, Recount::Exited, &mut effects);
        assert_eq!(process.view().waits_for, Some(Recount::Exited));
        process.on_count(later, 1, Recount::Forked, &mut effects);
        assert_eq!((process.deadline(), process.is_enough()), (None, Some(true)));
        assert_eq!(process.view().waits_for, None);
        assert_eq!(effects.len(), 1, "only one change was told: {effects:?}");
    }

    #[test]
    fn an_exec_and_a_recount_are_believed_at_once() {
        let now = Instant::now();
        for why in [Recount::Became, Recount::Lost] {
            let mut process = watched(1, None, DELAY);
            process.on_count(now, 1, Recount::Forked, &mut Vec::new());
            assert!(process.on_count(now, 2, why, &mut Vec::new()));
            assert_eq!((process.deadline(), process.is_enough()), (None, Some(true)));
        }
    }

    #[test]
    fn a_reload_and_the_look_after_it_do_not_end_a_wait() {
        let now = Instant::now();
        let mut process = watched(1, None, DELAY);
        process.on_count(now, 1, Recount::Forked, &mut Vec::new());
        let config = process.config.clone();
        let mut process = process.replaced(config.clone());
        assert!(!process.on_count(now, 1, Recount::Became, &mut Vec::new()));
        assert_eq!((process.deadline(), process.is_enough()), (Some(now + DELAY), Some(false)));
        let process = process.replaced(config::TrackProcess { quorum: 0, ..config });
        assert_eq!((process.deadline(), process.is_enough()), (None, Some(true)));
    }

    #[test]
    fn what_is_not_counted_yet_is_not_known() {
        let config = watched(1, None, DELAY).config;
        let mut process = Process::new(config, None);
        assert_eq!(process.is_enough(), None);
        let mut effects = Vec::new();
        assert!(process.on_count(Instant::now(), 1, Recount::Forked, &mut effects));
        assert_eq!(process.is_enough(), Some(true));
        assert!(effects.is_empty(), "a first look is no news");
    }
}
