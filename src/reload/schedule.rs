//! When a reload is due by a `reload_time_file` (compat 03 §6.1). Has no clock and no file: it is
//! told what the file holds and what the time is, and says what is to be done.
//!
//! Time is that of the wall clock, which may be set. The moment that was scheduled stays: set
//! forward over it, the reload comes at once, and once; set back, it comes when the clock shows it
//! again. A time of each day that has been reloaded does not come again on the same day when the
//! clock is set back over it, unless by more than a day: then everything is counted anew.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::TimeDelta;

use super::clock_text::{Moment, Unreadable, Wanted, Zone, read, shown};

/// A daily reload that is further away than this was scheduled by a clock that was wrong.
const FURTHEST: TimeDelta = TimeDelta::hours(49);
/// How long at most nobody looks whether the clock was set.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// A line for the log.
    Say(String),
    /// The file has served.
    Remove,
    /// Now.
    Reload,
}

/// The scheduled reload, if there is one.
#[derive(Debug)]
pub(super) struct Schedule<Z> {
    zone: Z,
    repeat: bool,
    due: Option<Due>,
    effects: VecDeque<Effect>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    at: Moment,
    wanted: Wanted,
}

impl<Z: Zone> Schedule<Z> {
    /// Nothing is scheduled.
    pub(super) const fn new(zone: Z, repeat: bool) -> Self {
        Self { zone, repeat, due: None, effects: VecDeque::new() }
    }

    /// `reload_repeat` may be changed by a reload.
    pub(super) const fn set_repeat(&mut self, repeat: bool) {
        self.repeat = repeat;
    }

    /// The first line of the file; `None` when there is no file, or nothing in it yet.
    pub(super) fn file_holds(&mut self, now: Moment, line: Option<&str>) {
        let wanted = line.and_then(|line| self.understood(line).map(|wanted| (line, wanted)));
        let next = wanted.and_then(|(line, wanted)| {
            let at = wanted.next(now, &self.zone);
            if at.is_none() {
                self.say(format!("Reload time {line} is in the past - ignoring"));
                self.say("Reload date/time is in the past - ignoring".to_owned());
            }
            at.map(|at| Due { at, wanted })
        });
        self.replace(next);
    }

    /// The time is this.
    pub(super) fn tick(&mut self, now: Moment) {
        let Some(due) = self.due else {
            return;
        };
        if due.at <= now {
            self.reload(now, due);
        } else if due.wanted.is_daily() && due.at - now > FURTHEST {
            self.replace(due.wanted.next(now, &self.zone).map(|at| Due { at, ..due }));
        }
    }

    /// How long to wait for the next [`Schedule::tick`]; `None` when nothing is scheduled.
    pub(super) fn wait(&self, now: Moment) -> Option<Duration> {
        let due = self.due?;
        Some((due.at - now).to_std().unwrap_or_default().min(LOOK_AGAIN))
    }

    /// What is to be done next.
    pub(super) fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn reload(&mut self, now: Moment, due: Due) {
        self.due = None;
        if self.repeat && due.wanted.is_daily() {
            // Counted from the time that was meant: a clock set back by a little does not repeat it.
            let next = due.wanted.next(now.max(due.at), &self.zone);
            self.replace(next.map(|at| Due { at, ..due }));
        } else {
            self.effects.push_back(Effect::Remove);
        }
        self.effects.push_back(Effect::Reload);
    }

    fn understood(&mut self, line: &str) -> Option<Wanted> {
        match read(line) {
            Ok(wanted) => Some(wanted),
            Err(problem) => {
                let said = match problem {
                    Unreadable::Invalid => format!("Reload date/time {line} invalid - ignoring"),
                    Unreadable::Format => {
                        format!("Reload time {line} format is incorrect - ignoring")
                    }
                    Unreadable::NoSuchDay => format!("Reload time {line} is not valid - ignoring"),
                };
                self.say(said);
                self.say(format!(
                    "Invalid reload time '{line}' specified - ignoring (expected HH:MM:SS, \
                     YY-MM-DD HH:MM:SS or YYYY-MM-DD HH:MM:SS, with Z behind it for UTC)"
                ));
                None
            }
        }
    }

    fn replace(&mut self, next: Option<Due>) {
        let before = std::mem::replace(&mut self.due, next);
        let time = |due: Due| shown(&self.zone, due.at);
        let said = match (before, next) {
            (None, None) => return,
            (Some(before), Some(next)) if before.at == next.at => return,
            (None, Some(next)) => format!("Scheduling reload for {}", time(next)),
            (Some(before), Some(next)) => {
                format!("Reload time updated from {} to {}", time(before), time(next))
            }
            (Some(before), None) => format!("Cancelling reload scheduled for {}", time(before)),
        };
        self.say(said);
    }

    fn say(&mut self, line: String) {
        self.effects.push_back(Effect::Say(line));
    }
}

#[cfg(test)]
mod tests;
