//! What is asked of a server: the connection, and over it a page.

use std::net::SocketAddr;
use std::time::Duration;

use net::LinkName;

use crate::pattern::Pattern;

/// A connection to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// `connect_ip` and `connect_port`; without them the server's own.
    pub to: SocketAddr,
    /// `bindto` and `bind_port`; a port alone has no effect.
    pub from: Option<SocketAddr>,
    /// `bind_if`.
    pub link: Option<LinkName>,
    /// `fwmark` of its packets; 0 is none.
    pub mark: u32,
    /// `connect_timeout`: how long connecting may take, and each wait after it.
    pub timeout: Duration,
}

/// A page to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The connection.
    pub connect: Connect,
    /// How long the answer may take as a whole once the connection is made. Each wait for more
    /// of it is bounded by the connection's timeout besides.
    pub patience: Duration,
    /// `path`, sent as it is.
    pub path: String,
    /// What the `Host:` line says.
    pub host: String,
    /// The virtual host as configured; log lines put it before the path.
    pub virtual_host: Option<String>,
    /// `http_protocol`.
    pub version: HttpVersion,
    /// `status_code`: what the status must be one of; both ends belong to a range.
    pub statuses: Vec<(u16, u16)>,
    /// `digest`: the MD5 sum that the body must have.
    pub digest: Option<[u8; 16]>,
    /// `regex`: what the answer must hold, or must not.
    pub pattern: Option<Box<Pattern>>,
    /// How TLS is spoken; `None` without it.
    pub tls: Option<Box<Tls>>,
}

/// How a check speaks TLS (`SSL_GET`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The host that the handshake names (`enable_sni`, `sni_name`).
    pub name: Option<String>,
    /// `tls_compliant`: the connection is closed as TLS wants it.
    pub compliant: bool,
    /// `tls_verify`: the server's certificate must be valid, and for the name in the handshake,
    /// else for the virtual host, else for the address. Without it any certificate will do.
    pub verify: bool,
}

impl Request {
    /// Whether the status is one of the accepted ones.
    #[must_use]
    pub fn accepts(&self, status: u16) -> bool {
        self.statuses.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }
}

/// What the request line and the lines below it look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpVersion {
    /// `HTTP/1.0`.
    #[default]
    V1_0,
    /// `HTTP/1.0` with `Connection: close`.
    V1_0Close,
    /// `HTTP/1.1`, which implies `Connection: close`.
    V1_1,
}
