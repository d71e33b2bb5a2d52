//! Health checks: what each kind does, and when it runs.
//!
//! How each of them is run is decided in `health`; the defaults are those of compat 20 and 21 §7.

use std::sync::Arc;
use std::time::Duration;

use super::Command;
use crate::request::{Connect, Request};

/// One health check of a real server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// When it runs, and how often it may fail.
    pub schedule: Schedule,
    /// What it does.
    pub kind: CheckKind,
}

/// What a check does. All but a pointer lies elsewhere: there may be 100,000 servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// `TCP_CHECK`: a connection can be made.
    Tcp(Arc<Connect>),
    /// `HTTP_GET`: all of these answer as they should; never empty.
    Http(HttpCheck),
    /// `SSL_GET`: the same over TLS.
    Ssl(HttpCheck),
    /// `SMTP_CHECK`: a mail server greets, and knows itself.
    Smtp(Arc<SmtpCheck>),
    /// `DNS_CHECK`: a name server answers.
    Dns(Arc<DnsCheck>),
    /// `UDP_CHECK`: a datagram is not refused, or answered.
    Udp(Arc<UdpCheck>),
    /// `PING_CHECK`: an echo request is answered; the port means nothing.
    Ping(Arc<Connect>),
    /// `MISC_CHECK`: a program says so.
    Misc(Arc<MiscCheck>),
    /// `FILE_CHECK`: a file says so.
    File(Box<FileCheck>),
    /// `BFD_CHECK`: the BFD session of this name is up.
    Bfd(Arc<str>),
}

/// `HTTP_GET`, `SSL_GET`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpCheck {
    /// One attempt for each `url`, in the order of the file.
    pub urls: Vec<Arc<Request>>,
    /// `fast_recovery`: the next url is asked at once, not a delay later.
    pub fast_recovery: bool,
}

/// `SMTP_CHECK`; each `host` in one is a check of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpCheck {
    /// The connection.
    pub connect: Connect,
    /// `helo_name`.
    pub helo: String,
}

/// `DNS_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsCheck {
    /// Where the query goes.
    pub connect: Connect,
    /// `type`.
    pub query: QueryType,
    /// `name`.
    pub name: DnsName,
}

/// A name to ask for: labels of 1 to 63 bytes with dots between them; empty is the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsName(String);

impl DnsName {
    /// The longest name in bytes, without the dot at its end (RFC 1035 §2.3.4).
    const MAX: usize = 253;

    /// `None` when a label is empty or too long, or all of it is. A dot at the end means nothing.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let name = text.strip_suffix('.').unwrap_or(text);
        let labels = name.split('.').all(|label| (1..=63).contains(&label.len()));
        let root = name.is_empty();
        (root || labels && name.len() <= Self::MAX).then(|| Self(name.to_owned()))
    }

    /// Without a dot at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a name server is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueryType {
    /// An IPv4 address.
    A,
    /// The name servers of a zone.
    Ns,
    /// The name that an alias stands for.
    Cname,
    /// The start of a zone's authority.
    #[default]
    Soa,
    /// A mail exchange.
    Mx,
    /// Text.
    Txt,
    /// An IPv6 address.
    Aaaa,
    /// A signature.
    Rrsig,
    /// A key that signs.
    Dnskey,
}

impl QueryType {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::A,
        Self::Ns,
        Self::Cname,
        Self::Soa,
        Self::Mx,
        Self::Txt,
        Self::Aaaa,
        Self::Rrsig,
        Self::Dnskey,
    ];

    /// Its name as zone files have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Ns => "NS",
            Self::Cname => "CNAME",
            Self::Soa => "SOA",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Aaaa => "AAAA",
            Self::Rrsig => "RRSIG",
            Self::Dnskey => "DNSKEY",
        }
    }
}

/// `UDP_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UdpCheck {
    /// Where the datagram goes.
    pub connect: Connect,
    /// `payload`; `None` is keepalived's 32 bytes of text.
    pub payload: Option<Vec<u8>>,
    /// `require_reply`.
    pub reply: Reply,
    /// `min_reply_length`, in bytes; counts only with [`Reply::Like`].
    pub min_length: u16,
    /// `max_reply_length`, in bytes; counts only with [`Reply::Like`].
    pub max_length: u16,
}

/// What must come back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reply {
    /// Nothing; only a refusal is bad.
    #[default]
    Optional,
    /// Anything.
    Any,
    /// These bytes first; never empty.
    Like(Vec<ReplyByte>),
}

/// A byte of a reply, and which of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyByte {
    /// The byte; 0 in bits that do not count.
    pub value: u8,
    /// The bits that count: all of a half, or none.
    pub mask: u8,
}

/// `MISC_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MiscCheck {
    /// `misc_path` and `user`.
    pub command: Command,
    /// `misc_timeout`: how long it may run; the virtual server's `delay_loop` unless given.
    pub timeout: Duration,
    /// `misc_dynamic`: its exit status sets the weight.
    pub dynamic: bool,
}

/// `FILE_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCheck {
    /// `track_file`: the name of the tracked file.
    pub file: Arc<str>,
    /// Where that is.
    pub path: String,
    /// `weight`, or what the tracked file says itself.
    pub weight: FileWeight,
}

/// What a file's value does to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileWeight {
    /// What the value is multiplied by to be added to the server's weight; with 0 any value but 0
    /// is a failure.
    pub factor: i32,
    /// `reverse`: the sign of the value is turned round; with a factor of 0 the value 0 is the
    /// failure.
    pub reverse: bool,
}

/// When a check runs, and how often it may fail (compat 21 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// `delay_loop`: from the end of one check to the start of the next.
    pub delay_loop: Duration,
    /// `delay_before_retry`: from a failed attempt to the next one.
    pub delay_before_retry: Duration,
    /// `retry`: further attempts before a server that was up counts as failed.
    pub retry: u32,
    /// `warmup`: the first check comes up to this much later than a second after the start.
    pub warmup: Duration,
    /// `alpha`: it counts as failed until it succeeds.
    pub alpha: bool,
    /// `log_all_failures`: failures that still have retries are logged too.
    pub log_all_failures: bool,
}
