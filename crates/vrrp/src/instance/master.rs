//! A master: sends adverts, announces its addresses, and yields to a better router
//! (RFC 9568 §6.4.3, compat 11 §4.6).

use std::cmp::Ordering;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::owner::Quarrel;
use super::{Cx, Farewell, Instance, State, Wish};
use crate::advert::Advert;
use crate::announce::Schedule;
use crate::config::{self, Cast};
use crate::event::{Deed, Heard};
use crate::instance::backup::{Backup, Predecessor};
use crate::notice::Told;
use crate::units::{Advertised, Priority, Version};

/// What is only true of a master.
#[derive(Debug)]
pub(crate) struct Master {
    /// When the next advert is due.
    advert_at: Instant,
    /// The announcements that it still owes.
    announcements: Schedule,
    /// When it says that no peer was ever heard.
    wonder_at: Option<Instant>,
    /// As address owner it has heard another one.
    pub(super) quarrel: Option<Quarrel>,
    /// Who was master before.
    before: Predecessor,
}

/// How long a master waits for any word of its unicast peers before it wonders.
const WONDER: Duration = Duration::from_secs(60);

/// What a rival's advert means to a master, or to whoever is to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rival {
    Better,
    Worse,
    /// Our own priority and address.
    Ourselves,
}

impl Master {
    pub(super) fn new(now: Instant, config: &config::Instance, before: Predecessor) -> Self {
        let unicast = matches!(config.cast, Cast::Unicast { .. });
        Self {
            wonder_at: unicast.then(|| now + WONDER),
            advert_at: now + config.advert_interval.duration(),
            announcements: Schedule::of_new_master(now, &config.announcement),
            quarrel: None,
            before,
        }
    }

    pub(super) const fn advert_due(&self) -> Instant {
        self.advert_at
    }

    pub(super) fn deadline(&self) -> Instant {
        let quarrel = self.quarrel.as_ref().and_then(Quarrel::deadline);
        let later = [self.announcements.deadline(), self.wonder_at, quarrel];
        later.into_iter().flatten().fold(self.advert_at, Instant::min)
    }

    /// Keeps the pace: the next advert is due one interval after the last was due, unless that
    /// has passed as well.
    fn next_advert(&mut self, now: Instant, interval: Duration) {
        self.advert_at += interval;
        if self.advert_at <= now {
            self.advert_at = now + interval;
        }
    }
}

impl Instance {
    /// Its advert may be due, in this one of so many crowds that are due together. The later
    /// crowds get ahead of their time once, so that next time each comes at its own moment: an
    /// advert may be early, never late.
    pub(crate) fn on_tick(&mut self, cx: &mut Cx<'_>, crowd: usize, crowds: usize) {
        let interval = self.config.advert_interval.duration();
        if self.on_master_timeout(cx)
            && let State::Master(master) = &mut self.state
        {
            let share = u32::try_from(crowd).unwrap_or(0);
            let all = u32::try_from(crowds).unwrap_or(u32::MAX).max(1);
            master.advert_at -= interval / all * share;
        }
    }

    /// RFC 9568 §6.4.3 (610): the advert timer fired, or an announcement is due. Whether an advert
    /// was sent.
    pub(super) fn on_master_timeout(&mut self, cx: &mut Cx<'_>) -> bool {
        let interval = self.config.advert_interval.duration();
        // The segment may have been told of another master meanwhile.
        let held_up = self.held_up(cx.now).map(|_| self.config.announcement.repeat);
        self.end_quarrel(cx);
        let State::Master(master) = &mut self.state else {
            return false;
        };
        let announced = master.announcements.take_due(cx.now, &self.config.announcement);
        let rounds = announced.rounds.max(held_up).filter(|rounds| *rounds > 0);
        let extra = announced.extra && !self.extra.addresses.is_empty();
        let wonders = master.wonder_at.take_if(|at| *at <= cx.now).is_some();
        let due = master.advert_at <= cx.now;
        if wonders && !self.ever_heard {
            self.wonder(cx);
        }
        let State::Master(master) = &mut self.state else {
            return false;
        };
        if due {
            master.next_advert(cx.now, interval);
            self.send(cx, Advertised::Priority(self.priority()));
        }
        self.extra.count += u64::from(extra);
        if rounds.is_some() || extra {
            self.order(cx, rounds);
        }
        due
    }

    /// A pair in which neither hears the other has two masters: the operator should look.
    fn wonder(&self, cx: &mut Cx<'_>) {
        if let Cast::Unicast { peers } = &self.config.cast {
            let peers = peers.iter().map(|peer| peer.address).collect();
            self.report(cx, Deed::Unheard { peers, vrid: self.config.vrid });
        }
    }

