//! One core and its driver on a clock of the test's own.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use net::{Held, Link, LinkIndex, LinkName};

use crate::advert::{Stamp, encode};
use crate::config::{Config, Instance, Settings};
use crate::{Advertised, Clock, Effect, Input, Order, Priority, Router, StateKind, View};
use crate::{Version, advert::tests::instance as any_instance};

/// The address of the core's link.
pub(super) const OWN: &str = "192.0.2.10";
/// A neighbour with a lower address, and one with a higher.
pub(super) const LOWER: &str = "192.0.2.2";
pub(super) const HIGHER: &str = "192.0.2.20";

pub(super) struct Solo {
    pub(super) router: Router,
    start: Instant,
    pub(super) now: Instant,
    /// When each advert left, in milliseconds, and its priority.
    pub(super) sent: Vec<(u128, u8)>,
    /// The adverts themselves.
    pub(super) packets: Vec<Vec<u8>>,
    pub(super) lines: Vec<String>,
    pub(super) told: Vec<&'static str>,
    pub(super) orders: Vec<Order>,
    pub(super) ready: bool,
}

/// Number 51, VRRPv3, one advert per second, one address.
pub(super) fn instance(priority: u8) -> Instance {
    any_instance(51, Version::V3, priority, &[51])
}

/// One that is master from the start.
pub(super) fn owner() -> Instance {
    Instance { initial: crate::config::Initial::Master, ..instance(255) }
}

pub(super) fn link() -> Link {
    Link {
        name: LinkName::new("eth0").unwrap(),
        index: LinkIndex(2),
        flags: 0x1043,
        up: true,
        loopback: false,
        multicast: true,
        arp: true,
        mac: None,
        mtu: 1500,
        hardware: 1,
        kind: net::LinkKind::Ethernet,
        master: None,
        addresses: held(&[OWN]),
    }
}

/// Addresses that a link has, all of which can be used.
pub(super) fn held(addresses: &[&str]) -> Vec<Held> {
    addresses.iter().map(|ip| ip.parse::<IpAddr>().unwrap().into()).collect()
}

pub(super) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

impl Solo {
    pub(super) fn new(instance: Instance) -> Self {
        Self::with(Config { instances: vec![instance], ..Config::default() })
    }

    pub(super) fn with_settings(instance: Instance, settings: Settings) -> Self {
        Self::with(Config { instances: vec![instance], settings, ..Config::default() })
    }

    pub(super) fn with(config: Config) -> Self {
        Self::booted(config, Duration::ZERO)
    }

    pub(super) fn booted(config: Config, since_boot: Duration) -> Self {
        Self::seeing(link(), config, since_boot)
    }

    /// With this link in place of the usual one.
    pub(super) fn seeing(link: Link, config: Config, since_boot: Duration) -> Self {
        let now = Instant::now();
        let clock = Clock { since_boot, ..Clock::from(now) };
        let router = Router::new(config, vec![link], clock);
        let mut solo = Self {
            router,
            start: now,
            now,
            sent: Vec::new(),
            packets: Vec::new(),
            lines: Vec::new(),
            told: Vec::new(),
            orders: Vec::new(),
            ready: false,
        };
        solo.drain();
        solo
    }

    pub(super) fn input(&mut self, input: Input<'_>) {
        self.router.handle(self.now, input);
        self.drain();
    }

    /// Lets time pass until this many milliseconds after the start.
    pub(super) fn until(&mut self, millis: u64) {
        let end = self.start + ms(millis);
        while let Some(at) = self.router.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.input(Input::Tick);
            self.input(Input::Timeout);
        }
        self.now = end;
    }

    /// The driver does not get to run until then; what it finds in its sockets comes between.
    pub(super) fn sleep_until(&mut self, millis: u64, packets: &[Vec<u8>]) {
        self.now = self.start + ms(millis);
        self.input(Input::Tick);
        packets.iter().for_each(|packet| self.packet(packet));
        self.input(Input::Timeout);
    }

    pub(super) fn packet(&mut self, bytes: &[u8]) {
        let gate = self.router.instances[&self.router.sequence[0]].config.seat.gate();
        self.input(Input::Packet { gate: &gate, bytes });
    }

    /// An advert of a neighbour that is configured as the first instance is.
    pub(super) fn hear(&mut self, from: &str, priority: u8) {
        let id = self.router.sequence[0];
        let like = (*self.router.instances[&id].config).clone();
        self.packet(&advert(&like, from, priority));
    }

    fn drain(&mut self) {
        while let Some(sent) = self.router.poll_transmission() {
            self.sent.push(((self.now - self.start).as_millis(), sent.packet[22]));
            self.packets.push(sent.packet);
        }
        while let Some(effect) = self.router.poll_effect() {
            match effect {
                Effect::Report(event) => self.lines.push(event.to_string()),
                Effect::Notify(notice) => self.told.push(notice.state.word()),
                Effect::Order(order) => {
                    let (owner, generation) = (order.owner, order.generation);
                    self.orders.push(order);
                    self.input(Input::Settled { owner, generation });
                }
                Effect::Ready => self.ready = true,
                Effect::Run { .. } | Effect::Signal { .. } | Effect::Stopped => {}
            }
        }
    }

    pub(super) fn view(&self) -> View {
        self.router.views().next().unwrap()
    }

    pub(super) fn state(&self) -> StateKind {
        self.view().state
    }

    pub(super) fn has(&self, line: &str) -> bool {
        self.count(line) > 0
    }

    pub(super) fn count(&self, line: &str) -> usize {
        self.lines.iter().filter(|known| known.contains(line)).count()
    }

    /// How many bursts were asked for, and the rounds of the last.
    pub(super) fn announced(&self) -> (u64, u32) {
        self.orders.last().map_or((0, 0), |order| (order.announce.count, order.announce.rounds))
    }
}

/// A packet of an instance that is configured like this one, to its group or to us.
pub(super) fn advert(like: &Instance, from: &str, priority: u8) -> Vec<u8> {
    let to: IpAddr = match &like.cast {
        crate::config::Cast::Multicast { group } => *group,
        crate::config::Cast::Unicast { .. } => OWN.parse().unwrap(),
    };
    let stamp = Stamp { identification: 1, sequence: 1, number: None, old_checksum: false };
    let said = Priority::new(priority).map_or(Advertised::Release, Advertised::Priority);
    encode(like, said, stamp, (from.parse().unwrap(), to))
}
