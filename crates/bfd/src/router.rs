//! All sessions of one daemon: finds the one that an input concerns, and knows when something is
//! due next.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;

use crate::agenda::Agenda;
use crate::config::{self, Config, Listeners};
use crate::discriminators::Discriminators;
use crate::effect::{Arrival, Effect, Input, Transmission};
use crate::event::{Event, What};
use crate::packet::{Discard, Packet};
use crate::session::{Cx, Session};
use crate::units::SessionId;
use crate::view::View;

/// The core. See the crate's documentation for how it is driven.
#[derive(Debug)]
pub struct Bfd {
    now: Instant,
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    /// The sessions in the order of the file.
    pub(crate) sequence: Vec<SessionId>,
    /// Sessions by what a packet that names none tells about them.
    index: BTreeMap<(IpAddr, bool), Vec<SessionId>>,
    discriminators: Discriminators,
    rng: Rng,
    effects: VecDeque<Effect>,
    transmissions: VecDeque<Transmission>,
    agenda: Agenda,
    next_id: u32,
}

impl Bfd {
    /// Starts every session of a configuration. The seed decides discriminators and jitter, so
    /// it should be hard to guess.
    #[must_use]
    pub fn new(config: &Config, now: Instant, seed: u64) -> Self {
        let mut bfd = Self {
            now,
            sessions: BTreeMap::new(),
            sequence: Vec::new(),
            index: BTreeMap::new(),
            discriminators: Discriminators::default(),
            rng: Rng::with_seed(seed),
            effects: VecDeque::new(),
            transmissions: VecDeque::new(),
            agenda: Agenda::default(),
            next_id: 0,
        };
        bfd.reconfigure(config);
        bfd
    }

    /// Takes in one input. Drain [`Self::poll_transmission`] and [`Self::poll_effect`] afterwards.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.now = now;
        match input {
            Input::Tick => self.on_due(Session::on_tick),
            Input::Timeout => self.on_due(Session::on_timeout),
            Input::Packet(arrival) => self.on_arrival(&arrival),
            Input::Opened(session) => self.with(session, Session::on_opened).unwrap_or_default(),
            Input::NotOpened(session) => {
                self.with(session, Session::on_not_opened).unwrap_or_default();
            }
            Input::Sending { session, works } => {
                self.with(session, |session, cx| session.on_sending(cx, works)).unwrap_or_default();
            }
            Input::Reconfigure(config) => self.reconfigure(&config),
        }
    }

    /// The next packet to send. Drain this before [`Self::poll_effect`].
    pub fn poll_transmission(&mut self) -> Option<Transmission> {
        self.transmissions.pop_front()
    }

    /// The next thing to do, in order.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Input::Timeout`] is wanted at the latest; only `handle` changes it.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.agenda.first()
    }

    /// Where to listen; only [`Input::Reconfigure`] changes it.
    #[must_use]
    pub fn listeners(&self) -> Listeners {
        let any = |multihop| self.index.keys().any(|(_, hops)| *hops == multihop);
        Listeners { single_hop: any(false), multihop: any(true) }
    }

    /// What can be seen of the sessions, in the order of the file.
    pub fn views(&self) -> impl Iterator<Item = View> {
        self.sequence.iter().map(|id| self.sessions[id].view())
    }

    /// Does something to one session and notes its new deadline.
    pub(crate) fn with<R>(
        &mut self,
        id: SessionId,
        step: impl FnOnce(&mut Session, &mut Cx<'_>) -> R,
    ) -> Option<R> {
        let (sessions, mut cx) = self.split();
        let session = sessions.get_mut(&id)?;
        let result = step(session, &mut cx);
        let deadline = session.deadline();
        self.agenda.set(id, deadline);
        Some(result)
    }

    pub(crate) fn add(&mut self, config: config::Session) -> SessionId {
        let id = SessionId(self.next_id);
        self.next_id += 1;
        let (sessions, mut cx) = self.split();
        sessions.insert(id, Session::start(id, config, &mut cx));
        id
    }

    /// The sessions, and what they share while one of them does something.
    fn split(&mut self) -> (&mut BTreeMap<SessionId, Session>, Cx<'_>) {
        let cx = Cx {
            now: self.now,
            effects: &mut self.effects,
            transmissions: &mut self.transmissions,
            discriminators: &mut self.discriminators,
            rng: &mut self.rng,
        };
        (&mut self.sessions, cx)
    }

    pub(crate) fn remove(&mut self, id: SessionId) {
        self.with(id, Session::leave);
        if let Some(session) = self.sessions.remove(&id) {
            self.agenda.set(id, None);
            self.discriminators.release(session.discriminator());
            self.effects.push_back(Effect::Close(id));
        }
    }

    fn on_due(&mut self, step: impl Fn(&mut Session, &mut Cx<'_>)) {
        for id in self.agenda.due(self.now) {
            self.with(id, &step);
        }
    }

    fn on_arrival(&mut self, arrival: &Arrival<'_>) {
        let packet = match Packet::decode(arrival.bytes) {
            Ok(packet) => packet,
            Err(why) => return self.discard(arrival, None, why),
        };
        let found = match self.addressee(arrival, &packet) {
            Ok(found) => found,
            Err(why) => return self.discard(arrival, None, why),
        };
        let heard = self.with(found, |session, cx| session.on_packet(cx, &packet, arrival.ttl));
        if let Some(Err(why)) = heard {
            self.discard(arrival, Some(found), why);
        }
    }

    /// The session that a packet is for (RFC 5880 §6.8.6, RFC 5881 §3). One that names its
    /// session may come from anywhere, but not by the other port.
    fn addressee(&self, arrival: &Arrival<'_>, packet: &Packet) -> Result<SessionId, Discard> {
        if let Some(yours) = packet.yours {
            let owner = self.discriminators.owner(yours);
            let fits = |id: &SessionId| self.sessions[id].config.multihop == arrival.multihop;
            return owner.filter(fits).ok_or(Discard::UnknownDiscriminator(yours));
        }
        let key = (arrival.source.ip().to_canonical(), arrival.multihop);
        let candidates = self.index.get(&key).map_or(&[][..], Vec::as_slice);
        let to = arrival.destination.map(|to| to.to_canonical());
        let fits = |id: &&SessionId| {
            let source = self.sessions[id].config.source;
            source.is_none() || to.is_none() || source == to
        };
        candidates.iter().find(fits).copied().ok_or(Discard::UnknownSender)
    }

    fn discard(&mut self, arrival: &Arrival<'_>, session: Option<SessionId>, why: Discard) {
        let subject = session.map(|id| Arc::clone(&self.sessions[&id].config.name));
        let source = arrival.source;
        let from = SocketAddr::new(source.ip().to_canonical(), source.port());
        if why.is_bogus() {
            let event = Event { subject: None, what: What::Bogus(why.clone()) };
            self.effects.push_back(Effect::Report(event));
        }
        let what = What::Discarded { from, why };
        self.effects.push_back(Effect::Report(Event { subject, what }));
    }

    /// Makes the look-up table of [`Self::addressee`] anew.
    pub(crate) fn index_sessions(&mut self) {
        self.index.clear();
        for id in &self.sequence {
            let config = &self.sessions[id].config;
            self.index.entry((config.neighbor, config.multihop)).or_default().push(*id);
        }
    }
}
