//! The checks of real servers, as written.
//!
//! Each kind has a table of rows; those that connect share the rows of [`connect`]. What a check
//! inherits, and which kinds are run, is decided in `resolve::virtual_server`.

mod connect;
mod other;
mod web;

use std::net::IpAddr;

use lvs::HttpVersion;
use net::LinkName;

use super::command::CommandDraft;
use super::timing::TimingDraft;
use crate::keyword::Keyword;
use crate::line::{Line, Spanned};
use crate::source::Span;

pub(crate) use connect::CONNECT;
pub(crate) use other::{BFD, DNS, FILE, MISC, SMTP, UDP};
pub(crate) use web::{URL, WEB};

/// What a check does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `TCP_CHECK`.
    Tcp,
    /// `HTTP_GET`.
    Http,
    /// `SSL_GET`.
    Ssl,
    /// `MISC_CHECK`.
    Misc,
    /// Any other, which is only recognised.
    Other,
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
    /// `misc_path`.
    pub(crate) command: Option<CommandDraft>,
}

/// A `url` as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UrlDraft {
    pub(crate) path: Option<String>,
    pub(crate) digest: Option<[u8; 16]>,
    /// Ranges of accepted codes; none are the usual ones.
    pub(crate) statuses: Vec<(u16, u16)>,
    pub(crate) virtual_host: Option<String>,
}

type Row = Keyword<CheckDraft>;

/// Every kind of check with its rows.
const KINDS: [(&str, Kind, &[Row]); 10] = [
    ("TCP_CHECK", Kind::Tcp, CONNECT),
    ("HTTP_GET", Kind::Http, WEB),
    ("SSL_GET", Kind::Ssl, WEB),
    ("SMTP_CHECK", Kind::Other, SMTP),
    ("DNS_CHECK", Kind::Other, DNS),
    ("UDP_CHECK", Kind::Other, UDP),
    ("MISC_CHECK", Kind::Misc, MISC),
    ("PING_CHECK", Kind::Other, CONNECT),
    ("FILE_CHECK", Kind::Other, FILE),
    ("BFD_CHECK", Kind::Other, BFD),
];

/// Reads a check of any kind.
pub(crate) fn read(checks: &mut Vec<CheckDraft>, line: &mut Line<'_, '_>) -> Option<()> {
    let written = line.text(0).unwrap_or_default();
    let (_, kind, table) = KINDS.into_iter().find(|(name, ..)| *name == written)?;
    let mut check = CheckDraft {
        kind,
        span: line.span(),
        closed: None,
        connect_ip: None,
        connect_port: None,
        bind_to: None,
        bind_port: None,
        bind_link: None,
        mark: 0,
        timing: TimingDraft::default(),
        log_all_failures: false,
        virtual_host: None,
        version: HttpVersion::default(),
        fast_recovery: false,
        urls: Vec::new(),
        command: None,
    };
    line.block(table, &mut check);
    let missing = match kind {
        Kind::Http | Kind::Ssl if check.urls.is_empty() => {
            Some("HTTP/SSL_GET checker has no urls specified - ignoring")
        }
        Kind::Misc if check.command.is_none() => {
            Some("No script path has been specified for MISC_CHECKER - skipping")
        }
        Kind::Tcp | Kind::Http | Kind::Ssl | Kind::Misc | Kind::Other => None,
    };
    if let Some(message) = missing {
        line.error_at_end(message);
        return None;
    }
    check.closed = line.cx.closed;
    checks.push(check);
    Some(())
}
