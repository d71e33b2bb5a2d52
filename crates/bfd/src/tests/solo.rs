//! One core, and a neighbour that says what the test wants.

use std::net::IpAddr;
use std::num::NonZeroU8;
use std::time::{Duration, Instant};

use super::link::{A, B, millis, session};
use crate::config::{Config, Session};
use crate::{
    Arrival, Bfd, Diagnostic, Discriminator, Effect, Input, Interval, Packet, Question, StateKind,
};

pub(super) struct Solo {
    pub(super) bfd: Bfd,
    pub(super) now: Instant,
    pub(super) sent: Vec<Packet>,
    pub(super) lines: Vec<String>,
    pub(super) told: Vec<bool>,
    /// What opening a socket leads to.
    pub(super) opens: bool,
    pub(super) ttl: Option<u8>,
    pub(super) source: IpAddr,
}

impl Solo {
    pub(super) fn new(opens: bool, sessions: Vec<Session>) -> Self {
        let now = Instant::now();
        let bfd = Bfd::new(&Config { sessions }, now, 1);
        let (sent, lines, told) = Default::default();
        let source = B.parse().unwrap();
        let mut solo = Self { bfd, now, sent, lines, told, opens, ttl: Some(255), source };
        solo.drain();
        solo
    }

    pub(super) fn input(&mut self, input: Input<'_>) {
        self.bfd.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(transmission) = self.bfd.poll_transmission() {
            self.sent.push(Packet::decode(&transmission.packet).unwrap());
        }
        while let Some(effect) = self.bfd.poll_effect() {
            match effect {
                Effect::Open(outlet) if self.opens => self.input(Input::Opened(outlet.session)),
                Effect::Open(outlet) => self.input(Input::NotOpened(outlet.session)),
                Effect::Tell(notice) => self.told.push(notice.up),
                Effect::Report(event) => self.lines.push(event.to_string()),
                Effect::Close(_) => {}
            }
        }
    }

    pub(super) fn hear(&mut self, packet: &Packet) {
        let (source, ttl) = ((self.source, 50_000).into(), self.ttl);
        let (destination, bytes) = (A.parse().ok(), packet.encode());
        let arrival = Arrival { source, destination, ttl, multihop: false, bytes: &bytes };
        self.input(Input::Packet(arrival));
    }

    /// A packet of the neighbour, 100 ms × 3.
    pub(super) fn packet(&self, state: StateKind) -> Packet {
        Packet {
            diagnostic: Diagnostic::None,
            state,
            question: Question::None,
            control_plane_independent: false,
            demand: false,
            multiplier: NonZeroU8::new(3).unwrap(),
            mine: Discriminator::new(77).unwrap(),
            yours: Some(self.bfd.views().next().unwrap().discriminator),
            desired_min_tx: Interval::from_micros(100_000),
            required_min_rx: Interval::from_micros(100_000),
            required_min_echo_rx: Interval::from_micros(0),
        }
    }

    pub(super) fn state(&self) -> StateKind {
        self.bfd.views().next().unwrap().state
    }

    pub(super) fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(next) = self.bfd.poll_timeout().filter(|next| *next <= until) {
            self.now = next;
            self.input(Input::Timeout);
        }
        self.now = until;
    }

    /// Up, its own poll answered.
    fn up() -> Self {
        let mut solo = Self::new(true, vec![session(B)]);
        solo.hear(&Packet { yours: None, ..solo.packet(StateKind::Down) });
        solo.hear(&solo.packet(StateKind::Init));
        solo.hear(&Packet { question: Question::Final, ..solo.packet(StateKind::Up) });
        assert_eq!(solo.state(), StateKind::Up);
        solo.sent.clear();
        solo
    }
}

#[test]
fn the_handshake_as_it_is_seen_from_outside() {
    let mut solo = Solo::new(true, vec![session(B)]);
    let first = &solo.sent[0];
    assert_eq!((first.state, first.yours, first.desired_min_tx.micros()), {
        (StateKind::Down, None, 1_000_000)
    });
    solo.hear(&Packet { yours: None, ..solo.packet(StateKind::Down) });
    let second = &solo.sent[1];
    assert_eq!((second.state, second.yours), (StateKind::Init, Discriminator::new(77)));
    solo.hear(&solo.packet(StateKind::Init));
    let third = &solo.sent[2];
    assert_eq!((third.state, third.question), (StateKind::Up, Question::Poll));
    assert_eq!(third.desired_min_tx.micros(), 50_000);
    assert_eq!(solo.told, [false, true]);
}

#[test]
fn a_poll_is_answered_at_once_and_only_with_final() {
    let mut solo = Solo::up();
    solo.hear(&Packet { question: Question::Poll, ..solo.packet(StateKind::Up) });
    let questions: Vec<_> = solo.sent.iter().map(|packet| packet.question).collect();
    assert_eq!(questions, [Question::Final]);
}

