//! How each scheduler of the kernel spreads connections over a server of weight 3 and one of
//! weight 1: counted by the clients, and by the kernel itself.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use testkit::guest;
use testkit::lab::{Conversation, Daemon, EchoServer};
use testkit::site::{GATEWAY, Site};

use crate::support::{LIMIT, given, under_test};

const VIP: &str = "192.0.2.51";
const CLIENT: &str = "192.0.2.10";
const FIRST_PORT: u16 = 8000;
/// Further addresses of the client, for schedulers that go by them.
const CLIENTS: RangeInclusive<u8> = 100..=123;

/// Whether the next connection is opened while the earlier ones are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Earlier {
    Closed,
    Open,
}

/// What one client's connections, one after the other, lead to.
struct Case {
    scheduler: &'static str,
    flags: &'static str,
    earlier: Earlier,
    connections: usize,
    /// How many of them the server of weight 3 gets.
    first: RangeInclusive<usize>,
}

const fn case(
    scheduler: &'static str,
    earlier: Earlier,
    connections: usize,
    first: RangeInclusive<usize>,
) -> Case {
    Case { scheduler, flags: "", earlier, connections, first }
}

/// Closed connections count for `lc` and `wlc`, as long as the kernel remembers them, and not for
/// `sed`, `nq` and `ovf`.
const CASES: [Case; 12] = [
    case("rr", Earlier::Closed, 16, 8..=8),
    case("wrr", Earlier::Closed, 16, 12..=12),
    case("lc", Earlier::Closed, 16, 7..=9),
    case("wlc", Earlier::Closed, 16, 11..=13),
    case("lc", Earlier::Open, 8, 4..=4),
    case("wlc", Earlier::Open, 8, 6..=6),
    case("sed", Earlier::Open, 2, 2..=2),
    case("nq", Earlier::Open, 2, 1..=1),
    case("sed", Earlier::Open, 8, 6..=6),
    // More than its weight, and the next one gets the rest.
    case("ovf", Earlier::Open, 6, 4..=4),
    case("fo", Earlier::Open, 8, 8..=8),
    Case { flags: "sh-port", ..case("sh", Earlier::Closed, 24, 12..=23) },
];

/// What is asked for is the same for all connections, so all of them go one way.
const BY_DESTINATION: [&str; 3] = ["dh", "lblc", "lblcr"];
/// Each client has its server.
const BY_CLIENT: [&str; 2] = ["sh", "mh"];

fn service(port: u16, scheduler: &str, flags: &str) -> String {
    format!(
        "virtual_server {VIP} {port} {{\n lb_algo {scheduler}\n {flags}\n lb_kind NAT\n \
         protocol TCP\n real_server 10.0.0.11 7 {{\n weight 3\n }}\n \
         real_server 10.0.0.12 7 {{\n weight 1\n }}\n}}\n"
    )
}

/// A NAT site whose director has a service for each scheduler, and who runs on it.
struct Spread {
    site: Site,
    ports: BTreeMap<&'static str, Vec<u16>>,
    seen: Vec<Seen>,
    _echoes: Vec<EchoServer>,
    _daemon: Daemon,
}

/// Connections that were made.
struct Seen {
    what: String,
    port: u16,
    /// To the server of weight 3.
    first: u64,
    all: u64,
}

/// Who answered how often.
type Counts = BTreeMap<String, usize>;

#[test]
fn connections_are_spread_as_each_scheduler_does_it() {
    guest::run(|| {
        let mut spread = Spread::start();
        for case in &CASES {
            spread.expect(case);
        }
        spread.expect_given();
        for scheduler in BY_DESTINATION {
            let port = spread.port(scheduler);
            let all: Vec<Counts> = spread.of_all_clients(port, 2);
            assert!(
                all[0].len() == 1 && all.iter().all(|one| *one == all[0]),
                "{scheduler}: {all:?}"
            );
        }
        for scheduler in BY_CLIENT {
            let port = spread.port(scheduler);
            let all = spread.of_all_clients(port, 2);
            assert!(all.iter().all(|one| one.len() == 1), "{scheduler}: {all:?}");
            let first = all.iter().filter(|one| one.contains_key("real1")).count();
            // Three quarters would be 18; it is the addresses that decide.
            assert!((13..=23).contains(&first), "{scheduler}: {first} of {}", all.len());
        }
    });
}

