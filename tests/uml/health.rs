//! What checks say of real servers: exact lines, exact changes of the table, and how soon.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use testkit::guest;
use testkit::lab::Host;
use testkit::site::Site;

use crate::director::{Director, QUICK, real, service};
use crate::support::under_test;
const VIP: &str = "192.0.2.51";
/// What a slow machine may add to a time that the configuration gives.
const MARGIN: Duration = Duration::from_secs(2);

/// An address as the log writes it, with the port 80.
fn named(last: u8) -> String {
    format!("[192.0.2.{last}]:tcp:80")
}

/// Puts names for `S` and `V` into lines.
fn about(last: u8, lines: &[&str]) -> Vec<String> {
    let (server, service) = (named(last), named(51));
    lines.iter().map(|line| line.replace("$S", &server).replace("$V", &service)).collect()
}

impl Director {
    /// All lines about 192.0.2.`last` from the beginning on.
    fn expect_of(&self, last: u8, lines: &[&str]) {
        let lines = about(last, lines);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        self.expect_lines(&named(last), &lines);
    }
}

const GOOD: &str = "TCP connection to $S success.";
const FAILED: &str = "TCP connection to $S failed.";
const ADDED: &str = "Adding service $S to VS $V";
const REMOVED: &str = "Removing service $S from VS $V";

#[test]
fn a_tcp_check_follows_its_server() {
    guest::run(|| {
        let site = Site::direct_routing("tcp", &[VIP]);
        let mut web = site.web_servers(80);
        web[1].stop();
        let check = "TCP_CHECK {\n retry 2\n delay_before_retry 1\n log_all_failures\n }";
        let servers = [
            real("192.0.2.11 80", check),
            real("192.0.2.12 80", check),
            real("192.0.2.13 80", &format!("alpha\n {check}")),
        ];
        let more = format!("{QUICK}\n delay_loop 2");
        let director = Director::start(site, &service(80, &more, &servers.concat()));
        tcp_start(&director);
        assert_eq!(
            director.changes(),
            [
                "add 192.0.2.11:80=1",
                "add 192.0.2.12:80=1",
                "add 192.0.2.13:80=1",
                "add service 192.0.2.51:80",
                "remove 192.0.2.12:80",
            ]
        );

        // The kernel accepts for a program that hangs: that is nothing this check would notice.
        web[2].hang();
        web[1].start();
        director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.12:80=1 192.0.2.13:80=1");
        let closed = Instant::now();
        web[0].stop();
        director.wait_for_table(80, "192.0.2.12:80=1 192.0.2.13:80=1");
        // At most a delay until the first attempt, then two retries.
        let took = closed.elapsed();
        assert!(took < Duration::from_secs(2 + 2 + 1) + MARGIN, "{took:?}");
        let opened = Instant::now();
        web[0].start();
        director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.12:80=1 192.0.2.13:80=1");
        assert!(opened.elapsed() < Duration::from_secs(2 + 1) + MARGIN, "{:?}", opened.elapsed());
        let gone = "TCP_CHECK on service $S failed after 2 retries.";
        director.expect_of(11, &[GOOD, FAILED, FAILED, FAILED, gone, REMOVED, GOOD, ADDED]);
        director.expect_of(13, &[GOOD, ADDED]);
        unreachable_server(&director);
    });
}

/// Non-alpha servers are in the table before any check; a first failure needs no retries.
fn tcp_start(director: &Director) {
    director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.13:80=1");
    director.expect_of(11, &[GOOD]);
    director.expect_of(12, &[FAILED, "TCP_CHECK on service $S failed.", REMOVED]);
    director.expect_of(13, &[GOOD, ADDED]);
}

/// A host that is cut off answers nothing: each attempt takes its whole time.
fn unreachable_server(director: &Director) {
    let server = &director.site.servers[1];
    let (mac, place) = (server.mac(), "192.0.2.12");
    let neighbour = ["ip", "neigh", "replace", place, "lladdr", &mac, "nud", "permanent"];
    director.site.a.ok(neighbour.into_iter().chain(["dev", "eth0"]));
    server.isolate();
    director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.13:80=1");
    let slow = "TCP connection to $S timeout.";
    let (first, gone) =
        ("TCP_CHECK on service $S failed.", "TCP_CHECK on service $S failed after 2 retries.");
    let lines = [FAILED, first, REMOVED, GOOD, ADDED, slow, slow, slow, gone, REMOVED];
    director.expect_of(12, &lines);
}

