//! `real_server`: one server of a virtual server, with its checks.

use std::net::{IpAddr, Ipv4Addr};

use lvs::ServerName;
use net::{DestinationKey, Family, Forwarding, Protocol};

use super::checker::{self, CheckDraft};
use super::command::{self, CommandDraft};
use super::lvs_value::{self as read, Owner};
use super::timing::{self, TimingDraft};
use super::virtual_server::{Side, VirtualServerDraft, method};
use crate::keyword::Keyword;
use crate::line::Line;
use crate::span::{Extent, Span};

/// A real server as written; `None` where the virtual server's value steps in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RealServerDraft {
    pub(crate) address: IpAddr,
    /// 0 is the port of the service.
    pub(crate) port: u16,
    /// That of its virtual server, as far as it stands above the server.
    protocol: Option<Protocol>,
    /// The port that its checks connect to: the one that was written, if one was.
    pub(crate) check_port: u16,
    /// From its address on.
    pub(crate) extent: Extent,
    pub(crate) weight: Option<u32>,
    /// Its own method, or the virtual server's where it was written.
    pub(crate) method: Option<Forwarding>,
    pub(crate) inhibit_on_failure: Option<bool>,
    /// `smtp_alert`.
    pub(crate) mail: Option<bool>,
    /// What few servers have, of which there may be tens of thousands.
    pub(crate) rare: Option<Box<Rare>>,
    pub(crate) checks: Vec<CheckDraft>,
}

/// What few real servers have of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rare {
    pub(crate) upper_threshold: u32,
    pub(crate) lower_threshold: u32,
    pub(crate) timing: TimingDraft,
    pub(crate) virtual_host: Option<String>,
    pub(crate) snmp_name: Option<Box<str>>,
    pub(crate) notify_up: Option<CommandDraft>,
    pub(crate) notify_down: Option<CommandDraft>,
}

