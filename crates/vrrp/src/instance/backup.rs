//! A backup: follows a master, and takes over when it falls silent or is inferior
//! (RFC 9568 §6.4.2, compat 11 §4.3).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::{Cx, Instance, State, Wish};
use crate::advert::Advert;
use crate::config::Preemption;
use crate::event::{Deed, Heard};
use crate::units::{AdvertInterval, Advertised, Priority, Version};

/// Who was master before a takeover, as far as that matters when the two meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predecessor {
    /// It is not known, or has said farewell.
    Nobody,
    /// One that was followed and has fallen silent: it may be master still, where it is not heard.
    Silent(IpAddr),
    /// One that is heard and not good enough: it will yield.
    Inferior(IpAddr),
}

/// What is only true of a backup.
#[derive(Debug)]
pub(crate) struct Backup {
    /// When it takes over unless it hears a master before.
    pub(crate) takeover_at: Instant,
    /// The master's interval; its own until it has heard one.
    pub(crate) interval: AdvertInterval,
    /// The last router heard.
    pub(crate) following: Option<IpAddr>,
    /// Who is master before it, should it take over.
    pub(super) before: Predecessor,
    /// When `preempt_delay` ends; `None` while no inferior master is heard.
    preempt_at: Option<Instant>,
    /// Its sync group holds it back: it would take over.
    pub(crate) held: bool,
}

impl Backup {
    pub(crate) const fn until(takeover_at: Instant, interval: AdvertInterval) -> Self {
        Self {
            takeover_at,
            interval,
            following: None,
            before: Predecessor::Nobody,
            preempt_at: None,
            held: false,
        }
    }

    /// Its waiting time changed: the running timer moves by the difference.
    pub(crate) fn shift(&mut self, now: Instant, before: Duration, after: Duration) {
        let moved = self.takeover_at + after;
        self.takeover_at = moved.checked_sub(before).map_or(now, |at| at.max(now));
    }
}

impl Instance {
    /// A valid advert, heard as backup.
    pub(super) fn on_master(&mut self, cx: &mut Cx<'_>, advert: &Advert) -> Wish {
        let Advertised::Priority(theirs) = advert.priority else {
            return self.on_release(cx);
        };
        self.look_at_owner(cx, advert.source, theirs);
        self.follow(cx, advert.source);
        self.master = Some((advert.source, theirs));
        if self.accepts(cx, theirs) {
            self.wait_for(cx, advert);
        } else {
            let from = advert.source;
            if let State::Backup(backup) = &mut self.state {
                backup.before = Predecessor::Inferior(from);
            }
            self.heard(cx, Heard::LowerIgnored { priority: theirs, from });
        }
        Wish::HeardMaster(self.compare(advert, theirs))
    }

    /// RFC 9568 §6.4.2 (420): priority 0 leaves only the skew to wait.
    fn on_release(&mut self, cx: &mut Cx<'_>) -> Wish {
        let skew = self.skew(None);
        if let State::Backup(backup) = &mut self.state {
            backup.takeover_at = cx.now + skew;
            backup.before = Predecessor::Nobody;
        }
        self.heard(cx, Heard::Release);
        Wish::Nothing
    }

    /// RFC 9568 §6.4.2 (430): whether a router of this priority is followed.
    fn accepts(&mut self, cx: &mut Cx<'_>, theirs: Priority) -> bool {
        let superior = theirs >= self.priority();
        let preemption = self.config.preemption;
        let State::Backup(backup) = &mut self.state else {
            return false;
        };
        match preemption {
            Preemption::Never => true,
            Preemption::Immediate => superior,
            Preemption::Delayed(_) if superior => {
                if backup.preempt_at.take().is_some() {
                    self.report(cx, Deed::PreemptDelayStopped);
                }
                true
            }
            Preemption::Delayed(delay) => match backup.preempt_at {
                Some(at) => cx.now < at,
                None => {
                    backup.preempt_at = Some(cx.now + delay);
                    self.report(cx, Deed::PreemptDelay(delay));
                    true
                }
            },
        }
    }

    /// RFC 9568 §6.4.2 (435): learn the interval, wait anew.
    fn wait_for(&mut self, cx: &mut Cx<'_>, advert: &Advert) {
        let learned = match self.config.version {
            Version::V2 => self.config.advert_interval,
            Version::V3 => advert.interval,
        };
        let wait = self.master_down(Some(learned));
        let State::Backup(backup) = &mut self.state else {
            return;
        };
        backup.takeover_at = cx.now + wait;
        backup.held = false;
        backup.before = Predecessor::Silent(advert.source);
        let from = std::mem::replace(&mut backup.interval, learned);
        if from != learned {
            self.heard(cx, Heard::Interval { from, to: learned });
        }
    }

    fn follow(&mut self, cx: &mut Cx<'_>, master: IpAddr) {
        let State::Backup(backup) = &mut self.state else {
            return;
        };
        let previous = backup.following.replace(master);
        if previous != Some(master) {
            self.heard(cx, Heard::Master { previous, now: master });
        }
    }

    /// The group does not agree yet: waits once more, and remembers the wish.
    pub(crate) fn hold_back(&mut self, now: Instant) {
        let wait = self.master_down(None);
        if let State::Backup(backup) = &mut self.state {
            backup.takeover_at = now + wait;
            backup.held = true;
        }
    }

    /// Whether it would be master if its group let it.
    pub(crate) const fn wishes_mastership(&self) -> bool {
        match &self.state {
            State::Backup(backup) => backup.held && !self.verdict.mute,
            State::Master(_) => true,
            State::Init | State::Fault | State::Stopped => false,
        }
    }
}
