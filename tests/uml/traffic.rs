//! What goes through a director beside the web and plain datagrams: names from a real server of
//! names, associations of SCTP, and services found by marks that a packet filter gives.
//! Also how thresholds keep connections away from a server.

use std::collections::BTreeSet;

use testkit::guest;
use testkit::lab::{Conversation, Host, Process, need};
use testkit::site::{GATEWAY, Site};

use crate::director::{Director, service_by};
use crate::support::{LIMIT, given, under_test};

const VIP: &str = "192.0.2.51";
const VIP6: &str = "2001:db8::51";

/// A server of names that tells, as a text, which host it runs on.
fn names(host: &Host) -> Process {
    need(&["nsd"]);
    let directory = host.directory().display().to_string();
    let zone = format!(
        "$ORIGIN lab.\n$TTL 0\n@ SOA ns mail 1 60 60 60 60\n@ NS ns\nns A 10.0.0.11\n\
         who TXT \"{}\"\n",
        host.name()
    );
    host.write("lab.zone", &zone);
    let text = format!(
        "server:\n ip-address: 0.0.0.0@53\n username: \"\"\n server-count: 1\n \
         zonesdir: \"{directory}\"\n pidfile: \"{directory}/nsd.pid\"\n \
         xfrdfile: \"{directory}/xfrd\"\n zonelistfile: \"{directory}/zones\"\n database: \"\"\n\
         remote-control:\n control-enable: no\nzone:\n name: lab\n zonefile: lab.zone\n"
    );
    let file = host.write("nsd.conf", &text).display().to_string();
    host.spawn("nsd", ["nsd", "-d", "-c", &*file])
}

/// Who answers the question for names, asked so often; each time from another port.
fn asked(site: &Site, more: &[&str], times: usize) -> BTreeSet<String> {
    need(&["dig"]);
    let server = format!("@{VIP}");
    let ask = |_| {
        let words = ["dig", "+short", "+time=3", "+tries=1", &server, "who.lab", "TXT"];
        site.client.ok(words.iter().chain(more)).trim().to_owned()
    };
    (0..times).map(ask).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| format!("\"{name}\"")).collect()
}

#[test]
fn names_are_asked_of_the_servers_that_know_them() {
    guest::run(|| {
        let site = Site::nat("names");
        site.a.add_address("eth1", &format!("{GATEWAY}/24"));
        let mut servers: Vec<Process> = site.servers.iter().map(names).collect();
        for server in &servers {
            site.lab.wait_until("nsd to answer", LIMIT, || server.log().has("nsd started"));
        }
        let real = |last: u8| {
            format!(
                " real_server 10.0.0.{last} 53 {{\n DNS_CHECK {{\n type TXT\n name who.lab\n \
                 connect_timeout 1\n retry 1\n delay_before_retry 1\n }}\n }}\n"
            )
        };
        let servers_of_both = [real(11), real(12), real(13)].concat();
        let both = ["UDP", "TCP"].map(|protocol| {
            service_by("NAT", 53, "delay_loop 1", &servers_of_both)
                .replace("protocol TCP", &format!("protocol {protocol}"))
        });
        let director = Director::start(site, &both.concat());
        let site = &director.site;
        let listed = |count: usize| {
            let table = site.a.ipvs();
            ["UDP", "TCP"].iter().all(|protocol| {
                let found = table.service(&format!("{protocol} {VIP}:53"));
                found.is_some_and(|one| one.servers.len() == count)
            })
        };
        site.lab.wait_until("all servers", LIMIT, || listed(3));
        let all = set(&["real1", "real2", "real3"]);
        assert_eq!(asked(site, &[], 6), all);
        assert_eq!(asked(site, &["+tcp"], 6), all);
        let counted = || given(&site.a, &format!("UDP {VIP}:53"));
        site.lab.wait_until("the kernel's count", LIMIT, || counted() == [2, 2, 2]);

        drop(servers.remove(0));
        site.lab.wait_until("two servers", LIMIT, || listed(2));
        assert_eq!(asked(site, &[], 4), set(&["real2", "real3"]));
        assert_eq!(asked(site, &["+tcp"], 4), set(&["real2", "real3"]));
    });
}

