//! Every kind of check against servers that behave in every way, on Debian's keepalived and on
//! ours side by side: each says the same of each server, in the same order.

mod breaks;
mod circles;
mod exim;
mod files;
mod flips;
mod generous;
mod manners;
mod obstacles;
mod places;
mod questions;
mod quiet;
mod real;
mod secure;
mod undying;

use std::fmt::Write as _;

use testkit::lab::{Daemon, Host, Lab, Program};

use crate::support::{LIMIT, under_test};

/// The address that all servers of a test have.
const SERVER: &str = "192.0.2.11";

/// Two directors that check the same servers.
struct Beside {
    lab: Lab,
    ours: Host,
    original: Host,
    server: Host,
}

impl Beside {
    fn new(label: &str) -> Self {
        let lab = Lab::new(label);
        let (ours, original) = (lab.host("ours", "192.0.2.1/24"), lab.host("deb", "192.0.2.2/24"));
        let server = lab.host("server", &format!("{SERVER}/24"));
        Self { lab, ours, original, server }
    }

    fn start(&self, cases: &[Case]) -> [Daemon; 2] {
        self.start_after("", cases)
    }

    /// Starts both with these words before the virtual servers.
    fn start_after(&self, words: &str, cases: &[Case]) -> [Daemon; 2] {
        self.start_as(&[], &format!("{words}{}", configuration(cases)))
    }

    /// Starts both by way of a program that changes something of their processes first.
    fn start_through(&self, words: &[&str], cases: &[Case]) -> [Daemon; 2] {
        self.start_as(words, &configuration(cases))
    }

    fn start_as(&self, through: &[&str], configuration: &str) -> [Daemon; 2] {
        let pairs = [
            (&self.ours, &under_test(), ["192.0.2.1", "192.0.2.101"]),
            (&self.original, &Program::Original, ["192.0.2.2", "192.0.2.102"]),
        ];
        pairs.map(|(host, program, [first, second])| {
            let own = configuration.replace("$A", first).replace("$B", second);
            host.daemon(program).through(through).start(&own)
        })
    }

    /// Waits for a server of TLS at this port: a first check that fails would be final.
    fn wait_for_tls(&self, port: u16) {
        let place = format!("{SERVER}:{port}");
        let answers = || {
            let words = ["openssl", "s_client", "-connect", &*place];
            self.ours.run(words).code == Some(0)
        };
        self.lab.wait_until("a server of TLS", LIMIT, answers);
    }

    /// Waits until both have said these lines of each server, and nothing else.
    fn expect(&self, daemons: &[Daemon; 2], cases: &[Case]) {
        for case in cases {
            let wanted = case.lines();
            for daemon in daemons {
                let enough = || lines_of(daemon, case.port).len() >= wanted.len();
                self.lab.wait_until(&format!("lines about {}", case.name), LIMIT, enough);
            }
            let [ours, original] = daemons.each_ref().map(|daemon| lines_of(daemon, case.port));
            assert_eq!(original, wanted, "{}: the original\n{}", case.name, self.lab.logs());
            assert_eq!(ours, wanted, "{}: ours\n{}", case.name, self.lab.logs());
            self.expect_same_quorum(daemons, case);
        }
    }

    /// For what the original does otherwise.
    fn expect_of_ours(&self, ours: &Daemon, case: &Case) {
        let wanted = case.lines();
        let enough = || lines_of(ours, case.port).len() >= wanted.len();
        self.lab.wait_until(&format!("lines about {}", case.name), LIMIT, enough);
        assert_eq!(lines_of(ours, case.port), wanted, "{}\n{}", case.name, self.lab.logs());
    }

    /// Both have said the same of the server and of the quorum that it decides, in the same order.
    fn expect_same_quorum(&self, daemons: &[Daemon; 2], case: &Case) {
        let stories = || daemons.each_ref().map(|daemon| story_of(daemon, case.port));
        let lost = case.lines.contains(&REMOVED);
        let same = || {
            let [ours, original] = stories();
            let told = original.iter().any(|text| text.starts_with("Lost quorum"));
            ours == original && told >= lost
        };
        let start = std::time::Instant::now();
        while !same() {
            let [ours, original] = stories();
            let name = &case.name;
            assert!(start.elapsed() < LIMIT, "{name}: ours {ours:#?}\noriginal {original:#?}");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
}

/// A check of one port, and what is said of its server.
#[derive(Clone, Debug)]
struct Case {
    name: String,
    port: u16,
    check: String,
    /// `$S` is the server, `$D` where it is reached, `$V` the virtual server.
    lines: Vec<&'static str>,
}

impl Case {
    fn lines(&self) -> Vec<String> {
        let (server, place) =
            (format!("[{SERVER}]:tcp:{}", self.port), format!("[{SERVER}]:{}", self.port));
        let service = format!("[192.0.2.51]:tcp:{}", self.port);
        let put =
            |line: &&str| line.replace("$S", &server).replace("$D", &place).replace("$V", &service);
        self.lines.iter().map(put).collect()
    }
}

fn configuration(cases: &[Case]) -> String {
    let mut text = String::from("global_defs {\n script_user root\n}\n");
    for Case { port, check, .. } in cases {
        let _ = write!(
            text,
            "virtual_server 192.0.2.51 {port} {{\n lb_kind NAT\n protocol TCP\n \
             real_server {SERVER} {port} {{\n {check}\n }}\n}}\n"
        );
    }
    text
}

/// What a daemon said of one server, but for what begins its checks.
fn lines_of(daemon: &Daemon, port: u16) -> Vec<String> {
    story_of(daemon, port).into_iter().filter(|text| !text.contains(" quorum ")).collect()
}

/// The same, and what it said of the quorum of the server's service.
fn story_of(daemon: &Daemon, port: u16) -> Vec<String> {
    let names = [format!("[{SERVER}]:tcp:{port}"), format!("[{SERVER}]:{port}")];
    let quorum = format!(" for VS [192.0.2.51]:tcp:{port}");
    let about = |text: &String| {
        let of_quorum = text.contains(" quorum ") && text.ends_with(&quorum);
        of_quorum || names.iter().any(|name| text.contains(name))
    };
    let texts = daemon.log().texts().into_iter().filter(about);
    // Keepalived 2.2.7 calls both checks of web servers the same, and says nothing of TLS.
    texts
        .filter(|text| !text.starts_with("Activating") && !text.starts_with("SSL error '"))
        .map(|text| text.replace("HTTP/SSL_CHECK -", "HTTP_CHECK -"))
        .map(|text| text.replace("SSL_CHECK on", "HTTP_CHECK on"))
        .collect()
}

/// A check every two seconds, a second for each wait, one retry a second later.
fn check(kind: &str, more: &str) -> String {
    let connects = if kind == "MISC_CHECK" { "" } else { "connect_timeout 1\n" };
    format!(
        "{kind} {{\n {more}\n {connects} delay_loop 2\n warmup 0\n retry 1\n \
         delay_before_retry 1\n log_all_failures\n }}"
    )
}

const REMOVED: &str = "Removing service $S from VS $V";
const ADDED: &str = "Adding service $S to VS $V";
