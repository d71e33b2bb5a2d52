//! What the runs of a program say of a server (compat 21 §7, MISC_CHECK).

use std::sync::Arc;
use std::time::Duration;

use crate::config::{MiscCheck, Schedule};
use crate::event::{Finding, Retries};
use crate::health::Health;
use crate::probe::{Passed, ProgramFailure};

/// A program and what it last wanted.
#[derive(Debug)]
pub(crate) struct Program {
    pub(super) check: Arc<MiscCheck>,
    /// The weight that the server shall have, if the program says so.
    wanted: Option<u8>,
}

impl Program {
    pub(super) const fn new(check: Arc<MiscCheck>) -> Self {
        Self { check, wanted: None }
    }

    /// Whether a new configuration runs the same program.
    pub(super) fn is_same(&self, new: &MiscCheck) -> bool {
        self.check.command == new.command && self.check.dynamic == new.dynamic
    }

    /// What it adds to the configured weight of its server.
    pub(super) fn contribution(&self, configured: u32) -> i64 {
        self.wanted.map_or(0, |wanted| i64::from(wanted) - i64::from(configured))
    }

    /// It succeeded. Returns how long after its start the next run begins.
    pub(super) fn passed(
        &mut self,
        schedule: &Schedule,
        health: &mut Health,
        passed: Passed,
        say: &mut dyn FnMut(Finding),
    ) -> Duration {
        self.wanted = match passed {
            Passed::Weighs(weight) => Some(weight),
            Passed::Worked | Passed::Answered { .. } => None,
        };
        if !matches!(health, Health::Good { .. }) {
            say(Finding::ProgramGood(Arc::clone(&self.check)));
        }
        *health = Health::Good { failures: 0 };
        schedule.delay_loop
    }

    /// It failed. Returns how long after its start the next run begins.
    pub(super) fn failed(
        &mut self,
        schedule: &Schedule,
        health: &mut Health,
        failure: ProgramFailure,
        say: &mut dyn FnMut(Finding),
    ) -> Duration {
        let before = std::mem::replace(health, health.failed(schedule.retry));
        let of = schedule.retry;
        let (retries, pause) = match *health {
            Health::Good { failures: 1 } => (Retries::Ahead(of), schedule.delay_before_retry),
            Health::Good { failures } => {
                (Retries::At { number: failures - 1, of }, schedule.delay_before_retry)
            }
            Health::Untried { .. } | Health::Bad if of == 0 => {
                (Retries::Disabled, schedule.delay_loop)
            }
            Health::Untried { .. } | Health::Bad => (Retries::Spent(of), schedule.delay_loop),
        };
        let last = *health == Health::Bad && before != Health::Bad;
        if last {
            self.wanted = None;
        }
        if last || schedule.log_all_failures && before.is_up() {
            let program = Arc::clone(&self.check);
            say(Finding::ProgramBad { program, failure, retries });
        }
        pause
    }
}
