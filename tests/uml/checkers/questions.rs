//! What servers are asked: by ones that are content with the right question only. And as whom
//! a program runs.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Host, Process};

use super::exim::exim;
use super::manners::reply;
use super::{ADDED, Beside, Case, REMOVED, SERVER, check};

const NAMES: u16 = 8001;
const MAIL: u16 = 8002;

/// A server of names for `tN.example.com`, of which only records of type N are good to ask for
/// (RFC 1035 §4.1.2).
fn typed(query: &[u8]) -> Option<Vec<u8>> {
    const END: &[u8] = b"\x07example\x03com\x00";
    let (length, rest) = query.get(12..)?.split_first()?;
    let (label, rest) = rest.split_at_checked(usize::from(*length))?;
    let number: Option<u16> = str::from_utf8(label).ok()?.strip_prefix('t')?.parse().ok();
    let internet = [0, 1];
    let wanted = [END, &number?.to_be_bytes(), &internet].concat();
    reply(query, if rest == wanted { 0 } else { 5 })
}

/// A mail server that only talks to one name.
fn choosy(host: &Host) -> Process {
    let rule = "acl\nwho:\n accept condition = ${if eq{$sender_helo_name}{monitor.example.com}}\n";
    exim(host, MAIL, "acl_smtp_helo = who", rule)
}

fn case(name: &str, port: u16, check: String, lines: &[&'static str]) -> Case {
    Case { name: name.to_owned(), port, check, lines: lines.to_vec() }
}

#[test]
fn servers_are_asked_what_is_configured() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("questions");
        let _ = beside.server.mannered_udp(NAMES, typed);
        let _mail = choosy(&beside.server);
        let mut cases = Vec::new();
        // Who has to prove itself first is told of when it has.
        let types = [
            ("A", 1),
            ("NS", 2),
            ("CNAME", 5),
            ("SOA", 6),
            ("MX", 15),
            ("TXT", 16),
            ("AAAA", 28),
            ("RRSIG", 46),
            ("DNSKEY", 48),
        ];
        for ((kind, number), port) in types.into_iter().zip(8101..) {
            let words =
                format!("connect_port {NAMES}\n alpha\n type {kind}\n name t{number}.example.com");
            cases.push(case(kind, port, check("DNS_CHECK", &words), &[ADDED]));
        }
        let words = format!("connect_port {NAMES}\n type A\n name t2.example.com");
        const REFUSED: &str = "DNS_CHECK ($S) read error occurred. (rcode = 5)";
        cases.push(case("another type", 8110, check("DNS_CHECK", &words), &[REFUSED, REMOVED]));

        let greeted = "helo_name monitor.example.com";
        const GOOD: &str = "Remote SMTP server $S succeed on service.";
        let patient = |words: &str| {
            check("SMTP_CHECK", words).replace("connect_timeout 1", "connect_timeout 9")
        };
        let there = format!("connect_port {MAIL}");
        let known = patient(&format!("{there}\n {greeted}"));
        cases.push(case("a name", 8111, known, &[GOOD]));
        cases.push(case("no name", 8112, patient(&there), &[REMOVED]));

        let told = beside.server.script("who", "[ \"$(id -un):$(id -gn)\" = \"$1\" ]\n");
        beside.server.ok(["chmod", "0755", &beside.server.directory().display().to_string()]);
        let program = told.display().to_string();
        for ((who, user), port) in [
            ("nobody:nogroup", "user nobody"),
            ("nobody:mail", "user nobody mail"),
            ("root:root", ""),
        ]
        .into_iter()
        .zip(8113..)
        {
            let words = format!("misc_path \"{program} {who}\"\n {user}");
            let good = format!("Misc check for [$S VS $V] by [{program}] succeeded.");
            cases.push(case(who, port, check("MISC_CHECK", &words), &[good.leak()]));
        }
        let daemons = beside.start(&cases);
        beside.expect(&daemons, &cases);
        let stranger = format!("SMTP_CHECK Bad HELO response from server [{SERVER}]:{MAIL}");
        assert!(daemons.iter().all(|daemon| daemon.log().has(&stranger)), "{}", beside.lab.logs());
    });
}
