//! Scripts of the whole daemon, who runs them, and the pipes that are told of transitions.

use std::path::PathBuf;
use std::time::Duration;

/// An account that scripts run as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user number.
    pub uid: u32,
    /// The group number.
    pub gid: u32,
    /// The further groups of the user are set too (written as `:GROUP`).
    pub further_groups: bool,
}

/// Who runs scripts, and which are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScriptPolicy {
    /// `script_user`: `None` when not given, `Some(None)` when the account does not exist.
    pub user: Option<Option<Account>>,
    /// `enable_script_security`.
    pub secure: bool,
    /// `use_symlink_paths`.
    pub use_symlink_paths: bool,
    /// `set_supplementary_groups`: every script gets the further groups of its user.
    pub further_groups: bool,
}

/// A program with its arguments, and who runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program's path, then its arguments; never empty.
    pub argv: Vec<String>,
    /// Who runs it.
    pub account: Account,
}

/// A script that runs once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeScript {
    /// The script.
    pub command: Option<Command>,
    /// How long it may take.
    pub timeout: Duration,
}

impl Default for OneTimeScript {
    fn default() -> Self {
        Self { command: None, timeout: Duration::from_secs(10) }
    }
}

/// Named pipes that are told of transitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fifos {
    /// `notify_fifo` and `notify_fifo_script`: told of everything.
    pub all: NotifyFifo,
    /// `vrrp_notify_fifo` and `vrrp_notify_fifo_script`.
    pub vrrp: NotifyFifo,
    /// `lvs_notify_fifo` and `lvs_notify_fifo_script`.
    pub lvs: NotifyFifo,
    /// `fifo_write_vrrp_states_on_reload`: every state is written after a reload.
    pub states_on_reload: bool,
}

/// A named pipe and its reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotifyFifo {
    /// The pipe.
    pub fifo: Option<Fifo>,
    /// The script that is started to read it.
    pub script: Option<Command>,
}

/// A named pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fifo {
    /// Where it is.
    pub path: PathBuf,
    /// Whose it is.
    pub owner: Account,
}
