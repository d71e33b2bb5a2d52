//! How the kernel schedules the VRRP task: priority, real time, locked memory.
//!
//! Which values are allowed is decided by the configuration language. A wish that the kernel
//! refuses is logged; a router without it is better than none.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::log::Log;

/// The wishes of the configuration (`vrrp_priority`, `vrrp_rt_priority`, …).
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    /// The nice value; 0 leaves the choice to the daemon.
    pub(crate) nice: i8,
    /// The real-time priority, 1 to 99.
    pub(crate) realtime: Option<u8>,
    /// The longest that it may compute without a break in real time.
    pub(crate) realtime_limit: Option<Duration>,
    /// Whether the memory is never swapped out.
    pub(crate) lock_memory: bool,
    /// The processors that it may use; all of them when empty.
    pub(crate) processors: BTreeSet<u32>,
}

impl Schedule {
    /// Applies the wishes to the calling thread.
    pub(super) fn apply(&self, log: &Log) {
        self.stay(log);
        let tell = |what: &str, result: std::io::Result<()>| {
            if let Err(error) = result {
                log.info(format!("vrrp: cannot {what}: {error}"));
            }
        };
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

    /// Keeps the calling thread on the chosen processors. Those of the network manager go along:
    /// they are the same part of the daemon.
    pub(crate) fn stay(&self, log: &Log) {
        if !self.processors.is_empty()
            && let Err(error) = sys::scheduler::run_on(&self.processors)
        {
            log.info(format!("vrrp: cannot keep to the processors of vrrp_cpu_affinity: {error}"));
        }
    }
}
