//! Every kind of check against servers that behave in every way, on Debian's keepalived and on
//! ours side by side: each says the same of each server, in the same order.

use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use testkit::guest::Guest;
use testkit::lab::{Daemon, Host, Lab, Manner, Program};

use crate::support::{LIMIT, under_test};

const SERVERS: &str = "192.0.2.11";

/// Two directors that check the same server.
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
        let server = lab.host("server", &format!("{SERVERS}/24"));
        Self { lab, ours, original, server }
    }

    fn start(&self, configuration: &str) -> [Daemon; 2] {
        let pairs = [(&self.ours, &under_test()), (&self.original, &Program::Original)];
        pairs.map(|(host, program)| host.daemon(program).start(configuration))
    }
}

/// A check of one port, with what its server does.
struct Case {
    port: u16,
    check: String,
}

/// What is tried once a second, with a second for each attempt and one retry.
const QUICK: &str = "delay_loop 2\n connect_timeout 1\n warmup 0\n retry 1\n delay_before_retry 1\n log_all_failures\n";

fn configuration(cases: &[Case]) -> String {
    let mut text = String::from("global_defs {\n script_user root\n}\n");
    for Case { port, check } in cases {
        let _ = write!(
            text,
            "virtual_server 192.0.2.51 {port} {{\n lb_kind NAT\n protocol TCP\n \
             real_server {SERVERS} {port} {{\n {check}\n }}\n}}\n"
        );
    }
    text
}

/// What a daemon said of one server, but for what begins its checks.
fn lines_of(daemon: &Daemon, port: u16) -> Vec<String> {
    let names = [format!("[{SERVERS}]:tcp:{port}"), format!("[{SERVERS}]:{port}")];
    let about = |text: &String| {
        names.iter().any(|name| {
            text.match_indices(name.as_str()).any(|(at, name)| {
                !text[at + name.len()..].starts_with(|next: char| next.is_ascii_digit())
            })
        })
    };
    let texts = daemon.log().texts().into_iter().filter(about);
    texts.filter(|text| !text.starts_with("Activating")).collect()
}

