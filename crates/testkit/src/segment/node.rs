//! One router on the segments: the core, a driver in virtual time, and a kernel that holds
//! addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use net::{Link, LinkName};
use vrrp::{
    Clock, Effect, Endpoint, Facts, Gate, Input, OwnerId, Router, Run, ScriptOutcome, StateKind,
    Told, View,
};

use super::Happening;
use super::kernel::Kernel;
use super::setup::Plan;
use super::surroundings::Surroundings;

/// The socket buffer of a paused router: what comes later is lost.
const SOCKET_BUFFER: usize = 200;
/// Where these stand in an advert.
const VRID: usize = 1;
const PRIORITY: usize = 2;
/// What true clocks show when the simulation begins.
const BEGINNING: Duration = Duration::from_secs(1_800_000_000);

/// A router with its kernel.
pub struct Node {
    pub(super) plan: Plan,
    pub(super) router: Option<Router>,
    /// How often it was started; orders and scripts of an earlier life mean nothing.
    pub(super) life: u32,
    pub(super) paused: bool,
    /// What its channels hold while it is paused.
    pub(super) deferred: Vec<Happening>,
    /// How many milliseconds its clock is ahead of the true time.
    pub(super) clock_ahead: i64,
    /// What it watches beside its segments.
    pub(super) surroundings: Surroundings,
    began: Instant,
    links: BTreeMap<LinkName, Link>,
    inbox: Vec<Arrival>,
    pub(super) kernel: Kernel,
    /// What it told the outside, as `NAME STATE`.
    pub told: Vec<String>,
    /// What it told last of each instance and group, in this life.
    pub(super) told_last: BTreeMap<String, Told>,
    /// Where it listens.
    pub endpoints: Vec<Endpoint>,
    /// The newest advert of each virtual router to each destination.
    pub adverts: BTreeMap<(Gate, IpAddr, u8), Vec<u8>>,
    /// The priorities of the adverts that it sent, oldest first.
    pub sent: Vec<u8>,
    /// When this life of it was given another configuration last.
    pub(super) reloaded_at: Option<Instant>,
    /// How long what a reload began may take: several times as long as any wait for a master.
    pub(super) patience: Duration,
    /// Whether it said that every instance has reached its first state.
    pub ready: bool,
    /// Whether it said that nothing is left to do.
    pub stopped: bool,
    /// How many packets it sent and effects it had so far.
    pub effects: usize,
}

/// A packet that reaches a node.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) link: LinkName,
    pub(crate) to: IpAddr,
    pub(crate) packet: Vec<u8>,
}

/// What leaves a node.
pub(super) enum Outgoing {
    Packet {
        gate: Gate,
        destination: IpAddr,
        packet: Vec<u8>,
    },
    Order {
        owner: OwnerId,
    },
    Script {
        script: String,
        run: Run,
    },
    /// What it watches is to be looked at.
    Look,
}

impl Node {
    pub(super) fn new(plan: Plan, began: Instant, patience: Duration) -> Self {
        Self {
            links: plan.links.iter().map(|link| (link.name.clone(), link.clone())).collect(),
            plan,
            router: None,
            life: 0,
            paused: false,
            deferred: Vec::new(),
            clock_ahead: 0,
            surroundings: Surroundings::default(),
            began,
            inbox: Vec::new(),
            kernel: Kernel::default(),
            told: Vec::new(),
            told_last: BTreeMap::new(),
            endpoints: Vec::new(),
            adverts: BTreeMap::new(),
            sent: Vec::new(),
            reloaded_at: None,
            patience,
            ready: false,
            stopped: false,
            effects: 0,
        }
    }

    /// Whether it runs.
    #[must_use]
    pub const fn is_alive(&self) -> bool {
        self.router.is_some()
    }

    /// Whether it runs and is not held up.
    #[must_use]
    pub const fn is_awake(&self) -> bool {
        self.router.is_some() && !self.paused
    }

    /// Whether one of its instances is master.
    #[must_use]
    pub fn is_master(&self, instance: usize) -> bool {
        self.state(instance) == Some(StateKind::Master)
    }

    /// The state of one of its instances; `None` while it does not run.
    #[must_use]
    pub fn state(&self, instance: usize) -> Option<StateKind> {
        Some(self.router.as_ref()?.views().nth(instance)?.state)
    }

    /// Its instances; none while it does not run.
    pub fn instances(&self) -> impl Iterator<Item = View> {
        self.router.iter().flat_map(Router::views)
    }

    /// What it runs, or would run if it were started.
    #[must_use]
    pub const fn config(&self) -> &vrrp::config::Config {
        &self.plan.config
    }

