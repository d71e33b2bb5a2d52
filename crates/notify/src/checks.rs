//! Check scripts: runs whose end somebody waits for, and that may have to be killed.
//!
//! When a check runs, and when it has taken too long, is decided by the core that owns it.

use std::collections::HashMap;
use std::hash::Hash;
use std::io;

use tokio::task::JoinSet;

use crate::script::{Command, Outcome};

/// The checks that run, by whatever names one run.
#[derive(Debug)]
pub struct Checks<K> {
    groups: HashMap<K, u32>,
    runs: JoinSet<(K, Option<Outcome>)>,
}

impl<K> Default for Checks<K> {
    fn default() -> Self {
        Self { groups: HashMap::new(), runs: JoinSet::new() }
    }
}

impl<K: Clone + Eq + Hash + Send + 'static> Checks<K> {
    /// Starts a check. Use inside a tokio runtime.
    ///
    /// # Errors
    /// When the program cannot be run as that user.
    pub fn start(&mut self, run: K, command: &Command) -> io::Result<()> {
        let mut running = command.start()?;
        if let Some(group) = running.group() {
            self.groups.insert(run.clone(), group);
        }
        self.runs.spawn(async move { (run, running.wait().await.ok()) });
        Ok(())
    }

    /// Sends a signal to everything that a check has started; nothing when it does not run.
    pub fn signal(&self, run: &K, signal: i32) {
        if let Some(group) = self.groups.get(run) {
            // The only failure is that it has just ended, which is what was wanted.
            let _ = sys::process::kill_group(*group, signal);
        }
    }

    /// The next end of a check; `None` in the outcome when the kernel lost it. Waits for ever
    /// while none runs.
    pub async fn next(&mut self) -> (K, Option<Outcome>) {
        match self.runs.join_next().await {
            Some(Ok((run, outcome))) => {
                self.groups.remove(&run);
                (run, outcome)
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
            checks.start("three".to_owned(), &shell("exit 3")).unwrap();
            assert_eq!(checks.next().await, ("three".to_owned(), Some(Outcome::Exited(3))));
            checks.start("hangs".to_owned(), &shell("sleep 600; true")).unwrap();
            checks.signal(&"hangs".to_owned(), SIGTERM);
            assert_eq!(checks.next().await, ("hangs".to_owned(), Some(Outcome::Signalled(15))));
        });
    }
}
