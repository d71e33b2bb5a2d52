//! One run of one script: started with nothing of the daemon's but its environment.
//!
//! Which account it runs as and what its end means is decided by whoever starts it.

use std::ffi::{CString, NulError};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use sys::script::Program;
use tokio::task::JoinHandle;

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

/// A script that runs, leader of its own process group. One that is dropped goes on, and is buried
/// when it has ended.
#[derive(Debug)]
pub struct Running {
    group: u32,
    end: JoinHandle<io::Result<Outcome>>,
}

impl Command {
    /// Starts it, without terminal or files of the daemon (compat 03 §11.2). Nobody waits until
    /// it runs: that it cannot be run as that user is an error of its end. Use inside a tokio
    /// runtime.
    ///
    /// # Errors
    /// When there can be no further process.
    pub fn start(&self) -> io::Result<Running> {
        let mut process = sys::script::start(&self.program()?)?;
        let group = process.id();
        // Nobody else shall bury it.
        let claim = Claim::on(group);
        let end = tokio::spawn(async move {
            let ended = process.wait().await;
            drop(claim);
            ended.map(Outcome::from)
        });
        Ok(Running { group, end })
    }

    fn program(&self) -> io::Result<Program> {
        if self.argv.is_empty() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let argv = self.argv.iter().map(|word| CString::new(word.as_str()));
        let argv = argv.collect::<Result<_, NulError>>()?;
        Ok(Program { argv, environment: environment(), uid: self.uid, gid: self.gid })
    }
}

/// What a script has of the daemon's.
fn environment() -> Vec<CString> {
    let inherited = std::env::vars_os()
        .filter(|(name, _)| NOT_INHERITED.iter().all(|not_inherited| name != not_inherited));
    let lines = inherited.map(|(mut line, value)| {
        line.push("=");
        line.push(value);
        line.into_vec()
    });
    // No variable has a null byte.
    lines.filter_map(|line| CString::new(line).ok()).collect()
}

impl Running {
    /// The process group, for signals.
    #[must_use]
    pub const fn group(&self) -> u32 {
        self.group
    }

    /// Waits for its end. May be dropped while it waits, but not asked again.
    ///
    /// # Errors
    /// When the program could not be run as that user, or the kernel lost the process.
    pub async fn wait(&mut self) -> io::Result<Outcome> {
        (&mut self.end).await?
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

    #[test]
    fn a_program_that_cannot_be_run_is_an_error_of_its_end() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let argv = vec!["/does/not/exist".to_owned()];
            let mut running = Command { argv, uid: 0, gid: 0 }.start().unwrap();
            let error = running.wait().await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
        });
    }
}
