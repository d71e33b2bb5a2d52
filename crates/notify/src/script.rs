//! One run of one script: started with nothing of the daemon's but its environment.
//!
//! Which account it runs as and what its end means is decided by whoever starts it.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};

use tokio::process::Child;

use crate::orphans::Claim;

/// What the dynamic linker and the shell would take from the daemon's environment, and the
/// socket that only the daemon itself may talk to.
const NOT_INHERITED: [&str; 4] = ["IFS", "LD_PRELOAD", "LD_LIBRARY_PATH", "NOTIFY_SOCKET"];

/// A program with its arguments and the account it runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, then its arguments; never empty.
    pub argv: Vec<String>,
    /// The user number.
    pub uid: u32,
    /// The group number.
    pub gid: u32,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With this exit status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
}

impl From<ExitStatus> for Outcome {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exited(code),
            (None, Some(signal)) => Self::Signalled(signal),
            // Neither happens only for stopped processes, which are never reported.
            (None, None) => Self::Exited(0),
        }
    }
}

/// A script that runs, leader of its own process group.
#[derive(Debug)]
pub struct Running {
    child: Child,
    group: Option<u32>,
    /// Nobody else shall bury it.
    _claim: Option<Claim>,
}

impl Command {
    /// Starts it, without terminal or files of the daemon (compat 03 §11.2). A script without
    /// `#!` line runs in a shell: `execvp` sees to that.
    ///
    /// # Errors
    /// When the program cannot be run as that user.
    pub fn start(&self) -> io::Result<Running> {
        let Some((program, arguments)) = self.argv.split_first() else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let mut command = std::process::Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        for name in NOT_INHERITED {
            command.env_remove(name);
        }
        sys::script::configure_script(&mut command, self.uid, self.gid);
        let child = tokio::process::Command::from(command).spawn()?;
        let group = child.id();
        Ok(Running { child, group, _claim: group.map(Claim::on) })
    }
}

impl Running {
    /// The process group, for signals.
    #[must_use]
    pub const fn group(&self) -> Option<u32> {
        self.group
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When the kernel lost the process.
    pub async fn wait(&mut self) -> io::Result<Outcome> {
        self.child.wait().await.map(Outcome::from)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_script_without_a_line_that_names_its_shell_runs_in_one() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("bare");
            std::fs::write(&path, "exit \"$1\"\n").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            let argv = vec![path.display().to_string(), "5".to_owned()];
            let mut running = Command { argv, uid: 0, gid: 0 }.start().unwrap();
            assert_eq!(running.wait().await.unwrap(), Outcome::Exited(5));
        });
    }
}