    /// What a router with this configuration would be told of everything beside the segments.
    #[must_use]
    pub fn look(&self, config: &vrrp::config::Config) -> Vec<Input<'static>> {
        self.surroundings.look(config)
    }

    /// What its kernel holds.
    #[must_use]
    pub fn kernel(&self) -> Vec<IpAddr> {
        self.kernel.held()
    }

    /// How many bursts of announcements of one of its instances it has asked for, in this life.
    #[must_use]
    pub fn announced(&self, instance: usize) -> u64 {
        let view = self.instances().nth(instance);
        let order = view.and_then(|view| self.kernel.order(OwnerId::Instance(view.id)));
        order.map_or(0, |order| order.announce.count)
    }

    /// How often its kernel has lost an address.
    #[must_use]
    pub const fn removals(&self) -> usize {
        self.kernel.removals()
    }

    /// What its kernel should hold by the states of its instances.
    #[must_use]
    pub fn wanted(&self) -> Vec<IpAddr> {
        let masters = self.instances().filter(|view| view.state == StateKind::Master);
        let of = |config: &vrrp::config::Instance| {
            let all = config.addresses.iter().chain(&config.excluded);
            all.map(|one| one.address.ip).collect::<Vec<_>>()
        };
        let mut wanted: Vec<_> = masters.flat_map(|view| of(&view.config)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    pub(super) fn set_carrier(&mut self, name: &LinkName, up: bool) {
        if let Some(link) = self.links.get_mut(name) {
            link.up = up;
        }
    }

    /// Whether a link of it has a carrier.
    pub(super) fn carries(&self, link: &LinkName) -> bool {
        self.links.get(link).is_some_and(|link| link.up)
    }

    /// The links that a packet may leave by: for one that is bound to an address all, since the
    /// destination decides.
    pub(super) fn ways(&self, gate: &Gate) -> Vec<LinkName> {
        match gate {
            Gate::Link(link) => vec![link.clone()],
            Gate::Address { .. } => self.links.keys().cloned().collect(),
        }
    }

    pub(super) fn has_address(&self, link: &LinkName, ip: IpAddr) -> bool {
        self.links.get(link).is_some_and(|link| link.held(ip).is_some())
    }

    /// Starts it, with or without waiting for a first look at files and processes.
    pub(super) fn start(&mut self, now: Instant, waits: bool) -> Vec<Outgoing> {
        self.kill();
        self.life += 1;
        (self.ready, self.stopped) = (false, false);
        self.reloaded_at = None;
        self.told_last.clear();
        let config = self.plan.config.clone();
        self.kernel.start(&config);
        let clock = Clock { since_1970: self.since_1970(now), ..Clock::from(now) };
        let links: Vec<Link> = self.links.values().cloned().collect();
        let seen = if waits { self.surroundings.facts(&config) } else { Facts::default() };
        self.router = Some(Router::new(config, Facts { links, ..seen }, clock));
        let mut outgoing = self.drain(now);
        outgoing.push(Outgoing::Look);
        outgoing
    }

    pub(super) fn kill(&mut self) {
        self.router = None;
        self.paused = false;
        self.inbox.clear();
        self.deferred.clear();
        self.kernel.forget_orders();
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let runs = self.router.as_ref().filter(|_| !self.paused);
        runs.and_then(Router::poll_timeout)
    }

    pub(super) fn handle(&mut self, now: Instant, input: Input<'_>) -> Vec<Outgoing> {
        let clock = self.since_1970(now);
        let Some(router) = &mut self.router else {
            return Vec::new();
        };
        if router.wants_clock() {
            router.handle(now, Input::Clock(clock));
        }
        if let Input::Reconfigure(config) = &input {
            self.plan.config = (**config).clone();
            self.reloaded_at = Some(now);
            self.patience = self.patience.max(super::patience(config));
        }
        router.handle(now, input);
        self.drain(now)
    }

    /// What its clock on the wall shows.
    fn since_1970(&self, now: Instant) -> Duration {
        let ahead = Duration::from_millis(self.clock_ahead.unsigned_abs());
        let right = BEGINNING + (now - self.began);
        if self.clock_ahead < 0 { right.saturating_sub(ahead) } else { right + ahead }
    }

    /// Acts when something is due.
    pub(super) fn wake(&mut self, now: Instant) -> Vec<Outgoing> {
        if self.deadline().is_none_or(|at| at > now) {
            return Vec::new();
        }
        let outgoing = self.handle(now, Input::Timeout);
        let later = self.deadline().is_none_or(|at| at > now);
        assert!(later, "a timeout left a deadline that has passed");
        outgoing
    }

    /// What a driver does after it was held up.
    pub(super) fn catch_up(&mut self, now: Instant) -> Vec<Outgoing> {
        let mut outgoing = self.handle(now, Input::Tick);
        for arrival in std::mem::take(&mut self.inbox) {
            outgoing.extend(self.arrive(now, arrival));
        }
        outgoing.extend(self.wake(now));
        outgoing
    }

    /// One thing happens to it.
    pub(super) fn live_through(&mut self, now: Instant, happening: Happening) -> Vec<Outgoing> {
        match happening {
            Happening::Arrives { arrival, .. } => self.arrive(now, arrival),
            Happening::Moves { link, .. } => match self.links.get(&link).cloned() {
                Some(link) => self.handle(now, Input::Link(link)),
                None => Vec::new(),
            },
            Happening::Hears { news, .. } => self.hear(now, news.told(&self.plan.config)),
            Happening::Looks { life, .. } if life == self.life => {
                self.hear(now, self.surroundings.look(&self.plan.config))
            }
            Happening::Carries { life, owner, .. } if life == self.life => {
                self.carry_out(now, owner)
            }
            Happening::Ends { life, script, run, status, .. } if life == self.life => {
                let outcome = ScriptOutcome::Exited(status);
                let script = vrrp::Name::new(&script);
                self.handle(now, Input::ScriptEnded { script, run, outcome })
            }
            Happening::Reloads { life, config, .. } if life == self.life => {
                let mut outgoing = self.handle(now, Input::Reconfigure(config));
                outgoing.push(Outgoing::Look);
                outgoing
            }
            Happening::Carries { .. }
            | Happening::Ends { .. }
            | Happening::Looks { .. }
            | Happening::Reloads { .. } => Vec::new(),
        }
    }

    fn hear(&mut self, now: Instant, told: Vec<Input<'_>>) -> Vec<Outgoing> {
        told.into_iter().flat_map(|input| self.handle(now, input)).collect()
    }

    /// Every socket that is bound to the link or to the address gets a copy.
    fn arrive(&mut self, now: Instant, arrival: Arrival) -> Vec<Outgoing> {
        if self.router.is_none() || !self.carries(&arrival.link) {
            return Vec::new();
        }
        if self.paused {
            if self.inbox.len() < SOCKET_BUFFER {
                self.inbox.push(arrival);
            }
            return Vec::new();
        }
        let Arrival { link, to, packet } = arrival;
        let bound = |gate: &Gate| matches!(gate, Gate::Address { source, .. } if *source == to);
        let mut gates = vec![Gate::Link(link)];
        gates.extend(self.endpoints.iter().map(|endpoint| endpoint.gate.clone()).filter(bound));
        gates.dedup();
        let each = |gate| self.handle(now, Input::Packet { gate: &gate, bytes: &packet });
        gates.into_iter().flat_map(each).collect()
    }

    /// The manager makes the kernel equal to the newest order of an owner and says so.
    fn carry_out(&mut self, now: Instant, owner: OwnerId) -> Vec<Outgoing> {
        if self.router.is_none() {
            return Vec::new();
        }
        let Some(generation) = self.kernel.carry_out(owner) else {
            return Vec::new();
        };
        let outgoing = self.handle(now, Input::Settled { owner, generation });
        self.check_settled(owner);
        outgoing
    }

    fn drain(&mut self, now: Instant) -> Vec<Outgoing> {
        let mut outgoing = Vec::new();
        if let Some(endpoints) = self.router.as_mut().and_then(Router::poll_endpoints) {
            self.endpoints = endpoints.to_vec();
        }
        while let Some(sent) = self.router.as_mut().and_then(Router::poll_transmission) {
            self.effects += 1;
            let (gate, destination, packet) = (sent.gate, sent.destination, sent.packet);
            let advert = advert(&packet);
            self.sent.push(advert[PRIORITY]);
            self.adverts.insert((gate.clone(), destination, advert[VRID]), advert.to_vec());
            outgoing.push(Outgoing::Packet { gate, destination, packet });
        }
        while let Some(effect) = self.router.as_mut().and_then(Router::poll_effect) {
            self.effects += 1;
            match effect {
                Effect::Order(order) => {
                    outgoing.push(Outgoing::Order { owner: order.owner });
                    self.kernel.keep(order);
                }
                Effect::Run { script, run, .. } => {
                    outgoing.push(Outgoing::Script { script: script.to_string(), run });
                }
                Effect::Notify(notice) => {
                    let name = notice.subject.name().to_string();
                    self.told.push(format!("{name} {}", notice.state.word()));
                    if notice.state != Told::MasterRxLowerPriority {
                        self.told_last.insert(name, notice.state);
                    }
                }
                Effect::Ready => self.ready = true,
                Effect::Stopped => self.stopped = true,
                Effect::Report(_) | Effect::Signal { .. } => {}
            }
        }
        self.check(now);
        outgoing
    }
}

/// The advert in a packet: where it begins depends on what stands before it.
fn advert(packet: &[u8]) -> &[u8] {
    const IPV4: (usize, usize, u8) = (20, 9, 51);
    const IPV6: usize = 40;
    const AH: usize = 24;
    let (header, protocol, ah) = IPV4;
    let start = match packet[0] >> 4 {
        6 => IPV6,
        _ if packet[protocol] == ah => header + AH,
        _ => header,
    };
    &packet[start..]
}
