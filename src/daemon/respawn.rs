//! When a part of the daemon that breaks is started again: at once the first time, later and
//! later when it keeps breaking (compat 03 §2.2).

use std::time::{Duration, Instant};

use crate::log::Log;

/// The longest wait before a part that keeps breaking is started again.
const LONGEST_DELAY: Duration = Duration::from_secs(60);
/// Whoever ran for this long broke for a reason of its own.
const LONG_RUN: Duration = Duration::from_secs(60);

/// The starts of one part.
#[derive(Debug)]
pub(super) struct Respawn {
    /// The part, as keepalived calls it.
    part: &'static str,
    started: Instant,
    /// When it is started again, since it was seen to be broken.
    due: Option<Instant>,
    /// How long it was waited for before the last start.
    delay: Duration,
}

impl Respawn {
    /// The part has been started.
    pub(super) fn new(part: &'static str) -> Self {
        Self { part, started: Instant::now(), due: None, delay: Duration::ZERO }
    }

    /// Whether the part, which is broken, shall be started again now.
    pub(super) fn is_due(&mut self, log: &Log) -> bool {
        let Self { part, started, due, delay } = self;
        let due = due.get_or_insert_with(|| {
            if started.elapsed() >= LONG_RUN {
                *delay = Duration::ZERO;
            }
            log.alert(format!("{part} part died: Respawning"));
            if !delay.is_zero() {
                let seconds = delay.as_secs();
                log.alert(format!(
                    "Restart of {part} part delayed {seconds} seconds to limit respawn rate"
                ));
            }
            Instant::now() + *delay
        });
        Instant::now() >= *due
    }

    /// The part has been started again, or that was tried.
    pub(super) fn begun(&mut self) {
        (self.started, self.due) = (Instant::now(), None);
        self.delay = (self.delay * 2).clamp(Duration::from_secs(1), LONGEST_DELAY);
    }
}
