//! Persistence as clients see it: who gets the same server again, for how long, and what counts as
//! the same client. A service for each kind, each at an address of its own.

use std::collections::BTreeSet;

use testkit::guest;
use testkit::lab::{Daemon, EchoServer};
use testkit::site::Site;

use crate::support::{LIMIT, given, under_test};

/// The addresses of the services: alone, by network, by call, as a group, over IPv6.
const PLAIN: &str = "192.0.2.51";
const NETWORK: &str = "192.0.2.52";
const CALLS: &str = "192.0.2.53";
const NOBODY: &str = "192.0.2.54";
const SIX: &str = "2001:db8::51";
/// Clients of three networks. The kernel keeps no order between them.
const HOME: [&str; 3] = ["192.0.2.10", "192.0.2.101", "192.0.2.102"];
const ABROAD: [&str; 3] = ["198.51.100.1", "198.51.100.2", "198.51.100.3"];
const SIX_HOME: [&str; 2] = ["2001:db8::10", "2001:db8::a:1"];
const SIX_ABROAD: [&str; 2] = ["2001:db8:0:7::1", "2001:db8:0:7::2"];

fn service(place: &str, protocol: &str, more: &str, servers: [&str; 2]) -> String {
    let servers = servers.map(|place| format!(" real_server {place} {{\n }}\n")).concat();
    format!(
        "virtual_server {place} {{\n lb_algo rr\n lb_kind DR\n protocol {protocol}\n {more}\n\
         {servers}}}\n"
    )
}

fn configuration() -> String {
    let (four, sip) = (["192.0.2.11 7", "192.0.2.12 7"], ["192.0.2.11 5060", "192.0.2.12 5060"]);
    let plain = service(&format!("{PLAIN} 7"), "UDP", "persistence_timeout 2", four);
    let network = "persistence_timeout 50\n persistence_granularity 255.255.255.0";
    let network = service(&format!("{NETWORK} 7"), "TCP", network, four);
    let calls = "persistence_timeout 50\n persistence_engine sip";
    let calls = service(&format!("{CALLS} 5060"), "UDP", calls, sip);
    let nobody = service(&format!("{NOBODY} 7"), "TCP", "persistence_timeout 0", four);
    let six = ["2001:db8::11 7", "2001:db8::12 7"];
    let granular = "persistence_timeout 50\n persistence_granularity 64";
    let six = service(&format!("{SIX} 7"), "TCP", granular, six);
    // What the kernel keeps of a datagram is short, so that only persistence is left.
    format!("global_defs {{\n lvs_timeouts udp 1\n}}\n{plain}{network}{calls}{nobody}{six}")
}

/// The site, and who runs on its director.
struct Persistence {
    site: Site,
    _echoes: Vec<EchoServer>,
    _daemon: Daemon,
}

#[test]
fn clients_come_back_to_their_server_as_long_as_they_are_the_same() {
    guest::run(|| {
        let persistence = Persistence::start();

        persistence.by_address_and_time();
        persistence.by_network();
        persistence.by_call();
    });
}

impl Persistence {
    fn start() -> Self {
        let site = Site::direct_routing("persist", &[PLAIN, NETWORK, CALLS, NOBODY, SIX]);
        for vip in [PLAIN, NETWORK, CALLS, NOBODY] {
            site.a.add_address("eth0", &format!("{vip}/32"));
        }
        site.a.add_address("eth0", &format!("{SIX}/128"));
        for client in HOME[1..].iter().chain(&ABROAD) {
            site.client.add_address("eth0", &format!("{client}/24"));
        }
        for client in SIX_HOME[1..].iter().chain(&SIX_ABROAD) {
            site.client.add_address("eth0", &format!("{client}/64"));
        }
        for host in site.servers.iter().chain([&site.a]) {
            host.ok(["ip", "route", "add", "198.51.100.0/24", "dev", "eth0"]);
            host.ok(["ip", "route", "add", "2001:db8:0:7::/64", "dev", "eth0"]);
        }
        let two = &site.servers[..2];
        let echoes = two.iter().flat_map(|host| [7, 5060].map(|port| host.echo_server(port)));
        let echoes = echoes.collect();
        let daemon = site.a.daemon(&under_test()).start(&configuration());
        site.lab.wait_until("all services", LIMIT, || {
            let services = site.a.ipvs().services;
            services.len() == 5 && services.iter().all(|one| one.servers.len() == 2)
        });
        Self { site, _echoes: echoes, _daemon: daemon }
    }

    /// One client, whatever its port, until it has been silent for the whole time.
    fn by_address_and_time(&self) {
        let ask = || self.ask(HOME[0], &format!("{PLAIN}:7"), "who");
        let first = ask();
        (0..6).for_each(|_| assert_eq!(ask(), first, "one client, one server"));
        assert_ne!(self.ask(HOME[1], &format!("{PLAIN}:7"), "who"), first, "another client");
        self.site.lab.wait_until("the kernel to forget", LIMIT, || {
            !self.site.a.ok(["ipvsadm", "-Lnc"]).contains(PLAIN)
        });
        // It goes on in turn, and so they change places.
        assert_eq!(self.ask(HOME[1], &format!("{PLAIN}:7"), "who"), first);
        assert_ne!(ask(), first);
    }

    /// All clients of a network are one, and without persistence none is.
    fn by_network(&self) {
        let of = |clients: &[&str], to: &str| {
            let ask = |client: &&str| {
                let mut conversation = self.site.client.converse_from(client, to)?;
                conversation.say("who")
            };
            let answers: BTreeSet<String> = clients
                .iter()
                .map(|client| {
                    ask(client)
                        .unwrap_or_else(|why| self.site.lab.fail(&format!("{client}, {to}: {why}")))
                })
                .collect();
            answers
        };
        for (to, home, abroad) in [
            (format!("{NETWORK}:7"), &HOME[..], &ABROAD[..]),
            (format!("[{SIX}]:7"), &SIX_HOME, &SIX_ABROAD),
        ] {
            let (home, abroad) = (of(home, &to), of(abroad, &to));
            assert_eq!((home.len(), abroad.len()), (1, 1), "{to}: {home:?} {abroad:?}");
            assert_ne!(home, abroad, "{to}");
        }
        let nobody = of(&HOME[..2], &format!("{NOBODY}:7"));
        assert_eq!(nobody.len(), 2, "in turn");
        let counted = || given(&self.site.a, &format!("TCP {NETWORK}:7"));
        self.site.lab.wait_until("the kernel's count", LIMIT, || counted() == [3, 3]);
    }

    /// A client's calls are told apart by what the engine for SIP finds in a datagram.
    fn by_call(&self) {
        let to = format!("{CALLS}:5060");
        let call = |from: &str, id: &str| {
            let text = format!("INVITE sip:lab@example.com SIP/2.0\r\nCall-ID: {id}@lab\r\n\r\n");
            self.ask(from, &to, &text)
        };
        let first = call(HOME[0], "one");
        let second = call(HOME[0], "two");
        assert_ne!(second, first, "another call of the same client");
        for _ in 0..3 {
            assert_eq!(
                (call(HOME[0], "one"), call(HOME[0], "two")),
                (first.clone(), second.clone())
            );
        }
    }

    /// Who answers this datagram.
    fn ask(&self, from: &str, to: &str, text: &str) -> String {
        let answer = self.site.client.ask_datagram_from(from, to, text);
        let answer =
            answer.unwrap_or_else(|why| self.site.lab.fail(&format!("{from} {to}: {why}")));
        answer.split(':').next().unwrap_or_default().to_owned()
    }
}