#[test]
fn associations_of_sctp_are_forwarded_by_every_method_and_in_both_families() {
    guest::run(|| {
        let site = Site::direct_routing("sctp", &[VIP, VIP6]);
        site.a.add_address("eth0", &format!("{VIP6}/128"));
        // By translation, the answers have to come back through the director.
        site.a.forwards();
        site.a.set_sysctl("net.ipv4.conf.all.send_redirects", "0");
        site.servers[1].ok(["ip", "route", "add", "192.0.2.10/32", "via", "192.0.2.1"]);
        let [one, two] = [&site.servers[0], &site.servers[1]];
        let _echoes = [
            one.sctp_echo_server(VIP, 9),
            one.sctp_echo_server(VIP6, 9),
            two.sctp_echo_server("192.0.2.12", 99),
        ];
        let configuration = format!(
            "virtual_server {VIP} 9 {{\n lb_algo rr\n protocol SCTP\n \
             real_server 192.0.2.11 9 {{\n lvs_method DR\n }}\n \
             real_server 192.0.2.12 99 {{\n lvs_method NAT\n }}\n}}\n\
             virtual_server {VIP6} 9 {{\n lb_algo rr\n lb_kind DR\n protocol SCTP\n \
             real_server 2001:db8::11 9 {{\n }}\n}}\n"
        );
        let director = Director::start(site, &configuration);
        let site = &director.site;
        let four = format!("SCTP {VIP}:9");
        site.lab.wait_until("both services", LIMIT, || {
            let services = site.a.ipvs().services;
            services.iter().map(|one| one.servers.len()).sum::<usize>() == 3
        });
        let associate = |from: &str, to: &str| {
            let opened = site.client.associate_from(from, to).and_then(|mut association| {
                let answer = association.say("who")?;
                assert_eq!(association.say("again")?, answer.replace("who", "again"));
                Ok(answer)
            });
            opened.unwrap_or_else(|why| site.lab.fail(&format!("{to}: {why}")))
        };
        let to = format!("{VIP}:9");
        let answers: BTreeSet<String> = (0..4).map(|_| associate("192.0.2.10", &to)).collect();
        assert_eq!(answers, BTreeSet::from(["real1: who".to_owned(), "real2: who".to_owned()]));
        assert_eq!(associate("2001:db8::10", &format!("[{VIP6}]:9")), "real1: who");
        let counted = || given(&site.a, &four);
        site.lab.wait_until("the kernel's count", LIMIT, || counted() == [2, 2]);
    });
}

/// Everything for these ports of both addresses gets the mark 7, as operators do it.
fn mark_by_filter(director: &Host) {
    need(&["iptables-legacy", "ip6tables-legacy"]);
    for (program, vip) in [("iptables-legacy", VIP), ("ip6tables-legacy", VIP6)] {
        let rule = ["-t", "mangle", "-A", "PREROUTING", "-d", vip, "-p", "tcp", "-m", "multiport"];
        let mark = ["--dports", "80,443", "-j", "MARK", "--set-mark", "7"];
        director.ok([program].iter().chain(&rule).chain(&mark));
    }
}

#[test]
fn a_mark_of_the_packet_filter_joins_ports_in_both_families() {
    guest::run(|| {
        let site = Site::direct_routing("filter", &[VIP, VIP6]);
        site.a.add_address("eth0", &format!("{VIP6}/128"));
        mark_by_filter(&site.a);
        for last in [101, 102] {
            site.client.add_address("eth0", &format!("192.0.2.{last}/24"));
            site.client.add_address("eth0", &format!("2001:db8::{last}/64"));
        }
        let ports = [80, 443];
        let two = site.servers[..2].iter();
        let _echoes: Vec<_> =
            two.flat_map(|host| ports.map(|port| host.echo_server(port))).collect();
        let by_mark = |servers: [&str; 2]| {
            let servers = servers.map(|ip| format!(" real_server {ip} {{\n }}\n")).concat();
            let family = if servers.contains("::") { "ip_family inet6" } else { "" };
            format!(
                "virtual_server fwmark 7 {{\n lb_algo rr\n lb_kind DR\n {family}\n \
                 persistence_timeout 50\n{servers}}}\n"
            )
        };
        let configuration =
            by_mark(["192.0.2.11", "192.0.2.12"]) + &by_mark(["2001:db8::11", "2001:db8::12"]);
        let director = Director::start(site, &configuration);
        let site = &director.site;
        site.lab.wait_until("both services", LIMIT, || {
            let services = site.a.ipvs().services;
            services.iter().map(|one| one.servers.len()).sum::<usize>() == 4
        });
        let server_of = |from: &str, to: String| {
            let said = site.client.converse_from(from, &to).and_then(|mut one| one.say("who"));
            said.unwrap_or_else(|why| site.lab.fail(&format!("{from} to {to}: {why}")))
        };
        for (vip, clients) in [
            (VIP.to_owned(), ["192.0.2.101", "192.0.2.102"]),
            (format!("[{VIP6}]"), ["2001:db8::101", "2001:db8::102"]),
        ] {
            let servers = clients.map(|client| {
                let [web, secure] = ports.map(|port| server_of(client, format!("{vip}:{port}")));
                assert_eq!(web, secure, "one client, one server: {client}");
                web
            });
            assert_ne!(servers[0], servers[1], "in turn");
        }
    });
}

