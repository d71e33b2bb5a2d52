//! What is said of servers that fail and recover: retries, delays, weights.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Host, Manner};

use super::{ADDED, Beside, Case, REMOVED, check};

const PORT: u16 = 8001;
const GOOD_TALK: [&str; 3] = ["220 hi\r\n", "250 me\r\n", "221 bye\r\n"];

/// A check with two retries.
fn twice(kind: &str, more: &str) -> String {
    check(kind, more).replace("retry 1", "retry 2")
}

fn case(name: &str, port: u16, check: String) -> Case {
    Case { name: name.to_owned(), port, check, lines: Vec::new() }
}

#[test]
fn servers_that_fail_and_recover_are_followed_as_by_the_original() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("flips");
        let talk = || Manner::Talk(GOOD_TALK.to_vec());
        let mail = beside.server.mannered(PORT, talk());
        let good = |query: &[u8]| Some([&query[..2], &[0x80, 0], &query[4..]].concat());
        let refuse = |query: &[u8]| Some([&query[..2], &[0x80, 5], &query[4..]].concat());
        let names = beside.server.mannered_udp(PORT + 1, good);
        let echo = beside.server.mannered_udp(PORT + 2, |_| Some(b"yes".to_vec()));
        let mut cases = vec![
            case("mail", PORT, twice("SMTP_CHECK", "")),
            case("names", PORT + 1, twice("DNS_CHECK", "")),
            case("datagrams", PORT + 2, twice("UDP_CHECK", "require_reply 79")),
        ];
        let daemons = beside.start(&cases);
        let say = |cases: &mut Vec<Case>, lines: [&[&'static str]; 3]| {
            cases.iter_mut().zip(lines).for_each(|(case, more)| case.lines.extend(more));
            beside.expect(&daemons, cases);
        };
        const MAIL: &str = "Remote SMTP server $S succeed on service.";
        const UDP: &str = "UDP connection to $S success.";
        say(&mut cases, [&[MAIL], &[], &[UDP]]);

        mail.behave(Manner::Close);
        names.behave(refuse);
        echo.behave(|_| Some(b"no".to_vec()));
        const CLOSED: &str = "SMTP_CHECK Read failure from server $D";
        const REFUSED: &str = "DNS_CHECK ($S) read error occurred. (rcode = 5)";
        const NAMES_GONE: &str = "DNS_CHECK ($S) read error occurred. (rcode = 5) after 2 retries";
        const OTHER: &str = "UDP check to $S reply data mismatch.";
        const GONE: &str = "UDP_CHECK on service $S failed after 2 retries.";
        say(
            &mut cases,
            [
                &[CLOSED, CLOSED, CLOSED, REMOVED],
                &[REFUSED, REFUSED, NAMES_GONE, REMOVED],
                &[OTHER, OTHER, OTHER, GONE, REMOVED],
            ],
        );
        mail.behave(talk());
        names.behave(good);
        echo.behave(|_| Some(b"yes".to_vec()));
        say(&mut cases, [&[MAIL, ADDED], &[ADDED], &[UDP, ADDED]]);
    });
}

/// A program that ends with these statuses in turn, each director's own, and then with the last
/// one for ever.
fn program(server: &Host) -> String {
    let body = "f=$(dirname \"$0\")/count-$PPID-$1\nshift\nn=$(cat \"$f\" 2>/dev/null || echo 0)\n\
                [ $((n + 1)) -lt $# ] && echo $((n + 1)) >\"$f\"\nshift \"$n\"\nexit \"$1\"\n";
    server.script("statuses", body).display().to_string()
}

#[test]
fn programs_decide_as_for_the_original() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("programs");
        let program = program(&beside.server);
        let mut cases = Vec::new();
        let mut add = |name: &str, retry: u8, statuses: &str, more: &str, lines: &[&str]| {
            let port = PORT + u16::try_from(cases.len()).expect("few");
            let path = format!("misc_path \"{program} {port} {statuses}\"\n {more}");
            let check = check("MISC_CHECK", &path).replace("retry 1", &format!("retry {retry}"));
            // They live as long as the test.
            let line = |line: &&str| -> &'static str {
                let misc = format!("Misc check for [$S VS $V] by [{program}]");
                line.replace("$M", &misc).leak()
            };
            let lines = lines.iter().map(line).collect();
            cases.push(Case { name: name.to_owned(), port, check, lines });
        };
        let (good, bad) =
            ("$M succeeded.", "$M failed with retry disabled (exited with status 1).");
        let ahead = "$M failed, will do 1 retry (exited with status 1).";
        let spent = "$M failed after 1 retry (exited with status 1).";
        add("bad at first", 1, "1", "", &[spent, REMOVED]);
        add("good", 1, "0", "", &[good]);
        add(
            "another status",
            0,
            "7",
            "",
            &["$M failed with retry disabled (exited with status 7).", REMOVED],
        );
        add("no retries", 0, "0 1 0", "", &[good, bad, REMOVED, good, ADDED]);
        add(
            "a retry helps",
            1,
            "0 1 0 1 1 1 0",
            "",
            &[good, ahead, ahead, spent, REMOVED, good, ADDED],
        );
        add(
            "three retries",
            3,
            "0 1 1 1 1 0",
            "",
            &[
                good,
                "$M failed, will do 3 retries (exited with status 1).",
                "$M failed on retry 1/3 (exited with status 1).",
                "$M failed on retry 2/3 (exited with status 1).",
                "$M failed after 3 retries (exited with status 1).",
                REMOVED,
                good,
                ADDED,
            ],
        );
        let weight = "Changing weight from $F to $T for active service $S of VS $V";
        let weight = |from: u32, to: u32| {
            weight.replace("$F", &from.to_string()).replace("$T", &to.to_string())
        };
        let (up, none, twenty) = (weight(1, 10), weight(10, 0), weight(0, 20));
        let (inactive, back) = (weight(1, 3).replace("active", "inactive"), weight(3, 1));
        add(
            "weights",
            1,
            "12 12 2 22 1 1 1 5 0",
            "misc_dynamic",
            &[&up, good, &none, &twenty, ahead, spent, REMOVED, &inactive, good, ADDED, &back],
        );
        let sleeps = beside.server.script("sleeps", "exec sleep 60\n");
        let sleeps = sleeps.display();
        let late = format!("Misc check for [$S VS $V] by [{sleeps}] timed out after 1 retry.");
        let port = PORT + u16::try_from(cases.len()).expect("few");
        let hangs = check("MISC_CHECK", &format!("misc_path {sleeps}\n misc_timeout 1"));
        cases.push(Case { lines: vec![late.leak(), REMOVED], ..case("hangs", port, hangs) });
        let dies = beside.server.script("dies", "kill -9 $$\n");
        let dies = dies.display();
        let killed = format!(
            "Misc check for [$S VS $V] by [{dies}] failed after 1 retry (due to signal 9)."
        );
        let port = port + 1;
        let check = check("MISC_CHECK", &format!("misc_path {dies}"));
        cases.push(Case { lines: vec![killed.leak(), REMOVED], ..case("dies", port, check) });
        let daemons = beside.start(&cases);
        beside.expect(&daemons, &cases);
    });
}
