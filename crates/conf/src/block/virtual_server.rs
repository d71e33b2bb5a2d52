//! `virtual_server`: a load-balanced service. Its values are typed; nothing runs it yet.
//!
//! Rules between keywords (compat 21 §3) are not applied here.

use std::net::IpAddr;
use std::time::Duration;

use super::RootDraft;
use super::command;
use super::real_server::{self, RealServerDraft};
use crate::diagnostic::Diagnostic;
use crate::keyword::Keyword;
use crate::line::Line;
use crate::reader::Word;
use crate::value::{self, Decimal};

/// What a virtual server serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// An address and a port; port 0 is every port.
    Address(IpAddr, u16),
    /// Packets with a firewall mark.
    Mark(u32),
    /// A `virtual_server_group`.
    Group(String),
}

/// `lvs_method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Network address translation.
    Nat,
    /// Direct routing.
    Direct,
    /// Tunnelling.
    Tunnel,
}

/// `protocol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// A virtual server as written; `None` where a default steps in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualServerDraft {
    /// What it serves.
    pub service: Service,
    /// `delay_loop`: pause between two checks.
    pub delay_loop: Option<Duration>,
    /// `lvs_sched`.
    pub scheduler: Option<&'static str>,
    /// `lvs_method`.
    pub method: Option<Method>,
    /// `protocol`.
    pub protocol: Option<Protocol>,
    /// `persistence_timeout`.
    pub persistence: Option<Duration>,
    /// `quorum`: least weight of a working service.
    pub quorum: Option<u32>,
    /// `hysteresis`.
    pub hysteresis: Option<u32>,
    /// `weight`: default of its servers.
    pub weight: Option<u32>,
    /// `retry`.
    pub retry: Option<u32>,
    /// `delay_before_retry`.
    pub delay_before_retry: Option<Duration>,
    /// `connect_timeout`.
    pub connect_timeout: Option<Duration>,
    /// `alpha`: servers start as failed.
    pub alpha: bool,
    /// `omega`: notifies at the stop.
    pub omega: bool,
    /// `inhibit_on_failure`.
    pub inhibit_on_failure: bool,
    /// `smtp_alert`.
    pub smtp_alert: Option<bool>,
    /// `virtualhost`.
    pub virtual_host: Option<String>,
    /// `sorry_server`.
    pub sorry_server: Option<(IpAddr, u16)>,
    /// `quorum_up` and `quorum_down` are given.
    pub notifies: bool,
    /// The servers.
    pub real_servers: Vec<RealServerDraft>,
}

impl VirtualServerDraft {
    fn new(service: Service) -> Self {
        Self {
            service,
            delay_loop: None,
            scheduler: None,
            method: None,
            protocol: None,
            persistence: None,
            quorum: None,
            hysteresis: None,
            weight: None,
            retry: None,
            delay_before_retry: None,
            connect_timeout: None,
            alpha: false,
            omega: false,
            inhibit_on_failure: false,
            smtp_alert: None,
            virtual_host: None,
            sorry_server: None,
            notifies: false,
            real_servers: Vec::new(),
        }
    }
}

type Row = Keyword<VirtualServerDraft>;

