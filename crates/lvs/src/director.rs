//! The director: every virtual server, and the next deadline of all of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use crate::agenda::Agenda;
use crate::config::{self, Config};
use crate::effect::{Effect, Facts, Input, Order};
use crate::nursery::Nursery;
use crate::probe::Outcome;
use crate::units::{CheckId, Generation, ServerId};
use crate::view::View;
use crate::virtual_server::{Cx, Place, VirtualServer};

/// The load balancing core. See the crate's documentation for how it is driven.
#[derive(Debug)]
pub struct Director {
    now: Instant,
    /// The newest configuration.
    pub(crate) config: Arc<Config>,
    /// All that are there, those included that are about to leave the kernel.
    pub(crate) servers: BTreeMap<ServerId, VirtualServer>,
    /// The virtual servers of the newest configuration, in its order.
    pub(crate) sequence: Vec<ServerId>,
    /// Where each check is.
    places: BTreeMap<CheckId, (ServerId, Place)>,
    agenda: Agenda,
    /// Who may have something new to order.
    outdated: BTreeSet<ServerId>,
    pub(crate) effects: VecDeque<Effect>,
    pub(crate) nursery: Nursery,
    next_id: u32,
    phase: Phase,
}

/// How far the core is in its life.
#[derive(Debug)]
enum Phase {
    /// The kernel does not yet have the first orders of these.
    Starting(BTreeSet<ServerId>),
    Serving,
    /// The kernel still has something left.
    Stopping,
    Stopped,
}

impl Director {
    /// A director of this configuration. The seed decides how first checks are spread.
    #[must_use]
    pub fn new(config: Arc<Config>, facts: Facts, now: Instant, seed: u64) -> Self {
        let mut director = Self {
            now,
            config: Arc::default(),
            servers: BTreeMap::new(),
            sequence: Vec::new(),
            places: BTreeMap::new(),
            agenda: Agenda::default(),
            outdated: BTreeSet::new(),
            effects: VecDeque::new(),
            nursery: Nursery::new(facts, seed),
            next_id: 0,
            phase: Phase::Serving,
        };
        director.reconfigure(config);
        director.phase = Phase::Starting(director.sequence.iter().copied().collect());
        director.advance();
        director
    }

