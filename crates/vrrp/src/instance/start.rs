//! The first state of an instance, and what it does until the delay at the start is over
//! (compat 11 §4.2).

use std::time::Instant;

use super::{Backup, Cx, Farewell, Instance, Obstacle, State};
use crate::config;
use crate::event::Deed;
use crate::notice::Told;

impl Instance {
    /// Whether it is master from the first moment on, as far as it is asked (compat 11 §4.2).
    pub(crate) fn is_master_at_once(&self) -> bool {
        self.config.priority.is_owner() && self.config.initial == config::Initial::Master
    }

    /// The first state of an instance that is not master at once.
    pub(crate) fn start(&mut self, cx: &mut Cx<'_>, obstacle: Obstacle) {
        match obstacle {
            Obstacle::Fault => {
                self.report(cx, Deed::Faulty);
                self.report_first_priority(cx);
                self.enter(State::Fault, cx, Some(Told::Fault), Farewell::Nothing);
            }
            // Nobody hears of it: it is not known yet whether there is a fault.
            Obstacle::Awaiting => {
                self.state = State::Fault;
                self.changed_at = Some(cx.now);
                self.clear_leftovers(cx);
            }
            Obstacle::None => {
                self.report_first_priority(cx);
                let wait = self.first_wait();
                self.become_backup(cx, wait);
            }
        }
    }

    /// As [`Self::start`] for one that is master at once, while nobody acts yet: it takes over
    /// when that is over, and nobody hears of it before.
    pub(crate) fn start_later(&mut self, cx: &mut Cx<'_>) {
        let mut backup = Backup::until(cx.begin, self.config.advert_interval);
        backup.held = true;
        self.state = State::Backup(backup);
        self.clear_leftovers(cx);
    }

    /// What is tracked may change the priority from the first moment on.
    fn report_first_priority(&self, cx: &mut Cx<'_>) {
        let (from, to) = (self.config.priority, self.verdict.priority);
        if from != to {
            self.report(cx, Deed::Priority { from, to });
        }
    }

    /// The delay at the start ends at another moment.
    pub(crate) fn shift_start(&mut self, cx: &mut Cx<'_>, (old, new): (Instant, Instant)) {
        if let State::Backup(backup) = &mut self.state {
            let rest = backup.takeover_at.saturating_duration_since(old);
            backup.takeover_at = cx.begin.max(new + rest);
        }
    }
}
