//! The checks of real servers, as written.
//!
//! All kinds share the rows of connecting checks; each adds its own (compat 20).

use std::net::IpAddr;
use std::time::Duration;

use super::command;
use super::virtual_server as read;
use crate::diagnostic::{Class, Diagnostic};
use crate::keyword::Keyword;
use crate::line::Line;
use crate::value;

/// A check as written; `None` where the real server's value steps in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckDraft {
    /// The keyword, such as `TCP_CHECK`.
    pub kind: &'static str,
    /// `connect_ip`.
    pub address: Option<IpAddr>,
    /// `connect_port`.
    pub port: Option<u16>,
    /// `bindto`.
    pub bind: Option<IpAddr>,
    /// `connect_timeout`.
    pub connect_timeout: Option<Duration>,
    /// `retry`.
    pub retry: Option<u32>,
    /// `delay_before_retry`.
    pub delay_before_retry: Option<Duration>,
    /// `delay_loop`.
    pub delay_loop: Option<Duration>,
    /// `alpha`.
    pub alpha: Option<bool>,
    /// `virtualhost`.
    pub virtual_host: Option<String>,
    /// `url`.
    pub urls: Vec<UrlDraft>,
    /// `misc_path`: the program and its arguments.
    pub command: Vec<String>,
    /// `misc_timeout`.
    pub timeout: Option<Duration>,
    /// `name` of the DNS query or the BFD session.
    pub name: Option<String>,
}

/// A `url` as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlDraft {
    /// `path`.
    pub path: Option<String>,
    /// `digest`: MD5 of the answer.
    pub digest: Option<[u8; 16]>,
    /// `status_code`: ranges of accepted codes.
    pub status_codes: Vec<(u16, u16)>,
    /// `virtualhost`.
    pub virtual_host: Option<String>,
}

type Row = Keyword<CheckDraft>;

/// The rows of checks that only connect: `TCP_CHECK`, `PING_CHECK`.
pub(crate) static CONNECT: &[Row] = &[
    CONNECT_IP,
    CONNECT_PORT,
    BIND_TO,
    BIND_PORT,
    BIND_IF,
    CONNECT_TIMEOUT,
    MARK,
    RETRY,
    DELAY_BEFORE_RETRY,
    WARM_UP,
    DELAY_LOOP,
    ALPHA,
    LOG_ALL,
];

/// The rows of `HTTP_GET` and `SSL_GET`.
pub(crate) static WEB: &[Row] = &[
    CONNECT_IP,
    CONNECT_PORT,
    BIND_TO,
    BIND_PORT,
    BIND_IF,
    CONNECT_TIMEOUT,
    MARK,
    RETRY,
    DELAY_BEFORE_RETRY,
    WARM_UP,
    DELAY_LOOP,
    ALPHA,
    LOG_ALL,
    Row::later("nb_get_retry", "old spelling of retry", |check, line| {
        let message = "nb_get_retry is deprecated - please use 'retry'";
        let found = Diagnostic::new(Class::Deprecated, message).at(line.span());
        line.add(found.hint("write retry").replace_by(Some("retry")));
        check.retry = Some(read::number(line, 0, u32::MAX)?);
        Some(())
    }),
    Row::later("virtualhost", "Host header", |check, line| {
        check.virtual_host = Some(read::string(line, "virtualhost missing")?);
        Some(())
    }),
    Row::inert("http_protocol", "version of the request"),
    Row::inert("enable_sni", "names the host in the TLS handshake"),
    Row::inert("sni_name", "that name"),
    Row::inert("fast_recovery", "asks the next url at once"),
    Row::inert("tls_compliant", "ends TLS properly"),
    Row::later("url", "what is asked for", |check, line| {
        let mut url = UrlDraft::default();
        line.block(URL, &mut url);
        if url.path.is_none() {
            line.error("HTTP/SSL_GET checker url has no path - ignoring");
            return None;
        }
        check.urls.push(url);
        Some(())
    }),
];

