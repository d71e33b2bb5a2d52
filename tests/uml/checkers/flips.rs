//! What is said of servers that fail and recover: retries, delays, weights.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Host, Manner};

use super::{ADDED, Beside, Case, REMOVED, check};

const PORT: u16 = 8001;
/// A host that wants to hear of no echoes.
const DEAF: &str = "net.ipv4.icmp_echo_ignore_all";
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
            case("echoes", PORT + 3, twice("PING_CHECK", "")),
        ];
        let daemons = beside.start(&cases);
        let say = |cases: &mut Vec<Case>, lines: [&[&'static str]; 4]| {
            cases.iter_mut().zip(lines).for_each(|(case, more)| case.lines.extend(more));
            beside.expect(&daemons, cases);
        };
        const MAIL: &str = "Remote SMTP server $S succeed on service.";
        const UDP: &str = "UDP connection to $S success.";
        const ECHO: &str = "ICMP connection to $S success.";
        say(&mut cases, [&[MAIL], &[], &[UDP], &[ECHO]]);

        mail.behave(Manner::Close);
        names.behave(refuse);
        echo.behave(|_| Some(b"no".to_vec()));
        beside.server.set_sysctl(DEAF, "1");
        const CLOSED: &str = "SMTP_CHECK Read failure from server $D";
        const REFUSED: &str = "DNS_CHECK ($S) read error occurred. (rcode = 5)";
        const NAMES_GONE: &str = "DNS_CHECK ($S) read error occurred. (rcode = 5) after 2 retries";
        const OTHER: &str = "UDP check to $S reply data mismatch.";
        const GONE: &str = "UDP_CHECK on service $S failed after 2 retries.";
        const SILENCE: &str = "ICMP connection to address $S timeout.";
        const NO_ECHO: &str = "ICMP CHECK on service $S of $V failed after 2 retries.";
        say(
            &mut cases,
            [
                &[CLOSED, CLOSED, CLOSED, REMOVED],
                &[REFUSED, REFUSED, NAMES_GONE, REMOVED],
                &[OTHER, OTHER, OTHER, GONE, REMOVED],
                &[SILENCE, SILENCE, SILENCE, NO_ECHO, REMOVED],
            ],
        );
        mail.behave(talk());
        names.behave(good);
        echo.behave(|_| Some(b"yes".to_vec()));
        beside.server.set_sysctl(DEAF, "0");
        say(&mut cases, [&[MAIL, ADDED], &[ADDED], &[UDP, ADDED], &[ECHO, ADDED]]);
    });
}

/// A program that ends with these statuses in turn, each director's own, and then with the last
/// one for ever.
fn program(server: &Host) -> String {
    let body = "f=$(dirname \"$0\")/count-$PPID-$1\nshift\nn=$(cat \"$f\" 2>/dev/null || echo 0)\n\
                [ $((n + 1)) -lt $# ] && echo $((n + 1)) >\"$f\"\nshift \"$n\"\nexit \"$1\"\n";
    server.script("statuses", body).display().to_string()
}

/// Programs that check, each on a port of its own.
struct Programs {
    beside: Beside,
    statuses: String,
    cases: Vec<Case>,
}

const GOOD: &str = "$M succeeded.";
const BAD: &str = "$M failed with retry disabled (exited with status 1).";
const AHEAD: &str = "$M failed, will do 1 retry (exited with status 1).";
const SPENT: &str = "$M failed after 1 retry (exited with status 1).";

impl Programs {
    fn new(label: &str) -> Self {
        let beside = Beside::new(label);
        Self { statuses: program(&beside.server), beside, cases: Vec::new() }
    }

    fn port(&self) -> u16 {
        PORT + u16::try_from(self.cases.len()).expect("few")
    }

    /// A program; `$M` begins every line about it.
    fn add(&mut self, program: &str, words: &str, retry: u8, lines: &[&str]) {
        let port = self.port();
        let check = check("MISC_CHECK", &format!("misc_path \"{program}\n {words}"));
        let check = check.replace("retry 1", &format!("retry {retry}"));
        let program = program.split(' ').next().unwrap_or_default().trim_end_matches('"');
        let misc = format!("Misc check for [$S VS $V] by [{program}]");
        // They live as long as the test.
        let lines = lines.iter().map(|line| &*line.replace("$M", &misc).leak()).collect();
        self.cases.push(Case { name: check.clone(), port, check, lines });
    }

    /// A program that ends with these statuses.
    fn exits(&mut self, statuses: &str, words: &str, retry: u8, lines: &[&str]) {
        let program = format!("{} {} {statuses}\"", self.statuses, self.port());
        self.add(&program, words, retry, lines);
    }

    fn expect(&self) {
        let daemons = self.beside.start(&self.cases);
        self.beside.expect(&daemons, &self.cases);
    }
}

#[test]
fn programs_decide_as_for_the_original() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let mut programs = Programs::new("programs");
        programs.exits("1", "", 1, &[SPENT, REMOVED]);
        programs.exits("0", "", 1, &[GOOD]);
        let other = "$M failed with retry disabled (exited with status 7).";
        programs.exits("7", "", 0, &[other, REMOVED]);
        programs.exits("0 1 0", "", 0, &[GOOD, BAD, REMOVED, GOOD, ADDED]);
        let lines = [GOOD, AHEAD, AHEAD, SPENT, REMOVED, GOOD, ADDED];
        programs.exits("0 1 0 1 1 1 0", "", 1, &lines);
        let retries = [
            GOOD,
            "$M failed, will do 3 retries (exited with status 1).",
            "$M failed on retry 1/3 (exited with status 1).",
            "$M failed on retry 2/3 (exited with status 1).",
            "$M failed after 3 retries (exited with status 1).",
            REMOVED,
            GOOD,
            ADDED,
        ];
        programs.exits("0 1 1 1 1 0", "", 3, &retries);
        let script = |name: &str, body: &str| {
            format!("{}\"", programs.beside.server.script(name, body).display())
        };
        let (sleeps, dies) = (script("sleeps", "exec sleep 60\n"), script("dies", "kill -9 $$\n"));
        let late = ["$M timed out after 1 retry.", REMOVED];
        programs.add(&sleeps, "misc_timeout 1", 1, &late);
        let killed = ["$M failed after 1 retry (due to signal 9).", REMOVED];
        programs.add(&dies, "", 1, &killed);
        programs.expect();
    });
}

#[test]
fn programs_weigh_as_for_the_original() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let mut programs = Programs::new("weights");
        let weight = |from: u32, to: u32, word: &str| {
            format!("Changing weight from {from} to {to} for {word} service $S of VS $V")
        };
        let changes = [(1, 10), (10, 0), (0, 20)].map(|(from, to)| weight(from, to, "active"));
        let [ten, none, twenty] = changes.each_ref().map(String::as_str);
        let (back, usual) = (weight(1, 3, "inactive"), weight(3, 1, "active"));
        programs.exits(
            "12 12 2 22 1 1 1 5 0",
            "misc_dynamic",
            1,
            &[ten, GOOD, none, twenty, AHEAD, SPENT, REMOVED, &back, GOOD, ADDED, &usual],
        );
        programs.exits("1", "misc_dynamic", 1, &[SPENT, REMOVED]);
        programs.expect();
    });
}
