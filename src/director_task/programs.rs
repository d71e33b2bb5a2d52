//! Runs a program that checks a server (`MISC_CHECK`), and sees to its end (compat 21 §7).
//!
//! What its end means is decided by the core. A program that takes too long is asked to end, then
//! killed, with everything that it has started; so is one that nobody waits for any more.

use lvs::config::MiscCheck;
use lvs::{Failure, Obstacle, Outcome, ProgramFailure};
use notify::Command;

/// Runs it once. Use inside a runtime.
pub(super) async fn attempt(check: &MiscCheck) -> Outcome {
    let lvs::config::Command { argv, uid, gid } = check.command.clone();
    let mut run = match (Command { argv, uid, gid }).start_guarded() {
        Ok(run) => run,
        Err(error) => return Outcome::NotMade(Obstacle::Program(error.to_string())),
    };
    match run.wait_for(check.timeout).await {
        Ok(Some(notify::Outcome::Exited(status))) => check.verdict(status),
        Ok(Some(notify::Outcome::Signalled(signal))) => {
            Outcome::Failed(Failure::Program(ProgramFailure::Signalled(signal)))
        }
        Ok(None) => {
            // It shall not run beside the next one.
            run.end().await;
            Outcome::Failed(Failure::Program(ProgramFailure::TimedOut))
        }
        Err(_) => Outcome::NotMade(Obstacle::Lost),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

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
