//! One load-balanced service: which of its servers are up, whether that is enough, and what the
//! kernel shall therefore hold (compat 21 §5).

mod ending;
mod orders;
mod reload;
mod suspension;
mod telling;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use net::{DestinationKey, Marking, Service, ServiceKey};

use crate::alert::Cause;
use crate::config::{self, Command, Identity, Quorum, SorryServer};
use crate::effect::Effect;
use crate::event::{Event, Finding, Happening, ServerDeed};
use crate::health::{Check, Health};
use crate::nursery::Nursery;
use crate::probe::Outcome;
use crate::quorum::Standing;
use crate::real_server::RealServer;
use crate::units::{CheckId, ServerId};
use crate::view::View;
use crate::virtual_server::orders::Orders;
use crate::virtual_server::suspension::Suspension;

/// What virtual servers share while one of them does something.
pub(crate) struct Cx<'a> {
    pub(crate) now: Instant,
    pub(crate) effects: &'a mut VecDeque<Effect>,
    pub(crate) nursery: &'a mut Nursery,
    /// Servers that are in service from the start are told of too.
    pub(crate) notify_at_start: bool,
    /// At the stop nothing is said of servers.
    pub(crate) brief_stop: bool,
}

/// Where a check is within its virtual server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) real: usize,
    pub(crate) check: usize,
}

/// A virtual server and its history.
#[derive(Debug)]
pub(crate) struct VirtualServer {
    pub(crate) identity: Arc<Identity>,
    services: Arc<[Service]>,
    markings: Arc<[Marking]>,
    quorum: Quorum,
    omega: bool,
    quorum_up: Option<Arc<Command>>,
    quorum_down: Option<Arc<Command>>,
    mail: bool,
    sorry_server: Option<SorryServer>,
    reals: Vec<RealServer>,
    suspension: Suspension,
    /// The sum of the weights of the servers that are up.
    live_weight: u64,
    standing: Standing,
    /// What was last said of the quorum to the outside.
    told: Option<bool>,
    /// What the kernel was asked for, and what waits for it.
    pub(crate) orders: Orders,
    /// It was removed or shut down.
    ended: bool,
}

impl VirtualServer {
    /// A virtual server as it begins: nobody has been checked, nothing has been said.
    pub(crate) fn new(id: ServerId, config: config::VirtualServer, cx: &mut Cx<'_>) -> Self {
        let suspension = Suspension::of(&config, &cx.nursery.facts);
        let mut server = Self {
            identity: Arc::new(config.identity),
            services: config.services.into(),
            markings: config.marked.into(),
            quorum: config.quorum,
            omega: config.omega,
            quorum_up: config.quorum_up,
            quorum_down: config.quorum_down,
            mail: config.mail,
            sorry_server: config.sorry_server,
            reals: Vec::with_capacity(config.real_servers.len()),
            suspension,
            live_weight: 0,
            standing: Standing::first(config.quorum),
            told: None,
            orders: Orders::new(id),
            ended: false,
        };
        for real in config.real_servers {
            server.admit(cx, real);
        }
        server.evaluate(cx);
        server
    }

    /// Takes a server in that was not there before.
    fn admit(&mut self, cx: &mut Cx<'_>, config: config::RealServer) {
        let real = RealServer::new(config, cx.now, cx.nursery);
        self.live_weight += real.live_weight();
        if cx.notify_at_start && real.is_up() {
            self.orders.tell(self.notice(&real, true));
        }
        let born = real.checks.iter().filter(|check| check.makes_attempts()).count();
        self.announce_checks(cx, real.config.key, born);
        self.reals.push(real);
    }

    /// Says that so many checks of a server begin their lives.
    fn announce_checks(&self, cx: &mut Cx<'_>, key: DestinationKey, born: usize) {
        let (server, of) = (self.name(key), Arc::clone(&self.identity));
        let rests = self.suspension.rests();
        let deed = if rests { ServerDeed::Deactivated } else { ServerDeed::Activated };
        let line = Event::Server { server, of, deed };
        cx.nursery.births.extend(std::iter::repeat_n(line, born));
    }

