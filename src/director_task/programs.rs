//! Runs a program that checks a server (`MISC_CHECK`), and sees to its end (compat 21 §7).
//!
//! What its end means is decided by the core. A program that takes too long is asked to end, then
//! killed, with everything that it has started; so is one that nobody waits for any more. One that
//! cannot even be killed, as its disk hangs, is not waited for, but there is no second one beside it.

use std::time::Duration;

use lvs::config::MiscCheck;
use lvs::{Failure, Obstacle, Outcome, ProgramFailure};
use notify::{Command, Guarded};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::log::Log;

/// How long a program may take to die before its check goes on without its death. It has two
/// seconds of these until it is killed.
const GIVE_UP: Duration = Duration::from_secs(4);

const TIMED_OUT: Outcome = Outcome::Failed(Failure::Program(ProgramFailure::TimedOut));

/// A program that did not die though it was killed; ends with it.
pub(super) type Undead = JoinHandle<()>;

/// Runs it once, as soon as that of the last time is dead. Use inside a runtime.
pub(super) async fn attempt(
    check: &MiscCheck,
    last: Option<Undead>,
    log: &Log,
) -> (Outcome, Option<Undead>) {
    let until = Instant::now() + check.timeout;
    if let Some(mut last) = last
        && timeout_at(until, &mut last).await.is_err()
    {
        return (TIMED_OUT, Some(last));
    }
    let lvs::config::Command { argv, uid, gid } = check.command.clone();
    let mut run = match (Command { argv, uid, gid }).start_guarded() {
        Ok(run) => run,
        Err(error) => return (not_run(&error), None),
    };
    match timeout_at(until, run.wait()).await {
        Ok(Ok(notify::Outcome::Exited(status))) => (Outcome::of_program(check, status), None),
        Ok(Ok(notify::Outcome::Signalled(signal))) => {
            (Outcome::Failed(Failure::Program(ProgramFailure::Signalled(signal))), None)
        }
        Ok(Err(error)) => (not_run(&error), None),
        Err(_) => (TIMED_OUT, end(run, log.clone()).await),
    }
}

fn not_run(error: &std::io::Error) -> Outcome {
    Outcome::NotMade(Obstacle::Program(error.to_string()))
}

/// It shall not run beside the next one.
async fn end(mut run: Guarded, log: Log) -> Option<Undead> {
    let undead = move |process: u32| {
        log.info(format!("Child (PID {process}) failed to terminate after kill"));
    };
    let mut end = tokio::spawn(async move { run.end_telling(undead).await });
    timeout(GIVE_UP, &mut end).await.is_err().then_some(end)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use lvs::Passed;

    use super::*;
    use crate::log;

    fn run(script: &str, seconds: u64, dynamic: bool) -> Outcome {
        let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let command = lvs::config::Command { argv, uid: 0, gid: 0 };
        let check = MiscCheck { command, timeout: Duration::from_secs(seconds), dynamic };
        crate::runtime::block_on(async move { attempt(&check, None, &log::silent()).await.0 })
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
            assert!(
                tokio::time::timeout(short, attempt(&check, None, &log::silent())).await.is_err()
            );
        });
        assert!(began.elapsed() < Duration::from_secs(seconds));
    }

    #[test]
    fn one_whose_start_hangs_times_out_and_holds_no_other_up() {
        let path = std::env::temp_dir().join(format!("misc-hangs-{}", std::process::id()));
        std::fs::copy("/bin/true", &path).unwrap();
        let hanging = testkit::hang::Hanging::start_of(&path);
        let command =
            |word: &str| lvs::config::Command { argv: vec![word.to_owned()], uid: 0, gid: 0 };
        let check = |word: &str, seconds| MiscCheck {
            command: command(word),
            timeout: Duration::from_secs(seconds),
            dynamic: false,
        };
        let log = log::silent();
        let (hangs, works) = (check(&path.display().to_string(), 3), check("/bin/true", 600));
        crate::runtime::block_on(async move {
            tokio::select! {
                biased;
                ended = attempt(&hangs, None, &log) => panic!("{ended:?} comes first"),
                ended = attempt(&works, None, &log) => assert_eq!(ended.0, Outcome::Passed(Passed::Worked)),
            }
            let (outcome, undead) = attempt(&hangs, None, &log).await;
            assert_eq!(outcome, TIMED_OUT);
            assert!(undead.is_none(), "it could be killed");
        });
        drop(hanging);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn no_second_one_runs_beside_one_that_does_not_die() {
        let argv = vec!["/bin/true".to_owned()];
        let command = lvs::config::Command { argv, uid: 0, gid: 0 };
        let check = MiscCheck { command, timeout: Duration::from_secs(1), dynamic: false };
        crate::runtime::block_on(async move {
            let (die, death) = tokio::sync::oneshot::channel::<()>();
            let undead = tokio::spawn(async move { drop(death.await) });
            let (outcome, undead) = attempt(&check, Some(undead), &log::silent()).await;
            assert_eq!(outcome, TIMED_OUT);
            assert!(undead.is_some(), "the next one waits for it too");
            drop(die);
            let check = MiscCheck { timeout: Duration::from_secs(600), ..check };
            let (outcome, undead) = attempt(&check, undead, &log::silent()).await;
            assert_eq!(outcome, Outcome::Passed(Passed::Worked));
            assert!(undead.is_none());
        });
    }
}
