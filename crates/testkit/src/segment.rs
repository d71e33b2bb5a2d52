//! Several routers on virtual segments in virtual time.
//!
//! The routers are the real cores. Each link name is a segment of its own. The segments lose,
//! delay and duplicate packets; network managers carry orders out late, repeat them, and drop
//! those that a newer one of the same owner has replaced; routers are killed, paused and cut off,
//! their clocks are set. Everything follows from one seed, so that a failure can be run again.

mod faults;
mod kernel;
mod node;
mod promises;
mod setup;
mod surroundings;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use net::LinkName;
use vrrp::config::Config;

pub use faults::Faults;
pub use node::Node;
pub use setup::{Plan, instance, router_on};

use node::{Arrival, Outgoing};
use surroundings::News;

/// The longest that a check script runs, and that a watcher takes for a look at everything.
const MOMENT: Duration = Duration::from_millis(20);

/// Segments and everything on them.
pub struct Segment {
    /// The routers, by position.
    pub nodes: Vec<Node>,
    now: Instant,
    random: fastrand::Rng,
    faults: Faults,
    events: BTreeMap<(Instant, u64), Happening>,
    sequence: u64,
    start: Instant,
}

/// Something that happens to a node at a known moment.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A packet arrives.
    Arrives { at: usize, arrival: Arrival },
    /// The network manager of this life of a node carries out the newest order of an owner.
    Carries { at: usize, life: u32, owner: vrrp::OwnerId },
    /// A check script of this life of a node ends.
    Ends { at: usize, life: u32, script: String, run: vrrp::Run, status: i32 },
    /// A node hears how a link of it is now.
    Moves { at: usize, link: LinkName },
    /// A node hears what happened beside its segments.
    Hears { at: usize, news: News },
    /// This life of a node is told of everything that there is to see beside its segments.
    Looks { at: usize, life: u32 },
    /// This life of a node is given a new configuration.
    Reloads { at: usize, life: u32, config: Box<Config> },
}

impl Happening {
    const fn node(&self) -> usize {
        match self {
            Self::Arrives { at, .. }
            | Self::Carries { at, .. }
            | Self::Ends { at, .. }
            | Self::Moves { at, .. }
            | Self::Hears { at, .. }
            | Self::Looks { at, .. }
            | Self::Reloads { at, .. } => *at,
        }
    }

    /// What a paused router finds in its channels when it goes on; packets are in its sockets.
    const fn waits_in_a_channel(&self) -> bool {
        match self {
            Self::Arrives { .. } => false,
            Self::Carries { .. }
            | Self::Ends { .. }
            | Self::Moves { .. }
            | Self::Hears { .. }
            | Self::Looks { .. }
            | Self::Reloads { .. } => true,
        }
    }
}

