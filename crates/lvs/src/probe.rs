//! One attempt to reach a real server: what is tried, and what can come of it.
//!
//! How it is tried is decided by the `probe` crate, when and what its outcome means by `health`.

mod failure;
mod web;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

pub use failure::{
    DnsFailure, Failure, NotConnected, PingFailure, ProgramFailure, SmtpFailure, UdpFailure,
    WebFailure,
};
pub use web::{LengthMismatch, Proof, TlsFlaw};

use crate::config::{DnsCheck, MiscCheck, SmtpCheck, UdpCheck};
use crate::request::{Connect, Request};

/// An attempt to make; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Connect, and nothing else.
    Tcp(Arc<Connect>),
    /// Connect, ask for a page and judge the answer.
    Http(Arc<Request>),
    /// Greet a mail server.
    Smtp(Arc<SmtpCheck>),
    /// Ask a name server.
    Dns(Arc<DnsCheck>),
    /// Send a datagram.
    Udp(Arc<UdpCheck>),
    /// Ask for an echo; the port means nothing.
    Ping(Arc<Connect>),
}

impl Probe {
    /// Its connection.
    #[must_use]
    pub fn connect(&self) -> &Connect {
        match self {
            Self::Tcp(connect) | Self::Ping(connect) => connect,
            Self::Http(request) => &request.connect,
            Self::Smtp(check) => &check.connect,
            Self::Dns(check) => &check.connect,
            Self::Udp(check) => &check.connect,
        }
    }

    /// Where it goes.
    #[must_use]
    pub fn target(&self) -> SocketAddr {
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

impl Outcome {
    /// What it means that the program of a check ended with this exit status.
    #[must_use]
    pub fn of_program(check: &MiscCheck, status: i32) -> Self {
        match u8::try_from(status) {
            Ok(0) => Self::Passed(Passed::Worked),
            Ok(status @ 2..) if check.dynamic => Self::Passed(Passed::Weighs(status - 2)),
            Ok(_) | Err(_) => Self::Failed(Failure::Program(ProgramFailure::Exited(status))),
        }
    }
}

/// What was good about a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It did as it should.
    Worked,
    /// It answered a request.
    Answered {
        /// The last test that the answer passed.
        by: Proof,
        /// Its `Content-Length` when that is not what came.
        length: Option<LengthMismatch>,
    },
    /// A program said so, and which weight the server shall have (`misc_dynamic`).
    Weighs(u8),
}

/// Why an attempt could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// There is no socket.
    Socket(String),
    /// The socket cannot be given its source address, interface or mark, or may not connect: the
    /// whole line about it.
    Bind(String),
    /// The program cannot be started.
    Program(String),
    /// The attempt was lost, by a defect of the program.
    Lost,
}
