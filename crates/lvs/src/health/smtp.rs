//! What dialogues with a mail server say of it (compat 21 §7, SMTP_CHECK).
//!
//! Unlike other checks, each round of this one has all its retries, the first round too, and the
//! rounds of a server that is down.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Schedule, SmtpCheck};
use crate::event::Finding;
use crate::health::Health;
use crate::probe::{Failure, Probe};

/// A check and how far its round is.
#[derive(Debug)]
pub(crate) struct Rounds {
    pub(super) check: Arc<SmtpCheck>,
    /// Attempts of this round that have failed.
    failures: u32,
}

impl Rounds {
    pub(super) const fn new(check: Arc<SmtpCheck>) -> Self {
        Self { check, failures: 0 }
    }

    pub(super) fn probe(&self) -> Probe {
        Probe::Smtp(Arc::clone(&self.check))
    }

    /// The server worked. Returns how long the next round has to wait.
    pub(super) fn passed(
        &mut self,
        schedule: &Schedule,
        health: &mut Health,
        say: &mut dyn FnMut(Finding),
    ) -> Duration {
        if !matches!(health, Health::Good { .. }) {
            say(Finding::Good(self.probe()));
        }
        self.failures = 0;
        *health = Health::Good { failures: 0 };
        schedule.delay_loop
    }

    /// It did not. Returns how long the next attempt has to wait.
    pub(super) fn failed(
        &mut self,
        schedule: &Schedule,
        health: &mut Health,
        failure: Failure,
        say: &mut dyn FnMut(Finding),
    ) -> Duration {
        self.failures += 1;
        let last = self.failures > schedule.retry;
        let known = *health == Health::Bad;
        if !known && (last || schedule.log_all_failures) {
            let to = self.check.connect.to;
            say(Finding::Attempt { failure, to, retries: 0 });
        }
        if !last {
            return schedule.delay_before_retry;
        }
        self.failures = 0;
        *health = Health::Bad;
        schedule.delay_loop
    }
}
