//! Ways on which packets die: what a router complains of is no answer of a server.

use std::time::Duration;

use testkit::guest::Guest;

use super::{Beside, Case, REMOVED, check};
use crate::support::under_test;

/// Behind the server, which is a router here.
const ELSEWHERE: &str = "198.51.100.9";
const UDP_GOOD: &str = "UDP connection to $S success.";
const UDP_GONE: &str = "UDP_CHECK on service $S failed.";

/// Packets leave with one hop to live, so that the router has to say that they are dead.
fn short_lived(beside: &Beside) {
    for director in [&beside.ours, &beside.original] {
        director.ok(["ip", "route", "add", ELSEWHERE, "via", super::SERVER]);
        director.set_sysctl("net.ipv4.ip_default_ttl", "1");
    }
    let router = &beside.server;
    router.ok(["ip", "route", "add", ELSEWHERE, "via", "192.0.2.77"]);
    router.forwards();
    for link in ["all", "eth0"] {
        router.set_sysctl(&format!("net.ipv4.conf.{link}.send_redirects"), "0");
    }
    router.set_sysctl("net.ipv4.icmp_ratelimit", "0");
}

fn case(port: u16, kind: &str, more: &str, lines: &[&'static str]) -> Case {
    let (name, check) =
        (format!("{kind} {more}"), check(kind, &format!("connect_ip {ELSEWHERE}\n {more}")));
    Case { name, port, check, lines: lines.to_vec() }
}

#[test]
fn a_router_that_complains_is_no_server_that_answers() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("circles");
        short_lived(&beside);
        let tcp = ["TCP connection to $S failed.", "TCP_CHECK on service $S failed.", REMOVED];
        let web = "HTTP_CHECK on service $S failed after 1 retries.";
        let web = ["Connection failed server $S.", web, REMOVED];
        let names = ["DNS_CHECK ($S) read timeout from socket", REMOVED];
        let echo = "ICMP connection to address $S timeout.";
        let echo = [echo, "ICMP CHECK on service $S failed.", REMOVED];
        let other = ["UDP check to $S reply data mismatch.", UDP_GONE, REMOVED];
        let cases = [
            case(8001, "TCP_CHECK", "", &tcp),
            case(8002, "HTTP_GET", "url {\n path /\n }", &web),
            case(8003, "SMTP_CHECK", "", &[REMOVED]),
            case(8004, "DNS_CHECK", "type A\n name example.com", &names),
            case(8005, "PING_CHECK", "", &echo),
            // Nobody refused it.
            case(8006, "UDP_CHECK", "", &[UDP_GOOD]),
            case(8007, "UDP_CHECK", "require_reply 79", &other),
        ];
        // The original takes a complaint for the reply.
        let missing = ["UDP connection to $S failed.", UDP_GONE, REMOVED];
        let any = case(8008, "UDP_CHECK", "require_reply", &missing);
        let all: Vec<Case> = cases.iter().chain([&any]).cloned().collect();
        let daemons = beside.start(&all);
        beside.expect(&daemons, &cases);
        if under_test().is_ours() {
            beside.expect_of_ours(&daemons[0], &any);
        }
    });
}