impl Segment {
    /// Puts one router for each plan on the segments.
    #[must_use]
    pub fn new(seed: u64, plans: Vec<Plan>, faults: Faults) -> Self {
        let now = Instant::now();
        let patience = plans.iter().map(|plan| patience(&plan.config)).max().unwrap_or_default();
        let nodes = plans.into_iter().map(|plan| Node::new(plan, now, patience)).collect();
        let mut segment = Self {
            nodes,
            now,
            random: fastrand::Rng::with_seed(seed),
            faults,
            events: BTreeMap::new(),
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

    /// The present moment.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Replaces the faults; [`Faults::NONE`] ends them.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// Starts a router, or starts it again; its kernel keeps what an earlier life left. The first
    /// look at files and processes may take too long to be waited for.
    pub fn start(&mut self, at: usize) {
        let waits = self.random.bool();
        let outgoing = self.nodes[at].start(self.now, waits);
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

    /// Gives a router a new configuration; a paused one gets it when it goes on.
    pub fn reload(&mut self, at: usize, config: Config) {
        let life = self.nodes[at].life;
        self.push(Duration::ZERO, Happening::Reloads { at, life, config: Box::new(config) });
        self.happen();
    }

    /// Takes the carrier from a link of a router, or gives it back.
    pub fn set_link(&mut self, at: usize, link: &LinkName, up: bool) {
        self.nodes[at].set_carrier(link, up);
        self.push(Duration::ZERO, Happening::Moves { at, link: link.clone() });
        self.happen();
    }

    /// Sets the clock on the wall of a router: so many milliseconds ahead of the true time.
    pub fn set_clock(&mut self, at: usize, ahead: i64) {
        self.nodes[at].clock_ahead = ahead;
    }

    /// A BFD session of a router goes up or down. One that is up comes up again after a start.
    pub fn set_session(&mut self, at: usize, name: &str, up: bool) {
        let news = self.nodes[at].surroundings.set_session(name, up);
        self.tell(at, news);
    }

    /// Something is written into a file that a router may watch, by its path.
    pub fn set_file(&mut self, at: usize, path: &str, value: i32) {
        let news = self.nodes[at].surroundings.set_file(path, value);
        self.tell(at, news);
    }

    /// So many processes of a command run now beside a router.
    pub fn set_processes(&mut self, at: usize, command: &str, count: u32) {
        let news = self.nodes[at].surroundings.set_processes(command, count);
        self.tell(at, news);
    }

    fn tell(&mut self, at: usize, news: News) {
        self.push(Duration::ZERO, Happening::Hears { at, news });
        self.happen();
    }

    /// Holds a router up: it does nothing, its sockets fill.
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
        self.advance_watched(time, &mut |_| {});
    }

    /// The same, and shows the segments after every moment at which something happened.
    ///
    /// # Panics
    /// When a router breaks one of the promises that hold after every input.
    pub fn advance_watched(&mut self, time: Duration, watch: &mut impl FnMut(&Self)) {
        let end = self.now + time;
        while let Some(next) = self.next_moment().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.happen();
            for at in 0..self.nodes.len() {
                let outgoing = self.nodes[at].wake(self.now);
                self.spread(at, outgoing);
            }
            watch(self);
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
        let event = self.events.first_key_value().map(|((at, _), _)| *at);
        timers.into_iter().chain(event).min()
    }

    fn happen(&mut self) {
        while let Some(entry) = self.events.first_entry()
            && entry.key().0 <= self.now
        {
            let happening = entry.remove();
            let at = happening.node();
            if self.nodes[at].paused && happening.waits_in_a_channel() {
                self.nodes[at].deferred.push(happening);
            } else {
                let outgoing = self.nodes[at].live_through(self.now, happening);
                self.spread(at, outgoing);
            }
        }
    }

    /// Schedules what a node's effects lead to.
    fn spread(&mut self, from: usize, outgoing: Vec<Outgoing>) {
        let life = self.nodes[from].life;
        for one in outgoing {
            match one {
                Outgoing::Packet { gate, destination, packet } => {
                    for link in self.nodes[from].ways(&gate) {
                        self.transmit(from, &link, destination, &packet);
                    }
                }
                Outgoing::Order { owner } => {
                    let times = 1 + u32::from(self.random.f64() < self.faults.repeat_order);
                    for _ in 0..times {
                        let delay = self.upto(self.faults.order_delay);
                        self.push(delay, Happening::Carries { at: from, life, owner });
                    }
                }
                Outgoing::Script { script, run } => {
                    let status = i32::from(self.random.f64() < self.faults.script_failure);
                    let delay = self.upto(MOMENT);
                    self.push(delay, Happening::Ends { at: from, life, script, run, status });
                }
                Outgoing::Look => {
                    let delay = self.upto(MOMENT);
                    self.push(delay, Happening::Looks { at: from, life });
                }
            }
        }
    }

    fn transmit(&mut self, from: usize, link: &LinkName, to: IpAddr, packet: &[u8]) {
        if !self.nodes[from].carries(link) {
            return;
        }
        for at in 0..self.nodes.len() {
            let reaches = to.is_multicast() || self.nodes[at].has_address(link, to);
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
                let arrival = Arrival { link: link.clone(), to, packet: packet.to_vec() };
                self.push(delay, Happening::Arrives { at, arrival });
            }
        }
    }

    fn upto(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.random.f64())
    }

    fn push(&mut self, delay: Duration, happening: Happening) {
        self.sequence += 1;
        self.events.insert((self.now + delay, self.sequence), happening);
    }
}

/// Several times as long as a router with this configuration waits for a master.
fn patience(config: &Config) -> Duration {
    let waits = config.instances.iter().map(|instance| {
        instance.advert_interval.duration() * (u32::from(instance.down_timer_adverts) + 1)
    });
    waits.max().unwrap_or_default() * 4
}
