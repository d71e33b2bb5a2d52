//! Whatever comes in, in whatever order: what always holds.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use proptest::prelude::*;

use super::link::{A, B, millis, session};
use crate::config::{Config, Session};
use crate::{Arrival, Bfd, Effect, Input, LENGTH, Packet, StateKind};

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Tick,
    Bytes(Vec<u8>),
    /// Sensible but for these bytes, naming the session with this number, or none.
    Packet([u8; LENGTH], Option<usize>),
    Opening(usize, bool),
    Sending(usize, bool),
    Reload(Vec<(usize, u64, u8)>),
}

fn step() -> impl Strategy<Value = Step> {
    let sessions = prop::collection::vec((0_usize..4, 1_u64..3_000, 1_u8..9), 0..4);
    prop_oneof![
        4 => (0_u64..3_000).prop_map(Step::Wait),
        1 => Just(Step::Tick),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Step::Bytes),
        8 => (any::<[u8; LENGTH]>(), prop::option::of(0_usize..4))
            .prop_map(|(bytes, to)| Step::Packet(bytes, to)),
        2 => (0_usize..4, prop::bool::weighted(0.8)).prop_map(|(at, ok)| Step::Opening(at, ok)),
        1 => (0_usize..4, any::<bool>()).prop_map(|(at, works)| Step::Sending(at, works)),
        1 => sessions.prop_map(Step::Reload),
    ]
}

fn config(rows: &[(usize, u64, u8)]) -> Config {
    let mut sessions: BTreeMap<usize, Session> = BTreeMap::new();
    for (name, interval, multiplier) in rows {
        let (min_tx, multiplier) = (millis(*interval), *multiplier);
        let neighbor = if name % 2 == 0 { B } else { A };
        let name_of = format!("b{name}").as_str().into();
        let passive = *name == 3;
        let new = Session { name: name_of, min_tx, multiplier, passive, ..session(neighbor) };
        sessions.insert(*name, new);
    }
    Config { sessions: sessions.into_values().collect() }
}

struct World {
    bfd: Bfd,
    now: Instant,
    /// What those who track a session were told last.
    told: BTreeMap<Arc<str>, bool>,
}

impl World {
    fn input(&mut self, input: Input<'_>) {
        self.bfd.handle(self.now, input);
        let names: BTreeMap<_, _> = self.bfd.views().map(|view| (view.id, view)).collect();
        while let Some(transmission) = self.bfd.poll_transmission() {
            assert!(names.contains_key(&transmission.session));
            let packet = Packet::decode(&transmission.packet).unwrap();
            assert_ne!(packet.state, StateKind::AdminDown);
            let slow = packet.desired_min_tx.micros() >= 1_000_000;
            assert!(slow || packet.state == StateKind::Up);
        }
        while let Some(effect) = self.bfd.poll_effect() {
            match effect {
                Effect::Tell(notice) => drop(self.told.insert(notice.name, notice.up)),
                Effect::Report(event) => assert!(!event.to_string().is_empty()),
                Effect::Open(_) | Effect::Close(_) => {}
            }
        }
        for view in names.into_values() {
            // Who is up has told so; who was told up is up, or its neighbour is down on purpose.
            let told = self.told[&view.config.name];
            assert!(told || view.state != StateKind::Up, "{view:#?}");
        }
    }

    fn take(&mut self, step: &Step) {
        let ids: Vec<_> = self.bfd.views().map(|view| (view.id, view.discriminator)).collect();
        let arrival = |bytes| Arrival {
            source: (B.parse::<IpAddr>().unwrap(), 50_000).into(),
            destination: None,
            ttl: Some(255),
            multihop: false,
            bytes,
        };
        match step {
            Step::Wait(time) => {
                self.now += millis(*time);
                self.input(Input::Timeout);
                assert!(self.bfd.poll_timeout().is_none_or(|next| next > self.now));
            }
            Step::Tick => self.input(Input::Tick),
            Step::Bytes(bytes) => self.input(Input::Packet(arrival(bytes))),
            Step::Packet(bytes, to) => {
                let mut bytes = *bytes;
                (bytes[0], bytes[1], bytes[3]) = (bytes[0] & 0x07 | 0x20, bytes[1] & 0xea, 24);
                let yours = to.and_then(|to| ids.get(to)).map_or(0, |(_, yours)| yours.number());
                bytes[8..12].copy_from_slice(&yours.to_be_bytes());
                self.input(Input::Packet(arrival(&bytes)));
            }
            Step::Opening(at, ok) => match ids.get(*at) {
                Some((id, _)) if *ok => self.input(Input::Opened(*id)),
                Some((id, _)) => self.input(Input::NotOpened(*id)),
                None => {}
            },
            Step::Sending(at, works) => {
                if let Some((session, _)) = ids.get(*at) {
                    self.input(Input::Sending { session: *session, works: *works });
                }
            }
            Step::Reload(rows) => {
                let config = config(rows);
                self.input(Input::Reconfigure(Arc::new(config.clone())));
                let views = self.bfd.views().map(|view| (*view.config).clone());
                assert_eq!(views.collect::<Vec<_>>(), config.sessions);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_that_comes_in_breaks_what_always_holds(
        steps in prop::collection::vec(step(), 0..120), seed in any::<u64>()
    ) {
        let now = Instant::now();
        let bfd = Bfd::new(&config(&[(0, 50, 3), (1, 700, 1), (3, 10, 5)]), now, seed);
        let mut world = World { bfd, now, told: BTreeMap::new() };
        world.input(Input::Tick);
        steps.iter().for_each(|step| world.take(step));
    }
}