/// The rows of `SMTP_CHECK`.
pub(crate) static SMTP: &[Row] = &[
    CONNECT_IP,
    CONNECT_PORT,
    BIND_TO,
    BIND_PORT,
    BIND_IF,
    CONNECT_TIMEOUT,
    MARK,
    RETRY,
    DELAY_BEFORE_RETRY,
    WARM_UP,
    DELAY_LOOP,
    ALPHA,
    LOG_ALL,
    Row::inert("helo_name", "name said to the server"),
    Row::later("host", "another server", |check, line| {
        line.block(CONNECT, check);
        Some(())
    }),
];

/// The rows of `DNS_CHECK`.
pub(crate) static DNS: &[Row] = &[
    CONNECT_IP,
    CONNECT_PORT,
    BIND_TO,
    BIND_PORT,
    BIND_IF,
    CONNECT_TIMEOUT,
    MARK,
    RETRY,
    DELAY_BEFORE_RETRY,
    WARM_UP,
    DELAY_LOOP,
    ALPHA,
    LOG_ALL,
    Row::inert("type", "type of the query"),
    NAME,
];

/// The rows of `UDP_CHECK`.
pub(crate) static UDP: &[Row] = &[
    CONNECT_IP,
    CONNECT_PORT,
    BIND_TO,
    BIND_PORT,
    BIND_IF,
    CONNECT_TIMEOUT,
    MARK,
    RETRY,
    DELAY_BEFORE_RETRY,
    WARM_UP,
    DELAY_LOOP,
    ALPHA,
    LOG_ALL,
    Row::inert("payload", "what is sent"),
    Row::inert("require_reply", "what must come back"),
    Row::inert("min_reply_length", "least length of the reply"),
    Row::inert("max_reply_length", "largest length of the reply"),
];

/// The rows of `MISC_CHECK`.
pub(crate) static MISC: &[Row] = &[
    RETRY,
    DELAY_BEFORE_RETRY,
    WARM_UP,
    DELAY_LOOP,
    ALPHA,
    LOG_ALL,
    Row {
        script: true,
        ..Row::later("misc_path", "the program and its arguments", |check, line| {
            check.command = command::read(line)?.argv;
            Some(())
        })
    },
    Row::later("misc_timeout", "seconds that it may take", |check, line| {
        check.timeout = Some(Duration::from_secs(read::number(line, 0, 4294)?));
        Some(())
    }),
    Row::inert("misc_dynamic", "its exit status sets the weight"),
    Row::inert("user", "the account that it runs as"),
];

/// The rows of `FILE_CHECK`.
pub(crate) static FILE: &[Row] =
    &[Row::inert("track_file", "the file"), Row::inert("weight", "factor of the file's value")];

/// The rows of `BFD_CHECK`.
pub(crate) static BFD: &[Row] = &[NAME, ALPHA];

/// The rows of `url`.
pub(crate) static URL: &[Keyword<UrlDraft>] = &[
    Keyword::later("path", "path of the request", |url, line| {
        url.path = Some(read::string(line, "path missing")?);
        Some(())
    }),
    Keyword::later("digest", "MD5 of the answer", digest),
    Keyword::later("status_code", "accepted status codes", status_code),
    Keyword::later("virtualhost", "Host header", |url, line| {
        url.virtual_host = Some(read::string(line, "virtualhost missing")?);
        Some(())
    }),
    Keyword::inert("regex", "pattern that the answer must match"),
    Keyword::inert("regex_no_match", "or must not match"),
    Keyword::inert("regex_options", "options of the pattern"),
    Keyword::inert("regex_min_offset", "first place of a match"),
    Keyword::inert("regex_max_offset", "last place of a match"),
    Keyword::inert("regex_stack", "memory of the pattern"),
    Keyword::inert("tls_compliant", "ends TLS properly"),
];

