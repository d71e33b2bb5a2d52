//! What was wrong with a server, in the terms of the protocol that was spoken with it.
//!
//! What each is called in the log is decided in `event`.

use super::web::{LengthMismatch, TlsFlaw};

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// `TCP_CHECK`.
    Tcp(NotConnected),
    /// `HTTP_GET`, `SSL_GET`.
    Web(WebFailure),
    /// `SMTP_CHECK`.
    Smtp(SmtpFailure),
    /// `DNS_CHECK`.
    Dns(DnsFailure),
    /// `UDP_CHECK`.
    Udp(UdpFailure),
    /// `PING_CHECK`.
    Ping(PingFailure),
    /// `MISC_CHECK`.
    Program(ProgramFailure),
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotConnected {
    /// No answer to the attempt to connect.
    Timeout,
    /// Refused, reset, or not made for another reason of the network.
    Failed,
    /// There is no way to the server.
    Unreachable,
}

/// What was wrong with a web server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebFailure {
    /// There is no connection.
    NotConnected(NotConnected),
    /// TLS was not agreed upon.
    Handshake(Option<TlsFlaw>),
    /// The request could not be sent.
    NotSent,
    /// Nothing of an answer came in time.
    NoAnswer,
    /// The rest of the answer did not come in time.
    ReadTimeout {
        /// Whether TLS was spoken.
        tls: bool,
    },
    /// The connection broke while the answer was awaited.
    ReadFailed {
        /// Whether TLS was spoken.
        tls: bool,
    },
    /// TLS broke off before there was an answer.
    BrokenOff(Option<TlsFlaw>),
    /// The connection was closed without an answer.
    NoData,
    /// The status is none of the accepted ones; `None` when it has no number.
    WrongStatus(Option<u16>, Option<LengthMismatch>),
    /// The body's digest is another one.
    WrongDigest(Option<LengthMismatch>),
    /// The pattern is not in the answer, or is there and must not be.
    WrongPattern(Option<LengthMismatch>),
}

impl WebFailure {
    /// The answer's `Content-Length` when there was an answer and it is not what came.
    #[must_use]
    pub const fn length(self) -> Option<LengthMismatch> {
        match self {
            Self::WrongStatus(_, length)
            | Self::WrongDigest(length)
            | Self::WrongPattern(length) => length,
            Self::NotConnected(_)
            | Self::Handshake(_)
            | Self::NotSent
            | Self::NoAnswer
            | Self::ReadTimeout { .. }
            | Self::ReadFailed { .. }
            | Self::BrokenOff(_)
            | Self::NoData => None,
        }
    }

    /// What was wrong with TLS, if the library said so.
    #[must_use]
    pub const fn flaw(self) -> Option<TlsFlaw> {
        match self {
            Self::Handshake(flaw) | Self::BrokenOff(flaw) => flaw,
            Self::NotConnected(_)
            | Self::NotSent
            | Self::NoAnswer
            | Self::ReadTimeout { .. }
            | Self::ReadFailed { .. }
            | Self::NoData
            | Self::WrongStatus(..)
            | Self::WrongDigest(_)
            | Self::WrongPattern(_) => None,
        }
    }
}

/// What was wrong with a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpFailure {
    /// There is no connection.
    NotConnected(NotConnected),
    /// It does not greet with 220.
    BadGreeting,
    /// It does not answer HELO with 250.
    BadHelo,
    /// No line came in time.
    ReadTimeout,
    /// The connection broke, or was closed, while a line was awaited.
    ReadFailed,
    /// A command was not taken in time.
    WriteTimeout,
    /// A command could not be sent.
    WriteFailed,
}

/// What was wrong with a name server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsFailure {
    /// The socket has no way to the server.
    NotConnected(NotConnected),
    /// The query could not be sent.
    NotSent,
    /// No answer came in time.
    Timeout,
    /// Waiting for the answer ended with this error of the system.
    ReadFailed(i32),
    /// The answer has this code, which is not 0.
    Code(u8),
}

/// What was wrong with a server of datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UdpFailure {
    /// It could not be sent, with this error of the system; 0 is none in particular.
    NotSent(i32),
    /// It was refused, or had no answer where one is needed.
    Failed,
    /// The answer is another one.
    Mismatch,
}

/// What was wrong with a host that was asked for an echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PingFailure {
    /// No echo came in time.
    Timeout,
    /// The request could not be sent.
    NotSent,
    /// Something else came back.
    Failed,
}

/// How a program said that a server does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgramFailure {
    /// With this exit status.
    Exited(i32),
    /// It died of this signal.
    Signalled(i32),
    /// It took too long.
    TimedOut,
}