impl Spread {
    fn start() -> Self {
        let site = Site::nat("spread");
        site.a.add_address("eth0", &format!("{VIP}/32"));
        site.a.add_address("eth1", &format!("{GATEWAY}/24"));
        for last in CLIENTS {
            site.client.add_address("eth0", &format!("192.0.2.{last}/24"));
        }
        let echoes = site.servers[..2].iter().map(|server| server.echo_server(7)).collect();
        let mut ports: BTreeMap<_, Vec<u16>> = BTreeMap::new();
        let mut configuration = String::new();
        let of_cases = CASES.iter().map(|case| (case.scheduler, case.flags));
        let others = BY_DESTINATION.iter().chain(&BY_CLIENT).map(|scheduler| (*scheduler, ""));
        for ((scheduler, flags), port) in of_cases.chain(others).zip(FIRST_PORT..) {
            configuration += &service(port, scheduler, flags);
            ports.entry(scheduler).or_default().push(port);
        }
        let daemon = site.a.daemon(&under_test()).start(&configuration);
        site.lab.wait_until("all services", LIMIT, || {
            let services = site.a.ipvs().services;
            services.len() == CASES.len() + 5 && services.iter().all(|one| one.servers.len() == 2)
        });
        Self { site, ports, seen: Vec::new(), _echoes: echoes, _daemon: daemon }
    }

    /// The port of a service with this scheduler that has not been used yet.
    fn port(&mut self, scheduler: &str) -> u16 {
        self.ports.get_mut(scheduler).expect("it has services").remove(0)
    }

    fn expect(&mut self, case: &Case) {
        let port = self.port(case.scheduler);
        let (mut counts, mut open) = (Counts::new(), Vec::new());
        for _ in 0..case.connections {
            let (conversation, server) = self.converse(CLIENT, port);
            *counts.entry(server).or_default() += 1;
            open.extend((case.earlier == Earlier::Open).then_some(conversation));
        }
        let what = format!("{} {} {:?}", case.scheduler, case.flags, case.earlier);
        let first = counts.get("real1").copied().unwrap_or_default();
        assert!(case.first.contains(&first), "{what}: {counts:?}");
        self.seen.push(Seen { what, port, first: first as u64, all: case.connections as u64 });
    }

    /// The kernel counts what the clients have counted; it sums up every two seconds.
    fn expect_given(&self) {
        for Seen { what, port, first, all } in &self.seen {
            let mut wanted = vec![*first, all - first];
            wanted.sort_unstable();
            let counted = || {
                let mut given = given(&self.site.a, &format!("TCP {VIP}:{port}"));
                given.sort_unstable();
                given
            };
            let what = format!("{what}: {wanted:?} as the kernel counts, not {:?}", counted());
            self.site.lab.wait_until(&what, LIMIT, || counted() == wanted);
        }
    }

    /// Each address of the client opens and closes so many connections.
    fn of_all_clients(&self, port: u16, connections: usize) -> Vec<Counts> {
        let of_one = |last: u8| {
            let mut counts = Counts::new();
            for _ in 0..connections {
                let (_, server) = self.converse(&format!("192.0.2.{last}"), port);
                *counts.entry(server).or_default() += 1;
            }
            counts
        };
        CLIENTS.map(of_one).collect()
    }

    /// A connection from this address, and who is at its other end.
    fn converse(&self, from: &str, port: u16) -> (Conversation, String) {
        let lab = &self.site.lab;
        let opened = self.site.client.converse_from(from, &format!("{VIP}:{port}"));
        let mut conversation = opened.unwrap_or_else(|why| lab.fail(&format!("{port}: {why}")));
        let answer =
            conversation.say("who").unwrap_or_else(|why| lab.fail(&format!("{port}: {why}")));
        let server = answer.split(':').next().unwrap_or_default().to_owned();
        (conversation, server)
    }
}