const CONNECT_IP: Row = Row::later("connect_ip", "address to connect to", |check, line| {
    let word = line.required(1)?;
    check.address = value::address_cut(&word.text);
    if check.address.is_none() {
        line.error_at(&word, format!("Invalid connect_ip address {} - ignoring", word.text));
    }
    Some(())
});
const CONNECT_PORT: Row = Row::later("connect_port", "port to connect to", |check, line| {
    let word = line.required(1)?;
    match line.number(&word, 1..=65535) {
        Some(port) => check.port = Some(port),
        None => line.error_at(&word, format!("Invalid checker connect_port '{}'", word.text)),
    }
    Some(())
});
const BIND_TO: Row = Row::later("bindto", "address to connect from", |check, line| {
    let word = line.required(1)?;
    check.bind = value::address_cut(&word.text);
    if check.bind.is_none() {
        line.error_at(&word, format!("Invalid bindto address {} - ignoring", word.text));
    }
    Some(())
});
const BIND_PORT: Row = Row::inert("bind_port", "port to connect from");
const BIND_IF: Row = Row::inert("bind_if", "interface to connect through");
const CONNECT_TIMEOUT: Row = Row::later("connect_timeout", "seconds it may take", |check, line| {
    check.connect_timeout = Some(read::timer(line, 1)?);
    Some(())
});
const MARK: Row = Row::inert("fwmark", "mark of its packets");
const RETRY: Row = Row::later("retry", "further attempts", |check, line| {
    check.retry = Some(read::number(line, 0, u32::MAX)?);
    Some(())
});
const DELAY_BEFORE_RETRY: Row =
    Row::later("delay_before_retry", "seconds before such an attempt", |check, line| {
        check.delay_before_retry = Some(read::timer(line, 0)?);
        Some(())
    });
const WARM_UP: Row = Row::inert("warmup", "random delay of the first check");
const DELAY_LOOP: Row = Row::later("delay_loop", "seconds between checks", |check, line| {
    check.delay_loop = Some(read::delay_loop(line)?);
    Some(())
});
const ALPHA: Row = Row::later("alpha", "starts as failed", |check, line| {
    check.alpha = Some(read::boolean(line)?);
    Some(())
});
const LOG_ALL: Row = Row::inert("log_all_failures", "logs each failed attempt");
const NAME: Row = Row::later("name", "the name to ask for or to follow", |check, line| {
    check.name = Some(line.required(1)?.text);
    Some(())
});

/// Every kind of check with its rows.
const KINDS: [(&str, &[Row]); 10] = [
    ("TCP_CHECK", CONNECT),
    ("HTTP_GET", WEB),
    ("SSL_GET", WEB),
    ("SMTP_CHECK", SMTP),
    ("DNS_CHECK", DNS),
    ("UDP_CHECK", UDP),
    ("MISC_CHECK", MISC),
    ("PING_CHECK", CONNECT),
    ("FILE_CHECK", FILE),
    ("BFD_CHECK", BFD),
];

/// Reads a check of any kind.
pub(crate) fn read(checks: &mut Vec<CheckDraft>, line: &mut Line<'_, '_>) -> Option<()> {
    let written = line.text(0).unwrap_or_default();
    let (kind, table) = KINDS.into_iter().find(|(kind, _)| *kind == written)?;
    let mut check = CheckDraft { kind, ..CheckDraft::default() };
    line.block(table, &mut check);
    if std::ptr::eq(table, WEB) && check.urls.is_empty() {
        line.error("HTTP/SSL_GET checker has no urls specified - ignoring");
        return None;
    }
    if check.kind == "MISC_CHECK" && check.command.is_empty() {
        line.error("No script path has been specified for MISC_CHECKER - skipping");
        return None;
    }
    checks.push(check);
    Some(())
}

fn digest(url: &mut UrlDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let digits = word.text.as_bytes();
    let mut digest = [0; 16];
    let mut valid = digits.len() == 32;
    for (place, pair) in digest.iter_mut().zip(digits.chunks(2)) {
        let byte =
            std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
        valid &= byte.is_some();
        *place = byte.unwrap_or_default();
    }
    if !valid {
        let found = Diagnostic::general(format!("Invalid digest {} - ignoring", word.text));
        line.add(found.at(word.span).hint("32 hexadecimal digits, as genhash prints them"));
        return None;
    }
    url.digest = Some(digest);
    Some(())
}

fn status_code(url: &mut UrlDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.required(1)?;
    for word in line.statement.words.clone().into_iter().skip(1) {
        let (from, to) = word.text.split_once('-').unwrap_or((&word.text, &word.text));
        let code = |text: &str| text.parse().ok().filter(|code| (100..=599).contains(code));
        match (code(from), code(to)) {
            (Some(from), Some(to)) if from <= to => url.status_codes.push((from, to)),
            _ => line.error_at(&word, format!("Invalid HTTP_GET status code '{}'", word.text)),
        }
    }
    Some(())
}
