//! Decides when a check script runs, when it has taken too long, and what its results add up to
//! (compat 11 §7.5). Running it is the script runner's business.

use std::time::{Duration, Instant};

use crate::config;
use crate::effect::{Effect, ScriptOutcome, ScriptSignal};
use crate::event::{Checked, Event, What};
use crate::units::Run;
use crate::view::ScriptView;

/// How long a script has to die of SIGTERM, and then how often SIGKILL is repeated.
const GRACE: Duration = Duration::from_secs(2);
const KILL_AGAIN: Duration = Duration::from_secs(10);

/// What the results of a script add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// No result yet.
    Unknown,
    /// Good, with this many failures in a row since.
    Good { failures: u32 },
    /// Bad, with this many successes in a row since.
    Bad { successes: u32 },
}

/// What its process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// None runs; the next starts then.
    Idle { start_at: Instant },
    /// One runs.
    Running { next_at: Instant, timeout_at: Instant },
    /// One has taken too long and is being killed; its result is already counted.
    Dying { next_at: Instant, kill_at: Instant },
    /// The daemon stops.
    Stopped,
}

/// A check script and its history.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) config: config::Script,
    pub(crate) health: Health,
    stage: Stage,
    /// The newest run.
    run: Run,
    last_status: i32,
}

impl Script {
    pub(crate) const fn new(config: config::Script, now: Instant) -> Self {
        Self::with(config, Health::Unknown, now)
    }

    /// One that is there when the daemon starts: it may have to prove itself first (`init_fail`).
    pub(crate) const fn at_start(config: config::Script, now: Instant) -> Self {
        let health =
            if config.fails_at_start { Health::Bad { successes: 0 } } else { Health::Unknown };
        Self::with(config, health, now)
    }

    const fn with(config: config::Script, health: Health, now: Instant) -> Self {
        Self { config, health, stage: Stage::Idle { start_at: now }, run: Run(0), last_status: 0 }
    }

    /// The same script with another configuration: a run under way is ended and means nothing
    /// any more, but what was known is kept until there is a new result.
    pub(crate) fn replaced(
        mut self,
        config: config::Script,
        now: Instant,
        effects: &mut impl Extend<Effect>,
    ) -> Self {
        self.stop(effects);
        let health = match self.health {
            Health::Unknown => Health::Unknown,
            Health::Good { .. } => Health::Good { failures: 0 },
            Health::Bad { .. } => Health::Bad { successes: 0 },
        };
        let stage = Stage::Idle { start_at: now };
        let script = Self { config, health, stage, ..self };
        if health != Health::Unknown {
            let good = matches!(health, Health::Good { .. });
            effects.extend([script.report(Checked::Kept { good })]);
        }
        script
    }

