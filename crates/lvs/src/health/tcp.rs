//! What attempts to connect say of a server: the rule that most checks share (compat 21 §6).

use std::time::Duration;

use crate::config::Schedule;
use crate::event::Finding;
use crate::health::Health;
use crate::probe::Failure;

/// A connection was made. Returns how long the next one has to wait.
pub(super) fn passed(
    schedule: &Schedule,
    health: &mut Health,
    say: &mut impl FnMut(Finding),
) -> Duration {
    if !matches!(health, Health::Good { .. }) {
        say(Finding::TcpGood);
    }
    *health = Health::Good { failures: 0 };
    schedule.delay_loop
}

/// A connection could not be made. Returns how long the next attempt has to wait.
pub(super) fn failed(
    schedule: &Schedule,
    health: &mut Health,
    failure: Failure,
    say: &mut impl FnMut(Finding),
) -> Duration {
    let before = std::mem::replace(health, health.failed(schedule.retry));
    if schedule.log_all_failures && before.is_up() {
        say(Finding::TcpAttempt { timeout: failure == Failure::ConnectTimeout });
    }
    match (before, *health) {
        (_, Health::Good { .. }) => return schedule.delay_before_retry,
        (Health::Untried { .. }, _) => say(Finding::TcpBad { retries: 0 }),
        (Health::Good { .. }, _) => say(Finding::TcpBad { retries: schedule.retry }),
        (Health::Bad, _) => {}
    }
    schedule.delay_loop
}
