//! What single attempts say of a server: the rule that most checks share (compat 21 §6).
//!
//! Also decides which kinds say in one line what others say in two.

use std::time::Duration;

use crate::config::Schedule;
use crate::event::Finding;
use crate::health::Health;
use crate::probe::{Failure, NotConnected, Probe};

/// The server worked. Returns how long the next attempt has to wait.
pub(super) fn passed(
    probe: &Probe,
    schedule: &Schedule,
    health: &mut Health,
    say: &mut dyn FnMut(Finding),
) -> Duration {
    if !matches!(health, Health::Good { .. }) && speech(probe) != Speech::FailuresOnly {
        say(Finding::Good(probe.clone()));
    }
    *health = Health::Good { failures: 0 };
    schedule.delay_loop
}

/// It did not. Returns how long the next attempt has to wait.
pub(super) fn failed(
    probe: &Probe,
    schedule: &Schedule,
    health: &mut Health,
    failure: Failure,
    say: &mut dyn FnMut(Finding),
) -> Duration {
    let before = std::mem::replace(health, health.failed(schedule.retry));
    let spent = match (before, *health) {
        (Health::Bad, _) | (_, Health::Good { .. }) => None,
        (Health::Untried { .. }, _) => Some(0),
        (Health::Good { .. }, _) => Some(schedule.retry),
    };
    let each = schedule.log_all_failures && before.is_up() && has_line(failure);
    let attempt = |retries| Finding::Attempt { failure, to: probe.target(), retries };
    match speech(probe) {
        Speech::FailuresOnly if each || spent.is_some() => say(attempt(spent.unwrap_or(0))),
        Speech::FailuresOnly => {}
        Speech::Full => {
            if each {
                say(attempt(0));
            }
            if let Some(retries) = spent {
                say(Finding::Bad { probe: probe.clone(), retries });
            }
        }
    }
    if matches!(health, Health::Good { .. }) {
        schedule.delay_before_retry
    } else {
        schedule.delay_loop
    }
}

/// Whether there is a line for one attempt: none for TCP when no way leads to the server.
const fn has_line(failure: Failure) -> bool {
    !matches!(failure, Failure::Tcp(NotConnected::Unreachable))
}

/// How much a kind of check has to say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speech {
    /// That the server works; each failed attempt, if that is wanted; and that it does not work.
    Full,
    /// The last failed attempt, or each.
    FailuresOnly,
}

const fn speech(probe: &Probe) -> Speech {
    match probe {
        Probe::Dns(_) => Speech::FailuresOnly,
        Probe::Tcp(_) | Probe::Http(_) | Probe::Smtp(_) | Probe::Udp(_) | Probe::Ping(_) => {
            Speech::Full
        }
    }
}
