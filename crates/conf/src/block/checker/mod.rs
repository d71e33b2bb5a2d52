//! The checks of real servers, as written.
//!
//! Each kind has a table of rows beside those of [`connect`], which most share. What a check
//! inherits is decided in `resolve::virtual_server`, which kinds are run in the core.

mod connect;
mod dns;
mod follow;
mod mail;
mod misc;
mod own;
mod pattern;
mod udp;
mod web;

use std::borrow::Cow;
use std::net::IpAddr;

use lvs::{HttpVersion, ServerName};
use net::LinkName;

use super::timing::TimingDraft;
use crate::keyword::Keyword;
use crate::line::{Line, Spanned};
use crate::span::Span;

pub(crate) use connect::{CONNECT, SCHEDULE};
pub(crate) use dns::DNS;
pub(crate) use follow::{BFD, FILE};
pub(crate) use mail::SMTP;
pub(crate) use misc::MISC;
pub(crate) use own::OwnDraft;
pub(crate) use pattern::PATTERN;
pub(crate) use udp::{LONGEST as LONGEST_REPLY, UDP};
pub(crate) use web::{URL, UrlDraft, WEB};

/// What a check does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `TCP_CHECK`.
    Tcp,
    /// `HTTP_GET`.
    Http,
    /// `SSL_GET`.
    Ssl,
    /// `SMTP_CHECK`.
    Smtp,
    /// `DNS_CHECK`.
    Dns,
    /// `UDP_CHECK`.
    Udp,
    /// `MISC_CHECK`.
    Misc,
    /// `PING_CHECK`.
    Ping,
    /// `FILE_CHECK`.
    File,
    /// `BFD_CHECK`.
    Bfd,
}

/// A check as written; `None` where the real server's value steps in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckDraft {
    pub(crate) kind: Kind,
    /// Where it was written.
    pub(crate) span: Span,
    /// Its `}`.
    pub(crate) closed: Option<Span>,
    pub(crate) connect_ip: Option<IpAddr>,
    pub(crate) connect_port: Option<u16>,
    pub(crate) bind_to: Option<Spanned<IpAddr>>,
    pub(crate) bind_port: Option<u16>,
    pub(crate) bind_link: Option<LinkName>,
    pub(crate) mark: u32,
    pub(crate) timing: TimingDraft,
    pub(crate) log_all_failures: bool,
    pub(crate) virtual_host: Option<String>,
    pub(crate) version: HttpVersion,
    pub(crate) fast_recovery: bool,
    pub(crate) urls: Vec<UrlDraft>,
    /// What only one kind of check has, of which there are few.
    own: Option<Box<OwnDraft>>,
}

impl CheckDraft {
    const fn new(kind: Kind, span: Span) -> Self {
        Self {
            kind,
            span,
            closed: None,
            connect_ip: None,
            connect_port: None,
            bind_to: None,
            bind_port: None,
            bind_link: None,
            mark: 0,
            timing: TimingDraft::NONE,
            log_all_failures: false,
            virtual_host: None,
            version: HttpVersion::V1_0,
            fast_recovery: false,
            urls: Vec::new(),
            own: None,
        }
    }

    /// What only its kind has, as far as it was written.
    pub(crate) fn own(&self) -> Option<&OwnDraft> {
        self.own.as_deref()
    }

    /// The same, to be written.
    fn own_mut(&mut self) -> &mut OwnDraft {
        self.own.get_or_insert_default()
    }

    /// Where it connects to, or from, was written.
    const fn connects_elsewhere(&self) -> bool {
        self.connect_ip.is_some()
            || self.connect_port.is_some()
            || self.bind_to.is_some()
            || self.bind_port.is_some()
            || self.bind_link.is_some()
            || self.mark != 0
            || self.timing.connect_timeout.is_some()
    }
}

type Row = Keyword<CheckDraft>;

/// Every kind of check with its tables of rows.
const KINDS: [(&str, Kind, &[&[Row]]); 10] = [
    ("TCP_CHECK", Kind::Tcp, &[CONNECT, SCHEDULE]),
    ("HTTP_GET", Kind::Http, &[CONNECT, SCHEDULE, WEB]),
    ("SSL_GET", Kind::Ssl, &[CONNECT, SCHEDULE, WEB]),
    ("SMTP_CHECK", Kind::Smtp, &[CONNECT, SCHEDULE, SMTP]),
    ("DNS_CHECK", Kind::Dns, &[CONNECT, SCHEDULE, DNS]),
    ("UDP_CHECK", Kind::Udp, &[CONNECT, SCHEDULE, UDP]),
    ("MISC_CHECK", Kind::Misc, &[SCHEDULE, MISC]),
    ("PING_CHECK", Kind::Ping, &[CONNECT, SCHEDULE]),
    ("FILE_CHECK", Kind::File, &[FILE]),
    ("BFD_CHECK", Kind::Bfd, &[BFD]),
];

/// Reads a check of any kind.
pub(crate) fn read(
    checks: &mut Vec<CheckDraft>,
    server: ServerName,
    line: &mut Line<'_, '_>,
) -> Option<()> {
    let written = line.text(0).unwrap_or_default();
    let (_, kind, tables) = KINDS.into_iter().find(|(name, ..)| *name == written)?;
    let mut check = CheckDraft::new(kind, line.span());
    if kind == Kind::Bfd {
        check.own_mut().server = Some(server);
    }
    line.block_of(tables, &mut check);
    if let Some(message) = missing(&check) {
        line.error_at_end(message);
        return None;
    }
    check.closed = line.cx.closed;
    match kind {
        Kind::Smtp => checks.extend(mail::with_hosts(check)),
        Kind::Udp => {
            udp::lengths(&check, line);
            checks.push(check);
        }
        Kind::Bfd => checks.extend(follow::once(check, checks, line)),
        Kind::Tcp | Kind::Http | Kind::Ssl => checks.push(check),
        Kind::Dns | Kind::Misc | Kind::Ping | Kind::File => checks.push(check),
    }
    Some(())
}

/// What the check cannot be without, in keepalived's words.
fn missing(check: &CheckDraft) -> Option<Cow<'static, str>> {
    let own = check.own();
    match check.kind {
        Kind::Http | Kind::Ssl if check.urls.is_empty() => {
            Some("HTTP/SSL_GET checker has no urls specified - ignoring".into())
        }
        Kind::Misc if own.is_none_or(|own| own.command.is_none()) => {
            Some("No script path has been specified for MISC_CHECKER - skipping".into())
        }
        Kind::File if own.is_none_or(|own| own.file.is_none()) => {
            Some("FILE_CHECK has no track_file specified - ignoring".into())
        }
        Kind::Bfd if own.is_none_or(|own| own.session.is_none() && !own.session_refused) => Some(
            follow::of_server(check, "No name has been specified for BFD_CHECKER - skipping")
                .into(),
        ),
        Kind::Tcp | Kind::Http | Kind::Ssl | Kind::Smtp | Kind::Dns | Kind::Udp => None,
        Kind::Misc | Kind::Ping | Kind::File | Kind::Bfd => None,
    }
}
