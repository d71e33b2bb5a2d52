//! What follows when masters did not get to run for so long that others may have taken over: the
//! process was stopped, the machine was paused or overloaded.

use std::time::{Duration, Instant};

use crate::effect::Effect;
use crate::event::{Event, What};
use crate::instance::Instance;
use crate::router::Router;
use crate::units::{InstanceId, Priority, skew};

/// How often it is said at most.
const QUIET: Duration = Duration::from_secs(60);
/// Without `timer_expired_backup` any router may have been the one that took over.
const HIGHEST: u8 = 254;

impl Router {
    /// None of these masters sends before the sockets were read: if a better one is there, it
    /// yields, and otherwise it announces its addresses again. With `timer_expired_backup` it
    /// takes for granted that it was replaced (compat 11 §4.10).
    pub(crate) fn on_held_up(&mut self, masters: &[(InstanceId, Duration)]) {
        let Some(late) = masters.iter().map(|(_, late)| *late).max() else { return };
        let steps_down = |id: &InstanceId| {
            let instance = &self.instances[id];
            instance.is_master() && instance.config.options.steps_down_for.is_some()
        };
        let leaving: Vec<_> = masters.iter().map(|(id, _)| *id).filter(steps_down).collect();
        let quiet = self.held_up_at.is_some_and(|at| self.now < at + QUIET);
        if !leaving.is_empty() || !quiet {
            self.held_up_at = Some(self.now);
            let subject = self.instances[&masters[0].0].config.name.clone();
            let what = What::HeldUp { late, steps_down: !leaving.is_empty() };
            self.effects.push_back(Effect::Report(Event { subject, what }));
        }
        for id in leaving {
            // One that left with its group is no master any more.
            if self.instances[&id].is_master() {
                self.with(id, |instance, cx| {
                    let wait = instance.master_down(None);
                    instance.become_backup(cx, wait);
                });
                self.stepped_back(id);
            }
        }
    }
}

impl Instance {
    /// By how much its advert is late, when that is long enough for another router to have taken
    /// over: two intervals and that router's skew beyond the time when it was due.
    pub(crate) fn held_up(&self, now: Instant) -> Option<Duration> {
        let due = self.advert_due()?;
        let late = now.checked_duration_since(due)?;
        let config = &self.config;
        let other = config.options.steps_down_for.or(Priority::new(HIGHEST))?;
        let interval = config.advert_interval;
        let enough = interval.duration() * 2 + skew(config.version, other, interval);
        (late >= enough).then_some(late)
    }
}
