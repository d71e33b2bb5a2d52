//! Random configurations, as text that the daemon reads. Decides which words are combined; what
//! they mean is for the language.
//!
//! The second file is often the first one with something else in it, so that a reload finds what
//! goes on, what changes, what comes and what goes.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use conf::Environment;
use fastrand::Rng;
use lvs::config::Config;

const SCHEDULERS: [&str; 14] = [
    "rr",
    "wrr",
    "lc",
    "wlc",
    "lblc",
    "lblcr",
    "dh",
    "sed",
    "nq",
    "fo",
    "ovf",
    "sh\n sh-port",
    "sh\n sh-fallback\n sh-port",
    "mh\n mh-port",
];

/// The first file, the second one, and when the reload comes.
pub(super) struct Pair {
    pub(super) before: Arc<Config>,
    pub(super) after: Arc<Config>,
    pub(super) moment: Duration,
    /// How checks end.
    pub(super) seed: u64,
}

impl Pair {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let first = File::random(&mut rng);
        // What a band of weights says depends on what was before: the second file has none.
        let second = first.changed(&mut rng);
        let before = read(&first.text(true));
        let after = read(&second.text(false));
        let moment = Duration::from_millis(rng.u64(0..20_000));
        Self { before, after, moment, seed }
    }
}

fn read(text: &str) -> Arc<Config> {
    let loaded = conf::load_text("pair", text.as_bytes(), &Environment::default());
    assert!(loaded.report.is_fatal().is_none(), "{text}");
    loaded.config.lvs
}

/// The parts of a file, in their order.
#[derive(Clone)]
struct File {
    groups: Vec<Vec<&'static str>>,
    services: Vec<Service>,
}

#[derive(Clone)]
struct Service {
    head: Head,
    words: Vec<String>,
    /// Only with a quorum above 1.
    band: bool,
    servers: Vec<Server>,
}

#[derive(Clone)]
struct Server {
    place: u8,
    words: Vec<String>,
}

/// What a virtual server is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    V4(u8),
    V6(u8),
    Mark(u8),
    Group(usize),
}

impl File {
    fn random(rng: &mut Rng) -> Self {
        let groups = (0..2).map(|_| group(rng)).collect();
        let mut file = Self { groups, services: Vec::new() };
        for _ in 0..rng.usize(0..5) {
            file.add_service(rng);
        }
        file
    }

    fn add_service(&mut self, rng: &mut Rng) {
        let head = match rng.u8(0..6) {
            0..3 => Head::V4(rng.u8(1..5)),
            3 => Head::V6(rng.u8(1..3)),
            4 => Head::Mark(rng.u8(1..3)),
            _ => Head::Group(rng.usize(0..2)),
        };
        // Two of one name may come only where keepalived has a use for it.
        if matches!(head, Head::Group(_)) || self.services.iter().all(|other| other.head != head) {
            self.services.insert(rng.usize(0..=self.services.len()), Service::random(rng, head));
        }
    }

    /// The same with a few changes.
    fn changed(&self, rng: &mut Rng) -> Self {
        let mut file = self.clone();
        for _ in 0..rng.usize(0..6) {
            match rng.u8(0..8) {
                0 => file.add_service(rng),
                1 => {
                    let groups = file.groups.len();
                    file.groups[rng.usize(0..groups)] = group(rng);
                }
                2 if !file.services.is_empty() => {
                    drop(file.services.remove(rng.usize(0..file.services.len())));
                }
                3 => rng.shuffle(&mut file.services),
                _ => {
                    let count = file.services.len();
                    if count > 0 {
                        file.services[rng.usize(0..count)].change(rng);
                    }
                }
            }
        }
        file
    }

    fn text(&self, bands: bool) -> String {
        let mut text = "global_defs {\n script_user root\n}\n".to_owned();
        for (number, entries) in self.groups.iter().enumerate() {
            // Writing into a string cannot fail.
            let _ =
                writeln!(text, "virtual_server_group G{number} {{\n {}\n}}", entries.join("\n "));
        }
        self.services.iter().for_each(|service| service.write(&mut text, bands));
        text
    }
}

/// Entries of IPv4 that may meet those of the other group and single services.
fn group(rng: &mut Rng) -> Vec<&'static str> {
    const ENTRIES: [&str; 7] = [
        "192.0.2.1 80",
        "192.0.2.3 80",
        "192.0.2.5-192.0.2.8 80",
        "192.0.2.7-9 80",
        "192.0.2.254-192.0.3.1 443",
        "fwmark 1 inet",
        "fwmark 7 inet",
    ];
    let mut entries = rng.choose_multiple(ENTRIES, 3);
    entries.truncate(rng.usize(1..4));
    entries
}

impl Service {
    fn random(rng: &mut Rng, head: Head) -> Self {
        let places = rng.choose_multiple(1..7, 4);
        let count = rng.usize(1..5);
        let servers = places.into_iter().take(count).map(|place| Server::random(rng, place));
        let servers = servers.collect();
        let words = service_words(rng, head);
        Self { head, words, band: rng.bool(), servers }
    }