    pub(crate) fn view(&self) -> ScriptView {
        let (good, doubts) = match self.health {
            Health::Unknown => (None, 0),
            Health::Good { failures } => (Some(true), failures),
            Health::Bad { successes } => (Some(false), successes),
        };
        let runs = matches!(self.stage, Stage::Running { .. } | Stage::Dying { .. });
        ScriptView { config: self.config.clone(), good, doubts, runs }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Idle { start_at } => Some(start_at),
            Stage::Running { next_at, timeout_at } => Some(next_at.min(timeout_at)),
            Stage::Dying { next_at, kill_at } => Some(next_at.min(kill_at)),
            Stage::Stopped => None,
        }
    }

    /// Does what is due; returns whether the health changed.
    pub(crate) fn on_timeout(&mut self, now: Instant, effects: &mut impl Extend<Effect>) -> bool {
        match self.stage {
            Stage::Idle { start_at } if start_at <= now => {
                self.stage = Stage::Running {
                    next_at: now + self.config.interval,
                    timeout_at: now + self.config.timeout,
                };
                self.run.0 += 1;
                let (script, command) = (self.config.name.clone(), self.config.command.clone());
                effects.extend([Effect::Run { script, run: self.run, command }]);
                false
            }
            // Its own timeout comes before the next start when both are due: the default
            // timeout is the interval, and then nothing is "still running".
            Stage::Running { next_at, timeout_at } if timeout_at <= now => {
                self.stage = Stage::Dying { next_at, kill_at: now + GRACE };
                effects.extend([self.signal(ScriptSignal::Terminate)]);
                self.record(None, effects)
            }
            Stage::Running { next_at, timeout_at } if next_at <= now => {
                self.stage = Stage::Running { next_at: now + self.config.interval, timeout_at };
                effects.extend([self.report(Checked::StillRunning)]);
                false
            }
            Stage::Dying { next_at, kill_at } if kill_at <= now => {
                self.stage = Stage::Dying { next_at, kill_at: now + KILL_AGAIN };
                effects.extend([self.signal(ScriptSignal::Kill)]);
                false
            }
            Stage::Dying { next_at, kill_at } if next_at <= now => {
                self.stage = Stage::Dying { next_at: now + self.config.interval, kill_at };
                effects.extend([self.report(Checked::BeingTimedOut)]);
                false
            }
            Stage::Idle { .. } | Stage::Running { .. } | Stage::Dying { .. } | Stage::Stopped => {
                false
            }
        }
    }

    /// Its process ended; returns whether the health changed.
    pub(crate) fn on_end(
        &mut self,
        run: Run,
        outcome: ScriptOutcome,
        effects: &mut impl Extend<Effect>,
    ) -> bool {
        if run != self.run {
            return false;
        }
        match self.stage {
            Stage::Running { next_at, .. } => {
                self.stage = Stage::Idle { start_at: next_at };
                self.record(Some(outcome), effects)
            }
            Stage::Dying { next_at, .. } => {
                self.stage = Stage::Idle { start_at: next_at };
                false
            }
            Stage::Idle { .. } | Stage::Stopped => false,
        }
    }

    /// Ends a run for good.
    pub(crate) fn stop(&mut self, effects: &mut impl Extend<Effect>) {
        if matches!(self.stage, Stage::Running { .. } | Stage::Dying { .. }) {
            effects.extend([self.signal(ScriptSignal::End)]);
        }
        self.stage = Stage::Stopped;
    }

    /// Counts a result; `None` is a timeout.
    fn record(
        &mut self,
        outcome: Option<ScriptOutcome>,
        effects: &mut impl Extend<Effect>,
    ) -> bool {
        let (success, failure) = match outcome {
            Some(ScriptOutcome::Exited(status)) => {
                if status != self.last_status {
                    self.last_status = status;
                    effects.extend([self.report(Checked::Returns(status))]);
                }
                (status == 0, Checked::Failed(status))
            }
            Some(ScriptOutcome::Signalled(signal)) => (false, Checked::Killed(signal)),
            // As in the original, a check that cannot be started is no reason not to start; later
            // it says nothing about what it checks.
            Some(ScriptOutcome::NotRun) if self.health == Health::Unknown => {
                (true, Checked::Succeeded)
            }
            Some(ScriptOutcome::NotRun) => return false,
            None => (false, Checked::TimedOut),
        };
        let (health, changed) = self.health.after(success, self.config.rise, self.config.fall);
        self.health = health;
        if changed {
            effects.extend([self.report(if success { Checked::Succeeded } else { failure })]);
        }
        changed
    }

    fn report(&self, checked: Checked) -> Effect {
        let what = What::Checked(checked);
        Effect::Report(Event { subject: self.config.name.clone(), what })
    }

    fn signal(&self, signal: ScriptSignal) -> Effect {
        Effect::Signal { script: self.config.name.clone(), run: self.run, signal }
    }
}