#[test]
fn a_neighbor_that_goes_down_on_purpose_is_no_failure() {
    let mut solo = Solo::up();
    let packet = solo.packet(StateKind::AdminDown);
    solo.hear(&Packet { diagnostic: Diagnostic::AdminDown, yours: None, ..packet });
    assert_eq!(solo.state(), StateKind::Down);
    let why = "Local diagnostic - Neighbor Signaled Session Down, Remote diagnostic - \
               Administratively Down";
    assert_eq!(solo.lines.last().unwrap(), &format!("(b1) Entering Down state ({why})"));
    assert_eq!(solo.told, [false, true]);
    assert_eq!(solo.sent.last().unwrap().diagnostic, Diagnostic::NeighborDown);
}

#[test]
fn a_neighbor_in_demand_mode_hears_nothing_but_polls_and_answers() {
    let mut solo = Solo::up();
    let quiet = Packet { demand: true, ..solo.packet(StateKind::Up) };
    solo.hear(&quiet);
    for _ in 0..10 {
        solo.wait(millis(90));
        solo.hear(&quiet);
    }
    assert!(solo.sent.is_empty());
    solo.hear(&Packet { question: Question::Poll, ..quiet });
    assert_eq!(solo.sent.len(), 1);
    // It still has to be heard.
    solo.wait(millis(400));
    assert_eq!(solo.state(), StateKind::Down);
}

#[test]
fn a_neighbor_that_wants_nothing_gets_nothing() {
    let mut solo = Solo::up();
    let unwilling = Packet { required_min_rx: Interval::default(), ..solo.packet(StateKind::Up) };
    solo.hear(&unwilling);
    solo.wait(millis(290));
    assert!(solo.sent.is_empty());
}

#[test]
fn a_packet_from_too_far_away_changes_nothing() {
    let near = Session { max_hops: Some(2), ..session(B) };
    let mut solo = Solo::new(true, vec![near]);
    solo.ttl = Some(252);
    solo.hear(&Packet { yours: None, ..solo.packet(StateKind::Down) });
    assert_eq!(solo.state(), StateKind::Down);
    assert_eq!(solo.lines, ["Packet ttl(252) < 253 - discarding"]);
    assert_eq!(solo.bfd.views().next().unwrap().stats.discarded, 1);
    for ttl in [Some(253), None] {
        solo.ttl = ttl;
        solo.hear(&solo.packet(StateKind::Down));
        assert_eq!(solo.state(), StateKind::Init);
    }
}

#[test]
fn packets_find_their_session_by_number_or_else_by_address() {
    let from = |address: &str, name: &str| {
        let source = Some(address.parse().unwrap());
        Session { name: name.into(), source, ..session(B) }
    };
    let far = Session { name: "far".into(), multihop: true, ..session(B) };
    let sessions = vec![far, from("192.0.2.9", "other"), from(A, "ours")];
    let mut solo = Solo::new(true, sessions);
    let states = |solo: &Solo| solo.bfd.views().map(|view| view.state).collect::<Vec<_>>();
    // Over an IPv6 socket; to 192.0.2.1.
    solo.source = format!("::ffff:{B}").parse().unwrap();
    solo.hear(&Packet { yours: None, ..solo.packet(StateKind::Down) });
    assert_eq!(states(&solo), [StateKind::Down, StateKind::Down, StateKind::Init]);
    // From anywhere, but naming the session.
    solo.source = "198.51.100.1".parse().unwrap();
    let other = solo.bfd.views().nth(1).unwrap().discriminator;
    solo.hear(&Packet { yours: Some(other), ..solo.packet(StateKind::Init) });
    assert_eq!(states(&solo), [StateKind::Down, StateKind::Up, StateKind::Init]);
    // The session that runs over several hops is not reached by the port for one hop.
    solo.hear(&solo.packet(StateKind::Init));
    solo.hear(&Packet { yours: None, ..solo.packet(StateKind::Down) });
    assert_eq!(states(&solo), [StateKind::Down, StateKind::Up, StateKind::Init]);
    let line = "Discarding packet from [198.51.100.1]:50000 (session is not found - your \
                discriminator field is 0x00000000)";
    assert_eq!(solo.lines.last().unwrap(), line);
}

#[test]
fn a_malformed_packet_is_told_in_two_lines() {
    let mut solo = Solo::up();
    solo.lines.clear();
    let (source, bytes) = ((solo.source, 50_000).into(), &[0x20; 20]);
    let arrival = Arrival { source, destination: None, ttl: None, multihop: false, bytes };
    solo.input(Input::Packet(arrival));
    let second = format!("Discarding bogus packet from [{B}]:50000");
    assert_eq!(solo.lines, ["Packet is too small: 20 bytes", &second]);
}
