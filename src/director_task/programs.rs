//! Runs a program that checks a server (`MISC_CHECK`), and sees to its end (compat 21 §7).
//!
//! What its end means is decided by the core. A program that takes too long is asked to end, then
//! killed, with everything that it has started; so is one that nobody waits for any more.

use std::time::Duration;

use lvs::config::MiscCheck;
use lvs::{Failure, Obstacle, Outcome, ProgramFailure};
use nix::libc::{SIGKILL, SIGTERM};
use notify::{Command, Running};
use tokio::time::timeout;

/// How long a program may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(2);
/// How often one that does not even die is killed again.
const AGAIN: Duration = Duration::from_secs(10);

/// A run that is not left behind.
struct Run(Running);

impl Run {
    fn signal(&self, signal: i32) {
        if let Some(group) = self.0.group() {
            // The only failure is that it has just ended, which is what was wanted.
            let _ = sys::process::kill_group(group, signal);
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.signal(SIGTERM);
    }
}

/// Runs it once. Use inside a runtime.
pub(super) async fn attempt(check: &MiscCheck) -> Outcome {
    let lvs::config::Command { argv, uid, gid } = check.command.clone();
    let command = Command { argv, uid, gid };
    let mut run = match command.start() {
        Ok(running) => Run(running),
        Err(error) => return Outcome::NotMade(Obstacle::Program(error.to_string())),
    };
    if let Ok(ended) = timeout(check.timeout, run.0.wait()).await {
        return match ended {
            Ok(notify::Outcome::Exited(status)) => check.verdict(status),
            Ok(notify::Outcome::Signalled(signal)) => {
                Outcome::Failed(Failure::Program(ProgramFailure::Signalled(signal)))
            }
            Err(_) => Outcome::NotMade(Obstacle::Lost),
        };
    }
    end(&mut run).await;
    Outcome::Failed(Failure::Program(ProgramFailure::TimedOut))
}

/// Ends it for good: it shall not run beside the next one.
async fn end(run: &mut Run) {
    run.signal(SIGTERM);
    let mut patience = GRACE;
    while timeout(patience, run.0.wait()).await.is_err() {
        run.signal(SIGKILL);
        patience = AGAIN;
    }
    // What it has started and left behind.
    run.signal(SIGKILL);
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use lvs::Passed;

    use super::*;

    fn run(script: &str, seconds: u64, dynamic: bool) -> Outcome {
        let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let command = lvs::config::Command { argv, uid: 0, gid: 0 };
        let check = MiscCheck { command, timeout: Duration::from_secs(seconds), dynamic };
        crate::runtime::block_on(async move { attempt(&check).await })
    }

    const fn failed(failure: ProgramFailure) -> Outcome {
        Outcome::Failed(Failure::Program(failure))
    }

    #[test]
    fn its_exit_status_is_its_answer() {
        assert_eq!(run("exit 0", 600, false), Outcome::Passed(Passed::Worked));
        assert_eq!(run("exit 7", 600, false), failed(ProgramFailure::Exited(7)));
        assert_eq!(run("exit 7", 600, true), Outcome::Passed(Passed::Weighs(5)));
        assert_eq!(run("exit 1", 600, true), failed(ProgramFailure::Exited(1)));
        assert_eq!(run("kill -9 $$", 600, false), failed(ProgramFailure::Signalled(9)));
    }

    #[test]
    fn one_that_hangs_is_ended_with_all_it_has_started() {
        let directory = std::env::temp_dir().join(format!("misc-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let file = directory.join("alive");
        let stubborn = format!(
            "trap '' TERM; (trap '' TERM; while :; do touch {0}; sleep 0.1; done) & wait",
            file.display()
        );
        let began = Instant::now();
        assert_eq!(run(&stubborn, 1, false), failed(ProgramFailure::TimedOut));
        assert!(began.elapsed() >= Duration::from_secs(3), "it has two seconds to end");
        std::fs::remove_file(&file).unwrap();
        std::thread::sleep(Duration::from_millis(500));
        assert!(!file.exists(), "its child has died too");
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn one_that_nobody_waits_for_is_ended() {
        let (began, seconds) = (Instant::now(), 600);
        let argv = ["/bin/sh", "-c", "sleep 600"].map(str::to_owned).to_vec();
        let command = lvs::config::Command { argv: argv.clone(), uid: 0, gid: 0 };
        let timeout = Duration::from_secs(seconds);
        let check = MiscCheck { command, timeout, dynamic: false };
        crate::runtime::block_on(async move {
            let short = Duration::from_millis(200);
            assert!(tokio::time::timeout(short, attempt(&check)).await.is_err());
        });
        assert!(began.elapsed() < Duration::from_secs(seconds));
    }
}
