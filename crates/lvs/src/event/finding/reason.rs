//! The words for what was wrong with an attempt, one function for each protocol.

use std::fmt::{self, Formatter};
use std::io;
use std::net::SocketAddr;

use crate::config::Identity;
use crate::probe::{
    DnsFailure, Failure, NotConnected, PingFailure, ProgramFailure, SmtpFailure, UdpFailure,
    WebFailure,
};
use crate::units::ServerName;

/// The line about one failed attempt at `to`.
pub(super) fn write(
    f: &mut Formatter<'_>,
    failure: Failure,
    server: &ServerName,
    of: &Identity,
    to: SocketAddr,
) -> fmt::Result {
    match failure {
        Failure::Tcp(failure) => {
            let word = match failure {
                NotConnected::Timeout => "timeout",
                NotConnected::Failed | NotConnected::Unreachable => "failed",
            };
            write!(f, "TCP connection to {server} {word}.")
        }
        Failure::Web(failure) => write!(f, "{} server {server}.", web(failure)),
        Failure::Smtp(failure) => {
            f.write_str("SMTP_CHECK ")?;
            smtp(f, failure, server, to)
        }
        Failure::Dns(failure) => {
            write!(f, "DNS_CHECK ({server}) ")?;
            dns(f, failure, to)
        }
        Failure::Udp(UdpFailure::NotSent(number)) => {
            write!(f, "UDP connect error {number} - {}", text_of(number))
        }
        Failure::Udp(UdpFailure::Failed) => write!(f, "UDP connection to {server} failed."),
        Failure::Udp(UdpFailure::Mismatch) => {
            write!(f, "UDP check to {server} reply data mismatch.")
        }
        Failure::Ping(PingFailure::Timeout) => {
            write!(f, "ICMP connection to address {server} timeout.")
        }
        Failure::Ping(PingFailure::NotSent) => f.write_str("send ICMP packet fail"),
        Failure::Ping(PingFailure::Failed) => {
            write!(f, "ICMP connection to {server} of {of} failed.")
        }
        // A program has lines of its own.
        Failure::Program(
            ProgramFailure::Exited(_) | ProgramFailure::Signalled(_) | ProgramFailure::TimedOut,
        ) => write!(f, "Misc check for [{server} VS {of}] failed."),
    }
}

const fn web(failure: WebFailure) -> &'static str {
    match failure {
        WebFailure::NotConnected(NotConnected::Timeout) => "Timeout connecting",
        WebFailure::NotConnected(NotConnected::Failed) => "Connection failed",
        WebFailure::NotConnected(NotConnected::Unreachable) => {
            "HTTP/SSL_CHECK - network unreachable"
        }
        WebFailure::Handshake(_) => "SSL handshake/communication error connecting to",
        WebFailure::NotSent => "Cannot send get request to",
        WebFailure::NoAnswer => "Timeout WEB read",
        WebFailure::ReadTimeout { tls: false } => "Timeout HTTP read",
        WebFailure::ReadTimeout { tls: true } => "Timeout SSL read",
        WebFailure::ReadFailed { tls: false } => "Read error with",
        WebFailure::ReadFailed { tls: true } => "SSL read error from",
        // Its blank at the end makes two of them in the line, as in the original.
        WebFailure::NoData | WebFailure::BrokenOff(_) => "Read, no data received from ",
        WebFailure::WrongStatus(..) => "HTTP status code error to",
        WebFailure::WrongDigest(_) => "MD5 digest error to",
        WebFailure::WrongPattern(_) => "Regex match failed",
    }
}

fn smtp(
    f: &mut Formatter<'_>,
    failure: SmtpFailure,
    server: &ServerName,
    to: SocketAddr,
) -> fmt::Result {
    let reason = match failure {
        SmtpFailure::NotConnected(NotConnected::Unreachable) => {
            return write!(
                f,
                "Network unreachable for server {} - real server {}",
                to.ip(),
                bracketed(SocketAddr::new(server.key.ip, server.key.port))
            );
        }
        SmtpFailure::NotConnected(NotConnected::Timeout) => "Connection timeout to",
        SmtpFailure::NotConnected(NotConnected::Failed) => "Could not connect to",
        SmtpFailure::BadGreeting => "Bad greeting banner from",
        SmtpFailure::BadHelo => "Bad HELO response from",
        SmtpFailure::ReadTimeout => "Read timeout from",
        SmtpFailure::ReadFailed => "Read failure from",
        SmtpFailure::WriteTimeout => "Write timeout to",
        SmtpFailure::WriteFailed => "Write failure to",
    };
    write!(f, "{reason} server {}", bracketed(to))
}

fn dns(f: &mut Formatter<'_>, failure: DnsFailure, to: SocketAddr) -> fmt::Result {
    match failure {
        DnsFailure::NotConnected(NotConnected::Unreachable) => {
            write!(f, "network unreachable for {}", bracketed(to))
        }
        DnsFailure::NotConnected(NotConnected::Timeout) => f.write_str("connection timeout."),
        DnsFailure::NotConnected(NotConnected::Failed) => f.write_str("connection error."),
        DnsFailure::NotSent => f.write_str("failed to write socket."),
        DnsFailure::Timeout => f.write_str("read timeout from socket"),
        DnsFailure::ReadFailed(number) => {
            write!(f, "failed to read socket; errno {number} ({})", text_of(number))
        }
        DnsFailure::Code(code) => write!(f, "read error occurred. (rcode = {code})"),
    }
}

/// What the system calls an error, without the number that the library puts behind it.
fn text_of(number: i32) -> String {
    let text = io::Error::from_raw_os_error(number).to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// `[ADDR]:PORT`, in both families.
fn bracketed(to: SocketAddr) -> String {
    format!("[{}]:{}", to.ip(), to.port())
}