    /// What can be seen of it.
    pub(crate) fn view(&self) -> View {
        View {
            identity: Arc::clone(&self.identity),
            services: Arc::clone(&self.services),
            met: self.standing.is_met(),
            sorry: self.standing == Standing::Sorry,
            live_weight: self.live_weight,
            servers: self.reals.iter().map(|real| real.view(self.standing)).collect(),
        }
    }

    /// What the kernel knows it by.
    pub(crate) fn service_keys(&self) -> impl Iterator<Item = ServiceKey> {
        self.services.iter().map(|service| service.key)
    }

    /// Where its checks are, and when each of them is due.
    pub(crate) fn checks(&self) -> impl Iterator<Item = (CheckId, Place, Option<Instant>)> {
        self.reals.iter().enumerate().flat_map(|(real, server)| {
            let places = server.checks.iter().enumerate();
            places.map(move |(check, c)| (c.id, Place { real, check }, c.deadline()))
        })
    }

    /// Begins the attempt that a check waits for, or has it wait on. Returns until when it waits.
    pub(crate) fn start(&mut self, cx: &mut Cx<'_>, place: Place) -> Option<Instant> {
        let check = &mut self.reals[place.real].checks[place.check];
        if self.suspension.rests() {
            check.rest(cx.now);
        } else {
            cx.effects.extend(check.start(cx.now));
        }
        check.deadline()
    }

    /// Takes the outcome of an attempt; one that comes while checks rest says nothing. Returns
    /// when the check is due again; nothing if it was not waiting for an outcome.
    pub(crate) fn on_tried(
        &mut self,
        cx: &mut Cx<'_>,
        place: Place,
        outcome: Outcome,
    ) -> Option<Instant> {
        let now = cx.now;
        if self.suspension.rests() {
            self.reals[place.real].checks[place.check].rest(now);
        } else {
            self.learn(cx, place, |check, say| check.end(now, outcome, say));
        }
        self.reals[place.real].checks[place.check].deadline()
    }

    /// Passes the value of a tracked file on to the checks that follow it.
    pub(crate) fn on_value(&mut self, cx: &mut Cx<'_>, file: &str, value: i64) {
        self.learn_all(cx, |check, say| check.on_value(file, value, say));
    }

    /// Passes what is known of BFD sessions on to the checks that follow them.
    pub(crate) fn on_sessions(&mut self, cx: &mut Cx<'_>, known: &dyn Fn(&str) -> Option<bool>) {
        self.learn_all(cx, |check, say| check.on_sessions(known, say));
    }

    fn learn_all(
        &mut self,
        cx: &mut Cx<'_>,
        find_out: impl Fn(&mut Check, &mut dyn FnMut(Finding)) -> Option<Health>,
    ) {
        for real in 0..self.reals.len() {
            for check in 0..self.reals[real].checks.len() {
                self.learn(cx, Place { real, check }, &find_out);
            }
        }
    }

    /// A check may find something out; says what its health was before, if it did.
    fn learn(
        &mut self,
        cx: &mut Cx<'_>,
        place: Place,
        find_out: impl FnOnce(&mut Check, &mut dyn FnMut(Finding)) -> Option<Health>,
    ) {
        let real = &mut self.reals[place.real];
        let weight = real.weight();
        let check = &mut real.checks[place.check];
        let mut findings = Vec::new();
        let Some(before) = find_out(check, &mut |finding| findings.push(finding)) else {
            return;
        };
        let told = check.tells_weight(before);
        self.on_weight(cx, place.real, weight, told);
        let (server, was_up) = (&self.reals[place.real], self.reals[place.real].is_up());
        let server = self.name(server.config.key);
        let last = findings.last().cloned();
        for finding in findings {
            let of = Arc::clone(&self.identity);
            cx.effects.push_back(Effect::Report(Event::Check { server, of, finding }));
        }
        self.weigh(cx, place, before);
        let real = &self.reals[place.real];
        let (turned, check) = (real.is_up() != was_up, &real.checks[place.check]);
        if before.is_up() != check.health.is_up() || last.as_ref().is_some_and(Finding::is_verdict)
        {
            self.alert_real(cx, real, turned, Cause::Check(last));
        }
    }