/// The MD5 digest of a text, by another program than ours.
fn digest(host: &Host, text: &str) -> String {
    let file = host.write("page", text);
    let line = host.ok([std::ffi::OsStr::new("md5sum"), file.as_ref()]);
    line.split(' ').next().unwrap_or_default().to_owned()
}

fn web_service(site: &Site) -> String {
    let limits = "retry 1\n delay_before_retry 1\n log_all_failures";
    let check =
        |url: &str| format!("HTTP_GET {{\n url {{\n path /test.html\n {url}\n }}\n {limits}\n }}");
    let sums = [1, 2].map(|server| digest(&site.a, site.servers[server].name()));
    let both = format!("status_code 200\n digest {}\n virtualhost www.example.com", sums[1]);
    let servers = [
        real("192.0.2.11 80", &check("status_code 200")),
        real("192.0.2.12 80", &check(&format!("digest {}", sums[0]))),
        real("192.0.2.13 80", &check(&both)),
    ];
    service(80, &format!("{QUICK}\n delay_loop 1"), &servers.concat())
}

const SUCCEEDED: &str = "Remote Web server $S succeed on service.";
const GONE: &str = "HTTP_CHECK on service $S failed after 1 retries.";
const STATUS: &str = "HTTP status code success to $S url(/test.html)";
const DIGEST: &str = "MD5 digest success to $S url(/test.html)";
const ALL: &str = "192.0.2.11:80=1 192.0.2.12:80=1 192.0.2.13:80=1";

#[test]
fn an_http_check_follows_the_page() {
    guest::run(|| {
        let site = Site::direct_routing("http", &[VIP]);
        let mut web = site.web_servers(80);
        let configuration = web_service(&site);
        let director = Director::start(site, &configuration);
        for last in 11..=13 {
            director.expect_of(last, &[SUCCEEDED]);
        }
        // Another status, another page, no answer at all.
        web[0].remove("test.html");
        web[1].put("test.html", "other");
        web[2].hang();
        director.wait_for_table(80, "");
        let mut of_first = vec![SUCCEEDED];
        of_first.extend(["HTTP status code error to server $S."; 2]);
        of_first.extend([GONE, REMOVED]);
        director.expect_of(11, &of_first);
        let digest = "MD5 digest error to server $S.";
        director.expect_of(12, &[SUCCEEDED, digest, digest, GONE, REMOVED]);
        let silence = "Timeout WEB read server $S.";
        director.expect_of(13, &[SUCCEEDED, silence, silence, GONE, REMOVED]);

        // Back with the second good answer, and not with the first.
        web[0].put("test.html", "anything");
        web[1].put("test.html", "real2");
        web[2].resume();
        director.wait_for_table(80, ALL);
        of_first.extend([STATUS, STATUS, SUCCEEDED, ADDED]);
        director.expect_of(11, &of_first);
        let back = [DIGEST, DIGEST, SUCCEEDED, ADDED];
        director.expect_of(12, &[&[SUCCEEDED, digest, digest, GONE, REMOVED][..], &back].concat());
        director
            .expect_of(13, &[&[SUCCEEDED, silence, silence, GONE, REMOVED][..], &back].concat());

        let closed = Instant::now();
        web[0].stop();
        director.wait_for_table(80, "192.0.2.12:80=1 192.0.2.13:80=1");
        // A delay until the first attempt, then one retry.
        assert!(
            closed.elapsed() < Duration::from_secs(1 + 1 + 1) + MARGIN,
            "{:?}",
            closed.elapsed()
        );
        of_first.extend(["Connection failed server $S."; 2]);
        of_first.extend([GONE, REMOVED]);
        director.expect_of(11, &of_first);
        let asked = |host: &str| format!("{host} GET /test.html HTTP/1.0 200 KeepAliveClient");
        assert!(web[0].requests().contains(&asked("192.0.2.11:80")), "{:?}", web[0].requests());
        assert!(web[2].requests().contains(&asked("www.example.com")), "{:?}", web[2].requests());
    });
}

/// What came to a port, one text for each connection.
type Heard = Arc<Mutex<Vec<String>>>;

