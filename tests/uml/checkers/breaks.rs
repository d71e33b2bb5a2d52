//! Servers that break off within a handshake of TLS, judged as by the original; and servers that say
//! a byte now and then for ever, for which the original waits for ever and ours does not.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Manner, Mannered};

use super::{ADDED, Beside, Case, REMOVED, check, lines_of};
use crate::support::{LIMIT, under_test};

const PAGE: &str = "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\ngood";
const PORT: u16 = 8001;

fn web(kind: &str) -> String {
    check(kind, "url {\n path /x\n }")
}

#[test]
fn handshakes_that_break_off_are_judged_as_by_the_original() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("handshakes");
        const GONE: &str = "HTTP_CHECK on service $S failed after 1 retries.";
        const BROKEN: &str = "SSL handshake/communication error connecting to server $S.";
        const LATE: &str = "Timeout connecting server $S.";
        // Each hears the greeting of the client first.
        let says = |bytes: &[u8]| Manner::Answer(bytes.to_vec());
        let cases: Vec<Case> = (PORT..)
            .zip([
                ("closed", says(b""), BROKEN),
                ("noise", says(&[0xff; 64]), BROKEN),
                // A fatal one: handshake_failure.
                ("an alert", says(&[21, 3, 3, 0, 2, 2, 40]), BROKEN),
                ("half a greeting", says(&[22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3]), BROKEN),
                // One record, of which a byte comes now and then: the time is that of the whole.
                (
                    "a slow greeting",
                    Manner::Drip([&[22, 3, 3, 0x3f, 0xff][..], &[2; 400]].concat()),
                    LATE,
                ),
            ])
            .map(|(port, (name, manner, line))| {
                let _ = beside.server.mannered(port, manner);
                let (check, lines) = (web("SSL_GET"), vec![line, GONE, REMOVED]);
                Case { name: name.to_owned(), port, check, lines }
            })
            .collect();
        let daemons = beside.start(&cases);
        beside.expect(&daemons, &cases);
    });
}

/// A server that drips after it was good: it is gone after a retry, and comes back.
#[test]
fn a_drip_holds_up_the_original_for_ever_and_ours_for_a_timeout() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("drips");
        let talk = || Manner::Talk(vec!["220 hi\r\n", "250 me\r\n", "221 bye\r\n"]);
        let page = || Manner::answer(PAGE);
        const WEB: [&str; 5] = [
            "Remote Web server $S succeed on service.",
            "Timeout HTTP read server $S.",
            "Timeout HTTP read server $S.",
            "HTTP_CHECK on service $S failed after 1 retries.",
            REMOVED,
        ];
        const MAIL: [&str; 4] = [
            "Remote SMTP server $S succeed on service.",
            "SMTP_CHECK Read timeout from server $D",
            "SMTP_CHECK Read timeout from server $D",
            REMOVED,
        ];
        let mut cases = [
            Case {
                name: "web".to_owned(),
                port: PORT,
                check: web("HTTP_GET"),
                lines: vec![WEB[0]],
            },
            Case {
                name: "mail".to_owned(),
                port: PORT + 1,
                check: check("SMTP_CHECK", ""),
                lines: vec![MAIL[0]],
            },
        ];
        let servers: [Mannered<Manner>; 2] =
            [beside.server.mannered(PORT, page()), beside.server.mannered(PORT + 1, talk())];
        let daemons = beside.start(&cases);
        beside.expect(&daemons, &cases);

        servers[0].behave(Manner::Drip(PAGE.as_bytes().to_vec()));
        // A greeting without end.
        servers[1].behave(Manner::Drip(b"220 hi there".to_vec()));
        let good = cases.each_ref().map(Case::lines);
        cases[0].lines = WEB.to_vec();
        cases[1].lines = MAIL.to_vec();
        let [ours, original] = &daemons;
        for case in &cases {
            let wanted = case.lines();
            let enough = || lines_of(ours, case.port).len() >= wanted.len();
            beside.lab.wait_until(&format!("the end of {}", case.name), LIMIT, enough);
            assert_eq!(lines_of(ours, case.port), wanted, "{}", beside.lab.logs());
        }
        if under_test().is_ours() {
            for (case, good) in cases.iter().zip(good) {
                assert_eq!(lines_of(original, case.port), good, "{}", beside.lab.logs());
            }
        }
        servers[0].behave(page());
        servers[1].behave(talk());
        for case in &cases {
            beside.lab.wait_until(&format!("{} again", case.name), LIMIT, || {
                let place = format!("[192.0.2.11]:tcp:{}", case.port);
                let added = ADDED.replace("$S", &place);
                let added = added.split(" to VS").next().unwrap_or_default().to_owned();
                lines_of(ours, case.port).iter().any(|line| line.starts_with(&added))
            });
        }
    });
}
