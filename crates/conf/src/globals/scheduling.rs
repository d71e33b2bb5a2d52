//! How the parts of the daemon are scheduled.

use std::collections::BTreeSet;
use std::time::Duration;

/// How the parts of the daemon are scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduling {
    /// VRRP.
    pub vrrp: PartScheduling,
    /// Checks and load balancing.
    pub checkers: PartScheduling,
    /// BFD.
    pub bfd: PartScheduling,
    /// `max_auto_priority`: -1 to 99; 0 never raises it.
    pub max_auto_priority: i8,
    /// `min_auto_priority_delay`.
    pub min_auto_priority_delay: Duration,
}

/// How one part is scheduled; in the names of its keywords `X` is `vrrp`, `checker` or `bfd`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartScheduling {
    /// `X_priority`: nice value, -20 to 19.
    pub nice: i8,
    /// `X_no_swap`.
    pub no_swap: bool,
    /// `X_rt_priority`: 1 to 99.
    pub realtime: Option<u8>,
    /// `X_cpu_affinity`: numbers of the processors it may use; all of them when empty.
    pub processors: BTreeSet<u32>,
    /// `X_rlimit_rttime`; without it there is no limit: keepalived's 10 ms kill a daemon that
    /// has a thousand adverts to send.
    pub realtime_limit: Option<Duration>,
}

impl Default for Scheduling {
    fn default() -> Self {
        Self {
            vrrp: PartScheduling::default(),
            checkers: PartScheduling::default(),
            bfd: PartScheduling::default(),
            max_auto_priority: 0,
            min_auto_priority_delay: Duration::from_secs(1),
        }
    }
}
