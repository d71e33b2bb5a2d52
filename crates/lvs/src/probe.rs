//! One attempt to reach a real server: what is tried, and what can come of it.
//!
//! How it is tried is decided by the `probe` crate, when and what its outcome means by `health`.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use net::LinkName;

use crate::pattern::Pattern;

/// An attempt to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Connect, and nothing else.
    Tcp(Connect),
    /// Connect, ask for a page and judge the answer.
    Http(Request),
}

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
    /// `regex`, which is not looked for yet.
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

impl Probe {
    /// Its connection.
    #[must_use]
    pub const fn connect(&self) -> &Connect {
        match self {
            Self::Tcp(connect) => connect,
            Self::Http(request) => &request.connect,
        }
    }

    /// Where it goes.
    #[must_use]
    pub const fn target(&self) -> SocketAddr {
        self.connect().to
    }

    /// The address it leaves from, if that is configured.
    #[must_use]
    pub fn source(&self) -> Option<IpAddr> {
        self.connect().from.map(|from| from.ip())
    }
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server works.
    Passed(Passed),
    /// It does not.
    Failed(Failure),
    /// The attempt could not be made on this machine, which says nothing of the server.
    NotMade(Obstacle),
}

/// What was good about a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It took the connection.
    Connected,
    /// It answered.
    Answered {
        /// The last test that the answer passed.
        by: Proof,
        /// Its `Content-Length` when that is not what came.
        length: Option<LengthMismatch>,
    },
}

/// The last test of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The status.
    Status,
    /// The digest of the body.
    Digest,
}

/// A body that is not as long as its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthMismatch {
    /// What the header says, in bytes.
    pub declared: u64,
    /// What came, in bytes.
    pub received: u64,
}

/// What was wrong with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer to the attempt to connect.
    ConnectTimeout,
    /// The connection was refused, reset or could not be made for another reason of the network.
    ConnectFailed,
    /// There is no way to the server.
    Unreachable,
    /// The request could not be sent.
    NotSent,
    /// The answer did not come in time.
    ReadTimeout,
    /// The connection broke while the answer was awaited.
    ReadFailed,
    /// The connection was closed without an answer.
    NoData,
    /// The status is none of the accepted ones; `None` when it has no number.
    WrongStatus(Option<u16>, Option<LengthMismatch>),
    /// The body's digest is another one.
    WrongDigest(Option<LengthMismatch>),
}

impl Failure {
    /// The answer's `Content-Length` when there was an answer and it is not what came.
    #[must_use]
    pub const fn length(self) -> Option<LengthMismatch> {
        match self {
            Self::WrongStatus(_, length) | Self::WrongDigest(length) => length,
            Self::ConnectTimeout
            | Self::ConnectFailed
            | Self::Unreachable
            | Self::NotSent
            | Self::ReadTimeout
            | Self::ReadFailed
            | Self::NoData => None,
        }
    }
}

/// Why an attempt could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// There is no socket.
    Socket(String),
    /// The socket cannot be given its source address, interface or mark.
    Bind(String),
    /// The attempt was lost, by a defect of the program.
    Lost,
}
