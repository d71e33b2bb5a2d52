//! Three services behind a DR pair, with the configuration of `examples/balanced`: who forwards,
//! what a closed port, a stopped master and its return do, seen with ipvsadm, ip and curl.

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::guest;
use testkit::lab::{Daemon, Host, WebServer};
use testkit::site::Site;

use crate::support::{LIMIT, holds_all, holds_none, under_test};

const VIPS: [&str; 3] = ["192.0.2.51", "192.0.2.52", "192.0.2.53"];
const SERVICES: [(&str, u16); 3] =
    [("TCP 192.0.2.51:8080", 8080), ("TCP 192.0.2.52:25", 25), ("TCP 192.0.2.53:21", 21)];
const A: &str = include_str!("../../examples/balanced/director-a.conf");
const B: &str = include_str!("../../examples/balanced/director-b.conf");

/// The site of the example: every server listens on all three ports.
struct Balanced {
    site: Site,
    web: Vec<WebServer>,
    a: Daemon,
    b: Daemon,
}

impl Balanced {
    fn start(label: &str) -> Self {
        let site = Site::direct_routing(label, &VIPS);
        for last in 100..110 {
            site.client.add_address("eth0", &format!("192.0.2.{last}/24"));
        }
        let web = SERVICES.iter().flat_map(|(_, port)| site.web_servers(*port)).collect();
        let program = under_test();
        let a = site.a.daemon(&program).start(A);
        let b = site.b.daemon(&program).start(B);
        Self { site, web, a, b }
    }

    fn wait_until_on(&self, on: &Host, off: &Host) {
        let what = format!("the addresses on {} only", on.name());
        let lab = &self.site.lab;
        lab.wait_until(&what, LIMIT, || holds_all(on, &VIPS) && holds_none(off, &VIPS));
    }

    fn wait_until_listed(&self, host: &Host, service: &str, count: usize) {
        let what = format!("{count} servers of {service} on {}", host.name());
        self.site.lab.wait_until(&what, LIMIT, || {
            host.ipvs().service(service).is_some_and(|found| found.servers.len() == count)
        });
    }

    /// Who answers clients of ten different addresses.
    fn answers(&self, vip: &str, port: u16) -> BTreeSet<String> {
        let ask = |last: u8| {
            let from = format!("192.0.2.{last}");
            let url = format!("http://{vip}:{port}/");
            let words = ["curl", "-s", "--max-time", "10", "--interface", &from, &url];
            self.site.client.ok(words).trim().to_owned()
        };
        (100..110).map(ask).collect()
    }
}

fn all() -> BTreeSet<String> {
    ["real1", "real2", "real3"].map(str::to_owned).into()
}

#[test]
fn the_master_forwards_and_both_tables_are_filled() {
    guest::run(|| {
        let mut pair = Balanced::start("s1");
        pair.wait_until_on(&pair.site.a, &pair.site.b);
        for (service, _) in SERVICES {
            for host in [&pair.site.a, &pair.site.b] {
                pair.wait_until_listed(host, service, 3);
                let table = host.ipvs();
                let found = table.service(service).expect("it was just there");
                assert_eq!((&*found.scheduler, &*found.options), ("wlc", "persistent 50"));
                assert!(found.servers.iter().all(|server| server.weight == 1), "{found:?}");
            }
        }
        for (vip, (_, port)) in VIPS.iter().zip(SERVICES) {
            assert_eq!(pair.answers(vip, port), all());
        }
        assert!(pair.a.stop().success() && pair.b.stop().success());
        assert_eq!((pair.site.a.ipvs().services, pair.site.b.ipvs().services), (vec![], vec![]));
    });
}

#[test]
fn a_closed_port_leaves_the_table_in_time_and_comes_back_when_it_opens() {
    guest::run(|| {
        let mut pair = Balanced::start("s1-port");
        pair.wait_until_on(&pair.site.a, &pair.site.b);
        pair.wait_until_listed(&pair.site.a, SERVICES[0].0, 3);
        pair.a.wait_for_log("Gained quorum", LIMIT);
        // The checks of the first round have passed: from here on three failures are needed.
        std::thread::sleep(Duration::from_secs(4));
        let closed = std::time::Instant::now();
        pair.web[0].stop();
        pair.wait_until_listed(&pair.site.a, SERVICES[0].0, 2);
        let took = closed.elapsed();
        assert!(took < Duration::from_secs(2 + 2 + 1 + 2), "{took:?}");
        let table = pair.site.a.ipvs();
        let left = table.service(SERVICES[0].0).expect("two servers are left");
        assert!(left.server("192.0.2.11:8080").is_none(), "{left:?}");
        let others: BTreeSet<String> = ["real2", "real3"].map(str::to_owned).into();
        assert_eq!(pair.answers(VIPS[0], 8080), others);
        pair.wait_until_listed(&pair.site.a, SERVICES[1].0, 3);
        pair.a.log().expect_in_order(&[
            "TCP_CHECK on service [192.0.2.11]:tcp:8080 failed after 2 retries.",
            "Removing service [192.0.2.11]:tcp:8080 from VS [192.0.2.51]:tcp:8080",
        ]);
        pair.web[0].start();
        pair.wait_until_listed(&pair.site.a, SERVICES[0].0, 3);
        pair.a.wait_for_log("Adding service [192.0.2.11]:tcp:8080 to VS", LIMIT);
        pair.a.log().expect_in_order(&[
            "TCP connection to [192.0.2.11]:tcp:8080 success.",
            "Adding service [192.0.2.11]:tcp:8080 to VS [192.0.2.51]:tcp:8080",
        ]);
    });
}

