//! Exit statuses, as service managers and scripts know them (compat 03 §3).

use std::process::ExitCode;

/// How the daemon ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A clean stop; also when it runs already, or its network namespace cannot be entered.
    Clean,
    /// Something that it cannot do without failed.
    Failed,
    /// A permission is missing.
    Permission,
    /// What the configuration decides: 2 or 6, and the statuses of `-t`.
    Config(u8),
    /// A part of the daemon broke: the service manager shall start it again.
    Broken,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Clean => Self::SUCCESS,
            Exit::Failed => Self::FAILURE,
            Exit::Permission => Self::from(4),
            Exit::Config(status) => Self::from(status),
            Exit::Broken => Self::from(70),
        }
    }
}
