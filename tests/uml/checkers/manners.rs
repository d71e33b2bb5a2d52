//! What is said at first of a server that behaves in one way all the time.

use testkit::guest::Guest;
use testkit::lab::{Answer, Manner};

use super::{ADDED, Beside, Case, REMOVED, check};

const PAGE: &str = "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\ngood";
const EMPTY: &str = "HTTP/1.0 200 OK\r\n\r\n";
/// Without a first good answer there are no retries, whatever the line says.
const WEB_GONE: &str = "HTTP_CHECK on service $S failed after 1 retries.";
const WEB_GOOD: &str = "Remote Web server $S succeed on service.";

/// The servers of one test, each on a port of its own.
struct Servers {
    beside: Beside,
    cases: Vec<Case>,
}

impl Servers {
    fn new(label: &str) -> Self {
        Self { beside: Beside::new(label), cases: Vec::new() }
    }

    fn add(&mut self, name: &str, check: String, lines: &[&'static str]) -> u16 {
        let port = 8001 + u16::try_from(self.cases.len()).expect("few cases");
        self.cases.push(Case { name: name.to_owned(), port, check, lines: lines.to_vec() });
        port
    }

    /// A server of TCP.
    fn tcp(&mut self, name: &str, manner: Manner, check: String, lines: &[&'static str]) {
        let port = self.add(name, check, lines);
        let _ = self.beside.server.mannered(port, manner);
    }

    /// A server of datagrams.
    fn udp(&mut self, name: &str, answer: Answer, check: String, lines: &[&'static str]) {
        let port = self.add(name, check, lines);
        let _ = self.beside.server.mannered_udp(port, answer);
    }

    fn expect(&self) {
        let daemons = self.beside.start(&self.cases);
        self.beside.expect(&daemons, &self.cases);
    }
}

fn web(kind: &str, url: &str) -> String {
    check(kind, &format!("url {{\n path /x\n {url}\n }}"))
}

fn http(url: &str) -> String {
    web("HTTP_GET", url)
}

/// A test that boots a guest and runs many checks in it.
fn in_guest(test: impl FnOnce()) {
    Guest::new().limit(std::time::Duration::from_secs(240)).run(test);
}

#[test]
fn web_servers_fail_in_the_words_of_the_original() {
    in_guest(|| {
        let mut servers = Servers::new("web-manners");
        let answer = |text: &str| Manner::answer(text);
        servers.add("refused", http(""), &["Connection failed server $S.", WEB_GONE, REMOVED]);
        let silence = ["Timeout WEB read server $S.", WEB_GONE, REMOVED];
        servers.tcp("silent", Manner::Silent, http(""), &silence);
        let broken = ["Read error with server $S.", WEB_GONE, REMOVED];
        servers.tcp("reset", Manner::Reset, http(""), &broken);
        let nothing = ["Read, no data received from  server $S.", WEB_GONE, REMOVED];
        servers.tcp("half a header", answer("HTTP/1.0 200 OK\r\n"), http(""), &nothing);
        let status = ["HTTP status code error to server $S.", WEB_GONE, REMOVED];
        servers.tcp("status", answer("HTTP/1.0 500 No\r\n\r\n"), http(""), &status);
        servers.tcp("another status", answer(PAGE), http("status_code 201-299"), &status);
        let digest = format!("digest {}", "0".repeat(32));
        let wrong = ["MD5 digest error to server $S.", WEB_GONE, REMOVED];
        servers.tcp("digest", answer(PAGE), http(&digest), &wrong);
        servers.tcp("good", answer(PAGE), http(""), &[WEB_GOOD]);
        const SHORT: &str = "http_check for RS $S VS $V url /x: content_length (9) does not match \
                             received bytes (4)";
        let cut = || answer("HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\ngood");
        servers.tcp("closed early", cut(), http(""), &[SHORT, WEB_GOOD]);
        let of_both = [SHORT, "MD5 digest error to server $S.", WEB_GONE, REMOVED];
        servers.tcp("closed early, digest", cut(), http(&digest), &of_both);
        const MORE: &str = "http_check for RS $S VS $V url www.x.org/x: content_length (3) does \
                            not match received bytes (4)";
        let long = answer("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\ngood");
        servers.tcp("more", long, http("virtualhost www.x.org"), &[MORE, WEB_GOOD]);

        let secure = || web("SSL_GET", "");
        servers.add("TLS refused", secure(), &["Connection failed server $S.", WEB_GONE, REMOVED]);
        let late = ["Timeout connecting server $S.", WEB_GONE, REMOVED];
        servers.tcp("TLS silent", Manner::Silent, secure(), &late);
        const HANDSHAKE: &str = "SSL handshake/communication error connecting to server $S.";
        let no_tls = [HANDSHAKE, WEB_GONE, REMOVED];
        servers.tcp("no TLS", answer(PAGE), secure(), &no_tls);
        // Who breaks off at once is told of as a failed connection or a failed handshake, in either
        // program, by which of both comes first: nothing to hold them against.
        servers.expect();
    });
}

#[test]
fn patterns_match_as_for_the_original() {
    in_guest(|| {
        let mut servers = Servers::new("patterns");
        let failed = ["Regex match failed server $S.", WEB_GONE, REMOVED];
        // The body begins at byte 38.
        assert_eq!(PAGE.find("good"), Some(38));
        for (url, good) in [
            ("regex \"go+d\"", true),
            ("regex \"bad\"", false),
            ("regex \"(o)\\\\1d\"", true),
            ("regex \"bad\"\n regex_no_match", true),
            ("regex \"good\"\n regex_no_match", false),
            ("regex \"200 OK\"", true),
            ("regex \"^HTTP\"", true),
            ("regex \"^good\"", false),
            ("regex \"^good\"\n regex_options multiline", true),
            ("regex \"GOOD\"", false),
            ("regex \"GOOD\"\n regex_options caseless", true),
            ("regex \"g o o d\"\n regex_options extended", true),
            ("regex \"OK.*good\"", false),
            ("regex \"good\"\n regex_min_offset 38", true),
            ("regex \"good\"\n regex_min_offset 39", false),
            ("regex \"o\"\n regex_min_offset 40", true),
            ("regex \"good\"\n regex_max_offset 38", true),
            ("regex \"good\"\n regex_max_offset 37", false),
            ("regex \"go+d\"\n regex_stack 32768 65536", true),
        ] {
            let lines: &[&str] = if good { &[WEB_GOOD] } else { &failed };
            servers.tcp(url, Manner::answer(PAGE), http(url), lines);
        }
        // Without a body nothing is looked at.
        let empty = || Manner::answer(EMPTY);
        servers.tcp("no body", empty(), http("regex \"200 OK\""), &failed);
        let unwanted = http("regex \"200 OK\"\n regex_no_match");
        servers.tcp("no body, unwanted", empty(), unwanted, &[WEB_GOOD]);
        servers.expect();
    });
}

#[test]
fn connections_are_judged_as_by_the_original() {
    in_guest(|| {
        let mut servers = Servers::new("connections");
        for director in [&servers.beside.ours, &servers.beside.original] {
            director.ok(["ip", "route", "add", "unreachable", "198.51.100.7"]);
            director.ok(["ip", "route", "add", "prohibit", "198.51.100.8"]);
        }
        let tcp = |more: &str| check("TCP_CHECK", more);
        const GOOD: &str = "TCP connection to $S success.";
        const GONE: &str = "TCP_CHECK on service $S failed.";
        const FAILED: &str = "TCP connection to $S failed.";
        servers.add("refused", tcp(""), &[FAILED, GONE, REMOVED]);
        let late = ["TCP connection to $S timeout.", GONE, REMOVED];
        servers.add("nobody", tcp("connect_ip 192.0.2.99"), &late);
        servers.tcp("silent", Manner::Silent, tcp(""), &[GOOD]);
        servers.tcp("reset", Manner::Reset, tcp(""), &[GOOD]);
        servers.tcp("closed", Manner::Close, tcp(""), &[GOOD]);
        servers.add("no route", tcp("connect_ip 198.51.100.9"), &[GONE, REMOVED]);
        servers.add("unreachable", tcp("connect_ip 198.51.100.7"), &[GONE, REMOVED]);
        servers.add("forbidden", tcp("connect_ip 198.51.100.8"), &[]);
        const NO_NAMES: [&str; 2] =
            ["DNS_CHECK ($S) network unreachable for [198.51.100.7]:8009", REMOVED];
        let names = |more: &str| check("DNS_CHECK", &format!("type A\n name x.org\n {more}"));
        servers.add("names unreachable", names("connect_ip 198.51.100.7"), &NO_NAMES);
        let web = |more: &str| http("").replace("url {", &format!("{more}\n url {{"));
        const NO_WAY: &str = "HTTP_CHECK - network unreachable server $S.";
        let lost = [NO_WAY, WEB_GONE, REMOVED];
        servers.add("web unreachable", web("connect_ip 198.51.100.7"), &lost);
        servers.add("web forbidden", web("connect_ip 198.51.100.8"), &[]);
        let nobody = ["Timeout connecting server $S.", WEB_GONE, REMOVED];
        servers.add("web nobody", web("connect_ip 192.0.2.99"), &nobody);
        let here = ["Connection failed server $S.", WEB_GONE, REMOVED];
        servers.add("web refused here", web("connect_ip 127.0.0.1"), &here);
        servers.add("refused here", tcp("connect_ip 127.0.0.1"), &[FAILED, GONE, REMOVED]);
        let mail = |more: &str| check("SMTP_CHECK", more);
        const MAIL_LOST: &str =
            "SMTP_CHECK Network unreachable for server 198.51.100.7 - real server $D";
        let lost = [MAIL_LOST, MAIL_LOST, REMOVED];
        servers.add("mail unreachable", mail("connect_ip 198.51.100.7"), &lost);
        servers.add("mail forbidden", mail("connect_ip 198.51.100.8"), &[]);
        servers.add("mail nobody", mail("connect_ip 192.0.2.99"), &[REMOVED]);
        servers.add("mail refused here", mail("connect_ip 127.0.0.1"), &[REMOVED]);
        let udp = |more: &str| check("UDP_CHECK", more);
        let of_udp = ["UDP_CHECK on service $S failed.", REMOVED];
        servers.add("datagram forbidden", udp("connect_ip 198.51.100.8"), &of_udp);
        let of_echo = ["ICMP CHECK on service $S failed.", REMOVED];
        servers.add("echo forbidden", check("PING_CHECK", "connect_ip 198.51.100.8"), &of_echo);
        servers.expect();
    });
}

#[test]
fn mail_servers_fail_in_the_words_of_the_original() {
    in_guest(|| {
        let mut servers = Servers::new("mail-manners");
        let smtp = || check("SMTP_CHECK", "");
        let mut add = |name: &str, manner: Option<Manner>, line: &'static str| match manner {
            Some(manner) => servers.tcp(name, manner, smtp(), &[line, line, REMOVED]),
            None => drop(servers.add(name, smtp(), &[line, line, REMOVED])),
        };
        let talk = |lines: &[&'static str]| Some(Manner::Talk(lines.to_vec()));
        add("refused", None, "SMTP_CHECK Could not connect to server $D");
        add("silent", Some(Manner::Silent), "SMTP_CHECK Read timeout from server $D");
        add("closed", Some(Manner::Close), "SMTP_CHECK Read failure from server $D");
        const GREETING: &str = "SMTP_CHECK Bad greeting banner from server $D";
        add("no greeting", talk(&["554 no\r\n"]), GREETING);
        add("a long greeting", talk(&["220-hi\r\n220 hi\r\n"]), GREETING);
        const HELO: &str = "SMTP_CHECK Bad HELO response from server $D";
        add("unknown", talk(&["220 hi\r\n", "500 no\r\n"]), HELO);
        const LATE: &str = "SMTP_CHECK Read failure from server $D";
        add("closed late", talk(&["220 hi\r\n", "250 me\r\n"]), LATE);
        let good = Manner::Talk(vec!["220 hi\r\n", "250 me\r\n", "221 bye\r\n"]);
        const GOOD: &str = "Remote SMTP server $S succeed on service.";
        servers.tcp("good", good, smtp(), &[GOOD]);
        let elsewhere = check("SMTP_CHECK", "connect_ip 198.51.100.9");
        const NO_WAY: &str =
            "SMTP_CHECK Network unreachable for server 198.51.100.9 - real server $D";
        servers.add("no way", elsewhere, &[NO_WAY, NO_WAY, REMOVED]);
        // Packets for nobody are lost on the segment.
        let mac = servers.beside.server.mac();
        for director in [&servers.beside.ours, &servers.beside.original] {
            let words =
                ["ip", "neigh", "replace", "192.0.2.99", "lladdr", &mac, "nud", "permanent"];
            director.ok(words.into_iter().chain(["dev", "eth0"]));
        }
        let nobody = check("SMTP_CHECK", "connect_ip 192.0.2.99");
        let port = servers.add("nobody", nobody, &[REMOVED]);
        let daemons = servers.beside.start(&servers.cases);
        servers.beside.expect(&daemons, &servers.cases);
        // This line names the place that was tried, and not the server.
        let late = format!("SMTP_CHECK Connection timeout to server [192.0.2.99]:{port}");
        for daemon in &daemons {
            assert_eq!(daemon.log().count(&late), 2, "{}", servers.beside.lab.logs());
        }
    });
}

#[test]
fn datagrams_and_echoes_are_judged_as_by_the_original() {
    in_guest(|| {
        let mut servers = Servers::new("datagram-manners");
        let udp = |more: &str| check("UDP_CHECK", more);
        const GOOD: &str = "UDP connection to $S success.";
        const FAILED: &str = "UDP connection to $S failed.";
        const GONE: &str = "UDP_CHECK on service $S failed.";
        const MISMATCH: &str = "UDP check to $S reply data mismatch.";
        let failed = [FAILED, GONE, REMOVED];
        let mismatch = [MISMATCH, GONE, REMOVED];
        servers.add("closed", udp(""), &failed);
        servers.add("closed, reply", udp("require_reply"), &failed);
        let (silent, yes): (Answer, Answer) = (|_| None, |_| Some(b"yes".to_vec()));
        servers.udp("silent", silent, udp(""), &[GOOD]);
        servers.udp("silent, reply", silent, udp("require_reply"), &failed);
        servers.udp("answers", yes, udp(""), &[GOOD]);
        servers.udp("answers any", yes, udp("require_reply"), &[GOOD]);
        servers.udp("answers this", yes, udp("require_reply 796573"), &[GOOD]);
        servers.udp("answers like this", yes, udp("require_reply 7x xx73"), &[GOOD]);
        servers.udp("answers another", yes, udp("require_reply 6e6f"), &mismatch);
        let short = "require_reply 79\n min_reply_length 4\n max_reply_length 9";
        servers.udp("too short", yes, udp(short), &mismatch);
        let long = "require_reply 79\n max_reply_length 2";
        servers.udp("too long", yes, udp(long), &mismatch);
        let echo: Answer = |heard| Some(heard.to_vec());
        let payload = udp("payload 0001 ff\n require_reply 0001ff");
        servers.udp("payload", echo, payload, &[GOOD]);
        let text =
            udp("require_reply 6b656570616c697665642063686563 6b202d206b\n max_reply_length 32");
        servers.udp("usual payload", echo, text, &[GOOD]);

        let dns = || check("DNS_CHECK", "type A\n name example.com");
        const TIMEOUT: &str = "DNS_CHECK ($S) read timeout from socket";
        servers.udp("DNS silent", silent, dns(), &[TIMEOUT, REMOVED]);
        servers.udp("DNS junk", yes, dns(), &[TIMEOUT, REMOVED]);
        let proved = "type A\n name example.com\n alpha";
        servers.udp("DNS good", |query| reply(query, 0), check("DNS_CHECK", proved), &[ADDED]);
        const REFUSED: &str = "DNS_CHECK ($S) read error occurred. (rcode = 5)";
        servers.udp("DNS refused", |query| reply(query, 5), dns(), &[REFUSED, REMOVED]);
        const CLOSED: &str = "DNS_CHECK ($S) failed to read socket; errno 111 (Connection refused)";
        servers.add("DNS closed", dns(), &[CLOSED, REMOVED]);
        let ping = |more: &str| check("PING_CHECK", more);
        servers.add("echo", ping(""), &["ICMP connection to $S success."]);
        const SILENCE: &str = "ICMP connection to address $S timeout.";
        const ICMP_GONE: &str = "ICMP CHECK on service $S failed.";
        let nobody = ping("connect_ip 192.0.2.99");
        servers.add("no echo", nobody, &[SILENCE, ICMP_GONE, REMOVED]);
        let elsewhere = ping("connect_ip 198.51.100.9");
        servers.add("no way", elsewhere, &[ICMP_GONE, REMOVED]);
        servers.expect();
    });
}

pub(super) fn reply(query: &[u8], code: u8) -> Option<Vec<u8>> {
    let mut reply = query.to_vec();
    *reply.get_mut(2)? |= 0x80;
    *reply.get_mut(3)? = code;
    Some(reply)
}