#[test]
fn the_backup_serves_while_the_master_is_stopped_or_killed() {
    guest::run(|| {
        let mut pair = Balanced::start("s1-takeover");
        pair.wait_until_on(&pair.site.a, &pair.site.b);
        pair.wait_until_listed(&pair.site.b, SERVICES[0].0, 3);
        assert!(pair.a.stop().success());
        pair.wait_until_on(&pair.site.b, &pair.site.a);
        assert_eq!(pair.answers(VIPS[0], 8080), all());
        assert_eq!(pair.site.a.ipvs().services, vec![]);

        let mut a = pair.site.a.daemon(&under_test()).start(A);
        pair.wait_until_on(&pair.site.a, &pair.site.b);
        pair.wait_until_listed(&pair.site.a, SERVICES[0].0, 3);
        assert_eq!(pair.answers(VIPS[0], 8080), all());

        // Killed, it leaves addresses and table behind: isolated, they harm nobody.
        a.kill_9();
        pair.site.a.isolate();
        pair.site.lab.wait_until("b to take over", LIMIT, || holds_all(&pair.site.b, &VIPS));
        assert_eq!(pair.answers(VIPS[0], 8080), all());

        pair.site.a.rejoin();
        let a = pair.site.a.daemon(&under_test()).start(A);
        a.wait_for_log("service 192.0.2.51:tcp:8080 is there already - taking it over", LIMIT);
        pair.wait_until_on(&pair.site.a, &pair.site.b);
        assert_eq!(pair.answers(VIPS[0], 8080), all());
    });
}

/// One of the services as people write it down: a check in one line, the old word for retries, a
/// mistyped one. Whatever is not understood is warned of and left out; each server is checked.
const AS_WRITTEN: &str = "
virtual_server 192.0.2.51 8080 {
    delay_loop 1
    lb_algo wlc
    lb_kind DR
    persistence_timeout 50
    protocol TCP
    real_server 192.0.2.11 8080 {
        weight 1
        TCP_CHECK { connect_timeout 3 nb_get_retry 3 delay_before_retry 3 connect_port 8080 }
    }
    real_server 192.0.2.12 8080 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
            nb_get_retry 3
            delay_before_retry 1
            connect_port 8080
        }
    }
    real_server 192.0.2.13 8080 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
            retyr 3
            delay_before_retry 1
            connect_port 8080
        }
    }
}
";

#[test]
fn blocks_with_mistakes_are_warned_of_and_their_servers_are_checked() {
    guest::run(|| {
        let site = Site::direct_routing("s1-written", &VIPS[..1]);
        let mut web = site.web_servers(8080);
        let daemon = site.a.daemon(&under_test()).start(AS_WRITTEN);
        for warning in ["Unknown keyword 'nb_get_retry'", "Unknown keyword 'retyr'"] {
            daemon.wait_for_log(warning, LIMIT);
        }
        let service = SERVICES[0].0;
        let listed = |servers: &[&str]| {
            let table = site.a.ipvs();
            let found = table.service(service).map(testkit::lab::IpvsService::weights);
            let found = found.unwrap_or_default().into_iter().map(|(server, _)| server);
            found.eq(servers.iter().copied())
        };
        let all = ["192.0.2.11:8080", "192.0.2.12:8080", "192.0.2.13:8080"];
        site.lab.wait_until("all servers", LIMIT, || listed(&all));
        daemon.wait_for_log_times("success.", 3, LIMIT);
        web.iter_mut().for_each(WebServer::stop);
        site.lab.wait_until("no server", LIMIT, || listed(&[]));
        web.iter_mut().for_each(WebServer::start);
        site.lab.wait_until("all servers again", LIMIT, || listed(&all));
    });
}
