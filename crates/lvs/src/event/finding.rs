//! What a check found out, and the line about it (compat 24 §5).

mod reason;

use std::fmt::{self, Formatter};
use std::net::SocketAddr;
use std::sync::Arc;

use crate::config::{Identity, MiscCheck};
use crate::probe::{Failure, LengthMismatch, Probe, ProgramFailure, Proof, TlsFlaw};
use crate::request::Request;
use crate::units::ServerName;

/// What a check found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Its server is good now, or good at first.
    Good(Probe),
    /// Its server is bad now.
    Bad {
        /// What was tried.
        probe: Probe,
        /// The retries that it was given.
        retries: u32,
    },
    /// One attempt failed: each is told with `log_all_failures`, and the last one of checks that
    /// have no line for [`Self::Bad`].
    Attempt {
        /// What was wrong.
        failure: Failure,
        /// Where it went.
        to: SocketAddr,
        /// The retries before the last one of these.
        retries: u32,
    },
    /// A url of a bad server is good.
    UrlGood {
        /// The last test that the answer passed.
        by: Proof,
        /// What was asked for.
        url: Arc<Request>,
    },
    /// An answer is not as long as it says.
    Length {
        /// The lengths.
        length: LengthMismatch,
        /// What was asked for.
        url: Arc<Request>,
    },
    /// Why TLS did not work.
    Tls(TlsFlaw),
    /// `MISC_CHECK`: the server is good now, or good at first.
    ProgramGood(Arc<MiscCheck>),
    /// `MISC_CHECK`: the server is bad now, or one attempt failed.
    ProgramBad {
        /// The program.
        program: Arc<MiscCheck>,
        /// What it said.
        failure: ProgramFailure,
        /// What follows from it.
        retries: Retries,
    },
    /// `MISC_CHECK`: the program cannot be started.
    ProgramNotRun {
        /// The program.
        program: Arc<MiscCheck>,
        /// The reason.
        why: String,
    },
    /// `FILE_CHECK`: the value of the file is a failure now, or no longer.
    File {
        /// The name of the tracked file.
        file: Arc<str>,
        /// Which of the two.
        fault: bool,
    },
    /// `BFD_CHECK`: the session is up or down.
    Session {
        /// Its name.
        session: Arc<str>,
        /// Whether it is up.
        up: bool,
    },
    /// There is no socket for an attempt.
    NoSocket(Probe),
    /// What the socket of an attempt cannot be given, or not do, and why.
    Unusable(String),
    /// The socket of an attempt cannot be used as configured.
    NotBound(Probe),
    /// An attempt was lost, by a defect of the program. The original has no such line.
    Lost,
}

/// Where a failed attempt stands among its retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retries {
    /// There are none.
    Disabled,
    /// All of them are to come.
    Ahead(u32),
    /// It was one of them.
    At {
        /// Its number, from 1.
        number: u32,
        /// How many there are.
        of: u32,
    },
    /// There are none left of so many.
    Spent(u32),
}

impl Finding {
    /// A program tells each time how its server is, whether that is news or not (compat 21 §5.4).
    pub(crate) const fn is_verdict(&self) -> bool {
        match self {
            Self::ProgramGood(_) | Self::ProgramBad { .. } => true,
            Self::Good(_) | Self::Bad { .. } | Self::Attempt { .. } | Self::UrlGood { .. } => false,
            Self::Length { .. } | Self::Tls(_) | Self::ProgramNotRun { .. } => false,
            Self::File { .. } | Self::Session { .. } | Self::NoSocket(_) => false,
            Self::Unusable(_) | Self::NotBound(_) | Self::Lost => false,
        }
    }

    pub(super) fn write(
        &self,
        f: &mut Formatter<'_>,
        server: &ServerName,
        of: &Identity,
    ) -> fmt::Result {
        match self {
            Self::Good(probe) => good(f, probe, server),
            Self::Bad { probe, retries } => bad(f, probe, server, of, *retries),
            Self::Attempt { failure, to, retries } => {
                reason::write(f, *failure, server, of, *to)?;
                if *retries > 0 { write!(f, " after {retries} retries") } else { Ok(()) }
            }
            Self::UrlGood { by, url } => {
                let test = match by {
                    Proof::Status => "HTTP status code",
                    Proof::Digest => "MD5 digest",
                    Proof::Pattern => "Regex match",
                };
                write!(f, "{test} success to {server} url({})", url.path)
            }
            Self::Length { length: LengthMismatch { declared, received }, url } => write!(
                f,
                "http_check for RS {server} VS {of} url {}{}: content_length ({declared}) does not \
                 match received bytes ({received})",
                url.virtual_host.as_deref().unwrap_or_default(),
                url.path
            ),
            // The original has the place in its library's source behind the text.
            Self::Tls(TlsFlaw(text)) => {
                write!(f, "SSL error '{text}' - service {server} of VS {of}")
            }
            Self::ProgramGood(program) => {
                write!(f, "Misc check for [{server} VS {of}] by [{}] succeeded.", name(program))
            }
            Self::ProgramBad { program, failure, retries } => {
                write!(f, "Misc check for [{server} VS {of}] by [{}] ", name(program))?;
                ended(f, *failure, *retries)
            }
            Self::ProgramNotRun { program, why } => {
                write!(
                    f,
                    "Misc check for [{server} VS {of}] by [{}] cannot be run: ",
                    name(program)
                )?;
                f.write_str(why)
            }
            Self::File { file, fault } => {
                let what = if *fault { "now FAULT state" } else { "leaving FAULT state" };
                write!(f, "({server}): tracked file {file} {what}")
            }
            Self::Session { session, up } => {
                let word = if *up { "UP" } else { "DOWN" };
                write!(f, "BFD check of [{session}] RS({server}) is {word}")
            }
            Self::NoSocket(probe) => no_socket(f, probe, server),
            Self::Unusable(why) => f.write_str(why),
            Self::NotBound(probe) => not_bound(f, probe, server),
            Self::Lost => {
                write!(f, "Attempt of a check on service {server} was lost. Rescheduling.")
            }
        }
    }
}

