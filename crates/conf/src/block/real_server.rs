//! `real_server`: one server of a virtual server, with its checks.

use std::net::IpAddr;
use std::time::Duration;

use super::checker::{self, CheckDraft};
use super::command;
use super::virtual_server::{self as read, Method, VirtualServerDraft};
use crate::keyword::Keyword;
use crate::line::Line;

/// A real server as written; `None` where the virtual server's value steps in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealServerDraft {
    /// Its address.
    pub address: IpAddr,
    /// Its port; 0 is the port of the service.
    pub port: u16,
    /// `weight`.
    pub weight: Option<u32>,
    /// `lvs_method`.
    pub method: Option<Method>,
    /// `uthreshold`: connections at which it gets no more.
    pub upper_threshold: u32,
    /// `lthreshold`: connections at which it gets some again.
    pub lower_threshold: u32,
    /// `inhibit_on_failure`.
    pub inhibit_on_failure: Option<bool>,
    /// `alpha`.
    pub alpha: Option<bool>,
    /// `retry`.
    pub retry: Option<u32>,
    /// `delay_before_retry`.
    pub delay_before_retry: Option<Duration>,
    /// `connect_timeout`.
    pub connect_timeout: Option<Duration>,
    /// `delay_loop`.
    pub delay_loop: Option<Duration>,
    /// `smtp_alert`.
    pub smtp_alert: Option<bool>,
    /// `virtualhost`.
    pub virtual_host: Option<String>,
    /// `notify_up` or `notify_down` is given.
    pub notifies: bool,
    /// Its checks.
    pub checks: Vec<CheckDraft>,
}

type Row = Keyword<RealServerDraft>;

/// The rows of `real_server`.
pub(crate) static REAL_SERVER: &[Row] = &[
    Row::later("weight", "its share; 0 gets no new connections", |rs, line| {
        rs.weight = Some(read::number(line, 0, 2_147_483_647)?);
        Some(())
    }),
    Row::later("lvs_method", "NAT, DR or TUN", |rs, line| read::method(&mut rs.method, line)),
    Row::later("uthreshold", "connections at which it gets no more", |rs, line| {
        rs.upper_threshold = read::number(line, 0, u32::MAX)?;
        Some(())
    }),
    Row::later("lthreshold", "connections at which it gets some again", |rs, line| {
        rs.lower_threshold = read::number(line, 0, u32::MAX)?;
        Some(())
    }),
    Row::later("inhibit_on_failure", "is kept with weight 0", |rs, line| {
        rs.inhibit_on_failure = Some(read::boolean(line)?);
        Some(())
    }),
    Row { script: true, ..Row::later("notify_up", "script run when it works", notify) },
    Row { script: true, ..Row::later("notify_down", "script run when it fails", notify) },
    Row::later("alpha", "starts as failed", |rs, line| {
        rs.alpha = Some(read::boolean(line)?);
        Some(())
    }),
    Row::later("retry", "further attempts of a check", |rs, line| {
        rs.retry = Some(read::number(line, 1, u32::MAX)?);
        Some(())
    }),
    Row::later("delay_before_retry", "seconds before such an attempt", |rs, line| {
        rs.delay_before_retry = Some(read::timer(line, 0)?);
        Some(())
    }),
    Row::inert("warmup", "random delay of the first check"),
    Row::later("connect_timeout", "seconds that a check may take", |rs, line| {
        rs.connect_timeout = Some(read::timer(line, 1)?);
        Some(())
    }),
    Row::later("delay_loop", "seconds between checks", |rs, line| {
        rs.delay_loop = Some(read::delay_loop(line)?);
        Some(())
    }),
    Row::later("smtp_alert", "mail when it comes or goes", |rs, line| {
        rs.smtp_alert = Some(read::boolean(line)?);
        Some(())
    }),
    Row::later("virtualhost", "Host header of web checks", |rs, line| {
        rs.virtual_host = Some(read::string(line, "virtualhost missing")?);
        Some(())
    }),
    Row::inert("snmp_name", "its name in SNMP"),
    Row::later("TCP_CHECK", "connects", |rs, line| checker::read(&mut rs.checks, line)),
    Row::later("HTTP_GET", "asks a web server", |rs, line| checker::read(&mut rs.checks, line)),
    Row::later("SSL_GET", "asks a web server over TLS", |rs, line| {
        checker::read(&mut rs.checks, line)
    }),
    Row::later("SMTP_CHECK", "asks a mail server", |rs, line| checker::read(&mut rs.checks, line)),
    Row::later("DNS_CHECK", "asks a name server", |rs, line| checker::read(&mut rs.checks, line)),
    Row::later("MISC_CHECK", "runs a program", |rs, line| checker::read(&mut rs.checks, line)),
    Row::later("PING_CHECK", "sends an echo request", |rs, line| {
        checker::read(&mut rs.checks, line)
    }),
    Row::later("UDP_CHECK", "sends a datagram", |rs, line| checker::read(&mut rs.checks, line)),
    Row::later("FILE_CHECK", "follows a file", |rs, line| checker::read(&mut rs.checks, line)),
    Row::later("BFD_CHECK", "follows a BFD session", |rs, line| {
        checker::read(&mut rs.checks, line)
    }),
];

/// Reads a whole real server.
pub(crate) fn read(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1);
    let socket = word.and_then(|word| read::socket(line, &word, 2, "real server"));
    let Some((address, port)) = socket else {
        line.skip_block();
        return None;
    };
    let mut draft = RealServerDraft {
        address,
        port,
        weight: None,
        method: None,
        upper_threshold: 0,
        lower_threshold: 0,
        inhibit_on_failure: None,
        alpha: None,
        retry: None,
        delay_before_retry: None,
        connect_timeout: None,
        delay_loop: None,
        smtp_alert: None,
        virtual_host: None,
        notifies: false,
        checks: Vec::new(),
    };
    line.block(REAL_SERVER, &mut draft);
    draft.checks.shrink_to_fit();
    vs.real_servers.push(draft);
    Some(())
}

fn notify(rs: &mut RealServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    command::read(line)?;
    rs.notifies = true;
    Some(())
}
