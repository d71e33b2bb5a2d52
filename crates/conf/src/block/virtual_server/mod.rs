//! `virtual_server`: a load-balanced service.
//!
//! Rules between keywords, and what its servers inherit, are in `resolve::virtual_server`.

mod method;
mod persistence;
mod scheduler;
mod sorry;

use std::net::IpAddr;

use lvs::config::GroupEntry;
use net::{Family, Forwarding, Granularity, ModuleName, Protocol, ServiceFlags};

use super::RootDraft;
use super::command::{self, CommandDraft};
use super::lvs_value::{self as read, Owner};
use super::real_server::{self, RealServerDraft};
use super::timing::{self, TimingDraft};
use crate::diagnostic::Diagnostic;
use crate::keyword::Keyword;
use crate::line::Line;
use crate::span::Span;

pub(crate) use method::{Side, method};
pub(crate) use persistence::DEFAULT as PERSISTENCE;
pub(crate) use sorry::SorryServerDraft;

/// What a virtual server serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServiceDraft {
    /// An address and a port; port 0 is every port.
    Address(IpAddr, u16),
    /// Packets with a firewall mark.
    Mark(u32),
    /// A `virtual_server_group`.
    Group {
        /// Its name.
        name: String,
        /// The place among the virtual servers of the group.
        place: u32,
    },
}

/// A virtual server as written; `None` where a default steps in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VirtualServerDraft {
    pub(crate) service: ServiceDraft,
    /// Where it was written.
    pub(crate) span: Span,
    /// Its `}`.
    pub(crate) closed: Option<Span>,
    /// The family of a firewall mark, as far as it was said.
    pub(crate) family: Option<Family>,
    /// What its group has in it, once that is known.
    pub(crate) members: Vec<GroupEntry>,
    pub(crate) scheduler: Option<&'static str>,
    pub(crate) flags: ServiceFlags,
    pub(crate) method: Option<Forwarding>,
    pub(crate) protocol: Option<Protocol>,
    /// In seconds.
    pub(crate) persistence: Option<u32>,
    pub(crate) quorum: Option<u32>,
    pub(crate) hysteresis: Option<u32>,
    /// The weight of servers that have none.
    pub(crate) weight: Option<u32>,
    pub(crate) omega: bool,
    pub(crate) inhibit_on_failure: bool,
    pub(crate) ha_suspend: bool,
    /// `smtp_alert`.
    pub(crate) mail: Option<bool>,
    pub(crate) sorry_server: Option<Box<SorryServerDraft>>,
    /// What many virtual servers leave out, of which there may be thousands.
    pub(crate) rare: Option<Box<Rare>>,
    pub(crate) real_servers: Vec<RealServerDraft>,
}

/// What only some virtual servers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rare {
    pub(crate) timing: TimingDraft,
    pub(crate) granularity: Option<Granularity>,
    pub(crate) engine: Option<ModuleName>,
    pub(crate) virtual_host: Option<String>,
    pub(crate) snmp_name: Option<Box<str>>,
    pub(crate) quorum_up: Option<CommandDraft>,
    pub(crate) quorum_down: Option<CommandDraft>,
}

