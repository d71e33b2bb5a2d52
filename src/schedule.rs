//! How the kernel schedules the threads of each part: priority, real time, processors, memory.
//!
//! Which values are allowed is decided by the configuration language. A wish that the kernel
//! refuses is logged; a part without it is better than none.

use std::collections::BTreeSet;
use std::io;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use sys::scheduler::{self, Thread};

use crate::log::Log;

/// The nice value of the threads that a takeover needs: on a busy machine they go first. They
/// compute for milliseconds, and only when something happens.
const AHEAD: i8 = -10;

/// What the configuration wishes for a part (`vrrp_priority`, `vrrp_rt_priority`, …).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// Which part of the daemon it is about, for log lines.
    pub(crate) part: &'static str,
    /// How urgently its tasks run.
    pub(crate) urgency: Urgency,
    /// The longest that the part may compute without a break in real time.
    pub(crate) realtime_limit: Option<Duration>,
    /// The processors that it may use; all that the daemon may when empty.
    pub(crate) processors: BTreeSet<u32>,
    /// Whether its memory is never swapped out.
    pub(crate) lock_memory: bool,
}

/// How urgently the tasks of a part run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// As the daemon was started.
    Usual,
    /// Ahead of ordinary programs where that is allowed.
    Ahead,
    /// With this nice value.
    Nice(i8),
    /// In real time with this priority.
    Realtime(u8),
}

/// What a thread is for its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It does what the part is there for, and runs as wished.
    Task,
    /// A takeover needs it: it goes ahead of ordinary programs, whatever is wished.
    Hand,
    /// It only keeps to the part's processors.
    Helper,
}

impl Schedule {
    /// Without wishes.
    #[cfg(test)]
    pub(crate) const fn unwished(part: &'static str) -> Self {
        let processors = BTreeSet::new();
        Self { part, urgency: Urgency::Usual, realtime_limit: None, processors, lock_memory: false }
    }

    /// Schedules a thread that has just begun.
    fn begin(&self, thread: Thread, role: Role, log: &Log) {
        if !self.processors.is_empty() {
            self.place(thread, log);
        }
        match (role, self.urgency) {
            (Role::Task, Urgency::Usual) | (Role::Helper, _) => {}
            (Role::Task, _) => self.urge(thread, log),
            (Role::Hand, _) => go_ahead(thread),
        }
        if self.lock_memory && role == Role::Task {
            scheduler::prefault_stack();
        }
    }

    /// Changes what a thread does differently from now on.
    fn follow(&self, before: &Self, thread: Thread, role: Role, log: &Log) {
        if self.processors != before.processors {
            self.place(thread, log);
        }
        if self.urgency != before.urgency && role == Role::Task {
            if matches!(before.urgency, Urgency::Realtime(_)) {
                self.tell(log, "leave real time", thread.set_normal());
            }
            self.urge(thread, log);
        }
    }

    fn place(&self, thread: Thread, log: &Log) {
        let placed = if self.processors.is_empty() {
            thread.set_affinity_of(Thread::first())
        } else {
            thread.set_affinity(&self.processors)
        };
        self.tell(log, "keep to its processors", placed);
    }

    fn urge(&self, thread: Thread, log: &Log) {
        match self.urgency {
            Urgency::Usual => {
                self.tell(log, "set nice value", thread.set_nice_of(Thread::first()));
            }
            Urgency::Ahead => go_ahead(thread),
            Urgency::Nice(value) => self.tell(log, "set nice value", thread.set_nice(value)),
            Urgency::Realtime(priority) => {
                self.tell(log, "raise priority", thread.set_realtime(priority));
                log.info(format!("Set realtime priority {priority}"));
            }
        }
    }

    fn tell(&self, log: &Log, what: &str, result: io::Result<()>) {
        if let Err(error) = result {
            log.info(format!("{}: cannot {what}: {error}", self.part));
        }
    }
}

fn go_ahead(thread: Thread) {
    // Without the capability it waits its turn, as keepalived does.
    let _ = thread.set_nice(AHEAD);
}

/// The threads of a part, which are scheduled together.
#[derive(Debug)]
pub(crate) struct Crew {
    schedule: Schedule,
    members: Vec<(Thread, Role)>,
    log: Log,
}

impl Crew {
    /// Without threads yet.
    pub(crate) const fn new(schedule: Schedule, log: Log) -> Self {
        Self { schedule, members: Vec::new(), log }
    }

    /// Where the part logs.
    pub(crate) const fn log(&self) -> &Log {
        &self.log
    }

