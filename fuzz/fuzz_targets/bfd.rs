//! Any datagrams to a session, in any order and at any pace: what was understood says the same when
//! it is written again, every deadline moves once it has passed, and what the session says itself
//! can be understood.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use bfd::config::{Config, Session};
use bfd::{Arrival, Bfd, Effect, Input, LENGTH, Packet};
use libfuzzer_sys::fuzz_target;

/// Where the length stands; the only byte that may differ.
const LENGTH_FIELD: usize = 3;
const NEIGHBOR: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

fuzz_target!(|data: &[u8]| {
    let [choice, rest @ ..] = data else { return };
    let mut rest = rest;
    let mut end = End::new(*choice);
    // How long it waits, how long the datagram is, whether it names the session; the datagram.
    while let [wait, length, known, more @ ..] = rest {
        let (datagram, others) = more.split_at(usize::from(*length % 40).min(more.len()));
        rest = others;
        end.wait(Duration::from_millis(u64::from(*wait)));
        end.hear(datagram, known % 2 == 1);
    }
});

struct End {
    bfd: Bfd,
    now: Instant,
}

impl End {
    fn new(choice: u8) -> Self {
        let now = Instant::now();
        let session = Session {
            passive: choice & 1 != 0,
            multiplier: 1 + choice % 5,
            ..Session::new("b1", NEIGHBOR)
        };
        let mut end = Self { bfd: Bfd::new(&Config { sessions: vec![session] }, now, 1), now };
        end.drain();
        end
    }

    fn input(&mut self, input: Input<'_>) {
        self.bfd.handle(self.now, input);
        self.drain();
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.input(Input::Tick);
        self.input(Input::Timeout);
        assert!(self.bfd.poll_timeout().is_none_or(|at| at > self.now), "a deadline stands still");
    }

    fn hear(&mut self, datagram: &[u8], known: bool) {
        let mut datagram = datagram.to_vec();
        let mine = self.bfd.views().next().expect("one session").discriminator.number();
        if let Some(yours) = datagram.get_mut(8..12).filter(|_| known) {
            yours.copy_from_slice(&mine.to_be_bytes());
        }
        if let Ok(packet) = Packet::decode(&datagram) {
            let mut again = packet.encode();
            again[LENGTH_FIELD] = datagram[LENGTH_FIELD];
            assert_eq!(again[..], datagram[..LENGTH]);
        }
        let (source, destination, ttl) = ((NEIGHBOR, 50_000).into(), None, Some(255));
        let arrival = Arrival { source, destination, ttl, multihop: false, bytes: &datagram };
        self.input(Input::Packet(arrival));
    }

    fn drain(&mut self) {
        while let Some(sent) = self.bfd.poll_transmission() {
            Packet::decode(&sent.packet).expect("what it says itself");
        }
        while let Some(effect) = self.bfd.poll_effect() {
            match effect {
                Effect::Open(outlet) => self.input(Input::Opened(outlet.session)),
                Effect::Report(event) => drop(event.to_string()),
                Effect::Close(_) | Effect::Tell(_) => {}
            }
        }
    }
}
