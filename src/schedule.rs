//! How the kernel schedules the VRRP task and the BFD task: priority, real time, locked memory.
//!
//! Which values are allowed is decided by the configuration language. A wish that the kernel
//! refuses is logged; a router without it is better than none.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::log::Log;

/// The wishes of the configuration (`vrrp_priority`, `vrrp_rt_priority`, …).
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// Which part of the daemon it is about, for log lines.
    pub(crate) part: &'static str,
    /// The nice value; 0 leaves the choice to the daemon.
    pub(crate) nice: i8,
    /// The real-time priority, 1 to 99.
    pub(crate) realtime: Option<u8>,
    /// The longest that the daemon may compute without a break in real time.
    pub(crate) realtime_limit: Option<Duration>,
    /// The processors that it may use; all of them when empty.
    pub(crate) processors: BTreeSet<u32>,
    /// Whether the memory is never swapped out.
    pub(crate) lock_memory: bool,
}

impl Schedule {
    /// Without wishes: ahead of ordinary programs.
    #[cfg(test)]
    pub(crate) const fn ahead(part: &'static str) -> Self {
        let processors = BTreeSet::new();
        let (nice, realtime, realtime_limit, lock_memory) = (0, None, None, false);
        Self { part, nice, realtime, realtime_limit, processors, lock_memory }
    }

    /// Applies the wishes to the calling thread.
    pub(crate) fn apply(&self, log: &Log) {
        let tell = |what: &str, result: std::io::Result<()>| {
            if let Err(error) = result {
                log.info(format!("{}: cannot {what}: {error}", self.part));
            }
        };
        if !self.processors.is_empty() {
            tell("keep to its processors", sys::scheduler::affinity(&self.processors));
        }
        if self.lock_memory {
            tell("lock memory", sys::scheduler::lock_memory());
            sys::scheduler::prefault_stack();
        }
        if let Some(priority) = self.realtime {
            if let Some(limit) = self.realtime_limit {
                tell("limit real-time use", sys::scheduler::limit_realtime(limit));
            }
            tell("raise priority", sys::scheduler::realtime(priority));
            log.info(format!("Set realtime priority {priority}"));
        } else if self.nice == 0 {
            crate::runtime::go_ahead();
        } else {
            tell("set nice value", sys::scheduler::nice(self.nice));
        }
    }

    /// Keeps the calling thread on the chosen processors, and leaves it as it is otherwise: the
    /// threads of the network manager are the same part of the daemon.
    pub(crate) fn stay(&self, log: &Log) {
        if !self.processors.is_empty()
            && let Err(error) = sys::scheduler::affinity(&self.processors)
        {
            log.info(format!("{}: cannot keep to its processors: {error}", self.part));
        }
    }
}
