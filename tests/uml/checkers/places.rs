//! From where a check asks, and over which family: `bindto`, `bind_port`, `bind_if`, `fwmark`
//! and addresses of IPv6, of every kind of check that connects.

use testkit::guest::Guest;
use testkit::lab::{Answer, Host, Manner, Process};

use super::manners::reply;
use super::real::nginx_with;
use super::{ADDED, Beside, Case, REMOVED, check};

const PAGE: &str = "HTTP/1.0 200 OK\r\n\r\ngood";
const TCP: u16 = 8001;
const WEB: u16 = 8002;
const MAIL: u16 = 8003;
const NAMES: u16 = 8004;
const DATAGRAMS: u16 = 8005;
const SECURE: u16 = 8006;
const SIX: &str = "2001:db8::11";

const TCP_GOOD: &str = "TCP connection to $S success.";
const WEB_GOOD: &str = "Remote Web server $S succeed on service.";
const MAIL_GOOD: &str = "Remote SMTP server $S succeed on service.";
const UDP_GOOD: &str = "UDP connection to $S success.";
const UDP_SILENT: [&str; 3] =
    ["UDP connection to $S failed.", "UDP_CHECK on service $S failed.", REMOVED];
const PING_GOOD: &str = "ICMP connection to $S success.";

/// Good servers of every kind, and the checks of them that get these words.
struct Places {
    beside: Beside,
    cases: Vec<Case>,
    _secure: Process,
}

impl Places {
    fn new(label: &str) -> Self {
        let beside = Beside::new(label);
        let server = &beside.server;
        let good = vec!["220 hi\r\n", "250 me\r\n", "221 bye\r\n"];
        let yes: Answer = |_| Some(b"yes".to_vec());
        // They live as long as the test.
        let _ = server.mannered(TCP, Manner::Close);
        let _ = server.mannered(WEB, Manner::answer(PAGE));
        let _ = server.mannered(MAIL, Manner::Talk(good));
        let _ = server.mannered_udp(NAMES, |query| reply(query, 0));
        let _ = server.mannered_udp(DATAGRAMS, yes);
        let secure = format!(
            "server {{ listen {SECURE} ssl; listen [::]:{SECURE} ssl; location / {{ return 200 good; }} }}\n"
        );
        let secure = nginx_with(server, &secure);
        beside.wait_for_tls(SECURE);
        Self { beside, cases: Vec::new(), _secure: secure }
    }

