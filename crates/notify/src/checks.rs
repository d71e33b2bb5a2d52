//! Check scripts: runs whose end somebody waits for, and that may have to be killed.
//!
//! When a check runs, and when it has taken too long, is decided by the core that owns it.

use std::collections::HashMap;
use std::io;

use tokio::task::JoinSet;

use crate::script::{Command, Outcome};

/// The checks that run, by name; at most one run of each.
#[derive(Debug, Default)]
pub struct Checks {
    groups: HashMap<String, u32>,
    runs: JoinSet<(String, Option<Outcome>)>,
}

impl Checks {
    /// Starts a check. Use inside a tokio runtime.
    ///
    /// # Errors
    /// When the program cannot be run as that user.
    pub fn start(&mut self, name: &str, command: &Command) -> io::Result<()> {
        let mut running = command.start()?;
        if let Some(group) = running.group() {
            self.groups.insert(name.to_owned(), group);
        }
        let name = name.to_owned();
        self.runs.spawn(async move { (name, running.wait().await.ok()) });
        Ok(())
    }

    /// Sends a signal to everything that a check has started; nothing when it does not run.
    pub fn signal(&self, name: &str, signal: i32) {
        if let Some(group) = self.groups.get(name) {
            // The only failure is that it has just ended, which is what was wanted.
            let _ = sys::process::kill_group(*group, signal);
        }
    }

    /// The next end of a check; `None` in the outcome when the kernel lost it. Waits for ever
    /// while none runs.
    pub async fn next(&mut self) -> (String, Option<Outcome>) {
        match self.runs.join_next().await {
            Some(Ok((name, outcome))) => {
                self.groups.remove(&name);
                (name, outcome)
            }
            Some(Err(_)) | None => std::future::pending().await,
        }
    }

    /// Ends every check that still runs.
    pub fn stop(&mut self) {
        for group in self.groups.values() {
            let _ = sys::process::kill_group(*group, SIGTERM);
        }
    }
}

const SIGTERM: i32 = 15;

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        Command { argv, uid: 0, gid: 0 }
    }

    #[test]
    fn ends_are_reported_and_signals_reach_the_whole_group() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut checks = Checks::default();
            checks.start("three", &shell("exit 3")).unwrap();
            assert_eq!(checks.next().await, ("three".to_owned(), Some(Outcome::Exited(3))));
            checks.start("hangs", &shell("sleep 600; true")).unwrap();
            checks.signal("hangs", SIGTERM);
            assert_eq!(checks.next().await, ("hangs".to_owned(), Some(Outcome::Signalled(15))));
        });
    }
}
