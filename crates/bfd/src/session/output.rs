//! What a session says, to its neighbour and to everybody else.

use std::num::NonZeroU8;
use std::sync::Arc;
use std::time::Duration;

use super::{Cx, Session, State};
use crate::effect::{Effect, Notice, Outlet, Transmission};
use crate::event::{Event, What};
use crate::packet::{Packet, Question};
use crate::table::{self, Line};
use crate::units::{Interval, StateKind};

impl Session {
    /// Sends what is due, and nothing else.
    pub(crate) fn on_tick(&mut self, cx: &mut Cx<'_>) {
        self.news |= self.sender.is_due(cx.now);
        self.speak(cx);
    }

    /// How often it sends of its own accord; `None` when it must not (RFC 5880 §6.8.7).
    fn wanted_interval(&self) -> Option<Duration> {
        let speaks = match self.state {
            State::Opening | State::AdminDown { .. } => false,
            State::Down { .. } => !self.config.passive,
            State::Init { .. } | State::Up { .. } => true,
        };
        let both_up = self.kind() == StateKind::Up && self.remote.state == StateKind::Up;
        let unasked = self.remote.demand && both_up && !self.timing.is_polling();
        let unwelcome = self.remote.min_rx.is_zero();
        (speaks && !unasked && !unwelcome).then(|| self.timing.interval(&self.remote))
    }

    /// Sends if there is news or a packet is due, and knows afterwards when the next one is.
    pub(super) fn speak(&mut self, cx: &mut Cx<'_>) {
        let interval = self.wanted_interval();
        self.sender.pace(cx.now, interval, cx.rng);
        let news = std::mem::take(&mut self.news);
        if let Some(interval) = interval
            && (news || self.sender.is_due(cx.now))
        {
            let question = if self.timing.is_polling() { Question::Poll } else { Question::None };
            self.send(cx, question);
            self.sender.sent(cx.now, interval, cx.rng);
        }
    }

    /// Answers a poll at once, whatever is due; it says all that a packet with news would say.
    /// Its own question, if any, waits until its next packet.
    pub(super) fn answer(&mut self, cx: &mut Cx<'_>) {
        self.send(cx, Question::Final);
        if std::mem::take(&mut self.news)
            && let Some(interval) = self.wanted_interval()
        {
            self.sender.sent(cx.now, interval, cx.rng);
        }
    }

    fn send(&mut self, cx: &mut Cx<'_>, question: Question) {
        let packet = Packet {
            diagnostic: self.diagnostic,
            state: self.kind(),
            question,
            control_plane_independent: false,
            demand: false,
            // The language does not accept zero.
            multiplier: NonZeroU8::new(self.config.multiplier).unwrap_or(NonZeroU8::MIN),
            mine: self.mine,
            yours: self.remote.discriminator,
            desired_min_tx: self.timing.announced.tx,
            required_min_rx: self.timing.announced.rx,
            required_min_echo_rx: Interval::default(),
        };
        self.stats.sent += 1;
        cx.transmissions.push_back(Transmission { session: self.id, packet: packet.encode() });
    }

    /// Whether its packets go out; a row of failures is told once.
    pub(crate) fn on_sending(&mut self, cx: &mut Cx<'_>, works: bool) {
        if !works && !self.mute {
            self.report(cx, What::CannotSend);
        }
        self.mute = !works;
    }

    pub(super) fn open(&self, cx: &mut Cx<'_>) {
        cx.effects.push_back(Effect::Open(Outlet {
            session: self.id,
            name: Arc::clone(&self.config.name),
            neighbor: self.config.neighbor,
            source: self.config.source,
            ttl: self.config.ttl,
            multihop: self.config.multihop,
        }));
    }

    pub(super) fn tell(&mut self, cx: &mut Cx<'_>, up: bool) {
        self.told_up = up;
        let name = Arc::clone(&self.config.name);
        cx.effects.push_back(Effect::Tell(Notice { name, up, told: self.config.told }));
    }

    /// Shows what both ends go by, when that has changed.
    pub(super) fn report_parameters(&mut self, cx: &mut Cx<'_>, minor: bool) {
        let rows = table::rows(&self.timing, &self.remote, self.config.multiplier);
        if self.shown.replace(rows) != Some(rows) {
            let [local, remote] = rows;
            for line in [Line::Title, Line::Columns, Line::Local(local), Line::Remote(remote)] {
                self.report(cx, What::Parameters { line, minor });
            }
        }
    }

    pub(super) fn report(&self, cx: &mut Cx<'_>, what: What) {
        let subject = Some(Arc::clone(&self.config.name));
        cx.effects.push_back(Effect::Report(Event { subject, what }));
    }
}
