//! The states of an instance by name, for whoever looks from outside.

use std::fmt;

/// The state of an instance, as users see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// Not started.
    Init,
    /// Waits for the master to fall silent.
    Backup,
    /// Holds the addresses.
    Master,
    /// Cannot take part.
    Fault,
    /// The daemon stops.
    Stop,
}

impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Init => "INIT",
            Self::Backup => "BACKUP",
            Self::Master => "MASTER",
            Self::Fault => "FAULT",
            Self::Stop => "STOP",
        })
    }
}