impl RealServerDraft {
    fn new((address, port): (IpAddr, u16), span: Span, vs: &VirtualServerDraft) -> Self {
        Self {
            address,
            port,
            protocol: vs.protocol,
            check_port: port,
            extent: Extent::new(span, None),
            weight: None,
            method: vs.method,
            inhibit_on_failure: None,
            mail: None,
            rare: None,
            checks: Vec::new(),
        }
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}

type Row = Keyword<RealServerDraft>;

/// The rows of `real_server`.
pub(crate) static REAL_SERVER: &[Row] = &[
    Row::now("weight", "its share; 0 gets no new connections", |rs, line| {
        rs.weight = Some(read::number(line, Owner::Real, 0, 2_147_483_647)?);
        Some(())
    })
    .takes("NUMBER", "0-2147483647", "that of the virtual server"),
    Row::now("lvs_method", "NAT, DR or TUN", |rs, line| method(&mut rs.method, line, Side::Real))
        .takes(
            "NAT|DR|TUN [type ipip|gue|gre] [port PORT] [nocsum|csum|remcsum]",
            "ports 1-65535, with gue",
            "that of the virtual server",
        ),
    Row::now("uthreshold", "connections at which it gets no more", |rs, line| {
        rs.rare().upper_threshold = read::number(line, Owner::Real, 0, u32::MAX)?;
        Some(())
    })
    .takes("COUNT", "0-4294967295", "0"),
    Row::now("lthreshold", "connections at which it gets some again", |rs, line| {
        rs.rare().lower_threshold = read::number(line, Owner::Real, 0, u32::MAX)?;
        Some(())
    })
    .takes("COUNT", "0-4294967295", "0"),
    Row::now("inhibit_on_failure", "is kept with weight 0", |rs, line| {
        rs.inhibit_on_failure = Some(read::boolean(line)?);
        Some(())
    })
    .takes("[on|off]", "", "that of the virtual server"),
    Row::script("notify_up", "script run when it works", |rs, line| {
        command::set(&rs.address.to_string(), &mut rs.rare().notify_up, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify_down", "script run when it fails", |rs, line| {
        command::set(&rs.address.to_string(), &mut rs.rare().notify_down, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::now("alpha", "starts as failed", |rs, line| timing::alpha(&mut rs.rare().timing, line))
        .takes("[on|off]", "", "that of the virtual server"),
    Row::now("retry", "further attempts of a check", |rs, line| {
        timing::default_retry(&mut rs.rare().timing, line, Owner::Real)
    })
    .takes("COUNT", "1-4294967295", "that of the virtual server"),
    Row::now("delay_before_retry", "seconds before such an attempt", |rs, line| {
        timing::delay_before_retry(&mut rs.rare().timing, line, Owner::Real)
    })
    .takes("SECS", "from 0", "that of the virtual server"),
    Row::now("warmup", "random delay of the first check", |rs, line| {
        timing::warmup(&mut rs.rare().timing, line, Owner::Real)
    })
    .takes("SECS", "from 0", "that of the virtual server"),
    Row::now("connect_timeout", "seconds that a check may take", |rs, line| {
        timing::connect_timeout(&mut rs.rare().timing, line, Owner::Real)
    })
    .takes("SECS", "0.000001-4294.967295", "that of the virtual server"),
    Row::now("delay_loop", "seconds between checks", |rs, line| {
        timing::delay_loop(&mut rs.rare().timing, line, Owner::Real)
    })
    .takes("SECS", "from 0.000001", "that of the virtual server"),
    Row::later("smtp_alert", "mail when it comes or goes", |rs, line| {
        rs.mail = Some(read::alert(line, "real_server")?);
        Some(())
    })
    .takes("[on|off]", "", "smtp_alert_checker, else smtp_alert, else on"),
    Row::now("virtualhost", "Host header of web checks", |rs, line| {
        let word = line.given(1, "real server virtualhost missing")?;
        read::string(&mut rs.rare().virtual_host, word, line)
    })
    .takes("NAME", "", "that of the virtual server"),
    Row::later("snmp_name", "its name in SNMP", |rs, line| {
        read::snmp_name(&mut rs.rare().snmp_name, line, "real")
    })
    .takes("NAME", "", "none"),
    Row::now("TCP_CHECK", "connects", check).takes("{ ... }", "", ""),
    Row::now("HTTP_GET", "asks a web server", check).takes("{ ... }", "", ""),
    Row::now("SSL_GET", "asks a web server over TLS", check).takes("{ ... }", "", ""),
    Row::now("SMTP_CHECK", "asks a mail server", check).takes("{ ... }", "", ""),
    Row::now("DNS_CHECK", "asks a name server", check).takes("{ ... }", "", ""),
    Row::now("MISC_CHECK", "runs a program", check).takes("{ ... }", "", ""),
    Row::now("PING_CHECK", "sends an echo request", check).takes("{ ... }", "", ""),
    Row::now("UDP_CHECK", "sends a datagram", check).takes("{ ... }", "", ""),
    Row::now("FILE_CHECK", "follows a file", check).takes("{ ... }", "", ""),
    Row::now("BFD_CHECK", "follows a BFD session", check).takes("{ ... }", "", ""),
];

fn check(rs: &mut RealServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let key = DestinationKey { ip: rs.address, port: rs.port };
    checker::read(&mut rs.checks, ServerName { key, protocol: rs.protocol }, line)
}

/// Reads a whole real server.
pub(crate) fn read(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1);
    let socket =
        word.and_then(|word| Some((word.span, read::socket(line, &word, 2, "real server")?)));
    let Some((span, socket)) = socket else {
        let nowhere = (IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        let draft = RealServerDraft::new(nowhere, line.span(), vs);
        line.refuse_block(REAL_SERVER, draft);
        return None;
    };
    let mut draft = RealServerDraft::new(socket, span, vs);
    line.block(REAL_SERVER, &mut draft);
    draft.extent = Extent::new(span, line.cx.closed);
    draft.checks.shrink_to_fit();
    // The first one that no tunnel leads to says which family the service has (compat 21 §2).
    if !matches!(draft.method, Some(Forwarding::Tunnel(_))) {
        vs.family.get_or_insert(Family::of(draft.address));
    }
    vs.real_servers.push(draft);
    Some(())
}