    /// A check may have changed the weight of its server.
    fn on_weight(&mut self, cx: &mut Cx<'_>, place: usize, from: u32, told: bool) {
        let real = &self.reals[place];
        let (to, active) = (real.weight(), real.is_up());
        if from == to {
            return;
        }
        if told {
            self.report_real(cx, real.config.key, ServerDeed::Weighed { from, to, active });
        }
        if active {
            self.live_weight = self.live_weight - u64::from(from) + u64::from(to);
            self.orders.outdate();
        }
        if active && told {
            self.evaluate(cx);
        }
    }

    /// Draws the conclusion from what a check has just found out.
    fn weigh(&mut self, cx: &mut Cx<'_>, place: Place, before: Health) {
        let real = &mut self.reals[place.real];
        let (check, was_up) = (&real.checks[place.check], real.is_up());
        match (before.is_up(), check.health.is_up()) {
            (true, false) => real.failed += 1,
            (false, true) => real.failed -= 1,
            (_, up) => {
                // A first result that confirms what was assumed is told if it was assumed for
                // want of better knowledge, or is bad (compat 21 §5).
                let first = matches!(before, Health::Untried { .. })
                    && !matches!(check.health, Health::Untried { .. });
                if first && (check.schedule.alpha || !up) {
                    self.tell_real(place.real);
                }
                return;
            }
        }
        if real.is_up() != was_up {
            self.on_turn(cx, place.real);
        }
    }

    /// A server has just gone up or down.
    fn on_turn(&mut self, cx: &mut Cx<'_>, place: usize) {
        let real = &self.reals[place];
        let weight = u64::from(real.weight());
        if real.is_up() {
            self.live_weight += weight;
        } else {
            self.live_weight -= weight;
        }
        self.orders.outdate();
        self.report_real(cx, real.config.key, real.turn());
        self.tell_real(place);
        self.evaluate(cx);
    }

    /// Finds out whether there is enough live weight.
    fn evaluate(&mut self, cx: &mut Cx<'_>) {
        let next = self.standing.next(self.quorum, self.live_weight, self.sorry_server.is_some());
        if next != self.standing {
            self.enter(cx, next);
        }
    }

    /// The only way from one standing to another.
    fn enter(&mut self, cx: &mut Cx<'_>, next: Standing) {
        let before = std::mem::replace(&mut self.standing, next);
        let (quorum, weight) = (self.quorum, self.live_weight);
        let happening = match (before, next) {
            (_, Standing::Met) => Some(Happening::QuorumGained { quorum, weight }),
            (Standing::Met, Standing::Lost | Standing::Sorry) => {
                Some(Happening::QuorumLost { quorum, weight })
            }
            (Standing::Lost, Standing::Sorry) => Some(Happening::QuorumNeverMet { quorum, weight }),
            (Standing::Sorry | Standing::Lost, Standing::Lost | Standing::Sorry) => None,
        };
        if let Some(happening) = happening {
            self.report(cx, happening);
            self.alert(cx, next.is_met(), Cause::Quorum(happening));
        }
        self.change_hands(cx, before, next);
        if before.is_met() != next.is_met() || next == Standing::Sorry {
            self.tell_quorum();
        }
    }

    /// The sorry server comes or goes.
    fn change_hands(&mut self, cx: &mut Cx<'_>, before: Standing, next: Standing) {
        let Some(SorryServer { key, inhibit, .. }) = self.sorry_server else {
            return;
        };
        let server = self.name(key);
        let (comes, goes) = (next == Standing::Sorry, before == Standing::Sorry);
        if comes && !goes {
            self.orders.outdate();
            self.report(cx, Happening::SorryAdded { server, inhibit });
            self.report(cx, Happening::AliveRemoved);
        } else if goes && !comes {
            self.orders.outdate();
            self.report(cx, Happening::SorryRemoved { server, inhibit });
            self.report(cx, Happening::AliveAdded);
        }
    }
}