impl Health {
    /// The health after one more result, and whether it turned.
    ///
    /// The first result decides at once, whatever `rise` and `fall` are.
    const fn after(self, success: bool, rise: u32, fall: u32) -> (Self, bool) {
        match (self, success) {
            (Self::Unknown, true) => (Self::Good { failures: 0 }, true),
            (Self::Unknown, false) => (Self::Bad { successes: 0 }, true),
            (Self::Good { .. }, true) => (Self::Good { failures: 0 }, false),
            (Self::Good { failures }, false) if failures + 1 < fall => {
                (Self::Good { failures: failures + 1 }, false)
            }
            (Self::Good { .. }, false) => (Self::Bad { successes: 0 }, true),
            (Self::Bad { .. }, false) => (Self::Bad { successes: 0 }, false),
            (Self::Bad { successes }, true) if successes + 1 < rise => {
                (Self::Bad { successes: successes + 1 }, false)
            }
            (Self::Bad { .. }, true) => (Self::Good { failures: 0 }, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health_after(results: &str, rise: u32, fall: u32) -> Health {
        results.chars().fold(Health::Unknown, |health, c| health.after(c == '+', rise, fall).0)
    }

    #[test]
    fn the_first_result_decides_and_later_ones_need_rise_and_fall() {
        assert_eq!(health_after("+", 3, 3), Health::Good { failures: 0 });
        assert_eq!(health_after("+--", 3, 3), Health::Good { failures: 2 });
        assert_eq!(health_after("+--+--", 3, 3), Health::Good { failures: 2 });
        assert_eq!(health_after("+---", 3, 3), Health::Bad { successes: 0 });
        assert_eq!(health_after("-++", 3, 3), Health::Bad { successes: 2 });
        assert_eq!(health_after("-++-+++", 3, 3), Health::Good { failures: 0 });
    }

    #[test]
    fn a_script_that_starts_as_failed_has_to_rise() {
        let now = Instant::now();
        let mut config = script(1, 1, now).config;
        (config.fails_at_start, config.rise) = (true, 2);
        let mut script = Script::at_start(config, now);
        assert_eq!(script.health, Health::Bad { successes: 0 });
        let mut effects = Vec::new();
        for run in 1..=2 {
            let at = now + Duration::from_secs(run - 1);
            script.on_timeout(at, &mut effects);
            let turned = script.on_end(Run(run), ScriptOutcome::Exited(0), &mut effects);
            assert_eq!(turned, run == 2);
        }
        assert_eq!(script.health, Health::Good { failures: 0 });
    }

    fn script(interval: u64, timeout: u64, now: Instant) -> Script {
        let command = config::Command { argv: vec!["/c".to_owned()], uid: 0, gid: 0 };
        let config = config::Script {
            name: crate::Name::new("c"),
            command,
            interval: Duration::from_secs(interval),
            timeout: Duration::from_secs(timeout),
            rise: 1,
            fall: 1,
            fails_at_start: false,
        };
        Script::new(config, now)
    }

    #[test]
    fn a_script_that_hangs_has_failed_and_is_killed_ever_harder() {
        let start = Instant::now();
        let at = |secs| start + Duration::from_secs(secs);
        let mut script = script(60, 5, start);
        let mut effects = Vec::new();
        script.on_timeout(start, &mut effects);
        assert!(matches!(effects.pop(), Some(Effect::Run { .. })));
        assert!(script.on_timeout(at(5), &mut effects));
        assert_eq!(script.health, Health::Bad { successes: 0 });
        assert!(
            effects
                .iter()
                .any(|e| matches!(e, Effect::Signal { signal: ScriptSignal::Terminate, .. }))
        );
        effects.clear();
        script.on_timeout(at(7), &mut effects);
        assert!(matches!(effects.pop(), Some(Effect::Signal { signal: ScriptSignal::Kill, .. })));
        assert_eq!(script.deadline(), Some(at(17)));
        script.on_end(Run(1), ScriptOutcome::Signalled(9), &mut effects);
        assert_eq!(script.deadline(), Some(at(60)));
    }

    #[test]
    fn an_overlong_run_skips_starts_instead_of_piling_up() {
        let start = Instant::now();
        let at = |secs| start + Duration::from_secs(secs);
        let mut script = script(1, 10, start);
        let mut effects = Vec::new();
        script.on_timeout(start, &mut effects);
        effects.clear();
        script.on_timeout(at(1), &mut effects);
        script.on_timeout(at(2), &mut effects);
        assert!(effects.iter().all(|e| matches!(e, Effect::Report(_))));
        script.on_end(Run(1), ScriptOutcome::Exited(0), &mut effects);
        assert_eq!(script.deadline(), Some(at(3)));
    }

    #[test]
    fn a_run_that_takes_too_long_has_two_seconds_to_end() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let config = config::Script {
            name: crate::Name::new("chk"),
            command: config::Command { argv: vec!["/bin/x".to_owned()], uid: 0, gid: 0 },
            interval: 60 * second,
            timeout: second,
            rise: 1,
            fall: 1,
            fails_at_start: false,
        };
        let mut script = Script::new(config, now);
        let mut effects: Vec<Effect> = Vec::new();
        script.on_timeout(now, &mut effects);
        assert!(script.on_timeout(now + second, &mut effects), "it has failed");
        assert_eq!(script.deadline(), Some(now + 3 * second));
        effects.clear();
        script.on_timeout(now + 3 * second, &mut effects);
        let kill =
            |effect: &Effect| matches!(effect, Effect::Signal { signal: ScriptSignal::Kill, .. });
        assert!(effects.iter().any(kill), "{effects:?}");
    }
}
