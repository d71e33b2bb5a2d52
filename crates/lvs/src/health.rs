//! One check: when it runs next, and what its outcomes say of the server (compat 21 §6, §7).

mod http;
mod tcp;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::{self, CheckKind, Schedule};
use crate::event::Finding;
use crate::health::http::Walk;
use crate::probe::{Obstacle, Outcome, Probe};
use crate::units::CheckId;

/// That much later; a time that cannot be told is as good as never.
pub(crate) fn later(now: Instant, pause: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(1_000_000_000);
    now.checked_add(pause).unwrap_or_else(|| now + NEVER)
}

/// What is known of a server by one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Nothing yet; this is assumed.
    Untried { up: bool },
    /// It works, but for this many failures in a row.
    Good { failures: u32 },
    /// It has failed.
    Bad,
}

impl Health {
    pub(crate) const fn is_up(self) -> bool {
        match self {
            Self::Untried { up } => up,
            Self::Good { .. } => true,
            Self::Bad => false,
        }
    }

    /// After one more failure: the first one ever is final, later ones have retries before them.
    const fn failed(self, retry: u32) -> Self {
        match self {
            Self::Good { failures } if failures < retry => Self::Good { failures: failures + 1 },
            Self::Untried { .. } | Self::Good { .. } | Self::Bad => Self::Bad,
        }
    }
}

/// What a check does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It waits for its next attempt.
    Waiting { until: Instant },
    /// An attempt is under way; its outcome will come.
    Trying,
}

/// What it asks, and where it stands in that.
#[derive(Debug)]
pub(crate) enum Method {
    Tcp(Arc<Probe>),
    Http(Walk),
}

/// A check and its history.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) id: CheckId,
    pub(crate) schedule: Schedule,
    pub(crate) health: Health,
    method: Method,
    stage: Stage,
}

impl Check {
    pub(crate) const fn new(
        id: CheckId,
        schedule: Schedule,
        method: Method,
        up: bool,
        first: Instant,
    ) -> Self {
        let (health, stage) = (Health::Untried { up }, Stage::Waiting { until: first });
        Self { id, schedule, health, method, stage }
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Waiting { until } => Some(until),
            Stage::Trying => None,
        }
    }

    /// Begins an attempt.
    pub(crate) fn start(&mut self) -> Arc<Probe> {
        self.stage = Stage::Trying;
        match &self.method {
            Method::Tcp(probe) => Arc::clone(probe),
            Method::Http(walk) => walk.probe(),
        }
    }

    /// Takes the outcome of the attempt under way. Returns the health before it, or nothing if
    /// there is no such attempt.
    pub(crate) fn end(
        &mut self,
        now: Instant,
        outcome: Outcome,
        say: &mut impl FnMut(Finding),
    ) -> Option<Health> {
        if self.stage != Stage::Trying {
            return None;
        }
        let before = self.health;
        let pause = self.judge(outcome, say);
        self.stage = Stage::Waiting { until: later(now, pause) };
        Some(before)
    }

    /// Returns how long the next attempt has to wait.
    fn judge(&mut self, outcome: Outcome, say: &mut impl FnMut(Finding)) -> Duration {
        let (schedule, health) = (&self.schedule, &mut self.health);
        match (outcome, &mut self.method) {
            (Outcome::NotMade(obstacle), method) => {
                say(method.obstructed(&obstacle));
                schedule.delay_loop
            }
            (Outcome::Passed(_), Method::Tcp(_)) => tcp::passed(schedule, health, say),
            (Outcome::Failed(failure), Method::Tcp(_)) => {
                tcp::failed(schedule, health, failure, say)
            }
            (Outcome::Passed(passed), Method::Http(walk)) => {
                walk.passed(schedule, health, passed, say)
            }
            (Outcome::Failed(failure), Method::Http(walk)) => {
                walk.failed(schedule, health, failure, say)
            }
        }
    }

    /// Whether a check of a new configuration is this one: it asks the same. When it asks, and
    /// how often it may fail, may differ (compat 21 §11.6).
    pub(crate) fn is_same(&self, kind: &CheckKind) -> bool {
        match &self.method {
            Method::Tcp(old) => matches!(kind, CheckKind::Tcp(new) if old == new),
            Method::Http(walk) => matches!(kind, CheckKind::Http(check) if walk.is_same(check)),
        }
    }

    /// Goes on with the values of a new configuration, which [`Self::is_same`] has accepted.
    pub(crate) fn adopt(&mut self, now: Instant, config: config::Check) {
        match &mut self.method {
            Method::Tcp(old) => {
                if let CheckKind::Tcp(new) = config.kind {
                    *old = new;
                }
            }
            Method::Http(walk) => {
                if let CheckKind::Http(check) = config.kind {
                    walk.adopt(check);
                }
            }
        }
        if self.schedule == config.schedule {
            return;
        }
        self.schedule = config.schedule;
        // Who shortens an hour to a second does not want to wait for the end of the hour.
        if let Stage::Waiting { until } = &mut self.stage {
            *until = (*until).min(later(now, self.schedule.delay_loop));
        }
    }
}

impl Method {
    /// How a check of this kind is run; `None` when it is not run yet, and its server counts as
    /// working. Only this decides it.
    pub(crate) fn of(kind: CheckKind) -> Option<Self> {
        match kind {
            CheckKind::Tcp(probe) => Some(Self::Tcp(probe)),
            CheckKind::Http(check) => Some(Self::Http(Walk::new(check))),
            CheckKind::Ssl(_)
            | CheckKind::Smtp(_)
            | CheckKind::Dns(_)
            | CheckKind::Udp(_)
            | CheckKind::Ping(_)
            | CheckKind::Misc(_)
            | CheckKind::File(_)
            | CheckKind::Bfd(_) => None,
        }
    }

    const fn obstructed(&self, obstacle: &Obstacle) -> Finding {
        match (self, obstacle) {
            (_, Obstacle::Lost) => Finding::Lost,
            (Self::Tcp(_), Obstacle::Socket(_)) => Finding::TcpNoSocket,
            (Self::Tcp(_), Obstacle::Bind(_)) => Finding::TcpNotBound,
            (Self::Http(_), Obstacle::Socket(_)) => Finding::WebNoSocket,
            (Self::Http(_), Obstacle::Bind(_)) => Finding::WebNotBound,
        }
    }
}
