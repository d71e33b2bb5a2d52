//! One router on the segment: the core, a driver in virtual time, and a kernel that holds
//! addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use net::Link;
use vrrp::{Effect, Generation, Input, Order, OwnerId, Router, Run, ScriptOutcome, StateKind};

use super::Happening;
use super::setup::Plan;

/// Where the priority is in a packet of ours: never with IP options.
const IPV4_HEADER: usize = 20;
const PRIORITY: usize = 2;
/// The socket buffer of a paused router: what comes later is lost.
const SOCKET_BUFFER: usize = 200;

/// A router with its kernel.
pub struct Node {
    plan: Plan,
    router: Option<Router>,
    /// How often it was started; orders and scripts of an earlier life mean nothing.
    pub(super) life: u32,
    pub(super) paused: bool,
    /// What its manager and its scripts would have done while it was paused.
    pub(super) deferred: Vec<Happening>,
    inbox: Vec<Vec<u8>>,
    orders: BTreeMap<OwnerId, Order>,
    kernel: BTreeMap<IpAddr, OwnerId>,
    /// What it told the outside, as `NAME STATE`.
    pub told: Vec<String>,
    /// The priorities of the adverts that it sent, oldest first.
    pub sent: Vec<u8>,
    /// Whether it said that every instance has reached its first state.
    pub ready: bool,
    /// Whether it said that nothing is left to do.
    pub stopped: bool,
    /// How many packets it sent and effects it had so far.
    pub effects: usize,
}

/// What leaves a node.
pub(super) enum Outgoing {
    Packet { destination: IpAddr, packet: Vec<u8> },
    Order { owner: OwnerId },
    Script { script: String, run: Run },
}

impl Node {
    pub(super) const fn new(plan: Plan) -> Self {
        Self {
            plan,
            router: None,
            life: 0,
            paused: false,
            deferred: Vec::new(),
            inbox: Vec::new(),
            orders: BTreeMap::new(),
            kernel: BTreeMap::new(),
            told: Vec::new(),
            sent: Vec::new(),
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

    /// What its kernel holds.
    #[must_use]
    pub fn kernel(&self) -> Vec<IpAddr> {
        self.kernel.keys().copied().collect()
    }

    /// What its kernel should hold by the states of its instances.
    #[must_use]
    pub fn wanted(&self) -> Vec<IpAddr> {
        let Some(router) = &self.router else {
            return Vec::new();
        };
        let masters = router.views().zip(&self.plan.config.instances);
        let masters = masters.filter(|(view, _)| view.state == StateKind::Master);
        let mut wanted: Vec<_> = masters
            .flat_map(|(_, config)| config.addresses.iter().chain(&config.excluded))
            .map(|virtual_address| virtual_address.address.ip)
            .collect();
        wanted.sort_unstable();
        wanted
    }

    pub(super) fn link(&self) -> Link {
        self.plan.link.clone()
    }

    pub(super) fn address(&self) -> IpAddr {
        self.plan.link.addresses[0]
    }

    pub(super) fn start(&mut self, now: Instant) -> Vec<Outgoing> {
        self.kill();
        self.life += 1;
        (self.ready, self.stopped) = (false, false);
        let config = self.plan.config.clone();
        self.router = Some(Router::new(config, vec![self.plan.link.clone()], now));
        self.drain()
    }

    pub(super) fn kill(&mut self) {
        self.router = None;
        self.paused = false;
        self.inbox.clear();
        self.deferred.clear();
        self.orders.clear();
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let runs = self.router.as_ref().filter(|_| !self.paused);
        runs.and_then(Router::poll_timeout)
    }

    pub(super) fn handle(&mut self, now: Instant, input: Input<'_>) -> Vec<Outgoing> {
        if let Input::Reconfigure(config) = &input {
            self.plan.config = (**config).clone();
        }
        if let Some(router) = &mut self.router {
            router.handle(now, input);
        }
        self.drain()
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
        for packet in std::mem::take(&mut self.inbox) {
            outgoing.extend(self.arrive(now, packet));
        }
        outgoing.extend(self.wake(now));
        outgoing
    }

    pub(super) fn arrive(&mut self, now: Instant, packet: Vec<u8>) -> Vec<Outgoing> {
        if self.router.is_none() {
            return Vec::new();
        }
        if self.paused {
            if self.inbox.len() < SOCKET_BUFFER {
                self.inbox.push(packet);
            }
            return Vec::new();
        }
        let link = self.plan.link.name.clone();
        self.handle(now, Input::Packet { link: &link, bytes: &packet })
    }

    /// The manager makes the kernel equal to the newest order of an owner and says so.
    pub(super) fn carry_out(&mut self, now: Instant, life: u32, owner: OwnerId) -> Vec<Outgoing> {
        if life != self.life || self.router.is_none() {
            return Vec::new();
        }
        let Some(order) = self.orders.get(&owner) else {
            return Vec::new();
        };
        self.kernel.retain(|_, holder| *holder != owner);
        for virtual_address in order.holdings.addresses.iter() {
            if order.installed {
                self.kernel.insert(virtual_address.address.ip, owner);
            } else {
                self.kernel.remove(&virtual_address.address.ip);
            }
        }
        let generation = order.generation;
        self.handle(now, Input::Settled { owner, generation })
    }

    pub(super) fn script_ended(
        &mut self,
        now: Instant,
        life: u32,
        (script, run): (&str, Run),
        status: i32,
    ) -> Vec<Outgoing> {
        if life != self.life {
            return Vec::new();
        }
        let outcome = ScriptOutcome::Exited(status);
        self.handle(now, Input::ScriptEnded { script: vrrp::Name::new(script), run, outcome })
    }

    fn drain(&mut self) -> Vec<Outgoing> {
        let mut outgoing = Vec::new();
        while let Some(sent) = self.router.as_mut().and_then(Router::poll_transmission) {
            self.effects += 1;
            let (destination, packet) = (sent.destination, sent.packet);
            self.sent.push(packet[IPV4_HEADER + PRIORITY]);
            outgoing.push(Outgoing::Packet { destination, packet });
        }
        while let Some(effect) = self.router.as_mut().and_then(Router::poll_effect) {
            self.effects += 1;
            match effect {
                Effect::Order(order) => {
                    outgoing.push(Outgoing::Order { owner: order.owner });
                    self.keep(order);
                }
                Effect::Run { script, run, .. } => {
                    outgoing.push(Outgoing::Script { script: script.to_string(), run });
                }
                Effect::Notify(notice) => {
                    self.told.push(format!("{} {}", notice.subject.name(), notice.state.word()));
                }
                Effect::Ready => self.ready = true,
                Effect::Stopped => self.stopped = true,
                Effect::Report(_) | Effect::Signal { .. } => {}
            }
        }
        self.check();
        outgoing
    }

    /// Only the newest order of an owner is kept, as in the manager's channel.
    fn keep(&mut self, order: Order) {
        let known = self.orders.get(&order.owner).map_or(Generation::default(), |o| o.generation);
        assert!(order.generation > known, "an order is not newer than the one before");
        self.orders.insert(order.owner, order);
    }

    /// The promise that holds after every input: the newest order of an instance wants its
    /// addresses installed if and only if it is master.
    fn check(&self) {
        let Some(router) = &self.router else { return };
        for view in router.views() {
            let installed =
                self.orders.get(&OwnerId::Instance(view.id)).is_some_and(|order| order.installed);
            let master = view.state == StateKind::Master;
            assert_eq!(installed, master, "{} is {:?}", view.config.name, view.state);
        }
    }
}
