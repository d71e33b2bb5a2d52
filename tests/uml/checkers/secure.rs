//! What a web server says over TLS, judged as by the original: status, digest, pattern, an answer
//! that breaks off or has no end, and certificates of clients; and one that drips.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::Daemon;

use super::real::nginx_with;
use super::{Beside, Case, REMOVED, SERVER, check, lines_of};
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
        wait_for_server(&beside, PORT);
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
    let wanted = drip.lines();
    let enough = || lines_of(ours, drip.port).len() >= wanted.len();
    beside.lab.wait_until("the end of the drip", LIMIT, enough);
    assert_eq!(lines_of(ours, drip.port)[..wanted.len()], wanted, "{}", beside.lab.logs());
}

/// A first check that fails would be final.
pub(super) fn wait_for_server(beside: &Beside, port: u16) {
    let place = format!("{SERVER}:{port}");
    let answers = || {
        let words = ["openssl", "s_client", "-connect", &*place];
        beside.ours.run(words).code == Some(0)
    };
    beside.lab.wait_until("a server of TLS", LIMIT, answers);
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
        wait_for_server(&beside, PORT);
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
