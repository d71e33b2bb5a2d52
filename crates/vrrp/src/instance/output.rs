//! Everything that leaves an instance: adverts, orders, notices and lines for the log.

use std::net::IpAddr;
use std::time::Duration;

use net::{AddressKey, Family};

use super::{Cx, Instance, State};
use crate::advert::{self, Sequence, Stamp};
use crate::config::{Cast, HmacMode};
use crate::effect::{Announce, Effect, OneRound, Order, OwnerId, Transmission};
use crate::event::{Deed, Event, Heard, Moved, What};
use crate::holdings::Holdings;
use crate::notice::{Notice, Subject, Told};
use crate::units::Advertised;

impl Instance {
    /// Priority 0: the backups need not wait. Whether it could be sent.
    pub(super) fn release(&mut self, cx: &mut Cx<'_>) -> bool {
        // Without an address it may still be heard from the one that it had: better than silence.
        let source = self.verdict.voice().or(self.spoke_from);
        let sent = self.send_from(cx, source, Advertised::Release);
        self.stats.pri_zero_sent += u64::from(sent);
        sent
    }

    /// One advert, to the group or to each peer.
    pub(super) fn send(&mut self, cx: &mut Cx<'_>, priority: Advertised) {
        self.send_from(cx, self.verdict.voice(), priority);
    }

    fn send_from(&mut self, cx: &mut Cx<'_>, source: Option<IpAddr>, priority: Advertised) -> bool {
        let Some(source) = source else {
            return false;
        };
        self.spoke_from = Some(source);
        let stamp = self.stamp(cx.since_1970);
        self.stats.advert_sent += 1;
        self.insist(cx.now);
        let destinations = match &self.config.cast {
            Cast::Multicast { group } => vec![*group],
            Cast::Unicast { peers } => peers.iter().map(|peer| peer.address).collect(),
        };
        for destination in destinations {
            let addresses = (source, destination);
            cx.transmissions.push_back(Transmission {
                gate: self.config.seat.gate(),
                destination,
                packet: advert::encode(&self.config, priority, stamp, addresses),
                release: priority == Advertised::Release,
                instance: self.config.name.clone(),
            });
        }
        true
    }

    /// The numbers of the next advert; every copy of it has the same.
    fn stamp(&mut self, since_1970: Duration) -> Stamp {
        self.identification = self.identification.checked_add(1).unwrap_or(1);
        self.sequence = self.sequence.saturating_add(1);
        let window = self.window();
        let hmac = self.config.hmac.as_ref();
        let trailed = hmac.is_some_and(|hmac| hmac.mode != HmacMode::ReceiveOnly);
        let number = trailed.then(|| self.numbering.next(Sequence::of_time(since_1970), window));
        Stamp {
            identification: self.identification,
            sequence: self.sequence,
            number,
            old_checksum: self.old_checksum && matches!(self.config.cast, Cast::Unicast { .. }),
        }
    }

    /// Writes the newest wish for the network manager: the addresses are to be where the state
    /// says, and announced in a burst of so many rounds.
    pub(super) fn order(&mut self, cx: &mut Cx<'_>, announce: Option<u32>) {
        if let Some(rounds) = announce {
            self.announce = Announce { count: self.announce.count + 1, rounds };
        }
        let installed = self.is_master();
        self.generation.0 += 1;
        cx.effects.push_back(Effect::Order(Order {
            owner: OwnerId::Instance(self.id),
            name: self.config.name.clone(),
            generation: self.generation,
            // Who has stopped may not hold anything: others may use its addresses now.
            holdings: match self.state {
                State::Stopped => Holdings::default(),
                State::Init | State::Fault | State::Backup(_) | State::Master(_) => {
                    self.holdings.clone()
                }
            },
            installed,
            announce: self.announce,
            extra: self.extra.clone(),
            own: match self.state {
                State::Stopped => OneRound::default(),
                State::Init | State::Fault | State::Backup(_) | State::Master(_) => {
                    self.own.clone()
                }
            },
        }));
    }

    /// A unicast router on a link tells its neighbours where it is (compat 11 §4.9).
    pub(super) fn announce_itself(&mut self, cx: &mut Cx<'_>) {
        let unicast = matches!(self.config.cast, Cast::Unicast { .. });
        let (Some(link), Some(ip)) = (self.config.seat.link(), self.verdict.voice()) else {
            return;
        };
        if !unicast || cx.begin > cx.now {
            return;
        }
        let key = AddressKey { link: link.clone(), ip, prefix: Family::of(ip).bits() };
        self.own = OneRound { count: self.own.count + 1, addresses: [key].into() };
        self.report(cx, Deed::AnnouncedItself(ip));
        self.order(cx, None);
    }

    /// What is set, or removed, in the order in which that is done (compat 11 §12.2).
    pub(super) fn report_moves(&self, cx: &mut Cx<'_>, set: bool) {
        let config = &self.config;
        let addresses = [
            (Moved::Addresses, config.addresses.is_empty()),
            (Moved::Excluded, config.excluded.is_empty()),
        ];
        let mut routing =
            [(Moved::Routes, config.routes.is_empty()), (Moved::Rules, config.rules.is_empty())];
        let all = if set {
            [addresses, routing].concat()
        } else {
            routing.reverse();
            [routing, addresses].concat()
        };
        for (what, _) in all.into_iter().filter(|(_, empty)| !empty) {
            self.report(cx, Deed::Moving { set, what });
        }
    }

    /// Tells the outside, once the kernel shows what is told.
    pub(crate) fn tell(&mut self, cx: &mut Cx<'_>, state: Told) {
        if state.is_state() {
            self.told = Some((state, cx.now));
        }
        self.hold(cx, state, false);
    }

    /// Tells its state again, unless it was told at this moment.
    pub(crate) fn tell_again(&mut self, cx: &mut Cx<'_>) {
        if let Some((state, at)) = self.told
            && at < cx.now
        {
            self.hold(cx, state, true);
        }
    }

    fn hold(&mut self, cx: &mut Cx<'_>, state: Told, again: bool) {
        let notice = Notice {
            subject: Subject::Instance(self.config.name.clone()),
            state,
            priority: self.priority().number(),
            notify: self.notify.clone(),
            again,
        };
        self.waiting.hold(self.generation, notice);
        self.on_settled(cx, self.settled);
    }

    pub(crate) fn report(&self, cx: &mut Cx<'_>, deed: Deed) {
        self.event(cx, What::Did(deed));
    }

    pub(super) fn heard(&self, cx: &mut Cx<'_>, heard: Heard) {
        self.event(cx, What::Heard(heard));
    }

    pub(super) fn event(&self, cx: &mut Cx<'_>, what: What) {
        cx.effects.push_back(Effect::Report(Event { subject: self.config.name.clone(), what }));
    }
}