fn name(program: &MiscCheck) -> &str {
    program.command.argv.first().map_or("", String::as_str)
}

/// How a program that failed ended.
fn ended(f: &mut Formatter<'_>, failure: ProgramFailure, retries: Retries) -> fmt::Result {
    match failure {
        ProgramFailure::Exited(status) => {
            write!(f, "failed{retries} (exited with status {status}).")
        }
        ProgramFailure::Signalled(signal) => write!(f, "failed{retries} (due to signal {signal})."),
        ProgramFailure::TimedOut => write!(f, "timed out{retries}."),
    }
}

fn good(f: &mut Formatter<'_>, probe: &Probe, server: &ServerName) -> fmt::Result {
    match probe {
        Probe::Tcp(_) => write!(f, "TCP connection to {server} success."),
        Probe::Http(_) => write!(f, "Remote Web server {server} succeed on service."),
        Probe::Smtp(_) => write!(f, "Remote SMTP server {server} succeed on service."),
        Probe::Udp(_) => write!(f, "UDP connection to {server} success."),
        Probe::Ping(_) => write!(f, "ICMP connection to {server} success."),
        Probe::Dns(_) => write!(f, "DNS_CHECK ({server}) success."),
    }
}

fn bad(
    f: &mut Formatter<'_>,
    probe: &Probe,
    server: &ServerName,
    of: &Identity,
    retries: u32,
) -> fmt::Result {
    let kind = match probe {
        Probe::Tcp(_) => "TCP_CHECK",
        Probe::Http(request) if request.tls.is_some() => "SSL_CHECK",
        Probe::Http(_) => "HTTP_CHECK",
        Probe::Smtp(_) => "SMTP_CHECK",
        Probe::Dns(_) => "DNS_CHECK",
        Probe::Udp(_) => "UDP_CHECK",
        Probe::Ping(_) => "ICMP CHECK",
    };
    write!(f, "{kind} on service {server}")?;
    // Only this kind names the virtual server, and only in this place.
    if matches!(probe, Probe::Ping(_)) && retries > 0 {
        write!(f, " of {of}")?;
    }
    f.write_str(" failed")?;
    if retries > 0 {
        write!(f, " after {retries} retries")?;
    }
    f.write_str(".")
}

fn no_socket(f: &mut Formatter<'_>, probe: &Probe, server: &ServerName) -> fmt::Result {
    const WHY: &str = "fail to create socket. Rescheduling.";
    match probe {
        Probe::Tcp(_) => write!(f, "TCP connect {WHY}"),
        Probe::Http(_) => write!(f, "WEB connection {WHY}"),
        // In its own words, as in the original.
        Probe::Smtp(_) => {
            f.write_str("SMTP_CHECK connection failed to create socket. Rescheduling.")
        }
        Probe::Udp(_) => write!(f, "UDP connect {WHY}"),
        Probe::Ping(_) => write!(f, "ICMP connect {WHY}"),
        Probe::Dns(_) => write!(f, "DNS_CHECK ({server}) failed to create socket. Rescheduling."),
    }
}

fn not_bound(f: &mut Formatter<'_>, probe: &Probe, server: &ServerName) -> fmt::Result {
    const WHY: &str = "socket bind failed. Rescheduling";
    match probe {
        Probe::Tcp(_) => write!(f, "TCP {WHY}."),
        // Without a full stop, as in the original.
        Probe::Http(_) => write!(f, "WEB {WHY}"),
        Probe::Smtp(_) => write!(f, "SMTP_CHECK {WHY}."),
        Probe::Udp(_) => write!(f, "UDP {WHY}."),
        Probe::Ping(_) => write!(f, "ICMP {WHY}."),
        Probe::Dns(_) => write!(f, "DNS_CHECK ({server}) UDP {WHY}."),
    }
}

/// What stands behind `failed` and `timed out`.
impl fmt::Display for Retries {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let word = |count| if count == 1 { "retry" } else { "retries" };
        match *self {
            Self::Disabled => f.write_str(" with retry disabled"),
            Self::Ahead(count) => write!(f, ", will do {count} {}", word(count)),
            Self::At { number, of } => write!(f, " on retry {number}/{of}"),
            Self::Spent(count) => write!(f, " after {count} {}", word(count)),
        }
    }
}