/// The rows of `virtual_server`.
pub(crate) static VIRTUAL_SERVER: &[Row] = &[
    Row::inert("ip_family", "family of its addresses"),
    Row::later("delay_loop", "seconds between checks", |vs, line| {
        vs.delay_loop = Some(delay_loop(line)?);
        Some(())
    }),
    Row::later("connect_timeout", "seconds that a check may take", |vs, line| {
        vs.connect_timeout = Some(timer(line, 1)?);
        Some(())
    }),
    Row::later("retry", "further attempts of a check", |vs, line| {
        vs.retry = Some(number(line, 1, u32::MAX)?);
        Some(())
    }),
    Row::later("delay_before_retry", "seconds before such an attempt", |vs, line| {
        vs.delay_before_retry = Some(timer(line, 0)?);
        Some(())
    }),
    Row::inert("warmup", "random delay of the first check"),
    Row::later("inhibit_on_failure", "keeps failed servers with weight 0", |vs, _| {
        vs.inhibit_on_failure = true;
        Some(())
    }),
    Row::later("lvs_sched", "scheduler", scheduler),
    Row::later("lb_algo", "scheduler", scheduler),
    Row::later("lvs_method", "NAT, DR or TUN", |vs, line| method(&mut vs.method, line)),
    Row::later("lb_kind", "NAT, DR or TUN", |vs, line| method(&mut vs.method, line)),
    Row::inert("flag-1", "scheduler flag"),
    Row::inert("flag-2", "scheduler flag"),
    Row::inert("flag-3", "scheduler flag"),
    Row::inert("sh-port", "source hashing with the port"),
    Row::inert("sh-fallback", "source hashing finds another server"),
    Row::inert("mh-port", "Maglev hashing with the port"),
    Row::inert("mh-fallback", "Maglev hashing finds another server"),
    Row::inert("ops", "schedules each packet"),
    Row::inert("hashed", "without effect in keepalived too"),
    Row::inert("persistence_engine", "what persistence looks at"),
    Row::later("persistence_timeout", "seconds that a client keeps its server", persistence),
    Row::inert("persistence_granularity", "network that counts as one client"),
    Row::later("protocol", "TCP, UDP or SCTP", protocol),
    Row::inert("ha_suspend", "checks only while the address is here"),
    Row::later("smtp_alert", "mail when its quorum changes", |vs, line| {
        vs.smtp_alert = Some(boolean(line)?);
        Some(())
    }),
    Row::later("virtualhost", "Host header of web checks", |vs, line| {
        vs.virtual_host = Some(string(line, "virtualhost missing")?);
        Some(())
    }),
    Row::inert("snmp_name", "its name in SNMP"),
    Row::later("alpha", "servers start as failed", |vs, _| {
        vs.alpha = true;
        Some(())
    }),
    Row::later("omega", "notifies at the stop", |vs, _| {
        vs.omega = true;
        Some(())
    }),
    Row::later("quorum", "least weight of a working service", quorum),
    Row::later("hysteresis", "band around the quorum", |vs, line| {
        vs.hysteresis = Some(number(line, 0, u32::MAX)?);
        Some(())
    }),
    Row { script: true, ..Row::later("quorum_up", "script run when it works", notify) },
    Row { script: true, ..Row::later("quorum_down", "script run when it fails", notify) },
    Row::later("weight", "default weight of its servers", |vs, line| {
        vs.weight = Some(number(line, 1, 2_147_483_647)?);
        Some(())
    }),
    Row::later("sorry_server", "server of last resort", sorry_server),
    Row::inert("sorry_server_inhibit", "keeps it with weight 0"),
    Row::inert("sorry_server_lvs_method", "its method"),
    Row::later("real_server", "one of its servers", real_server::read),
];

/// Reads a whole virtual server.
pub(crate) fn read(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(service) = service(line) else {
        line.skip_block();
        return None;
    };
    let mut draft = VirtualServerDraft::new(service);
    line.block(VIRTUAL_SERVER, &mut draft);
    draft.real_servers.shrink_to_fit();
    root.virtual_servers.push(draft);
    Some(())
}

fn service(line: &mut Line<'_, '_>) -> Option<Service> {
    let word = line.required(1)?;
    match word.text.as_str() {
        "group" => line.required(2).map(|name| Service::Group(name.text)),
        "fwmark" => {
            let mark = line.required(2)?;
            let number = line.number(&mark, 0..=4_294_967_295);
            if number.is_none() {
                line.error_at(&mark, format!("Invalid fwmark virtual server '{}'", mark.text));
            }
            number.map(Service::Mark)
        }
        _ => socket(line, &word, 2, "virtual server").map(|(ip, port)| Service::Address(ip, port)),
    }
}

/// An address, and the port after it; no port, or only zeros, is 0.
pub(crate) fn socket(
    line: &mut Line<'_, '_>,
    word: &Word,
    at: usize,
    what: &str,
) -> Option<(IpAddr, u16)> {
    let port = line.word(at);
    let zero = |word: &Word| !word.text.is_empty() && word.text.bytes().all(|byte| byte == b'0');
    let number = match &port {
        None => Some(0),
        Some(word) if zero(word) => Some(0),
        Some(word) => value::port(&word.text),
    };
    let address = value::address_cut(&word.text);
    if let (Some(address), Some(number)) = (address, number) {
        return Some((address, number));
    }
    let shown = port.as_ref().map_or("", |word| word.text.as_str());
    let message = format!("Invalid {what} ip address/port {}/{shown} - skipping", word.text);
    let place =
        if address.is_some() { port.map_or(word.span, |word| word.span) } else { word.span };
    line.add(
        Diagnostic::general(message).at(place).hint("write an address and a port, 1 to 65535"),
    );
    None
}

