//! One check: when it runs next, and what its outcomes say of the server (compat 21 §6, §7).

mod file;
mod http;
mod plain;
mod program;
mod smtp;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::{self, CheckKind, Schedule};
use crate::effect::Effect;
use crate::event::Finding;
use crate::health::file::Follower;
use crate::health::http::Walk;
use crate::health::program::Program;
use crate::health::smtp::Rounds;
use crate::probe::{Failure, Obstacle, Outcome, Probe};
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
    Trying { since: Instant },
    /// It makes no attempts: it is told.
    Following,
}

/// What it asks, and where it stands in that.
#[derive(Debug)]
pub(crate) enum Method {
    Plain(Probe),
    Web(Walk),
    Mail(Rounds),
    Program(Program),
    File(Follower),
    /// The name of a BFD session.
    Session(Arc<str>),
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
    pub(crate) fn new(
        id: CheckId,
        schedule: Schedule,
        method: Method,
        up: bool,
        first: Instant,
    ) -> Self {
        let (health, stage) = match &method {
            Method::File(follower) => (follower.health(), Stage::Following),
            Method::Session(_) => (Health::Untried { up }, Stage::Following),
            Method::Plain(_) | Method::Web(_) | Method::Mail(_) | Method::Program(_) => {
                (Health::Untried { up }, Stage::Waiting { until: first })
            }
        };
        Self { id, schedule, health, method, stage }
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Waiting { until } => Some(until),
            Stage::Trying { .. } | Stage::Following => None,
        }
    }

    /// What it adds to the configured weight of its server.
    pub(crate) fn contribution(&self, configured: u32) -> i64 {
        match &self.method {
            Method::Program(program) => program.contribution(configured),
            Method::File(follower) => follower.contribution(),
            Method::Plain(_) | Method::Web(_) | Method::Mail(_) | Method::Session(_) => 0,
        }
    }

    /// Whether the operator hears that the weight changed with what was found out.
    ///
    /// Of a server that has failed nobody wants to know which weight it would have. A file says
    /// with one value that a server is good and what it weighs.
    pub(crate) const fn tells_weight(&self, before: Health) -> bool {
        match self.method {
            Method::File(_) => before.is_up() && self.health.is_up(),
            Method::Plain(_) | Method::Web(_) | Method::Mail(_) => self.health.is_up(),
            Method::Program(_) | Method::Session(_) => self.health.is_up(),
        }
    }

    /// Begins an attempt; nothing when it makes none.
    pub(crate) fn start(&mut self, now: Instant) -> Option<Effect> {
        let check = self.id;
        let effect = match &self.method {
            Method::Plain(probe) => Effect::Try { check, probe: probe.clone() },
            Method::Web(walk) => Effect::Try { check, probe: walk.probe() },
            Method::Mail(rounds) => Effect::Try { check, probe: rounds.probe() },
            Method::Program(program) => Effect::Run { check, program: Arc::clone(&program.check) },
            Method::File(_) | Method::Session(_) => return None,
        };
        self.stage = Stage::Trying { since: now };
        Some(effect)
    }

    /// Whether it asks, and is not just told.
    pub(crate) const fn makes_attempts(&self) -> bool {
        match self.stage {
            Stage::Waiting { .. } | Stage::Trying { .. } => true,
            Stage::Following => false,
        }
    }

    /// Makes no attempt this time, and forgets one that is under way.
    pub(crate) fn rest(&mut self, now: Instant) {
        if self.makes_attempts() {
            self.stage = Stage::Waiting { until: later(now, self.schedule.delay_loop) };
        }
    }

    /// Takes the outcome of the attempt under way. Returns the health before it, or nothing if
    /// there is no such attempt.
    pub(crate) fn end(
        &mut self,
        now: Instant,
        outcome: Outcome,
        say: &mut dyn FnMut(Finding),
    ) -> Option<Health> {
        let Stage::Trying { since } = self.stage else {
            return None;
        };
        let before = self.health;
        let pause = self.judge(outcome, say);
        let until = match &self.method {
            // A program that takes long is not run less often for that.
            Method::Program(_) => later(since, pause).max(now),
            Method::Plain(_)
            | Method::Web(_)
            | Method::Mail(_)
            | Method::File(_)
            | Method::Session(_) => later(now, pause),
        };
        self.stage = Stage::Waiting { until };
        Some(before)
    }

    /// Returns how long the next attempt has to wait.
    fn judge(&mut self, outcome: Outcome, say: &mut dyn FnMut(Finding)) -> Duration {
        let (schedule, health) = (&self.schedule, &mut self.health);
        match (outcome, &mut self.method) {
            (Outcome::Passed(_), Method::Plain(probe)) => {
                plain::passed(probe, schedule, health, say)
            }
            (Outcome::Failed(failure), Method::Plain(probe)) => {
                plain::failed(probe, schedule, health, failure, say)
            }
            (Outcome::Passed(passed), Method::Web(walk)) => {
                walk.passed(schedule, health, passed, say)
            }
            (Outcome::Failed(Failure::Web(failure)), Method::Web(walk)) => {
                walk.failed(schedule, health, failure, say)
            }
            (Outcome::Passed(_), Method::Mail(rounds)) => rounds.passed(schedule, health, say),
            (Outcome::Failed(failure), Method::Mail(rounds)) => {
                rounds.failed(schedule, health, failure, say)
            }
            (Outcome::Passed(passed), Method::Program(program)) => {
                program.passed(schedule, health, passed, say)
            }
            (Outcome::Failed(Failure::Program(failure)), Method::Program(program)) => {
                program.failed(schedule, health, failure, say)
            }
            (Outcome::NotMade(obstacle), method) => {
                if let Obstacle::Bind(why) = &obstacle {
                    say(Finding::Unusable(why.clone()));
                }
                say(method.obstructed(obstacle));
                schedule.delay_loop
            }
            // Nobody can have tried that.
            (Outcome::Failed(_), Method::Web(_) | Method::Program(_))
            | (Outcome::Passed(_) | Outcome::Failed(_), Method::File(_) | Method::Session(_)) => {
                say(Finding::Lost);
                schedule.delay_loop
            }
        }
    }

    /// A tracked file has this value now. Returns the health before, or nothing if this check
    /// does not follow that file.
    pub(crate) fn on_value(
        &mut self,
        file: &str,
        value: i64,
        say: &mut dyn FnMut(Finding),
    ) -> Option<Health> {
        let before = self.health;
        match &mut self.method {
            Method::File(follower) if &*follower.check.file == file => {
                follower.on_value(value, &mut self.health, say);
                Some(before)
            }
            Method::File(_) | Method::Plain(_) | Method::Web(_) => None,
            Method::Mail(_) | Method::Program(_) | Method::Session(_) => None,
        }
    }

    /// Something is known of BFD sessions, by their names: whether each is up. Returns the health
    /// before, or nothing if that is no news for this check (compat 22 §8).
    pub(crate) fn on_sessions(
        &mut self,
        known: &dyn Fn(&str) -> Option<bool>,
        say: &mut dyn FnMut(Finding),
    ) -> Option<Health> {
        let followed = match &self.method {
            Method::Session(followed) => Arc::clone(followed),
            Method::File(_) | Method::Plain(_) | Method::Web(_) => return None,
            Method::Mail(_) | Method::Program(_) => return None,
        };
        let up = known(&followed)?;
        let now = if up { Health::Good { failures: 0 } } else { Health::Bad };
        if now == self.health {
            return None;
        }
        say(Finding::Session { session: followed, up });
        Some(std::mem::replace(&mut self.health, now))
    }

    /// Whether a check of a new configuration is this one: it asks the same. When it asks, and
    /// how often it may fail, may differ (compat 21 §11.6).
    pub(crate) fn is_same(&self, kind: &CheckKind) -> bool {
        match &self.method {
            Method::Plain(Probe::Tcp(old)) => matches!(kind, CheckKind::Tcp(new) if old == new),
            Method::Plain(Probe::Ping(old)) => matches!(kind, CheckKind::Ping(new) if old == new),
            Method::Plain(Probe::Dns(old)) => matches!(kind, CheckKind::Dns(new) if old == new),
            // What is sent and what must come back may differ.
            Method::Plain(Probe::Udp(old)) => {
                matches!(kind, CheckKind::Udp(new) if old.connect == new.connect)
            }
            Method::Plain(Probe::Http(_) | Probe::Smtp(_)) => false,
            Method::Web(walk) => {
                matches!(kind, CheckKind::Http(new) | CheckKind::Ssl(new) if walk.is_same(new))
            }
            Method::Mail(rounds) => matches!(kind, CheckKind::Smtp(new) if rounds.check == *new),
            Method::Program(program) => {
                matches!(kind, CheckKind::Misc(new) if program.is_same(new))
            }
            Method::File(follower) => {
                matches!(kind, CheckKind::File(new) if follower.check.file == new.file)
            }
            Method::Session(old) => matches!(kind, CheckKind::Bfd(new) if old == new),
        }
    }

    /// Goes on with the values of a new configuration, which [`Self::is_same`] has accepted.
    pub(crate) fn adopt(&mut self, now: Instant, config: config::Check) {
        match (&mut self.method, config.kind) {
            (Method::Web(walk), CheckKind::Http(new) | CheckKind::Ssl(new)) => walk.adopt(new),
            (Method::Program(program), CheckKind::Misc(new)) => program.check = new,
            (Method::File(follower), CheckKind::File(new)) => {
                follower.check = new;
                self.health = follower.health();
            }
            (Method::Plain(Probe::Udp(old)), CheckKind::Udp(new)) => *old = new,
            // Everything about the others is the same.
            (Method::Plain(_) | Method::Mail(_) | Method::Session(_), _) => {}
            (Method::Web(_) | Method::Program(_) | Method::File(_), _) => {}
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
    /// How a check of this kind is run; a file has this value, if anybody has said it yet.
    pub(crate) fn of(kind: CheckKind, value: impl FnOnce(&str) -> Option<i64>) -> Self {
        match kind {
            CheckKind::Tcp(connect) => Self::Plain(Probe::Tcp(connect)),
            CheckKind::Ping(connect) => Self::Plain(Probe::Ping(connect)),
            CheckKind::Dns(check) => Self::Plain(Probe::Dns(check)),
            CheckKind::Udp(check) => Self::Plain(Probe::Udp(check)),
            CheckKind::Http(check) | CheckKind::Ssl(check) => Self::Web(Walk::new(check)),
            CheckKind::Smtp(check) => Self::Mail(Rounds::new(check)),
            CheckKind::Misc(check) => Self::Program(Program::new(check)),
            CheckKind::File(check) => {
                let value = value(&check.file);
                Self::File(Follower::new(check, value))
            }
            CheckKind::Bfd(session) => Self::Session(session),
        }
    }

    fn obstructed(&self, obstacle: Obstacle) -> Finding {
        let probe = match self {
            Self::Plain(probe) => probe.clone(),
            Self::Web(walk) => walk.probe(),
            Self::Mail(rounds) => rounds.probe(),
            Self::Program(program) => {
                return match obstacle {
                    Obstacle::Program(why) => {
                        Finding::ProgramNotRun { program: Arc::clone(&program.check), why }
                    }
                    Obstacle::Lost | Obstacle::Socket(_) | Obstacle::Bind(_) => Finding::Lost,
                };
            }
            Self::File(_) | Self::Session(_) => return Finding::Lost,
        };
        match obstacle {
            Obstacle::Socket(_) => Finding::NoSocket(probe),
            Obstacle::Bind(_) => Finding::NotBound(probe),
            Obstacle::Program(_) | Obstacle::Lost => Finding::Lost,
        }
    }
}
