//! What the configuration wishes for each part, and which of it counts for the process as a whole.

use conf::{PartScheduling, Scheduling};

use crate::schedule::{Footing, Schedule, Urgency};

/// The wishes for all parts, whether they run or not.
pub(super) struct Schedules {
    pub(super) vrrp: Schedule,
    pub(super) checkers: Schedule,
    pub(super) bfd: Schedule,
}

impl Schedules {
    /// VRRP and BFD go ahead of ordinary programs unless they are told otherwise; checks can wait.
    pub(super) fn of(wishes: &Scheduling) -> Self {
        Self {
            vrrp: schedule("vrrp", &wishes.vrrp, Urgency::Ahead),
            checkers: schedule("checker", &wishes.checkers, Urgency::Usual),
            bfd: schedule("bfd", &wishes.bfd, Urgency::Ahead),
        }
    }

    /// What they mean for the process while these parts run.
    pub(super) fn footing(&self, balancing: bool, detecting: bool) -> Footing {
        let checkers = balancing.then_some(&self.checkers);
        let bfd = detecting.then_some(&self.bfd);
        Footing::of([Some(&self.vrrp), checkers, bfd].into_iter().flatten())
    }
}

fn schedule(part: &'static str, wishes: &PartScheduling, usual: Urgency) -> Schedule {
    let PartScheduling { nice, no_swap, realtime, processors, realtime_limit } = wishes;
    let urgency = match (realtime, nice) {
        (Some(priority), _) => Urgency::Realtime(*priority),
        (None, 0) => usual,
        (None, nice) => Urgency::Nice(*nice),
    };
    Schedule {
        part,
        urgency,
        realtime_limit: *realtime_limit,
        processors: processors.clone(),
        lock_memory: *no_swap,
    }
}
