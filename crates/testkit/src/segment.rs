//! Several routers on one virtual segment in virtual time.
//!
//! The routers are the real cores. The segment loses, delays and duplicates their packets; their
//! network managers carry orders out late, repeat them, and drop those that a newer one of the
//! same owner has replaced; routers are killed, paused and cut off. Everything follows from one
//! seed, so that a failure can be run again.

mod faults;
mod node;
mod setup;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

pub use faults::Faults;
pub use node::Node;
pub use setup::{Plan, router_on};

use node::Outgoing;

/// A segment and everything on it.
pub struct Segment {
    /// The routers, by position.
    pub nodes: Vec<Node>,
    now: Instant,
    random: fastrand::Rng,
    faults: Faults,
    events: BinaryHeap<Reverse<(Instant, u64, Happening)>>,
    sequence: u64,
    start: Instant,
}

/// Something that happens to a node at a known moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Happening {
    /// A packet arrives.
    Arrives { at: usize, packet: Vec<u8> },
    /// The network manager of this life of a node carries out the newest order of an owner.
    Carries { at: usize, life: u32, owner: vrrp::OwnerId },
    /// A check script of this life of a node ends.
    Ends { at: usize, life: u32, script: String, run: vrrp::Run, status: i32 },
}

impl Segment {
    /// Puts one router for each plan on a segment.
    #[must_use]
    pub fn new(seed: u64, plans: Vec<Plan>, faults: Faults) -> Self {
        let now = Instant::now();
        let nodes = plans.into_iter().map(Node::new).collect();
        let mut segment = Self {
            nodes,
            now,
            random: fastrand::Rng::with_seed(seed),
            faults,
            events: BinaryHeap::new(),
            sequence: 0,
            start: now,
        };
        for at in 0..segment.nodes.len() {
            segment.start(at);
        }
        segment
    }

    /// Virtual time since the beginning.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// Replaces the faults; [`Faults::NONE`] ends them.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// Starts a router, or starts it again; its kernel keeps what an earlier life left.
    pub fn start(&mut self, at: usize) {
        let outgoing = self.nodes[at].start(self.now);
        self.spread(at, outgoing);
    }

    /// Ends a router without a word, as SIGKILL does.
    pub fn kill(&mut self, at: usize) {
        self.nodes[at].kill();
    }

    /// Asks a router to stop in good order.
    pub fn stop(&mut self, at: usize) {
        let outgoing = self.nodes[at].handle(self.now, vrrp::Input::Stop);
        self.spread(at, outgoing);
    }

    /// Gives a router a new configuration.
    pub fn reload(&mut self, at: usize, config: vrrp::config::Config) {
        let input = vrrp::Input::Reconfigure(Box::new(config));
        let outgoing = self.nodes[at].handle(self.now, input);
        self.spread(at, outgoing);
    }

    /// Changes a link of a router.
    pub fn set_link(&mut self, at: usize, up: bool) {
        let link = net::Link { up, ..self.nodes[at].link() };
        let outgoing = self.nodes[at].handle(self.now, vrrp::Input::Link(link));
        self.spread(at, outgoing);
    }

    /// Tells a router of a BFD session.
    pub fn set_session(&mut self, at: usize, name: &str, up: bool) {
        let input = vrrp::Input::Session { name: vrrp::Name::new(name), up };
        let outgoing = self.nodes[at].handle(self.now, input);
        self.spread(at, outgoing);
    }

    /// Holds a router up: it does nothing, its socket fills.
    pub fn pause(&mut self, at: usize) {
        self.nodes[at].paused = true;
    }

    /// Lets a paused router go on, as the driver does: adverts, then sockets, then timers.
    pub fn resume(&mut self, at: usize) {
        self.nodes[at].paused = false;
        for happening in std::mem::take(&mut self.nodes[at].deferred) {
            self.push(Duration::ZERO, happening);
        }
        let outgoing = self.nodes[at].catch_up(self.now);
        self.spread(at, outgoing);
    }

    /// Lets this much time pass, event by event.
    ///
    /// # Panics
    /// When a router breaks one of the promises that hold after every input.
    pub fn advance(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next_moment().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.happen();
            for at in 0..self.nodes.len() {
                let outgoing = self.nodes[at].wake(self.now);
                self.spread(at, outgoing);
            }
        }
        self.now = end;
    }

    /// The positions of all masters of one instance, named by its place in the configuration.
    #[must_use]
    pub fn masters(&self, instance: usize) -> Vec<usize> {
        (0..self.nodes.len()).filter(|at| self.nodes[*at].is_master(instance)).collect()
    }

    fn next_moment(&self) -> Option<Instant> {
        let timers = self.nodes.iter().filter_map(Node::deadline).min();
        let event = self.events.peek().map(|Reverse((at, ..))| *at);
        timers.into_iter().chain(event).min()
    }

    fn happen(&mut self) {
        while let Some(Reverse((at, ..))) = self.events.peek()
            && *at <= self.now
        {
            let Some(Reverse((_, _, happening))) = self.events.pop() else {
                return;
            };
            if let Happening::Carries { at, .. } | Happening::Ends { at, .. } = &happening
                && self.nodes[*at].paused
            {
                self.nodes[*at].deferred.push(happening);
                continue;
            }
            let (node, outgoing) = match happening {
                Happening::Arrives { at, packet } => (at, self.nodes[at].arrive(self.now, packet)),
                Happening::Carries { at, life, owner } => {
                    (at, self.nodes[at].carry_out(self.now, life, owner))
                }
                Happening::Ends { at, life, script, run, status } => {
                    let ended = self.nodes[at].script_ended(self.now, life, (&script, run), status);
                    (at, ended)
                }
            };
            self.spread(node, outgoing);
        }
    }

    /// Schedules what a node's effects lead to.
    fn spread(&mut self, from: usize, outgoing: Vec<Outgoing>) {
        for one in outgoing {
            match one {
                Outgoing::Packet { destination, packet } => {
                    self.transmit(from, destination, &packet);
                }
                Outgoing::Order { owner } => {
                    let life = self.nodes[from].life;
                    let times = 1 + u32::from(self.random.f64() < self.faults.repeat_order);
                    for _ in 0..times {
                        let delay = self.upto(self.faults.order_delay);
                        self.push(delay, Happening::Carries { at: from, life, owner });
                    }
                }
                Outgoing::Script { script, run } => {
                    let status = i32::from(self.random.f64() < self.faults.script_failure);
                    let delay = self.upto(Duration::from_millis(20));
                    let life = self.nodes[from].life;
                    self.push(delay, Happening::Ends { at: from, life, script, run, status });
                }
            }
        }
    }

    fn transmit(&mut self, from: usize, destination: std::net::IpAddr, packet: &[u8]) {
        for at in 0..self.nodes.len() {
            let reaches = destination.is_multicast() || self.nodes[at].address() == destination;
            if at == from || !reaches || self.faults.cuts(from, at) {
                continue;
            }
            let copies = if self.random.f64() < self.faults.loss {
                0
            } else {
                1 + u32::from(self.random.f64() < self.faults.duplication)
            };
            for _ in 0..copies {
                let delay = Duration::from_micros(50) + self.upto(self.faults.delay);
                self.push(delay, Happening::Arrives { at, packet: packet.to_vec() });
            }
        }
    }

    fn upto(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.random.f64())
    }

    fn push(&mut self, delay: Duration, happening: Happening) {
        self.sequence += 1;
        self.events.push(Reverse((self.now + delay, self.sequence, happening)));
    }
}