/// Answers everything with a page, and writes down what it is asked.
fn listen(host: &Host, port: u16) -> Heard {
    let listener = host.inside_thread(|| TcpListener::bind(("0.0.0.0", port)));
    let listener = listener.expect("a free port");
    let heard = Heard::default();
    let record = Arc::clone(&heard);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (mut text, mut piece) = (Vec::new(), [0; 4096]);
            while !text.ends_with(b"\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(length) if length > 0 => text.extend(&piece[..length]),
                    Ok(_) | Err(_) => break,
                }
            }
            // The client may have gone: what it asked is what counts.
            let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\npage");
            let text = String::from_utf8_lossy(&text).into_owned();
            record.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        }
    });
    heard
}

#[test]
fn requests_are_the_same_to_the_byte_and_a_first_failure_is_final() {
    guest::run(|| {
        let site = Site::direct_routing("bytes", &[VIP]);
        let heard: Vec<Heard> = site.servers.iter().map(|server| listen(server, 80)).collect();
        let check = |words: &str| format!("HTTP_GET {{\n url {{\n path /a?b=c\n }}\n {words}\n }}");
        let servers = [
            real("192.0.2.11 80", &check("")),
            real("192.0.2.12 80", &check("http_protocol 1.0C")),
            real(
                "192.0.2.13 80",
                &format!("virtualhost www.example.com\n {}", check("http_protocol 1.1")),
            ),
        ];
        // Refused by a host, refused by the director itself, and no way to get there.
        let refused = ["192.0.2.11", "127.0.0.1", "198.51.100.1"];
        let check_closed = check("retry 3\n log_all_failures");
        let closed = refused.map(|host| real(&format!("{host} 81"), &check_closed)).concat();
        let more = format!("{QUICK}\n delay_loop 1");
        let text = [service(80, &more, &servers.concat()), service(81, &more, &closed)].concat();
        let director = Director::start(site, &text);
        for last in 11..=13 {
            director.expect_of(last, &[SUCCEEDED]);
        }
        let asked = [
            "GET /a?b=c HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 192.0.2.11:80\r\n\r\n",
            "GET /a?b=c HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\n\
             Host: 192.0.2.12:80\r\n\r\n",
            "GET /a?b=c HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\n\
             Host: www.example.com\r\n\r\n",
        ];
        for (heard, asked) in heard.iter().zip(asked) {
            let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            assert!(!heard.is_empty() && heard.iter().all(|text| text == asked), "{heard:?}");
        }
        director.wait_for_table(81, "");
        // The words are those of a server that had its retries, which it had not.
        // Keepalived says `HTTP/SSL_CHECK` since 2.2.8.
        let check = if under_test().is_ours() { "HTTP/SSL_CHECK" } else { "HTTP_CHECK" };
        let unreachable = format!("{check} - network unreachable");
        let reasons = ["Connection failed", "Connection failed", &unreachable];
        for (host, reason) in refused.iter().zip(reasons) {
            let name = format!("[{host}]:tcp:81");
            let gone = format!("HTTP_CHECK on service {name} failed after 3 retries.");
            let removed = format!("Removing service {name} from VS [192.0.2.51]:tcp:81");
            director.expect_lines(&name, &[&format!("{reason} server {name}."), &gone, &removed]);
        }
    });
}

#[test]
fn a_server_of_two_services_may_be_up_in_one_and_down_in_the_other() {
    guest::run(|| {
        let site = Site::direct_routing("shared", &[VIP]);
        let mut web = site.servers[0].web_server(80, "page");
        let page = "HTTP_GET {\n url {\n path /test.html\n status_code 200\n }\n retry 0\n }";
        let more = format!("{QUICK}\n delay_loop 1");
        let of = |port, check| service(port, &more, &real("192.0.2.11 80", check));
        let one = of(80, page);
        // By translation, since the port is another one.
        let two = of(81, "TCP_CHECK {\n retry 0\n }").replace("lb_kind DR", "lb_kind NAT");
        let director = Director::start(site, &(one + &two));
        let server = "192.0.2.11:80=1";
        let expect = |first: &str, second: &str| {
            director.wait_for_table(80, first);
            director.wait_for_table(81, second);
        };
        director.daemon.wait_for_log_times("succe", 2, crate::support::LIMIT);
        expect(server, server);
        web.remove("test.html");
        expect("", server);
        web.put("test.html", "again");
        expect(server, server);
        web.stop();
        expect("", "");
        let removed = |port: u16| {
            let line = "Removing service [192.0.2.11]:tcp:80 from VS [192.0.2.51]:tcp:";
            director.daemon.log().count(&format!("{line}{port}"))
        };
        assert_eq!((removed(80), removed(81)), (2, 1), "{}", director.site.lab.logs());
    });
}
