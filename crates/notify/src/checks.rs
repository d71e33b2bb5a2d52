//! Check scripts: runs whose end somebody waits for, and that may have to be killed.
//!
//! When a check runs, and when it has taken too long, is decided by the core that owns it.

use std::collections::HashMap;
use std::hash::Hash;
use std::io;

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::script::{Command, Outcome};

/// The checks that run, by whatever names one run. Dropping them asks each to end.
#[derive(Debug)]
pub struct Checks<K> {
    groups: HashMap<K, Group>,
    runs: JoinSet<Ended<K>>,
}

/// How a run ended: `None` after [`Checks::end`], an error when the program could not be run as that
/// user or the kernel lost it.
pub type Ended<K> = (K, Option<io::Result<Outcome>>);

/// The process group of a run.
#[derive(Debug)]
struct Group {
    leader: u32,
    /// The last signal that it was sent.
    signalled: Option<i32>,
    /// Brings the end about, once.
    end: Option<oneshot::Sender<()>>,
}

impl<K> Default for Checks<K> {
    fn default() -> Self {
        Self { groups: HashMap::new(), runs: JoinSet::new() }
    }
}

impl<K: Clone + Eq + Hash + Send + 'static> Checks<K> {
    /// Starts a check, as [`Command::start`] does.
    ///
    /// # Errors
    /// When there can be no further process.
    pub fn start(&mut self, run: K, command: &Command) -> io::Result<()> {
        let mut guarded = command.start_guarded()?;
        let (end, ended) = oneshot::channel();
        let group = Group { leader: guarded.group(), signalled: None, end: Some(end) };
        self.groups.insert(run.clone(), group);
        self.runs.spawn(async move {
            tokio::select! {
                outcome = guarded.wait() => (run, Some(outcome)),
                Ok(()) = ended => {
                    guarded.end().await;
                    (run, None)
                }
            }
        });
        Ok(())
    }

    /// Ends a check and everything that it has started, even if it does not listen to SIGTERM;
    /// nothing when it does not run.
    pub fn end(&mut self, run: &K) {
        if let Some(end) = self.groups.get_mut(run).and_then(|group| group.end.take()) {
            // It may have ended just now.
            let _ = end.send(());
        }
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

    /// The next end of a check. Waits for ever while none runs.
    pub async fn next(&mut self) -> Ended<K> {
        match self.runs.join_next().await {
            Some(Ok((run, outcome))) => {
                if let Some(Group { leader, signalled: Some(_), .. }) = self.groups.remove(&run) {
                    // What it started may have ignored the signal that it died of. The number is
                    // not given to others while anybody is left in the group.
                    let _ = sys::process::kill_group(leader, SIGKILL);
                }
                (run, outcome)
            }
            Some(Err(_)) | None => std::future::pending().await,
        }
    }
}

const SIGKILL: i32 = 9;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use testkit::hang::Hanging;
    use tokio::time::{sleep, timeout};

    use super::*;

    const SIGTERM: i32 = 15;

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
            let (run, outcome) = checks.next().await;
            assert_eq!((&*run, outcome.unwrap().unwrap()), ("three", Outcome::Exited(3)));
            // A shell looks at its own signal only when what it waits for has ended.
            let file = tempfile::NamedTempFile::new().unwrap();
            let script = format!("trap 'exit 7' TERM; echo >{}; sleep 600", file.path().display());
            checks.start("hangs".to_owned(), &shell(&script)).unwrap();
            while file.as_file().metadata().unwrap().len() == 0 {
                sleep(Duration::from_millis(5)).await;
            }
            sleep(Duration::from_millis(200)).await;
            checks.signal(&"hangs".to_owned(), SIGTERM);
            let (run, outcome) = timeout(Duration::from_secs(60), checks.next()).await.unwrap();
            assert_eq!((&*run, outcome.unwrap().unwrap()), ("hangs", Outcome::Exited(7)));
        });
    }

    /// A script that starts one that ignores SIGTERM, whose number it returns, and then does this.
    async fn with_stubborn_child(checks: &mut Checks<&'static str>, then: &str) -> String {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("child");
        let stubborn = "trap \"\" TERM; echo $$ >$0.new; mv $0.new $0; sleep 600";
        let script = format!("sh -c '{stubborn}' {} & {then}", file.display());
        checks.start("run", &shell(&script)).unwrap();
        while !file.exists() {
            sleep(Duration::from_millis(5)).await;
        }
        std::fs::read_to_string(&file).unwrap().trim().to_owned()
    }

    async fn wait_for_the_end_of(process: &str) {
        let alive = || {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
            stat.is_ok_and(|stat| !stat.contains(") Z "))
        };
        for _ in 0..4_000 {
            if !alive() {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
        panic!("{process} ignored SIGTERM and lives on");
    }

    #[test]
    fn nobody_of_a_group_survives_the_death_of_its_leader_by_a_signal() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut checks = Checks::default();
            let child = with_stubborn_child(&mut checks, "wait").await;
            checks.signal(&"run", SIGTERM);
            assert_eq!(checks.next().await.1.unwrap().unwrap(), Outcome::Signalled(15));
            wait_for_the_end_of(&child).await;
        });
    }

    #[test]
    fn an_end_is_brought_about_whoever_ignores_sigterm() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for leader in ["wait", "trap '' TERM; wait; sleep 600"] {
                let mut checks = Checks::default();
                let child = with_stubborn_child(&mut checks, leader).await;
                checks.end(&"run");
                assert!(checks.next().await.1.is_none());
                wait_for_the_end_of(&child).await;
            }
        });
    }

    #[test]
    fn what_nobody_waits_for_any_more_is_asked_to_end() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut checks = Checks::default();
            checks.start("run", &shell("sleep 600; true")).unwrap();
            let leader = checks.groups[&"run"].leader.to_string();
            drop(checks);
            wait_for_the_end_of(&leader).await;
        });
    }

    #[test]
    fn a_check_whose_start_hangs_holds_nobody_up_and_can_be_killed() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let program = directory.path().join("true");
            std::fs::copy("/bin/true", &program).unwrap();
            let _hanging = Hanging::start_of(&program);
            let argv = vec![program.display().to_string()];
            let mut checks = Checks::default();
            checks.start("hangs", &Command { argv, uid: 0, gid: 0 }).unwrap();
            checks.start("works", &shell("exit 3")).unwrap();
            let (run, outcome) = checks.next().await;
            assert_eq!((run, outcome.unwrap().unwrap()), ("works", Outcome::Exited(3)));
            checks.signal(&"hangs", SIGTERM);
            assert_eq!(checks.next().await.1.unwrap().unwrap(), Outcome::Signalled(SIGTERM));
        });
    }
}
