//! What a web server says over TLS, judged as by the original: status, digest, pattern, an answer
//! that breaks off or has no end, and certificates of clients; and one that drips.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Daemon, Lab};

use super::real::nginx_with;
use super::{Beside, Case, REMOVED, check, configuration, lines_of, story_of};
use crate::support::{LIMIT, under_test};

const PORT: u16 = 8001;
const GOOD: &str = "Remote Web server $S succeed on service.";
const GONE: &str = "HTTP_CHECK on service $S failed after 1 retries.";
/// Of the answer `good`.
const DIGEST: &str = "755f85c2723bb39381c7379a604160d8";

fn secure(path: &str, words: &str) -> String {
    check("SSL_GET", &format!("url {{\n path {path}\n {words}\n }}"))
}

/// Cases at ports of their own, each before the server of all of them.
fn cases(all: &[(&str, String, &[&'static str])]) -> Vec<Case> {
    let one = |(port, (name, check, lines)): (u16, &(&str, String, &[&'static str]))| {
        let connect = format!("connect_port {PORT}\n connect_timeout");
        let check = check.replace("connect_timeout", &connect);
        Case { name: (*name).to_owned(), port, check, lines: lines.to_vec() }
    };
    (8101..).zip(all).map(one).collect()
}

#[test]
fn answers_over_tls_are_judged_as_by_the_original() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("secure");
        let long = format!("add_header X-Long {};\n ", "x".repeat(1000)).repeat(5);
        let _server = nginx_with(
            &beside.server,
            &format!(
                "server {{ listen {PORT} ssl; location / {{ return 200 good; }}\n \
                 location /drip {{ limit_rate 1; return 200 \"a long answer\"; }}\n \
                 location /close {{ return 444; }}\n \
                 location /long {{ {long} return 200 good; }} }}\n"
            ),
        );
        let wrong = "0".repeat(32);
        let of_digest = ["MD5 digest error to server $S.", GONE, REMOVED];
        let of_status = ["HTTP status code error to server $S.", GONE, REMOVED];
        let of_pattern = ["Regex match failed server $S.", GONE, REMOVED];
        let late = ["Timeout SSL read server $S.", GONE, REMOVED];
        let nothing = ["Read, no data received from  server $S.", GONE, REMOVED];
        let cases = cases(&[
            ("good", secure("/", ""), &[GOOD]),
            ("a digest", secure("/", &format!("digest {DIGEST}")), &[GOOD]),
            ("another digest", secure("/", &format!("digest {wrong}")), &of_digest),
            ("a status", secure("/", "status_code 200"), &[GOOD]),
            ("another status", secure("/", "status_code 404"), &of_status),
            ("a pattern", secure("/", "regex \"go+d\""), &[GOOD]),
            ("another pattern", secure("/", "regex \"bad\""), &of_pattern),
            ("broken off", secure("/close", ""), &nothing),
            ("a long header", secure("/long", ""), &nothing),
            ("a drip", secure("/drip", ""), &late),
        ]);
        beside.wait_for_tls(PORT);
        let daemons = beside.start(&cases);
        let (drip, others) = cases.split_last().expect("the drip");
        beside.expect(&daemons, others);
        if under_test().is_ours() {
            expect_end_of(drip, &beside, &daemons[0]);
        }
    });
}

/// A byte a second keeps the original waiting or not, as it happens: each byte gives it a second.
fn expect_end_of(drip: &Case, beside: &Beside, ours: &Daemon) {
    let service = format!("[192.0.2.51]:tcp:{}", drip.port);
    let mut wanted = vec![format!("Gained quorum 1+0=1 <= 1 for VS {service}")];
    wanted.extend(drip.lines());
    wanted.push(format!("Lost quorum 1-0=1 > 0 for VS {service}"));
    let enough = || story_of(ours, drip.port).len() >= wanted.len();
    beside.lab.wait_until("the end of the drip", LIMIT, enough);
    assert_eq!(story_of(ours, drip.port)[..wanted.len()], wanted, "{}", beside.lab.logs());
}

/// A server that wants to know who asks tells strangers so with a status.
#[test]
fn certificates_of_clients_are_shown_as_by_the_original() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("clients");
        let certificate = beside.server.file("certificate.pem").display().to_string();
        let key = beside.server.file("key.pem").display().to_string();
        let _server = nginx_with(
            &beside.server,
            &format!(
                "server {{ listen {PORT} ssl; ssl_client_certificate {certificate}; \
                 ssl_verify_client on; location / {{ return 200 good; }} }}\n"
            ),
        );
        beside.wait_for_tls(PORT);
        let refused = ["HTTP status code error to server $S.", GONE, REMOVED];
        let strangers = cases(&[("a stranger", secure("/", "status_code 200"), &refused)]);
        let daemons = beside.start(&strangers);
        beside.expect(&daemons, &strangers);
        drop(daemons);
        let known = cases(&[("a known client", secure("/", "status_code 200"), &[GOOD])]);
        let own = format!("SSL {{\n certificate {certificate}\n key {key}\n}}\n");
        let daemons = beside.start_after(&own, &known);
        beside.expect(&daemons, &known);
    });
}

/// The original ends then, and takes its services with it.
#[test]
fn a_certificate_that_a_reload_cannot_load_leaves_the_one_in_place_that_was_loaded() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let lab = Lab::new("reloaded");
        let (host, server) = (lab.host("a", "192.0.2.1/24"), lab.host("server", "192.0.2.11/24"));
        let certificate = server.file("certificate.pem").display().to_string();
        let _server = nginx_with(
            &server,
            &format!(
                "server {{ listen {PORT} ssl; ssl_client_certificate {certificate}; \
                 ssl_verify_client on; location / {{ return 200 good; }} }}\n"
            ),
        );
        let (own, key) = (host.file("own.pem"), server.file("key.pem"));
        std::fs::copy(&certificate, &own).expect("a certificate");
        let own = own.display();
        let head = format!("SSL {{\n certificate {own}\n key {}\n}}\n", key.display());
        let known = secure("/", "status_code 200");
        let cases = cases(&[
            ("known", known.clone(), &[GOOD]),
            ("still known", known, &[GOOD]),
            ("a new pattern", secure("/", "regex \"go+d\""), &[GOOD]),
        ]);
        let text = |cases: &[Case]| format!("{head}{}", configuration(cases));
        let mut daemon = host.daemon(&under_test()).start(&text(&cases[..1]));
        let expect = |daemon: &Daemon, case: &Case| {
            let enough = || lines_of(daemon, case.port).len() >= case.lines.len();
            lab.wait_until(case.name.as_str(), LIMIT, enough);
            assert_eq!(lines_of(daemon, case.port), case.lines(), "{}", lab.logs());
        };
        expect(&daemon, &cases[0]);
        host.write("own.pem", "rubbish");
        daemon.reload(&text(&cases));
        if !daemon.is_ours() {
            daemon.wait_for_log("SSL error : Cant load certificate file...", LIMIT);
            assert!(!daemon.wait_exit().success());
            return;
        }
        let complaint = format!("SSL certificate {own}: no start line - keeping what was loaded");
        daemon.wait_for_log(&complaint, LIMIT);
        cases.iter().for_each(|case| expect(&daemon, case));
        // What a reload may go on without ends a start.
        assert!(daemon.stop().success());
        let mut again = host.daemon(&under_test()).named("again").start(&text(&cases));
        assert!(!again.wait_exit().success());
        assert!(again.log().has(&format!("SSL certificate {own}: no start line")));
    });
}
