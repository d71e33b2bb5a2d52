//! Two address owners on one segment (compat 11 §4.7): the one with the lower address puts up with
//! the other for a while; if that goes on, it calls itself 254 and the other wins.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::{Cx, Instance, State};
use crate::advert::Advert;
use crate::event::{Deed, Dispute, Heard};
use crate::units::{Advertised, Priority};

/// Own adverts after which the other owner should know of us.
const ADVERTS: u8 = 2;

/// As master it has heard another owner of a lower address.
#[derive(Debug)]
pub(super) enum Quarrel {
    /// Tells the other of itself.
    Insisting {
        /// Own adverts left.
        adverts: u8,
        /// How long it listens then.
        patience: Duration,
    },
    /// Listens until then whether the other goes on.
    Listening(Instant),
}

impl Quarrel {
    pub(super) const fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Insisting { .. } => None,
            Self::Listening(until) => Some(*until),
        }
    }
}

impl Instance {
    /// The priority that it tells.
    pub(crate) fn priority(&self) -> Priority {
        let yielding = Priority::new(Priority::OWNER.number() - 1);
        match yielding.filter(|_| self.gave_way) {
            Some(lower) => lower,
            None => self.verdict.priority,
        }
    }

    /// As master it has heard this one, whose address is lower.
    pub(super) fn meet_owner(&mut self, cx: &mut Cx<'_>, advert: &Advert) {
        let owners =
            advert.priority == Advertised::Priority(Priority::OWNER) && self.priority().is_owner();
        let interval = self.config.advert_interval.max(advert.interval).duration();
        let State::Master(master) = &mut self.state else { return };
        if !owners {
            return;
        }
        match &master.quarrel {
            None => {
                let patience = interval * 6 / 5;
                master.quarrel = Some(Quarrel::Insisting { adverts: ADVERTS, patience });
                self.heard(cx, Heard::Owner { from: advert.source });
            }
            Some(Quarrel::Insisting { .. }) => {}
            Some(Quarrel::Listening(_)) => {
                master.quarrel = None;
                self.gave_way = true;
                self.report(cx, Deed::Dispute(Dispute::GivingWay { to: advert.source }));
            }
        }
    }

    /// It has sent an advert.
    pub(super) fn insist(&mut self, now: Instant) {
        let State::Master(master) = &mut self.state else { return };
        if let Some(Quarrel::Insisting { adverts, patience }) = &mut master.quarrel {
            *adverts -= 1;
            if *adverts == 0 {
                master.quarrel = Some(Quarrel::Listening(now + *patience));
            }
        }
    }

    /// The other one may have fallen silent.
    pub(super) fn end_quarrel(&mut self, cx: &mut Cx<'_>) {
        let State::Master(master) = &mut self.state else { return };
        let over = |quarrel: &mut Quarrel| quarrel.deadline().is_some_and(|at| at <= cx.now);
        if master.quarrel.take_if(over).is_some() {
            self.report(cx, Deed::Dispute(Dispute::Over));
        }
    }

    /// As backup behind the other owner: whether that one still is there and is one.
    pub(super) fn look_at_owner(&mut self, cx: &mut Cx<'_>, from: IpAddr, theirs: Priority) {
        let State::Backup(backup) = &self.state else { return };
        if !theirs.is_owner() || backup.following != Some(from) {
            self.claim_again(cx, Dispute::HeardLower);
        }
    }

    /// Nobody disputes its priority any more.
    pub(super) fn claim_again(&mut self, cx: &mut Cx<'_>, why: Dispute) {
        if std::mem::take(&mut self.gave_way) {
            self.report(cx, Deed::Dispute(why));
        }
    }
}