    /// Takes one input. Drain [`Self::poll_order`] and then [`Self::poll_effect`] afterwards.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.now = now;
        match input {
            Input::Timeout => self.on_timeout(),
            Input::Tried { check, outcome } => self.on_tried(check, outcome),
            Input::Value { file, value } => self.on_value(file, value),
            Input::Addresses(addresses) => self.on_addresses(addresses),
            Input::Session { name, up } => self.on_session(name, up),
            Input::Settled { owner, generation } => self.on_settled(owner, generation),
            Input::Reconfigure(config) => {
                if self.is_serving() {
                    self.reconfigure(config);
                }
            }
            Input::Stop => self.on_stop(),
            Input::Abandon => self.on_abandon(),
        }
        self.advance();
    }

    /// The next thing to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// The next order to the kernel; several changes of one virtual server make one order.
    pub fn poll_order(&mut self) -> Option<Order> {
        while let Some(id) = self.outdated.pop_first() {
            let order = self.with(id, |server, _| server.order()).flatten();
            if order.is_some() {
                return order;
            }
            // Nothing is asked of the kernel, so nothing will be heard of it.
            self.conclude(id);
            self.advance();
        }
        None
    }

    /// When [`Input::Timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.agenda.first()
    }

    /// What can be seen of all virtual servers, in the order of the file.
    pub fn views(&self) -> impl Iterator<Item = View> {
        self.sequence.iter().filter_map(|id| self.servers.get(id)).map(|server| server.view())
    }

    /// Does something to one virtual server, and then what that brings about.
    pub(crate) fn with<R>(
        &mut self,
        id: ServerId,
        step: impl FnOnce(&mut VirtualServer, &mut Cx<'_>) -> R,
    ) -> Option<R> {
        let (servers, mut cx) = self.split();
        let server = servers.get_mut(&id)?;
        let result = step(server, &mut cx);
        while let Some(notice) = server.orders.release() {
            cx.effects.push_back(Effect::Notify(notice));
        }
        if server.orders.is_outdated() {
            self.outdated.insert(id);
        }
        Some(result)
    }

    pub(crate) const fn new_id(&mut self) -> ServerId {
        let id = ServerId(self.next_id);
        self.next_id += 1;
        id
    }

    /// Begins a virtual server.
    pub(crate) fn open(&mut self, id: ServerId, config: config::VirtualServer) {
        let (servers, mut cx) = self.split();
        servers.insert(id, VirtualServer::new(id, config, &mut cx));
        self.outdated.insert(id);
    }

    /// The virtual servers, and what they share while one of them does something.
    fn split(&mut self) -> (&mut BTreeMap<ServerId, VirtualServer>, Cx<'_>) {
        let cx = Cx {
            now: self.now,
            effects: &mut self.effects,
            nursery: &mut self.nursery,
            notify_at_start: self.config.notify_at_start,
            brief_stop: self.config.brief_stop,
        };
        (&mut self.servers, cx)
    }

    /// Finds every check anew. Nobody waits any more for attempts of those that are gone.
    pub(crate) fn index(&mut self) {
        let before = std::mem::take(&mut self.places);
        self.agenda.clear();
        for id in &self.sequence {
            for (check, place, deadline) in self.servers[id].checks() {
                self.places.insert(check, (*id, place));
                if let Some(at) = deadline {
                    self.agenda.add(at, check);
                }
            }
        }
        let gone = before.into_keys().filter(|check| !self.places.contains_key(check));
        self.effects.extend(gone.map(|check| Effect::Forget { check }));
    }

    fn on_timeout(&mut self) {
        while let Some(check) = self.agenda.take_due(self.now) {
            if let Some((id, place)) = self.places.get(&check).copied() {
                let deadline = self.with(id, |server, cx| server.start(cx, place));
                if let Some(at) = deadline.flatten() {
                    self.agenda.add(at, check);
                }
            }
        }
    }

    fn on_tried(&mut self, check: CheckId, outcome: Outcome) {
        // A reload may have ended a check whose attempt was under way.
        let Some((id, place)) = self.places.get(&check).copied() else {
            return;
        };
        let deadline = self.with(id, |server, cx| server.on_tried(cx, place, outcome));
        if let Some(at) = deadline.flatten() {
            self.agenda.add(at, check);
        }
    }

    fn on_value(&mut self, file: Arc<str>, value: i64) {
        for id in self.sequence.clone() {
            self.with(id, |server, cx| server.on_value(cx, &file, value));
        }
        self.nursery.facts.files.insert(file, value);
    }

    fn on_addresses(&mut self, addresses: BTreeSet<IpAddr>) {
        self.nursery.facts.addresses = addresses;
        for id in self.sequence.clone() {
            self.with(id, VirtualServer::on_addresses);
        }
    }

    fn on_session(&mut self, name: Arc<str>, up: bool) {
        self.tell_sessions(&|session| (*session == *name).then_some(up));
        let down = &mut self.nursery.facts.sessions_down;
        if up {
            down.remove(&name)
        } else {
            down.insert(name)
        };
    }

    /// Tells the checks that follow BFD sessions which of them are down: what is new of a
    /// configuration does not know it yet, and nothing has been ordered of the kernel.
    pub(crate) fn tell_sessions_down(&mut self) {
        let down = std::mem::take(&mut self.nursery.facts.sessions_down);
        self.tell_sessions(&|session| down.contains(session).then_some(false));
        self.nursery.facts.sessions_down = down;
    }

    fn tell_sessions(&mut self, known: &dyn Fn(&str) -> Option<bool>) {
        for id in self.sequence.clone() {
            self.with(id, |server, cx| server.on_sessions(cx, known));
        }
    }

    fn on_settled(&mut self, owner: ServerId, generation: Generation) {
        self.with(owner, |server, _| server.orders.on_settled(generation));
        self.conclude(owner);
    }

    /// What may follow for one virtual server when the kernel has what it shall.
    fn conclude(&mut self, owner: ServerId) {
        let Some(server) = self.servers.get(&owner) else {
            return;
        };
        if let Phase::Starting(awaited) = &mut self.phase
            && server.orders.have_settled()
        {
            awaited.remove(&owner);
        }
        if server.is_gone() {
            self.servers.remove(&owner);
        }
    }

    fn on_stop(&mut self) {
        if !self.is_serving() {
            return;
        }
        for id in std::mem::take(&mut self.sequence) {
            self.with(id, VirtualServer::shut_down);
        }
        self.index();
        self.phase = Phase::Stopping;
    }

    fn on_abandon(&mut self) {
        if matches!(self.phase, Phase::Stopped) {
            return;
        }
        self.sequence.clear();
        self.servers.clear();
        self.outdated.clear();
        self.index();
        self.phase = Phase::Stopping;
    }

    const fn is_serving(&self) -> bool {
        match self.phase {
            Phase::Starting(_) | Phase::Serving => true,
            Phase::Stopping | Phase::Stopped => false,
        }
    }

    /// What may follow from every input: readiness, the end.
    fn advance(&mut self) {
        match &self.phase {
            Phase::Starting(awaited) if awaited.is_empty() => {
                self.phase = Phase::Serving;
                self.effects.push_back(Effect::Ready);
            }
            Phase::Stopping if self.servers.is_empty() => {
                self.phase = Phase::Stopped;
                self.effects.push_back(Effect::Stopped);
            }
            Phase::Starting(_) | Phase::Serving | Phase::Stopping | Phase::Stopped => {}
        }
    }
}
