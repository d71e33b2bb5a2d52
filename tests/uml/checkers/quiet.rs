//! How much is said: of single failures only where that is wanted, and of a server with several
//! checks only when the last of them is content.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Daemon, Manner};

use super::{ADDED, Beside, Case, REMOVED, check};

const PORT: u16 = 8001;
const OTHER: u16 = 8101;
const GOOD: &str = "Remote Web server $S succeed on service.";
const GONE: &str = "HTTP_CHECK on service $S failed after 1 retries.";
const STATUS: &str = "HTTP status code error to server $S.";
const BACK: &str = "HTTP status code success to $S url(/x)";
const ALL: &str = "global_defs {\n checker_log_all_failures\n}\n";

fn page() -> Manner {
    Manner::answer("HTTP/1.0 200 OK\r\n\r\ngood")
}

fn trouble() -> Manner {
    Manner::answer("HTTP/1.0 500 No\r\n\r\n")
}

/// Without its wish to be told of each failure.
fn web(more: &str) -> String {
    let check = check("HTTP_GET", "url {\n path /x\n }");
    check.replace("log_all_failures", more)
}

fn expect(beside: &Beside, daemons: &[Daemon; 2], case: &mut Case, more: &[&'static str]) {
    case.lines.extend(more);
    beside.expect(daemons, std::slice::from_ref(case));
}

#[test]
fn single_failures_are_told_if_the_check_or_all_of_them_want_that() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("single");
        let server = beside.server.mannered(PORT, page());
        let case = |name: &str, check: String| Case {
            name: name.to_owned(),
            port: PORT,
            check,
            lines: Vec::new(),
        };
        let quiet = web("");
        let loud = web("log_all_failures");
        for (head, mut case, each) in [
            ("", case("quiet", quiet.clone()), &[][..]),
            ("", case("loud", loud), &[STATUS, STATUS]),
            (ALL, case("all loud", quiet), &[STATUS, STATUS]),
        ] {
            server.behave(page());
            let daemons = beside.start_after(head, std::slice::from_ref(&case));
            expect(&beside, &daemons, &mut case, &[GOOD]);
            server.behave(trouble());
            expect(&beside, &daemons, &mut case, &[each, &[GONE, REMOVED]].concat());
        }
    });
}

#[test]
fn a_server_is_up_while_all_of_its_checks_are_content() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("several");
        let servers = [PORT, OTHER].map(|port| beside.server.mannered(port, page()));
        let check = format!("{}\n {}", web(""), web(&format!("connect_port {OTHER}")));
        let mut case = Case { name: "two".to_owned(), port: PORT, check, lines: Vec::new() };
        let daemons = beside.start(std::slice::from_ref(&case));
        let mut then = |more: &[&'static str]| expect(&beside, &daemons, &mut case, more);
        then(&[GOOD, GOOD]);
        servers[0].behave(trouble());
        then(&[GONE, REMOVED]);
        servers[1].behave(trouble());
        then(&[GONE]);
        servers[0].behave(page());
        then(&[BACK, BACK, GOOD]);
        servers[1].behave(page());
        then(&[BACK, BACK, GOOD, ADDED]);
    });
}
