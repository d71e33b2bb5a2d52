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
    groups: HashMap<K, Group>,
    runs: JoinSet<(K, Option<Outcome>)>,
}

/// The process group of a run.
#[derive(Clone, Copy, Debug)]
struct Group {
    leader: u32,
    /// The last signal that it was sent.
    signalled: Option<i32>,
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
            self.groups.insert(run.clone(), Group { leader: group, signalled: None });
        }
        self.runs.spawn(async move { (run, running.wait().await.ok()) });
        Ok(())
    }

    /// Sends a signal to everything that a check has started; nothing when it does not run. Says
    /// which process has not died of SIGKILL, if that is what it is sent for the second time.
    pub fn signal(&mut self, run: &K, signal: i32) -> Option<u32> {
        let group = self.groups.get_mut(run)?;
        // The only failure is that it has just ended, which is what was wanted.
        let _ = sys::process::kill_group(group.leader, signal);
        let before = group.signalled.replace(signal);
        (before == Some(SIGKILL) && signal == SIGKILL).then_some(group.leader)
    }

    /// The next end of a check; `None` in the outcome when the kernel lost it. Waits for ever
    /// while none runs.
    pub async fn next(&mut self) -> (K, Option<Outcome>) {
        match self.runs.join_next().await {
            Some(Ok((run, outcome))) => {
                if let Some(Group { leader, signalled: Some(_) }) = self.groups.remove(&run) {
                    // What it started may have ignored the signal that it died of. The number is
                    // not given to others while anybody is left in the group.
                    let _ = sys::process::kill_group(leader, SIGKILL);
                }
                (run, outcome)
            }
            Some(Err(_)) | None => std::future::pending().await,
        }
    }

    /// Ends every check that still runs.
    pub fn stop(&mut self) {
        for group in self.groups.values() {
            let _ = sys::process::kill_group(group.leader, SIGTERM);
        }
    }
}

const SIGKILL: i32 = 9;
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

    #[test]
    fn nobody_of_a_group_survives_the_death_of_its_leader_by_a_signal() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("child");
            let mut checks = Checks::default();
            let stubborn = "trap '' TERM; echo $$ >\"$0.new\"; mv \"$0.new\" \"$0\"; sleep 600";
            let script =
                format!("sh -c '{}' {} & wait", stubborn.replace('\'', "'\\''"), file.display());
            checks.start("leaves", &shell(&script)).unwrap();
            while !file.exists() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            checks.signal(&"leaves", SIGTERM);
            assert_eq!(checks.next().await, ("leaves", Some(Outcome::Signalled(15))));
            let child = std::fs::read_to_string(&file).unwrap();
            let alive = || {
                let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
                stat.is_ok_and(|stat| !stat.contains(") Z "))
            };
            for _ in 0..2_000 {
                if !alive() {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            panic!("{} ignored SIGTERM and lives on", child.trim());
        });
    }
}
