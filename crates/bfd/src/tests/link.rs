//! Two cores at the ends of a link in virtual time, which loses, delays, doubles and reorders.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::config::{Config, Session};
use crate::{Arrival, Bfd, Effect, Input, View};

/// What the link does to packets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weather {
    /// Of a thousand packets.
    pub(super) lost: u32,
    pub(super) doubled: u32,
    pub(super) delay: Duration,
    /// Up to this much more, at random.
    pub(super) more: Duration,
    /// Packets may overtake each other.
    pub(super) reorders: bool,
}

/// One end: a core and its driver.
pub(super) struct End {
    pub(super) bfd: Bfd,
    pub(super) address: IpAddr,
    /// What those who track the session were told, and when.
    pub(super) told: Vec<(Instant, bool)>,
    pub(super) lines: Vec<String>,
    pub(super) sent: Vec<Instant>,
    /// The driver is held up until then.
    pub(super) paused_until: Option<Instant>,
    inbox: VecDeque<Vec<u8>>,
}

impl End {
    pub(super) fn view(&self) -> View {
        self.bfd.views().next().unwrap()
    }

    pub(super) fn ups_and_downs(&self) -> Vec<bool> {
        self.told.iter().map(|(_, up)| *up).collect()
    }

    fn wakes_at(&self, now: Instant) -> Option<Instant> {
        let own = if self.inbox.is_empty() { self.bfd.poll_timeout() } else { Some(now) };
        Some(own?.max(self.paused_until.unwrap_or(now)))
    }
}

pub(super) struct Link {
    pub(super) now: Instant,
    pub(super) ends: [End; 2],
    pub(super) weather: Weather,
    pub(super) rng: Rng,
    flying: BTreeMap<(Instant, u64), (usize, Vec<u8>)>,
    count: u64,
    last: [Instant; 2],
}

pub(super) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(super) const A: &str = "192.0.2.1";
pub(super) const B: &str = "192.0.2.2";

/// A session with this neighbour, 50 ms × 3 in both directions.
pub(super) fn session(neighbor: &str) -> Session {
    let (min_rx, min_tx) = (millis(50), millis(50));
    Session { min_rx, min_tx, multiplier: 3, ..Session::new("b1", neighbor.parse().unwrap()) }
}

pub(super) fn config(session: Session) -> Config {
    Config { sessions: vec![session] }
}

impl Link {
    pub(super) fn new(seed: u64, a: Session, b: Session) -> Self {
        let now = Instant::now();
        let mut rng = Rng::with_seed(seed);
        let mut end = |session: Session, address: &str| End {
            bfd: Bfd::new(&config(session), now, rng.u64(..)),
            address: address.parse().unwrap(),
            told: Vec::new(),
            lines: Vec::new(),
            sent: Vec::new(),
            paused_until: None,
            inbox: VecDeque::new(),
        };
        let ends = [end(a, A), end(b, B)];
        let mut link = Self {
            now,
            ends,
            weather: Weather::default(),
            rng,
            flying: BTreeMap::new(),
            count: 0,
            last: [now; 2],
        };
        link.drain(0);
        link.drain(1);
        link
    }

    /// Two sessions as [`session`] makes them, both up.
    pub(super) fn up(seed: u64) -> Self {
        let mut link = Self::new(seed, session(B), session(A));
        link.run(millis(3_000));
        link.expect_up();
        link
    }

    pub(super) fn expect_up(&self) {
        for end in &self.ends {
            let view = end.view();
            assert_eq!(view.state.to_string(), "Up", "{view:#?}");
            assert!(!view.polling, "{view:#?}");
        }
        let [a, b] = [self.ends[0].view(), self.ends[1].view()];
        assert_eq!(a.remote_discriminator, Some(b.discriminator));
        assert_eq!(b.remote_discriminator, Some(a.discriminator));
        assert!(a.interval < b.detection && b.interval < a.detection, "{a:#?} {b:#?}");
    }

    pub(super) fn input(&mut self, end: usize, input: Input<'_>) {
        self.ends[end].bfd.handle(self.now, input);
        self.drain(end);
    }

    pub(super) fn reload(&mut self, end: usize, session: Session) {
        self.input(end, Input::Reconfigure(Arc::new(config(session))));
    }

    /// Nothing arrives any more, not even what is under way.
    pub(super) fn cut(&mut self) {
        self.weather.lost = 1_000;
        self.flying.clear();
    }

    /// The daemon at one end is started again, and remembers nothing.
    pub(super) fn restart(&mut self, end: usize, session: Session) {
        self.ends[end].bfd = Bfd::new(&config(session), self.now, self.rng.u64(..));
        self.drain(end);
    }

    pub(super) fn run(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            let flying = self.flying.first_key_value().map(|((at, _), _)| *at);
            let wakes = self.ends.iter().filter_map(|end| end.wakes_at(self.now));
            let next = wakes.chain(flying).min().filter(|at| *at <= until);
            let Some(next) = next else {
                self.now = until;
                return;
            };
            self.now = next.max(self.now);
            self.deliver();
            self.wake(0);
            self.wake(1);
        }
    }

    fn deliver(&mut self) {
        while let Some(entry) = self.flying.first_entry()
            && entry.key().0 <= self.now
        {
            let (to, bytes) = entry.remove();
            self.ends[to].inbox.push_back(bytes);
        }
    }

    /// What a driver does whenever it wakes up.
    fn wake(&mut self, at: usize) {
        if self.ends[at].wakes_at(self.now).is_none_or(|wakes| wakes > self.now) {
            return;
        }
        self.ends[at].paused_until = None;
        self.input(at, Input::Tick);
        let source = (self.ends[1 - at].address, 50_000).into();
        while let Some(bytes) = self.ends[at].inbox.pop_front() {
            let (destination, ttl) = (Some(self.ends[at].address), Some(255));
            let bytes = bytes.as_slice();
            let arrival = Arrival { source, destination, ttl, multihop: false, bytes };
            self.input(at, Input::Packet(arrival));
        }
        self.input(at, Input::Timeout);
        let next = self.ends[at].bfd.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "every deadline moves");
    }

    fn drain(&mut self, at: usize) {
        while let Some(transmission) = self.ends[at].bfd.poll_transmission() {
            self.ends[at].sent.push(self.now);
            self.send(1 - at, &transmission.packet);
        }
        while let Some(effect) = self.ends[at].bfd.poll_effect() {
            match effect {
                Effect::Open(outlet) => self.input(at, Input::Opened(outlet.session)),
                Effect::Tell(notice) => self.ends[at].told.push((self.now, notice.up)),
                Effect::Report(event) => self.ends[at].lines.push(event.to_string()),
                Effect::Close(_) => {}
            }
        }
    }

    fn send(&mut self, to: usize, packet: &[u8]) {
        let copies = 1 + u32::from(self.rng.u32(0..1_000) < self.weather.doubled);
        for _ in 0..copies {
            if self.rng.u32(0..1_000) < self.weather.lost {
                continue;
            }
            let more = self.weather.more.mul_f64(self.rng.f64());
            let mut at = self.now + self.weather.delay + more;
            if !self.weather.reorders {
                at = at.max(self.last[to]);
            }
            self.last[to] = at;
            self.count += 1;
            self.flying.insert((at, self.count), (to, packet.to_vec()));
        }
    }
}
