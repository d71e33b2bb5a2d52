//! What keeps a check from being made at all: it is said in the words of the original, and is no
//! fault of the server.

use std::fs;
use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Daemon, Manner};

use super::{Beside, Case, check, lines_of};
use crate::support::LIMIT;

/// One check of each kind that connects, with these words, of servers that would answer well.
fn cases(more: &str) -> Vec<Case> {
    let url = format!("{more}\n url {{\n path /\n }}");
    let name = format!("type A\n name x.org\n {more}");
    let kinds = [
        ("TCP_CHECK", more, "TCP connection to $S success."),
        ("HTTP_GET", &url, "Remote Web server $S succeed on service."),
        ("SMTP_CHECK", more, "Remote SMTP server $S succeed on service."),
        ("DNS_CHECK", &name, ""),
    ];
    let one = |(port, (kind, words, good)): (u16, (&str, &str, &'static str))| Case {
        name: kind.to_owned(),
        port,
        check: check(kind, words),
        lines: if good.is_empty() { Vec::new() } else { vec![good] },
    };
    (8001..).zip(kinds).map(one).collect()
}

/// The different lines that say that a check is made later, or why.
fn rescheduled(daemon: &Daemon) -> Vec<String> {
    const WORDS: [&str; 4] = ["Rescheduling", "Checker bind", "Checker can't", "socket connect"];
    let mut lines = daemon.log().texts();
    lines.retain(|text| WORDS.iter().any(|word| text.contains(word)));
    lines.sort();
    lines.dedup();
    lines
}

fn expect_said(beside: &Beside, daemons: &[Daemon; 2], wanted: &[&str]) {
    for daemon in daemons {
        let what = "each check that is not made";
        beside.lab.wait_until(what, LIMIT, || rescheduled(daemon).len() >= wanted.len());
        assert_eq!(rescheduled(daemon), wanted, "{}", beside.lab.logs());
    }
}

/// Checks that cannot be made as they are wanted say so, and why, and nothing of the server.
fn expect_not_made(label: &str, more: &str, why: &str) {
    let beside = Beside::new(label);
    for director in [&beside.ours, &beside.original] {
        director.ok(["ip", "route", "add", "prohibit", "198.51.100.8"]);
    }
    let cases = cases(more);
    let daemons = beside.start(&cases);
    let mut wanted = vec![
        why,
        "DNS_CHECK ([192.0.2.11]:tcp:8004) UDP socket bind failed. Rescheduling.",
        "SMTP_CHECK socket bind failed. Rescheduling.",
        "TCP socket bind failed. Rescheduling.",
        "WEB socket bind failed. Rescheduling",
    ];
    wanted.sort_unstable();
    expect_said(&beside, &daemons, &wanted);
    let (_, connected) = cases.split_last().expect("the datagram");
    for daemon in &daemons {
        let said = connected.iter().flat_map(|case| lines_of(daemon, case.port));
        assert_eq!(said.collect::<Vec<_>>(), [""; 0], "{}", beside.lab.logs());
    }
}

#[test]
fn what_a_socket_cannot_do_is_said_and_no_failure() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        for (label, more, why) in [
            (
                "no-address",
                "bindto 203.0.113.9",
                "Checker bind failed: Cannot assign requested address",
            ),
            ("no-link", "bind_if nosuch0", "Checker can't bind to device nosuch0: No such device"),
            ("forbidden", "connect_ip 198.51.100.8", "socket connect error 13 - Permission denied"),
        ] {
            expect_not_made(label, more, why);
        }
    });
}

#[test]
fn a_lack_of_sockets_is_said_and_no_failure() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("no-sockets");
        let manners = [
            Manner::Silent,
            Manner::answer("HTTP/1.0 200 OK\r\n\r\ngood"),
            Manner::Talk(vec!["220 hi\r\n", "250 me\r\n", "221 bye\r\n"]),
        ];
        for (port, manner) in (8001..).zip(manners) {
            let _ = beside.server.mannered(port, manner);
        }
        let cases = cases("");
        let daemons = beside.start(&cases);
        for daemon in &daemons {
            daemon.wait_for_log("Startup complete", LIMIT);
            allow_files(&beside, daemon, 3);
        }
        expect_said(
            &beside,
            &daemons,
            &[
                "DNS_CHECK ([192.0.2.11]:tcp:8004) failed to create socket. Rescheduling.",
                "SMTP_CHECK connection failed to create socket. Rescheduling.",
                "TCP connect fail to create socket. Rescheduling.",
                "WEB connection fail to create socket. Rescheduling.",
            ],
        );
        for daemon in &daemons {
            allow_files(&beside, daemon, 4096);
        }
        let (_, connected) = cases.split_last().expect("the datagram");
        beside.expect(&daemons, connected);
    });
}

/// Sets how many files the part that checks may have open.
fn allow_files(beside: &Beside, daemon: &Daemon, most: u32) {
    let name = "keepalived-checkers.pid";
    let file = daemon.pid_files().iter().find(|file| file.ends_with(name)).expect("its pid file");
    let pid = fs::read_to_string(file).expect("a pid");
    let most = format!("--nofile={most}:4096");
    beside.ours.ok(["prlimit", "--pid", pid.trim(), &most]);
}