    /// Starts a thread of the part, and waits until it is scheduled.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(crate) fn spawn<T: Send + 'static>(
        &mut self,
        name: &str,
        role: Role,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        let (schedule, log) = (self.schedule.clone(), self.log.clone());
        let (tell, told) = mpsc::channel();
        let handle = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            schedule.begin(Thread::current(), role, &log);
            let _ = tell.send(Thread::current());
            work()
        })?;
        self.members.retain(|(thread, _)| thread.is_alive());
        self.members.extend(told.recv().ok().map(|thread| (thread, role)));
        Ok(handle)
    }

    /// Schedules the threads anew, as far as the wishes differ.
    pub(crate) fn reschedule(&mut self, schedule: Schedule) {
        self.members.retain(|(thread, _)| thread.is_alive());
        for (thread, role) in &self.members {
            schedule.follow(&self.schedule, *thread, *role, &self.log);
        }
        self.schedule = schedule;
    }
}

/// What the parts wish of the process as a whole, of which the kernel keeps one setting each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Footing {
    lock_memory: bool,
    realtime_limit: Option<Duration>,
    /// The parts that the limit is for: one of them computes whenever somebody does for too long.
    limited: Vec<&'static str>,
}

impl Footing {
    /// Of the parts that run. The longest limit counts, and none while one runs without.
    pub(crate) fn of<'a>(schedules: impl Iterator<Item = &'a Schedule> + Clone) -> Self {
        let lock_memory = schedules.clone().any(|schedule| schedule.lock_memory);
        let in_real_time = schedules.filter(|one| matches!(one.urgency, Urgency::Realtime(_)));
        let limited = in_real_time.clone().map(|schedule| schedule.part).collect();
        let limits: Option<Vec<_>> = in_real_time.map(|schedule| schedule.realtime_limit).collect();
        let realtime_limit = limits.and_then(|all| all.into_iter().max());
        Self { lock_memory, realtime_limit, limited }
    }

    /// Says that half of the limit was reached; the kernel does not say by which of the parts.
    pub(crate) fn warn(&self, log: &Log) {
        for part in self.limited.iter().filter(|_| self.realtime_limit.is_some()) {
            let name = match *part {
                "vrrp" => "VRRP",
                "bfd" => "BFD",
                "checker" => "Checker",
                other => other,
            };
            log.info(format!(
                "{name} process has used too much CPU time, {part}_rlimit_rttime may need to be \
                 increased"
            ));
        }
    }

    /// Changes what is different from now on.
    pub(crate) fn follow(&mut self, next: Self, log: &Log) {
        let tell = |what: &str, result: io::Result<()>| {
            if let Err(error) = result {
                log.info(format!("cannot {what}: {error}"));
            }
        };
        if self.realtime_limit != next.realtime_limit {
            tell("limit real-time use", scheduler::limit_realtime(next.realtime_limit));
        }
        match (self.lock_memory, next.lock_memory) {
            (false, true) => tell("lock memory", scheduler::lock_memory()),
            (true, false) => tell("unlock memory", scheduler::unlock_memory()),
            (false, false) | (true, true) => {}
        }
        *self = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_real_time(limit: Option<u64>) -> Schedule {
        Schedule {
            urgency: Urgency::Realtime(1),
            realtime_limit: limit.map(Duration::from_micros),
            ..Schedule::unwished("a part")
        }
    }

    #[test]
    fn the_longest_limit_counts_and_none_while_a_part_runs_without() {
        let limit = |all: &[Schedule]| Footing::of(all.iter()).realtime_limit;
        assert_eq!(limit(&[]), None);
        let longest = limit(&[in_real_time(Some(5)), in_real_time(Some(9))]);
        assert_eq!(longest, Some(Duration::from_micros(9)));
        assert_eq!(limit(&[in_real_time(Some(5)), in_real_time(None)]), None);
        // A limit of a part that does not run in real time is none.
        let idle = Schedule { urgency: Urgency::Usual, ..in_real_time(Some(99)) };
        let five = Some(Duration::from_micros(5));
        assert_eq!(limit(&[in_real_time(Some(5)), idle.clone()]), five);
        assert_eq!(limit(&[idle]), None);
    }

    #[test]
    fn memory_is_locked_while_one_part_wants_that() {
        let wants = Schedule { lock_memory: true, ..Schedule::unwished("a part") };
        assert!(Footing::of([&wants, &Schedule::unwished("another")].into_iter()).lock_memory);
        assert!(!Footing::of([&Schedule::unwished("another")].into_iter()).lock_memory);
    }
}