    /// A check of the server at this port, which says this.
    fn add(&mut self, kind: &str, port: u16, words: &str, lines: &[&'static str]) {
        let own = 8101 + u16::try_from(self.cases.len()).expect("few cases");
        let more = match kind {
            "HTTP_GET" | "SSL_GET" => "url {\n path /\n }",
            "DNS_CHECK" => "type A\n name example.com",
            "UDP_CHECK" => "require_reply",
            _ => "",
        };
        let check = check(kind, &format!("connect_port {port}\n {words}\n {more}"));
        let (name, lines) = (format!("{kind} {words}"), lines.to_vec());
        self.cases.push(Case { name, port: own, check, lines });
    }

    /// Checks of every kind with these words, which find their servers.
    fn all_good(&mut self, words: &str) {
        self.all_tcp_good(words);
        // It says nothing of its own.
        self.add("DNS_CHECK", NAMES, &format!("{words}\n alpha"), &[ADDED]);
        self.add("UDP_CHECK", DATAGRAMS, words, &[UDP_GOOD]);
    }

    fn all_tcp_good(&mut self, words: &str) {
        self.add("TCP_CHECK", TCP, words, &[TCP_GOOD]);
        self.add("HTTP_GET", WEB, words, &[WEB_GOOD]);
        self.add("SSL_GET", SECURE, words, &[WEB_GOOD]);
        self.add("SMTP_CHECK", MAIL, words, &[MAIL_GOOD]);
    }

    /// The same, which get no answer.
    fn all_silent(&mut self, words: &str) {
        let tcp = ["TCP connection to $S timeout.", "TCP_CHECK on service $S failed.", REMOVED];
        self.add("TCP_CHECK", TCP, words, &tcp);
        let web = "HTTP_CHECK on service $S failed after 1 retries.";
        let late = ["Timeout connecting server $S.", web, REMOVED];
        self.add("HTTP_GET", WEB, words, &late);
        self.add("SSL_GET", SECURE, words, &late);
        // Its line names the port that was tried.
        self.add("SMTP_CHECK", MAIL, words, &[REMOVED]);
        let names = "DNS_CHECK ($S) read timeout from socket";
        self.add("DNS_CHECK", NAMES, words, &[names, REMOVED]);
    }

    /// The same, to which no way leads.
    fn all_lost(&mut self, words: &str) {
        self.add("TCP_CHECK", TCP, words, &["TCP_CHECK on service $S failed.", REMOVED]);
        let web = "HTTP_CHECK on service $S failed after 1 retries.";
        const NO_WAY: &str = "HTTP_CHECK - network unreachable server $S.";
        self.add("HTTP_GET", WEB, words, &[NO_WAY, web, REMOVED]);
        self.add("SSL_GET", SECURE, words, &[NO_WAY, web, REMOVED]);
        const MAIL_LOST: &str =
            "SMTP_CHECK Network unreachable for server 192.0.2.11 - real server $D";
        self.add("SMTP_CHECK", MAIL, words, &[MAIL_LOST, MAIL_LOST, REMOVED]);
        let names = "DNS_CHECK ($S) network unreachable for [192.0.2.11]:8004";
        self.add("DNS_CHECK", NAMES, words, &[names, REMOVED]);
        let udp = ["UDP_CHECK on service $S failed.", REMOVED];
        self.add("UDP_CHECK", DATAGRAMS, words, &udp);
    }

    fn directors(&self) -> [&Host; 2] {
        [&self.beside.ours, &self.beside.original]
    }

    fn expect(&self) {
        let daemons = self.beside.start(&self.cases);
        self.beside.expect(&daemons, &self.cases);
    }

    /// For what 2.2.7 does not know.
    fn expect_of_ours(&self) {
        let [daemon, original] = self.beside.start(&self.cases);
        drop(original);
        self.cases.iter().for_each(|case| self.beside.expect_of_ours(&daemon, case));
    }
}

fn rule(host: &Host, words: &str) {
    host.ok(["ip", "rule", "add"].into_iter().chain(words.split(' ')));
}

fn in_guest(test: impl FnOnce()) {
    Guest::new().limit(std::time::Duration::from_secs(240)).run(test);
}

/// The servers cannot answer the directors' first addresses.
#[test]
fn the_address_is_chosen() {
    in_guest(|| {
        let mut places = Places::new("bindto");
        for (director, address) in
            places.directors().into_iter().zip(["192.0.2.101", "192.0.2.102"])
        {
            director.add_address("eth0", &format!("{address}/32"));
        }
        rule(&places.beside.server, "pref 10 to 192.0.2.1 blackhole");
        rule(&places.beside.server, "pref 11 to 192.0.2.2 blackhole");
        places.all_good("bindto $B");
        places.all_silent("");
        places.add("UDP_CHECK", DATAGRAMS, "", &UDP_SILENT);
        places.expect();
    });
}

/// The servers answer no other port.
#[test]
fn the_port_is_chosen() {
    in_guest(|| {
        let mut places = Places::new("bind-port");
        rule(&places.beside.server, "pref 10 ipproto udp dport 7777 lookup main");
        rule(&places.beside.server, "pref 11 ipproto tcp dport 7778 lookup main");
        rule(&places.beside.server, "pref 12 ipproto tcp dport 7779-7781 lookup main");
        rule(&places.beside.server, "pref 13 ipproto udp dport 7782 lookup main");
        rule(&places.beside.server, "pref 14 to 192.0.2.0/30 blackhole");
        places.add("UDP_CHECK", DATAGRAMS, "bindto $A\n bind_port 7777", &[UDP_GOOD]);
        places.add("HTTP_GET", WEB, "bindto $A\n bind_port 7778", &[WEB_GOOD]);
        places.add("TCP_CHECK", TCP, "bindto $A\n bind_port 7779", &[TCP_GOOD]);
        places.add("SSL_GET", SECURE, "bindto $A\n bind_port 7780", &[WEB_GOOD]);
        places.add("SMTP_CHECK", MAIL, "bindto $A\n bind_port 7781", &[MAIL_GOOD]);
        places.add("DNS_CHECK", NAMES, "bindto $A\n bind_port 7782\n alpha", &[ADDED]);
        // Without an address the port does not count.
        places.add("UDP_CHECK", DATAGRAMS, "bind_port 7777", &UDP_SILENT);
        places.expect();
    });
}

/// Only marked packets leave.
#[test]
fn packets_of_every_check_carry_the_mark() {
    in_guest(|| {
        let mut places = Places::new("marks");
        for director in places.directors() {
            rule(director, "pref 10 fwmark 5 lookup main");
            rule(director, "pref 11 to 192.0.2.11 unreachable");
        }
        places.all_good("fwmark 5");
        places.all_lost("fwmark 4");
        places.expect();
    });
}

#[test]
fn the_interface_is_chosen() {
    in_guest(|| {
        let mut places = Places::new("bind-if");
        places.all_good("bind_if eth0");
        places.all_silent("bind_if lo");
        places.expect();
    });
}

/// Since 2.4.3, but for the mark of `PING_CHECK`, which is ours.
#[test]
fn echoes_and_datagrams_come_from_the_chosen_place_too() {
    in_guest(|| {
        let mut places = Places::new("places-ours");
        let [ours, _] = places.directors();
        ours.add_address("eth0", "192.0.2.101/32");
        rule(ours, "pref 10 fwmark 5 lookup main");
        rule(ours, "pref 11 to 192.0.2.99 unreachable");
        rule(&places.beside.server, "pref 10 to 192.0.2.1 blackhole");
        places.beside.server.add_address("eth0", "192.0.2.99/32");
        let gone = "ICMP CHECK on service $S failed.";
        let silence = ["ICMP connection to address $S timeout.", gone, REMOVED];
        places.add("PING_CHECK", 1, "bindto $B", &[PING_GOOD]);
        places.add("PING_CHECK", 1, "", &silence);
        places.add("PING_CHECK", 1, "bindto $B\n bind_if eth0", &[PING_GOOD]);
        places.add("PING_CHECK", 1, "bind_if lo", &silence);
        let marked = "connect_ip 192.0.2.99\n bindto $B\n fwmark";
        places.add("PING_CHECK", 1, &format!("{marked} 5"), &[PING_GOOD]);
        places.add("PING_CHECK", 1, &format!("{marked} 4"), &[gone, REMOVED]);
        places.add("UDP_CHECK", DATAGRAMS, "bindto $B\n bind_if eth0", &[UDP_GOOD]);
        places.add("UDP_CHECK", DATAGRAMS, "bind_if lo", &UDP_SILENT);
        places.expect_of_ours();
    });
}

#[test]
fn every_check_speaks_ipv6() {
    in_guest(|| {
        let mut places = Places::new("six");
        let Beside { ours, original, server, .. } = &places.beside;
        for (host, address) in [(ours, "2001:db8::1"), (original, "2001:db8::2"), (server, SIX)] {
            host.enable_ipv6();
            host.add_address("eth0", &format!("{address}/64"));
        }
        let words = format!("connect_ip {SIX}");
        places.all_good(&words);
        places.add("PING_CHECK", 1, &words, &[PING_GOOD]);
        // Nobody has this address, and nobody is at this port.
        places.all_silent("connect_ip 2001:db8::99");
        places.add("UDP_CHECK", DATAGRAMS, "connect_ip 2001:db8::99", &UDP_SILENT);
        let gone = "ICMP CHECK on service $S failed.";
        let silence = ["ICMP connection to address $S timeout.", gone, REMOVED];
        places.add("PING_CHECK", 1, "connect_ip 2001:db8::99", &silence);
        let tcp = ["TCP connection to $S failed.", "TCP_CHECK on service $S failed.", REMOVED];
        places.add("TCP_CHECK", 9, &words, &tcp);
        places.add("UDP_CHECK", 9, &words, &UDP_SILENT);
        places.expect();
    });
}

/// Which network they belong to is known by the interface only. 2.2.7 has none for datagrams and
/// echoes.
#[test]
fn addresses_of_the_link_are_asked_on_their_interface() {
    in_guest(|| {
        let mut places = Places::new("link-local");
        let Beside { ours, original, server, .. } = &places.beside;
        for (host, last) in [(ours, "1"), (original, "2"), (server, "11")] {
            host.enable_ipv6();
            host.add_address("eth0", &format!("fe80::{last}/64"));
        }
        let words = "connect_ip fe80::11\n bind_if eth0";
        places.all_tcp_good(words);
        places.add("DNS_CHECK", NAMES, &format!("{words}\n alpha"), &[ADDED]);
        let nobody = "connect_ip fe80::99\n bind_if eth0";
        let silent = ["TCP connection to $S timeout.", "TCP_CHECK on service $S failed.", REMOVED];
        places.add("TCP_CHECK", TCP, nobody, &silent);
        places.expect();
        places.cases.clear();
        places.add("UDP_CHECK", DATAGRAMS, &format!("{words}\n require_reply"), &[UDP_GOOD]);
        places.add("PING_CHECK", 1, words, &[PING_GOOD]);
        places.expect_of_ours();
    });
}