/// Seconds with six decimals.
pub(crate) fn timer(line: &mut Line<'_, '_>, least: u64) -> Option<Duration> {
    bounded_timer(line, least, 4_294_967_295)
}

/// The pause between checks, for which there is no practical bound.
pub(crate) fn delay_loop(line: &mut Line<'_, '_>) -> Option<Duration> {
    bounded_timer(line, 1, u64::MAX - 1)
}

fn bounded_timer(line: &mut Line<'_, '_>, least: u64, most: u64) -> Option<Duration> {
    let word = line.required(1)?;
    let time = line.seconds(&word, Decimal::micros(least, most));
    if time.is_none() {
        invalid(line, &word);
    }
    time
}

/// A number in a range.
pub(crate) fn number<T: TryFrom<i64>>(line: &mut Line<'_, '_>, least: u32, most: u32) -> Option<T> {
    let word = line.required(1)?;
    let number = line.number(&word, i64::from(least)..=i64::from(most));
    if number.is_none() {
        invalid(line, &word);
    }
    number
}

fn invalid(line: &mut Line<'_, '_>, word: &Word) {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    line.error_at(word, format!("{keyword} {} is invalid", word.text));
}

/// An optional boolean; without a word it is true.
pub(crate) fn boolean(line: &mut Line<'_, '_>) -> Option<bool> {
    let read = line.boolean(1);
    if read.is_none() {
        let (keyword, value) = (line.text(0).unwrap_or_default(), line.text(1).unwrap_or_default());
        let message = format!("Invalid {keyword} parameter {value}");
        line.error(message);
    }
    read
}

/// One word, with an ordinary complaint when it is missing.
pub(crate) fn string(line: &mut Line<'_, '_>, missing: &str) -> Option<String> {
    let word = line.word(1);
    if word.is_none() {
        line.error(missing);
    }
    word.map(|word| word.text)
}

const SCHEDULERS: [&str; 14] =
    ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq", "twos"];

fn scheduler(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let known = SCHEDULERS.into_iter().find(|name| *name == word.text);
    if known.is_none() {
        let message = format!("Invalid lvs_scheduler '{}' - ignoring", word.text);
        line.add(Diagnostic::general(message).at(word.span).hint(SCHEDULERS.join(" ")));
    }
    vs.scheduler = Some(known?);
    Some(())
}

/// `lvs_method` and its old spelling.
pub(crate) fn method(place: &mut Option<Method>, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    *place = Some(match word.text.as_str() {
        "NAT" => Method::Nat,
        "DR" => Method::Direct,
        "TUN" => Method::Tunnel,
        other => {
            let message = format!("PARSER : unknown [{other}] routing method for virtual server.");
            let hint = match other {
                "FNAT" | "FULLNAT" => "full NAT is in no mainline kernel; use NAT, DR or TUN",
                _ => "write NAT, DR or TUN, in upper case",
            };
            line.add(Diagnostic::general(message).at(word.span).hint(hint));
            return None;
        }
    });
    Some(())
}

fn protocol(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    vs.protocol = Some(match word.text.to_ascii_uppercase().as_str() {
        "TCP" => Protocol::Tcp,
        "UDP" => Protocol::Udp,
        "SCTP" => Protocol::Sctp,
        _ => {
            line.error_at(&word, format!("Unknown protocol {} - ignoring", word.text));
            return None;
        }
    });
    Some(())
}

/// What `persistence_timeout` means without a value, in seconds.
const PERSISTENCE: u64 = 360;

fn persistence(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.word(1) else {
        vs.persistence = Some(Duration::from_secs(PERSISTENCE));
        return Some(());
    };
    match line.number(&word, 1..=2_678_400) {
        Some(seconds) => vs.persistence = Some(Duration::from_secs(seconds)),
        None => {
            let found = Diagnostic::general("persistence_timeout invalid").at(word.span);
            line.add(found.hint("leave the line out for a service that is not persistent"));
        }
    }
    Some(())
}

fn quorum(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let quorum = line.number(&word, 1..=i64::from(u32::MAX));
    if quorum.is_none() {
        let message = format!("Quorum {} must be in [1, {}]. Setting to 1.", word.text, u32::MAX);
        line.error_at(&word, message);
    }
    vs.quorum = Some(quorum.unwrap_or(1));
    Some(())
}

fn notify(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    command::read(line)?;
    vs.notifies = true;
    Some(())
}

fn sorry_server(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    vs.sorry_server = Some(socket(line, &word, 2, "sorry server")?);
    Some(())
}