/// Two servers of which the first takes few connections.
fn limited(upper: u32, lower: u32) -> String {
    let first = format!("uthreshold {upper}\n lthreshold {lower}");
    format!(
        "global_defs {{\n lvs_timeouts tcpfin 1\n}}\n{}",
        service_by(
            "DR",
            7,
            "",
            &format!(
                " real_server 192.0.2.11 7 {{\n {first}\n }}\n real_server 192.0.2.12 7 {{\n }}\n"
            )
        )
    )
}

#[test]
fn a_server_at_its_threshold_gets_no_more_connections_until_it_has_few() {
    guest::run(|| {
        let site = Site::direct_routing("limits", &[VIP]);
        let _echoes: Vec<_> = site.servers.iter().map(|server| server.echo_server(7)).collect();
        let director = Director::start(site, &limited(3, 2));
        director.wait_for_table(7, "192.0.2.11:7=1 192.0.2.12:7=1");
        let mut open: Vec<(String, Conversation)> = Vec::new();
        let converse = |open: &mut Vec<_>| {
            let opened = director.site.client.converse(&format!("{VIP}:7"));
            let mut conversation = opened.expect("a connection");
            let server = conversation.say("who").expect("an answer");
            open.push((server.clone(), conversation));
            server == "real1: who"
        };
        let firsts = (0..8).filter(|_| converse(&mut open)).count();
        assert_eq!(firsts, 3, "as many as it takes");

        // More are let through when a reload says so.
        director.daemon.reload(&limited(4, 2));
        let at_limit = |upper: &str| {
            let listing = director.site.a.ok(["ipvsadm", "-Ln", "--thresholds"]);
            let mut lines = listing.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            lines.any(|words| words.get(1..3) == Some(&["192.0.2.11:7", upper]))
        };
        if under_test().is_ours() {
            director.site.lab.wait_until("the other threshold", LIMIT, || at_limit("4"));
        } else {
            // 2.2.7 pushes no thresholds; somebody's hand does.
            director.site.a.ipvsadm("-e -t 192.0.2.51:7 -r 192.0.2.11:7 -g -w 1 -x 4 -y 2");
        }
        // The kernel looks at its new limits when a connection goes.
        close_one(&director, &mut open, 2);
        let firsts = (0..6).filter(|_| converse(&mut open)).count();
        assert_eq!(firsts, 2, "one that went, and one more");

        // Below the lower threshold only it gets connections again.
        close_one(&director, &mut open, 3);
        assert_eq!((0..4).filter(|_| converse(&mut open)).count(), 0, "still full");
        close_one(&director, &mut open, 2);
        close_one(&director, &mut open, 1);
        let firsts = (0..8).filter(|_| converse(&mut open)).count();
        assert_eq!(firsts, 3, "from one to four");
    });
}

/// One connection of the first server less; waits until the kernel has forgotten it.
fn close_one(director: &Director, open: &mut Vec<(String, Conversation)>, left: u32) {
    let place = open.iter().position(|(server, _)| server == "real1: who").expect("it has one");
    drop(open.remove(place));
    director.site.lab.wait_until(&format!("{left} connections"), LIMIT, || {
        let table = director.site.a.ipvs();
        let first = table.server(&format!("TCP {VIP}:7"), "192.0.2.11:7");
        first.is_some_and(|one| one.active + one.inactive == left)
    });
}