#[test]
fn explore() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("checkers");
        let answer = |text: &str| Manner::answer(text);
        let mut cases = Vec::new();
        let mut servers = Vec::new();
        let mut port = 8000;
        let mut add = |name: &str, manner: Option<Manner>, check: String| {
            port += 1;
            eprintln!("CASE {port} {name}");
            if let Some(manner) = manner {
                servers.push(beside.server.mannered(port, manner));
            }
            cases.push(Case { port, check });
        };
        let page = "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\ngood";
        let http = |more: &str| format!("HTTP_GET {{\n url {{\n path /x\n {more}\n }}\n {QUICK} }}");
        let ssl = |more: &str| format!("SSL_GET {{\n url {{\n path /x\n {more}\n }}\n {QUICK} }}");
        let smtp = |more: &str| format!("SMTP_CHECK {{\n {more}\n {QUICK} }}");
        add("http refused", None, http(""));
        add("http silent", Some(Manner::Silent), http(""));
        add("http reset", Some(Manner::Reset), http(""));
        add("http close", Some(Manner::Close), http(""));
        add("http half", Some(answer("HTTP/1.0 200 OK\r\n")), http(""));
        add("http stays open", Some(Manner::Drip(page.into())), http(""));
        add("http status", Some(answer("HTTP/1.0 500 No\r\n\r\n")), http(""));
        add("http digest", Some(answer(page)), http("digest 00000000000000000000000000000000"));
        add("http regex ok", Some(answer(page)), http("regex \"go+d\""));
        add("http regex bad", Some(answer(page)), http("regex \"bad\""));
        add("http regex no_match", Some(answer(page)), http("regex \"bad\"\n regex_no_match"));
        add("http regex no_match bad", Some(answer(page)), http("regex \"good\"\n regex_no_match"));
        add("http regex header", Some(answer(page)), http("regex \"200 OK\""));
        add("http regex nobody", Some(answer("HTTP/1.0 200 OK\r\n\r\n")), http("regex \"200 OK\""));
        add("http regex nobody no_match", Some(answer("HTTP/1.0 200 OK\r\n\r\n")), http("regex \"200 OK\"\nregex_no_match"));
        add("http regex min 40", Some(answer(page)), http("regex \"good\"\n regex_min_offset 40"));
        add("http regex min 41", Some(answer(page)), http("regex \"ood\"\n regex_min_offset 41"));
        add("http regex min 42", Some(answer(page)), http("regex \"o\"\n regex_min_offset 42"));
        add("http regex max 41", Some(answer(page)), http("regex \"good\"\n regex_max_offset 41"));
        add("http regex max 30", Some(answer(page)), http("regex \"good\"\n regex_max_offset 30"));
        add("http regex caseless", Some(answer(page)), http("regex \"GOOD\"\n regex_options caseless"));
        add("ssl refused", None, ssl(""));
        add("ssl silent", Some(Manner::Silent), ssl(""));
        add("ssl garbage", Some(answer(page)), ssl(""));
        add("ssl close", Some(Manner::Close), ssl(""));
        add("ssl reset", Some(Manner::Reset), ssl(""));
        add("smtp refused", None, smtp(""));
        add("smtp silent", Some(Manner::Silent), smtp(""));
        add("smtp close", Some(Manner::Close), smtp(""));
        add("smtp greeting", Some(Manner::Talk(vec!["554 no\r\n"])), smtp(""));
        add("smtp helo", Some(Manner::Talk(vec!["220 hi\r\n", "500 no\r\n"])), smtp(""));
        add("smtp good", Some(Manner::Talk(vec!["220 hi\r\n", "250 me\r\n", "221 bye\r\n"])), smtp(""));
        add("smtp close late", Some(Manner::Talk(vec!["220 hi\r\n", "250 me\r\n"])), smtp(""));
        add("smtp quiet", Some(Manner::Talk(vec!["220 hi\r\n", "250 me\r\n"])), format!("SMTP_CHECK {{\n {} }}", QUICK.replace("log_all_failures", "")));
        add("smtp greeting quiet", Some(Manner::Talk(vec!["554 no\r\n"])), format!("SMTP_CHECK {{\n {} }}", QUICK.replace("log_all_failures", "")));
        let misc = |script: &str, more: &str| format!("MISC_CHECK {{\n misc_path \"/bin/sh -c '{script}'\"\n {more}\n {} }}", QUICK.replace("connect_timeout 1\n", ""));
        let flag = |what: &str| format!("test -e /tmp/flag || {what}");
        let _ = &flag;
        add("misc ok", None, misc("exit 0", ""));
        add("misc fail", None, misc("exit 3", ""));
        add("misc signal", None, misc("kill -9 $$", ""));
        add("misc timeout", None, misc("exec sleep 60", "misc_timeout 1"));
        add("misc dynamic", None, misc("exit 22", "misc_dynamic"));
        add("misc dynamic 1", None, misc("exit 1", "misc_dynamic"));
        let script = beside.server.script("flip", "f=/tmp/flip-$PPID-$1\nn=$(cat $f 2>/dev/null || echo 0)\necho $((n + 1)) >$f\nshift\nshift $n 2>/dev/null\nexit ${1:-0}\n");
        let flip = |name: &str, codes: &str, more: &str| format!("MISC_CHECK {{\n misc_path \"{} {name} {codes}\"\n {more}\n {} }}", script.display(), QUICK.replace("connect_timeout 1\n", ""));
        add("misc flip", None, flip("a", "0 1 0 1 1 1 0 0", ""));
        add("misc flip retry 0", None, flip("b", "0 1 0 1 1 1 0 0", "").replace("retry 1", "retry 0"));
        add("misc flip retry 3", None, flip("c", "0 1 1 1 1 1 1 0 0", "").replace("retry 1", "retry 3"));
        add("misc flip dynamic", None, flip("d", "12 12 2 22 1 1 1 5 0", "misc_dynamic"));
        add("misc flip quiet", None, flip("e", "0 1 0 1 1 1 0 0", "").replace("log_all_failures", ""));
        let udp = |more: &str| format!("UDP_CHECK {{\n {more}\n {QUICK} }}");
        add("udp closed", None, udp(""));
        add("udp closed reply", None, udp("require_reply"));
        let dns = |more: &str| format!("DNS_CHECK {{\n {more}\n {QUICK} }}");
        add("dns closed", None, dns(""));
        let ping = |more: &str| format!("PING_CHECK {{\n {more}\n {QUICK} }}");
        add("ping ok", None, ping(""));
        add("ping nobody", None, ping("connect_ip 192.0.2.99"));
        add("ping unreachable", None, ping("connect_ip 198.51.100.9"));
        add("udp unreachable", None, udp("connect_ip 198.51.100.9"));
        add("udp nobody", None, udp("connect_ip 192.0.2.99"));
        add("dns unreachable", None, dns("connect_ip 198.51.100.9"));
        add("dns nobody", None, dns("connect_ip 192.0.2.99"));
        add("smtp unreachable", None, smtp("connect_ip 198.51.100.9"));
        add("smtp nobody", None, smtp("connect_ip 192.0.2.99"));
        add("ssl unreachable", None, ssl("").replace("SSL_GET {", "SSL_GET {\n connect_ip 198.51.100.9"));
        for (name, answer) in [
            ("udp silent", (|_| None) as fn(&[u8]) -> Option<Vec<u8>>),
            ("udp yes", |_| Some(b"yes".to_vec())),
        ] {
            for more in ["", "require_reply", "require_reply 796573", "require_reply 6e6f"] {
                port += 1;
                eprintln!("CASE {port} {name} {more}");
                let _ = beside.server.mannered_udp(port, answer);
                cases.push(Case { port, check: udp(more) });
            }
        }
        for (name, answer) in [
            ("dns silent", (|_| None) as fn(&[u8]) -> Option<Vec<u8>>),
            ("dns good", |query| { let mut a = query.to_vec(); a[2] |= 0x80; Some(a) }),
            ("dns refused", |query| { let mut a = query.to_vec(); a[2] |= 0x80; a[3] = 5; Some(a) }),
            ("dns junk", |_| Some(b"yes".to_vec())),
        ] {
            port += 1;
            eprintln!("CASE {port} {name}");
            let _ = beside.server.mannered_udp(port, answer);
            cases.push(Case { port, check: dns("type A\n name example.com") });
        }
        let daemons = beside.start(&configuration(&cases));
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_secs(1));
        }
        for case in &cases {
            let both = [lines_of(&daemons[0], case.port), lines_of(&daemons[1], case.port)];
            if both[0] == both[1] {
                eprintln!("SAME {} {:#?}", case.port, both[0]);
            } else {
                eprintln!("DIFF {} ours {:#?} original {:#?}", case.port, both[0], both[1]);
            }
        }
        let rest = |daemon: &Daemon| daemon.log().texts().into_iter().filter(|t| !t.contains(SERVERS) && !t.contains("192.0.2.51")).collect::<Vec<_>>();
        eprintln!("REST {:#?}\n{:#?}", rest(&daemons[0]), rest(&daemons[1]));
        let _ = (LIMIT, &beside.lab);
    });
}
