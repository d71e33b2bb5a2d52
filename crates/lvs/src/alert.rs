//! What may be mailed of servers and services (`smtp_alert`; compat 21 §5.4, 03 §12).
//!
//! Decides what an alert says. Who asks for one is known to the virtual server; whether there is
//! anybody to mail it to, and the words of the mail, are not decided here.

use crate::event::{Finding, Happening};
use crate::notice::Subject;

/// Something that somebody wants a mail about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Who is meant.
    pub subject: Subject,
    /// Whether it is up now.
    pub up: bool,
    /// It was not so before. One of several checks may fail, or recover, of a server that was down
    /// and stays so; with `no_checker_emails` nobody wants to know.
    pub turned: bool,
    /// What happened.
    pub cause: Cause,
}

/// Why there is an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A check of the server found this out; `None` when a reload did, by what is known of a file.
    Check(Option<Finding>),
    /// The quorum was gained or lost.
    Quorum(Happening),
    /// It left the configuration.
    Removed,
    /// The daemon stops.
    ShutDown,
}