    /// Sends an advert now; the next one follows after a whole interval.
    pub(crate) fn send_now(&mut self, cx: &mut Cx<'_>) {
        if let State::Master(master) = &mut self.state {
            master.advert_at = cx.now + self.config.advert_interval.duration();
        }
        self.send(cx, Advertised::Priority(self.priority()));
    }

    /// A valid advert, heard as master.
    pub(super) fn on_rival(&mut self, cx: &mut Cx<'_>, advert: &Advert) -> Wish {
        let Advertised::Priority(theirs) = advert.priority else {
            // RFC 9568 §6.4.3 (645): answer at once, so that the backups see who is there. Only
            // masters say farewell, so there have been two.
            self.heard(cx, Heard::ReleaseByOther);
            self.send_now(cx);
            self.announce_to_lower(cx);
            return Wish::HeardLower;
        };
        let from = advert.source;
        match self.compare(advert, theirs) {
            Rival::Ourselves => {
                self.heard(cx, Heard::OwnAddress);
                Wish::Nothing
            }
            Rival::Worse => {
                self.meet_owner(cx, advert);
                self.defend(cx, advert, theirs)
            }
            Rival::Better => {
                self.step_back(cx, advert, theirs, from);
                Wish::SteppedBack
            }
        }
    }

    /// RFC 9568 §6.4.3 (655): the higher priority wins, then the higher address.
    pub(super) fn compare(&self, advert: &Advert, theirs: Priority) -> Rival {
        let order = theirs.cmp(&self.priority()).then(advert.source.cmp(&self.source()));
        match order {
            Ordering::Greater => Rival::Better,
            Ordering::Less => Rival::Worse,
            Ordering::Equal => Rival::Ourselves,
        }
    }

    /// Whether this may be the last word of the master that it has just replaced: that one had not
    /// heard of it when it spoke, or has found in it the master that it thought lost. Its addresses
    /// have just been announced.
    fn has_just_replaced(&mut self, now: Instant, other: IpAddr) -> bool {
        let interval = self.config.advert_interval.duration();
        let just = self.changed_at.is_some_and(|since| now < since + interval);
        let State::Master(master) = &mut self.state else { return false };
        let replaced = just && master.before == Predecessor::Inferior(other);
        if replaced {
            master.before = Predecessor::Nobody;
        }
        replaced
    }

    fn defend(&mut self, cx: &mut Cx<'_>, advert: &Advert, theirs: Priority) -> Wish {
        let (ours, from) = (self.priority(), advert.source);
        if self.has_just_replaced(cx.now, from) {
            return Wish::Nothing;
        }
        let answered = !self.config.options.lower_priority_no_advert;
        self.heard(cx, Heard::Lower { theirs, ours, from, answered });
        if let Some(received) = advert.sequence {
            // The other one shall not refuse the answer as a replay (compat 11 §1.5).
            self.sequence = received.saturating_add(1);
            self.heard(cx, Heard::NumberOvertaken);
        }
        if answered {
            self.send_now(cx);
        }
        self.tell(cx, Told::MasterRxLowerPriority);
        self.announce_to_lower(cx);
        Wish::HeardLower
    }

    /// The other router may have announced our addresses: say where they are.
    pub(crate) fn announce_to_lower(&mut self, cx: &mut Cx<'_>) {
        let config = self.config.announcement;
        let State::Master(master) = &mut self.state else {
            return;
        };
        if config.lower_priority_repeat > 0 {
            master.announcements.lower_heard(cx.now, &config);
            self.order(cx, Some(config.lower_priority_repeat));
        }
    }

    /// Whether this is the master that it thought lost: both may have announced the addresses. A
    /// last advert makes the other one, which stays master, announce them again; to the letter of
    /// the RFC a router yields without a word.
    fn found(&self, better: IpAddr) -> bool {
        match &self.state {
            State::Master(master) => {
                master.before == Predecessor::Silent(better) && !self.config.options.strict
            }
            State::Init | State::Fault | State::Backup(_) | State::Stopped => false,
        }
    }

    fn step_back(&mut self, cx: &mut Cx<'_>, advert: &Advert, theirs: Priority, from: IpAddr) {
        let ours = self.priority();
        if theirs.is_owner() && ours.is_owner() {
            self.heard(cx, Heard::Owner { from });
        }
        self.heard(
            cx,
            if theirs == ours {
                Heard::Equal { priority: ours, from }
            } else {
                Heard::Higher { theirs, ours, from }
            },
        );
        if self.config.options.higher_priority_send_advert || self.found(advert.source) {
            self.send(cx, Advertised::Priority(ours));
        }
        let learned = match self.config.version {
            Version::V2 => self.config.advert_interval,
            Version::V3 => advert.interval,
        };
        let mut backup = Backup::until(cx.now + self.master_down(Some(learned)), learned);
        backup.following = Some(advert.source);
        self.master = Some((advert.source, theirs));
        self.enter(State::Backup(backup), cx, Some(Told::Backup), Farewell::Nothing);
    }
}
