//! The delay at the start of the daemon (`vrrp_startup_delay`, `vrrp_delay_after_boot`; compat 11
//! §4.2): until it is over nobody listens or takes over, and timers count from its end.

use std::time::Instant;

use crate::config::Settings;
use crate::effect::Effect;
use crate::event::{Event, What};
use crate::router::{Clock, Router, Slot};
use crate::units::Name;

/// When the daemon started, and until when it waits.
#[derive(Debug)]
pub(crate) struct Startup {
    started: Clock,
    until: Option<Instant>,
}

impl Startup {
    pub(crate) const fn new(started: Clock) -> Self {
        Self { started, until: None }
    }

    /// Whether nobody acts yet.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.until.is_some()
    }

    /// What timers that begin now count from.
    pub(crate) fn begin(&self, now: Instant) -> Instant {
        self.until.map_or(now, |until| until.max(now))
    }

    fn end(&self, settings: &Settings) -> Instant {
        let after_boot = settings.delay_after_boot.saturating_sub(self.started.since_boot);
        self.started.at + settings.startup_delay.max(after_boot)
    }
}

impl Router {
    /// At the start: waits as long as the configuration says.
    pub(crate) fn delay_start(&mut self, settings: &Settings) {
        let end = self.startup.end(settings);
        if end > self.now {
            self.report_startup(What::StartDelayed { rest: end - self.now, again: false });
            self.wait_for_start(Some(end));
        }
    }

    /// A reload while it waits: the wait changes by what the configuration changes.
    pub(crate) fn change_delay(&mut self, settings: &Settings) {
        let (Some(old), new) = (self.startup.until, self.startup.end(settings)) else { return };
        if new == old {
            return;
        }
        if new > self.now {
            self.report_startup(What::StartDelayed { rest: new - self.now, again: true });
            self.wait_for_start(Some(new));
        } else {
            self.report_startup(What::StartCutShort);
            self.wait_for_start(None);
        }
        for id in self.sequence.clone() {
            self.with(id, |instance, cx| instance.shift_start(cx, (old, new)));
        }
    }

    /// The wait is over.
    pub(crate) fn on_started(&mut self) {
        self.report_startup(What::StartOver);
        self.wait_for_start(None);
    }

    fn wait_for_start(&mut self, until: Option<Instant>) {
        self.startup.until = until;
        self.agenda.set(Slot::Startup, until);
    }

    fn report_startup(&mut self, what: What) {
        self.effects.push_back(Effect::Report(Event { subject: Name::new(""), what }));
    }
}
