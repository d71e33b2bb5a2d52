//! What keeps a check from asking on this machine, and therefore says nothing of the server.

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Daemon, Manner};

use super::manners::reply;
use super::{ADDED, Beside, Case, REMOVED, check};
use crate::support::{LIMIT, under_test};

const TCP: u16 = 8001;
const WEB: u16 = 8002;
const MAIL: u16 = 8003;
const NAMES: u16 = 8004;
const DATAGRAMS: u16 = 8005;
const ECHOES: u16 = 8006;
const TALK: [&str; 3] = ["220 hi\r\n", "250 me\r\n", "221 bye\r\n"];

/// Good servers of every kind, and their checks with these words.
struct Servers {
    beside: Beside,
    cases: Vec<Case>,
    daemons: [Daemon; 2],
}

impl Servers {
    /// Echoes are asked for last; these words mean nothing to them for the original.
    fn start(label: &str, words: &str, echoes: bool) -> Self {
        let beside = Beside::new(label);
        let server = &beside.server;
        let _ = server.mannered(TCP, Manner::Close);
        let _ = server.mannered(WEB, Manner::answer("HTTP/1.0 200 OK\r\n\r\n"));
        let _ = server.mannered(MAIL, Manner::Talk(TALK.to_vec()));
        let _ = server.mannered_udp(NAMES, |query| reply(query, 0));
        let _ = server.mannered_udp(DATAGRAMS, |heard| Some(heard.to_vec()));
        let kinds = [
            (TCP, "TCP_CHECK", ""),
            (WEB, "HTTP_GET", "url {\n path /\n }"),
            (MAIL, "SMTP_CHECK", ""),
            (DATAGRAMS, "UDP_CHECK", ""),
            (NAMES, "DNS_CHECK", "type A\n name example.com"),
        ];
        let case = |(port, kind, more): (u16, &str, &str)| {
            let (name, check) = (kind.to_owned(), check(kind, &format!("{words}\n {more}")));
            Case { name, port, check, lines: Vec::new() }
        };
        let mut cases = kinds.map(case).to_vec();
        cases.extend(echoes.then(|| case((ECHOES, "PING_CHECK", ""))));
        let daemons = beside.start(&cases);
        Self { beside, cases, daemons }
    }

    /// Which checks could not be made, in the words of the original; each says so again and again.
    fn expect_obstacles(&self, count: usize) {
        let said = || self.daemons.each_ref().map(obstacles);
        self.beside.lab.wait_until("obstacles", LIMIT, || {
            let [ours, original] = said();
            original.len() == count && ours == original
        });
    }

    /// Both have said this of the servers of TCP, pages, mail and datagrams since the last time.
    /// What is said of names has no end while they cannot be asked for.
    fn expect(&mut self, lines: [&[&'static str]; 4]) {
        self.cases.iter_mut().zip(lines).for_each(|(case, more)| case.lines.extend(more));
        self.beside.expect(&self.daemons, &self.cases[..4]);
    }
}

/// Which checks could not be made.
fn obstacles(daemon: &Daemon) -> BTreeSet<String> {
    daemon.log().texts().into_iter().filter(|text| text.contains("Rescheduling")).collect()
}

const TCP_GOOD: &str = "TCP connection to $S success.";
const WEB_GOOD: &str = "Remote Web server $S succeed on service.";
const MAIL_GOOD: &str = "Remote SMTP server $S succeed on service.";
const UDP_GOOD: &str = "UDP connection to $S success.";
const UDP_GONE: &str = "UDP_CHECK on service $S failed.";

/// As on a backup that checks from an address which only the master holds.
#[test]
fn an_address_that_is_not_here_says_nothing_of_a_server() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let mut servers = Servers::start("absent", "bindto $B", false);
        servers.expect_obstacles(4);
        // Only of this one it is a failure.
        servers.expect([&[], &[], &[], &[UDP_GONE, REMOVED]]);
        servers.beside.ours.add_address("eth0", "192.0.2.101/24");
        servers.beside.original.add_address("eth0", "192.0.2.102/24");
        servers.expect([&[TCP_GOOD], &[WEB_GOOD], &[MAIL_GOOD], &[UDP_GOOD, ADDED]]);
    });
}

/// Why a check cannot be made, which the original says each time, but of connections once.
fn reasons(daemon: &Daemon) -> BTreeSet<String> {
    let mut said: BTreeSet<_> = daemon.log().texts().into_iter().collect();
    said.retain(|text| text.starts_with("Checker ") || text.starts_with("socket connect "));
    said
}

#[test]
fn what_a_socket_may_not_do_is_said() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        for (label, words, why) in [
            ("here", "bindto $B", "Checker bind failed: Cannot assign requested address"),
            ("link", "bind_if no0", "Checker can't bind to device no0: No such device"),
            ("way", "connect_ip 198.51.100.8", "socket connect error 13 - Permission denied"),
        ] {
            let beside = Beside::new(label);
            for director in [&beside.ours, &beside.original] {
                director.ok(["ip", "route", "add", "prohibit", "198.51.100.8"]);
            }
            let case = |(port, kind)| Case {
                name: String::from(kind),
                port,
                check: check(kind, words),
                lines: Vec::new(),
            };
            let daemons = beside.start(&[(TCP, "TCP_CHECK"), (MAIL, "SMTP_CHECK")].map(case));
            for daemon in &daemons {
                beside.lab.wait_until(why, LIMIT, || obstacles(daemon).len() == 2);
                assert_eq!(reasons(daemon), [why.to_owned()].into(), "{}", beside.lab.logs());
            }
        }
    });
}

/// Neither does a process that may open nothing.
#[test]
fn having_no_descriptor_left_says_nothing_of_a_server() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let mut servers = Servers::start("descriptors", "", true);
        servers.expect([&[TCP_GOOD], &[WEB_GOOD], &[MAIL_GOOD], &[UDP_GOOD]]);
        let limit = |count: &str| {
            for daemon in &servers.daemons {
                let pid = std::fs::read_to_string(&daemon.pid_files()[2]).expect("its number");
                let words = ["prlimit", "--pid", pid.trim(), &format!("--nofile={count}:")];
                servers.beside.server.ok(words);
            }
        };
        limit("3");
        servers.expect_obstacles(6);
        limit("1024");
        servers.expect([&[], &[], &[], &[]]);
    });
}

/// With a chosen address each connection of the original takes a port away from all others, until
/// the kernel has forgotten it.
#[test]
fn one_port_is_enough_for_checks_of_several_servers() {
    if !under_test().is_ours() {
        eprintln!("2.2.7 has one port for each check");
        return;
    }
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("ports");
        let cases = [TCP, WEB].map(|port| {
            let _ = beside.server.mannered(port, Manner::Close);
            let check = check("TCP_CHECK", "bindto $A");
            Case { name: "TCP".to_owned(), port, check, lines: vec![TCP_GOOD] }
        });
        for director in [&beside.ours, &beside.original] {
            director.set_sysctl("net.ipv4.ip_local_port_range", "40000 40000");
        }
        let [ours, original] = beside.start(&cases);
        cases.iter().for_each(|case| beside.expect_of_ours(&ours, case));
        beside.lab.wait_until("the original to lack a port", LIMIT, || {
            original.log().has("TCP socket bind failed. Rescheduling.")
        });
    });
}
