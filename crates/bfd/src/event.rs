//! What the core tells the operator: one variant per log line, worded in one place.
//!
//! The wording is keepalived's (compat 22 §9), because monitors match it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::packet::Discard;
use crate::table::Line;
use crate::units::{Diagnostic, StateKind};

/// Something worth a line in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The session that the line is about; a packet may be for none.
    pub subject: Option<Arc<str>>,
    /// What happened to it.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is in a new state.
    Entered {
        /// The one before.
        from: StateKind,
        /// The new one.
        to: StateKind,
        /// Why it is down.
        local: Diagnostic,
        /// Why the other end says that it is.
        remote: Diagnostic,
    },
    /// The other end was silent for too long.
    Expired {
        /// How long it may be silent.
        detection: Duration,
        /// How much later it was noticed.
        overdue: Duration,
        /// Whether it was up.
        was_up: bool,
    },
    /// It asks the other end to confirm new values.
    PollBegan,
    /// It waits for another time before it calls the other end dead.
    DetectionTime {
        /// From now on.
        now: Duration,
        /// Before.
        was: Duration,
    },
    /// A line of the table of what both ends go by.
    Parameters {
        /// The line.
        line: Line,
        /// Nothing changed that the session depends on.
        minor: bool,
    },
    /// Its socket cannot be opened.
    CannotOpen,
    /// A packet could not be sent, the first of a row.
    CannotSend,
    /// A packet was ignored. If it is malformed, another line says before what is wrong.
    Discarded {
        /// Its sender.
        from: SocketAddr,
        /// Why.
        why: Discard,
    },
    /// What is wrong with a malformed packet.
    Bogus(Discard),
}

impl Event {
    /// Whether the line is only for a detailed log (`-D`).
    #[must_use]
    pub const fn is_detail(&self) -> bool {
        match self.what {
            What::Entered { .. } => self.is_extra(),
            What::Expired { was_up, .. } => !was_up,
            What::PollBegan | What::DetectionTime { .. } | What::Parameters { .. } => true,
            What::Discarded { .. } | What::Bogus(_) => true,
            What::CannotOpen | What::CannotSend => false,
        }
    }

    /// Whether it is only for one with every detail (`-D` twice).
    #[must_use]
    pub const fn is_extra(&self) -> bool {
        match self.what {
            What::Entered { from, to, .. } => !matches!(
                (from, to),
                (StateKind::Up, _) | (_, StateKind::Up | StateKind::AdminDown)
            ),
            What::Parameters { minor, .. } => minor,
            What::Expired { .. } | What::PollBegan | What::DetectionTime { .. } => false,
            What::Discarded { .. } | What::Bogus(_) => false,
            What::CannotOpen | What::CannotSend => false,
        }
    }

    /// Whether it is a warning: the other end is lost.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        matches!(self.what, What::Expired { .. } | What::Entered { to: StateKind::Down, .. })
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // keepalived does not say whom these are about: the first stands below another one.
        let nameless = match &self.what {
            What::DetectionTime { .. } | What::Discarded { .. } => true,
            What::Parameters { line, .. } => !line.is_title(),
            What::Entered { .. } | What::Expired { .. } | What::PollBegan => false,
            What::CannotOpen | What::CannotSend | What::Bogus(_) => false,
        };
        if let Some(name) = self.subject.as_ref().filter(|_| !nameless) {
            write!(f, "({name}) ")?;
        }
        match &self.what {
            What::Entered { to: StateKind::Down, local, remote, .. } => {
                let why = format!("Local diagnostic - {local}, Remote diagnostic - {remote}");
                write!(f, "Entering Down state ({why})")
            }
            What::Entered { to, .. } => write!(f, "Entering {to} state"),
            What::Expired { detection, overdue, .. } => {
                let (after, late) = (detection.as_millis(), overdue.as_micros());
                write!(f, "Expired after {after} ms ({late} usec overdue)")
            }
            What::PollBegan => f.write_str("Starting poll sequence"),
            What::DetectionTime { now, was } => {
                let (now, was) = (now.as_micros(), was.as_micros());
                write!(f, "     Detection time is {now} us (was {was} us)")
            }
            What::Parameters { line, .. } => write!(f, "{line}"),
            What::CannotOpen => f.write_str("Unable to open output socket, disabling instance"),
            What::CannotSend => f.write_str("Error sending packet"),
            What::Bogus(why) | What::Discarded { why: why @ Discard::TooFar { .. }, .. } => {
                write!(f, "{why}")
            }
            What::Discarded { from, why } => {
                let (address, port) = (from.ip(), from.port());
                if why.is_bogus() {
                    write!(f, "Discarding bogus packet from [{address}]:{port}")
                } else {
                    write!(f, "Discarding packet from [{address}]:{port} ({why})")
                }
            }
        }
    }
}