    fn change(&mut self, rng: &mut Rng) {
        match rng.u8(0..4) {
            0 => self.words = service_words(rng, self.head),
            1 if self.servers.len() > 1 => drop(self.servers.remove(0)),
            2 => {
                let place = rng.u8(1..7);
                if self.servers.iter().all(|server| server.place != place) {
                    self.servers.push(Server::random(rng, place));
                }
            }
            _ => {
                let one = rng.usize(0..self.servers.len());
                self.servers[one] = Server::random(rng, self.servers[one].place);
            }
        }
    }

    fn write(&self, text: &mut String, bands: bool) {
        let name = match self.head {
            Head::V4(last) => format!("192.0.2.{last} 80"),
            Head::V6(last) => format!("2001:db8::{last} 80"),
            Head::Mark(mark) => format!("fwmark {mark}"),
            Head::Group(number) => format!("group G{number}"),
        };
        let band = if self.band && bands { "\n hysteresis 1" } else { "" };
        let _ = writeln!(text, "virtual_server {name} {{\n {}{band}", self.words.join("\n "));
        for Server { place, words } in &self.servers {
            let address = match self.head {
                Head::V6(_) => format!("2001:db8:1::{place}"),
                Head::V4(_) | Head::Mark(_) | Head::Group(_) => format!("10.1.0.{place}"),
            };
            let _ = writeln!(text, " real_server {address} 80 {{\n  {}\n }}", words.join("\n  "));
        }
        text.push_str("}\n");
    }
}

fn service_words(rng: &mut Rng, head: Head) -> Vec<String> {
    let method = ["NAT", "DR", "TUN", "TUN type gue port 5555 csum", "TUN type gre"];
    let protocol = if rng.u8(0..4) == 0 { "UDP" } else { "TCP" };
    let mut words = vec![
        format!("lvs_sched {}", SCHEDULERS[rng.usize(0..SCHEDULERS.len())]),
        format!("lvs_method {}", method[rng.usize(0..method.len())]),
        format!("quorum {}", rng.u8(1..6)),
        format!("delay_loop {}\n warmup 0\n retry {}", rng.u8(1..5), rng.u8(1..3)),
        "delay_before_retry 1".to_owned(),
    ];
    if !matches!(head, Head::Mark(_)) {
        words.push(format!("protocol {protocol}"));
    }
    let mut maybe = |rng: &mut Rng, word: &str| {
        if rng.u8(0..4) == 0 {
            words.push(word.to_owned());
        }
    };
    for word in ["alpha", "omega", "inhibit_on_failure", "ops"] {
        maybe(rng, word);
    }
    let granularity = match head {
        Head::V6(_) => "64",
        Head::V4(_) | Head::Mark(_) | Head::Group(_) => "255.255.255.0",
    };
    maybe(rng, &format!("persistence_timeout 60\n persistence_granularity {granularity}"));
    maybe(rng, "persistence_timeout 90");
    if rng.bool() {
        let (server, place) = (["10.1.0.", "2001:db8:1::"], [1, 9][rng.usize(0..2)]);
        let family = usize::from(matches!(head, Head::V6(_)));
        words.push(format!("sorry_server {}{place} 80", server[family]));
        if rng.bool() {
            words.push("sorry_server_inhibit".to_owned());
        }
    }
    words
}

impl Server {
    fn random(rng: &mut Rng, place: u8) -> Self {
        let mut words = vec![format!("weight {}", rng.u8(0..5))];
        if rng.u8(0..4) == 0 {
            let upper = rng.u8(1..4);
            words.push(format!("uthreshold {upper}\n  lthreshold {}", rng.u8(0..=upper)));
        }
        if rng.u8(0..4) == 0 {
            words.push(format!("inhibit_on_failure {}", if rng.bool() { "on" } else { "off" }));
        }
        for _ in 0..rng.usize(0..3) {
            words.push(check(rng));
        }
        Self { place, words }
    }
}

fn check(rng: &mut Rng) -> String {
    let (port, retry) = (8000 + rng.u16(0..4), rng.u8(0..3));
    let alpha = if rng.u8(0..4) == 0 { "\n   alpha" } else { "" };
    let timing = format!("retry {retry}{alpha}");
    match rng.u8(0..4) {
        0 => format!(
            "HTTP_GET {{\n   connect_port {port}\n   {timing}\n   url {{\n    path /\n    \
             status_code 200\n   }}\n  }}"
        ),
        1 => format!(
            "MISC_CHECK {{\n   misc_path \"/bin/true {port}\"\n   misc_dynamic\n   {timing}\n  }}"
        ),
        _ => format!("TCP_CHECK {{\n   connect_port {port}\n   {timing}\n  }}"),
    }
}