impl VirtualServerDraft {
    fn new(service: ServiceDraft, span: Span) -> Self {
        let family = match &service {
            ServiceDraft::Address(ip, _) => Some(Family::of(*ip)),
            ServiceDraft::Mark(_) | ServiceDraft::Group { .. } => None,
        };
        Self {
            service,
            span,
            closed: None,
            family,
            members: Vec::new(),
            scheduler: None,
            flags: ServiceFlags::NONE,
            method: None,
            protocol: None,
            persistence: None,
            quorum: None,
            hysteresis: None,
            weight: None,
            omega: false,
            inhibit_on_failure: false,
            ha_suspend: false,
            mail: None,
            sorry_server: None,
            rare: None,
            real_servers: Vec::new(),
        }
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// When its checks run, as far as it says so.
    pub(crate) fn timing(&self) -> TimingDraft {
        self.rare.as_ref().map_or(TimingDraft::NONE, |rare| rare.timing)
    }

    /// What log lines call it.
    pub(crate) fn name(&self) -> String {
        match &self.service {
            ServiceDraft::Address(ip, port) => {
                format!("[{ip}]:{}:{port}", self.protocol.map_or("none", Protocol::name))
            }
            ServiceDraft::Mark(mark) => format!("FWM {mark}"),
            ServiceDraft::Group { name, place } => format!("[{name}]:{place}"),
        }
    }
}

type Row = Keyword<VirtualServerDraft>;

/// The rows of `virtual_server`.
pub(crate) static VIRTUAL_SERVER: &[Row] = &[
    Row::now("ip_family", "family of its addresses", ip_family).takes(
        "inet|inet6",
        "",
        "that of its servers",
    ),
    Row::now("delay_loop", "seconds between checks", |vs, line| {
        timing::delay_loop(&mut vs.rare().timing, line, Owner::Virtual)
    })
    .takes("SECS", "from 0.000001", "60"),
    Row::now("connect_timeout", "seconds that a check may take", |vs, line| {
        timing::connect_timeout(&mut vs.rare().timing, line, Owner::Virtual)
    })
    .takes("SECS", "0.000001-4294.967295", "5"),
    Row::now("retry", "further attempts of a check", |vs, line| {
        timing::default_retry(&mut vs.rare().timing, line, Owner::Virtual)
    })
    .takes("COUNT", "1-4294967295", "that of the kind of check"),
    Row::now("delay_before_retry", "seconds before such an attempt", |vs, line| {
        timing::delay_before_retry(&mut vs.rare().timing, line, Owner::Virtual)
    })
    .takes("SECS", "from 0", "that of the kind of check"),
    Row::now("warmup", "random delay of the first check", |vs, line| {
        timing::warmup(&mut vs.rare().timing, line, Owner::Virtual)
    })
    .takes("SECS", "from 0", "delay_loop"),
    Row::now("inhibit_on_failure", "keeps failed servers with weight 0", |vs, _| {
        vs.inhibit_on_failure = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("lvs_sched", "scheduler", scheduler::scheduler).takes(
        "rr|wrr|lc|wlc|lblc|lblcr|sh|mh|dh|fo|ovf|sed|nq|twos",
        "",
        "wlc",
    ),
    Row::now("lb_algo", "scheduler", scheduler::scheduler).takes(
        "rr|wrr|lc|wlc|lblc|lblcr|sh|mh|dh|fo|ovf|sed|nq|twos",
        "",
        "wlc",
    ),
    Row::now("lvs_method", "NAT, DR or TUN", |vs, line| {
        method(&mut vs.method, line, Side::Virtual)
    })
    .takes(
        "NAT|DR|TUN [type ipip|gue|gre] [port PORT] [nocsum|csum|remcsum]",
        "ports 1-65535, with gue",
        "NAT",
    ),
    Row::now("lb_kind", "NAT, DR or TUN", |vs, line| method(&mut vs.method, line, Side::Virtual))
        .takes(
            "NAT|DR|TUN [type ipip|gue|gre] [port PORT] [nocsum|csum|remcsum]",
            "ports 1-65535, with gue",
            "NAT",
        ),
    Row::now("flag-1", "scheduler flag", |vs, _| {
        vs.flags = vs.flags.with(ServiceFlags::SCHEDULER_1);
        Some(())
    })
    .takes("", "", "off"),
    Row::now("flag-2", "scheduler flag", |vs, _| {
        vs.flags = vs.flags.with(ServiceFlags::SCHEDULER_2);
        Some(())
    })
    .takes("", "", "off"),
    Row::now("flag-3", "scheduler flag", |vs, _| {
        vs.flags = vs.flags.with(ServiceFlags::SCHEDULER_3);
        Some(())
    })
    .takes("", "", "off"),
    Row::now("sh-port", "source hashing with the port", scheduler::sh_port).takes("", "", "off"),
    Row::now("sh-fallback", "source hashing finds another server", scheduler::sh_fallback)
        .takes("", "", "off"),
    Row::now("mh-port", "Maglev hashing with the port", scheduler::mh_port).takes("", "", "off"),
    Row::now("mh-fallback", "Maglev hashing finds another server", scheduler::mh_fallback)
        .takes("", "", "off"),
    Row::now("ops", "schedules each packet", |vs, _| {
        vs.flags = vs.flags.with(ServiceFlags::ONE_PACKET);
        Some(())
    })
    .takes("", "", "off"),
    Row::now("hashed", "without effect in keepalived too", scheduler::hashed).takes("", "", "off"),
    Row::now("persistence_engine", "what persistence looks at", persistence::engine).takes(
        "NAME",
        "at most 15 bytes",
        "none",
    ),
    Row::now("persistence_timeout", "seconds a client keeps its server", persistence::timeout)
        .takes("[SECS]", "1-2678400; 360 without a number", "off"),
    Row::now(
        "persistence_granularity",
        "network that counts as one client",
        persistence::granularity,
    )
    .takes("NETMASK|LEN", "a dotted mask, for IPv6 1-128", "255.255.255.255, 128"),
    Row::now("protocol", "TCP, UDP or SCTP", protocol).takes("TCP|UDP|SCTP", "", "UDP"),
    Row::now("ha_suspend", "checks only while the address is here", |vs, _| {
        vs.ha_suspend = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::later("smtp_alert", "mail when its quorum changes", |vs, line| {
        vs.mail = Some(read::alert(line, "virtual_server")?);
        Some(())
    })
    .takes("[on|off]", "", "smtp_alert_checker, else smtp_alert, else off"),
    Row::now("virtualhost", "Host header of web checks", |vs, line| {
        let word = line.given(1, "virtual server virtualhost missing")?;
        read::string(&mut vs.rare().virtual_host, word, line)
    })
    .takes("NAME", "", "none"),
    Row::later("snmp_name", "its name in SNMP", |vs, line| {
        read::snmp_name(&mut vs.rare().snmp_name, line, "virtual")
    })
    .takes("NAME", "", "none"),
    Row::now("alpha", "servers start as failed", |vs, _| {
        vs.rare().timing.alpha = Some(true);
        Some(())
    })
    .takes("", "", "off"),
    Row::now("omega", "notifies at the stop", |vs, _| {
        vs.omega = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("quorum", "least weight of a working service", quorum).takes(
        "WEIGHT",
        "1-4294967295",
        "1",
    ),
    Row::now("hysteresis", "band around the quorum", |vs, line| {
        vs.hysteresis = Some(read::number(line, Owner::Virtual, 0, u32::MAX)?);
        Some(())
    })
    .takes("WEIGHT", "0-4294967295, less than the quorum", "0"),
    Row::script("quorum_up", "script run when it works", |vs, line| {
        command::set(&vs.name(), &mut vs.rare().quorum_up, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("quorum_down", "script run when it fails", |vs, line| {
        command::set(&vs.name(), &mut vs.rare().quorum_down, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::now("weight", "default weight of its servers", |vs, line| {
        vs.weight = Some(read::number(line, Owner::Virtual, 1, 2_147_483_647)?);
        Some(())
    })
    .takes("NUMBER", "1-2147483647", "1"),
    Row::now("sorry_server", "server of last resort", sorry::server).takes(
        "ADDRESS [PORT]",
        "ports 1-65535",
        "none",
    ),
    Row::now("sorry_server_inhibit", "keeps it with weight 0", sorry::inhibit).takes("", "", "off"),
    Row::now("sorry_server_lvs_method", "its method", sorry::lvs_method).takes(
        "NAT|DR|TUN [type ipip|gue|gre] [port PORT] [nocsum|csum|remcsum]",
        "ports 1-65535, with gue",
        "lvs_method",
    ),
    Row::now("real_server", "one of its servers", real_server::read).takes(
        "ADDRESS [PORT] { ... }",
        "ports 1-65535",
        "the port of the virtual server",
    ),
];

/// Reads a whole virtual server.
pub(crate) fn read(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(service) = service(&root.virtual_servers, line) else {
        let draft = VirtualServerDraft::new(ServiceDraft::Mark(0), line.span());
        line.refuse_block(VIRTUAL_SERVER, draft);
        return None;
    };
    let span = line.word(1).map_or(line.statement.span, |word| word.span);
    let mut draft = VirtualServerDraft::new(service, span);
    line.block(VIRTUAL_SERVER, &mut draft);
    draft.closed = line.cx.closed;
    draft.real_servers.shrink_to_fit();
    root.virtual_servers.push(draft);
    Some(())
}

fn service(servers: &[VirtualServerDraft], line: &mut Line<'_, '_>) -> Option<ServiceDraft> {
    let word = line.required(1)?;
    match word.text.as_str() {
        "group" => {
            let name = line.required(2)?.text;
            let same = |vs: &&VirtualServerDraft| matches!(&vs.service, ServiceDraft::Group { name: other, .. } if *other == name);
            let place = servers.iter().filter(same).count();
            Some(ServiceDraft::Group { name, place: u32::try_from(place).unwrap_or(u32::MAX) })
        }
        "fwmark" => {
            let mark = line.required(2)?;
            let number = line.number(&mark, 0..=4_294_967_295).filter(|number| *number != 0);
            if number.is_none() {
                let message = format!("Invalid fwmark virtual server '{}'", mark.text);
                let hint = "a mark is 1 to 4294967295; packets without a mark have 0";
                line.add(Diagnostic::general(message).at(mark.span).hint(hint));
            }
            number.map(ServiceDraft::Mark)
        }
        _ => read::socket(line, &word, 2, "virtual server")
            .map(|(ip, port)| ServiceDraft::Address(ip, port)),
    }
}

fn ip_family(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let family = match word.text.as_str() {
        "inet" => Family::V4,
        "inet6" => Family::V6,
        other => {
            let message = format!("unknown address family {other}");
            read::unknown(line, &word, message, &["inet", "inet6"]);
            return None;
        }
    };
    if vs.family.is_some_and(|known| known != family) {
        let message =
            format!("Virtual server specified family {} conflicts with server family", word.text);
        let hint = "the family is that of the address, or of the first server without a tunnel";
        line.add(Diagnostic::general(message).at(word.span).hint(hint));
        return None;
    }
    vs.family = Some(family);
    Some(())
}

fn protocol(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let known = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];
    let found = known.into_iter().find(|known| word.text.eq_ignore_ascii_case(known.name()));
    if found.is_none() {
        let message = format!("Unknown protocol {} - ignoring", word.text);
        read::unknown(line, &word, message, &["TCP", "UDP", "SCTP"]);
    }
    vs.protocol = Some(found?);
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
