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

/// What ours says of a web server that drips after it was good.
const WEB: [&str; 5] = [
    "Remote Web server $S succeed on service.",
    "Timeout HTTP read server $S.",
    "Timeout HTTP read server $S.",
    "HTTP_CHECK on service $S failed after 1 retries.",
    REMOVED,
];
/// The same of a mail server.
const MAIL: [&str; 4] = [
    "Remote SMTP server $S succeed on service.",
    "SMTP_CHECK Read timeout from server $D",
    "SMTP_CHECK Read timeout from server $D",
    REMOVED,
];

#[test]
fn a_drip_holds_up_the_original_for_ever_and_ours_for_a_timeout() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("drips");
        let talk = || Manner::Talk(vec!["220 hi\r\n", "250 me\r\n", "221 bye\r\n"]);
        let page = || Manner::answer(PAGE);
        let case = |name: &str, port, check, lines: &[&'static str]| {
            let (name, lines) = (name.to_owned(), lines.to_vec());
            Case { name, port, check, lines }
        };
        let first = [
            case("web", PORT, web("HTTP_GET"), &WEB[..1]),
            case("mail", PORT + 1, check("SMTP_CHECK", ""), &MAIL[..1]),
        ];
        let servers: [Mannered<Manner>; 2] =
            [beside.server.mannered(PORT, page()), beside.server.mannered(PORT + 1, talk())];
        let daemons = beside.start(&first);
        beside.expect(&daemons, &first);

        servers[0].behave(Manner::Drip(PAGE.as_bytes().to_vec()));
        // A greeting without end.
        servers[1].behave(Manner::Drip(b"220 hi there".to_vec()));
        let gone = [WEB.as_slice(), &MAIL].map(<[&str]>::to_vec);
        let [ours, original] = &daemons;
        for (case, lines) in first.iter().zip(&gone) {
            let wanted = Case { lines: lines.clone(), ..case.clone() }.lines();
            let enough = || lines_of(ours, case.port).len() >= wanted.len();
            beside.lab.wait_until(&format!("the end of {}", case.name), LIMIT, enough);
            assert_eq!(lines_of(ours, case.port), wanted, "{}", beside.lab.logs());
        }
        for case in first.iter().filter(|_| under_test().is_ours()) {
            assert_eq!(lines_of(original, case.port), case.lines(), "{}", beside.lab.logs());
        }
        servers[0].behave(page());
        servers[1].behave(talk());
        for case in first {
            let added = Case { lines: vec![ADDED], ..case }.lines();
            beside.lab.wait_until("it to be back", LIMIT, || {
                lines_of(ours, case.port).contains(&added[0])
            });
        }
    });
}
