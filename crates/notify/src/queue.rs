//! Notify scripts: those of one instance or group run one after the other.
//!
//! A script that hears BACKUP must not overtake the one that heard MASTER. The next starts when
//! the previous has ended, or after [`PATIENCE`], so that one that hangs cannot silence the rest.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::script::{Command, Running};

/// How long one script may hold up the next of the same subject.
const PATIENCE: Duration = Duration::from_secs(5);

/// The queues, one for each subject.
#[derive(Debug)]
pub struct Queues {
    subjects: HashMap<String, UnboundedSender<Command>>,
    /// Each ends when its queue is empty, and says whose it was.
    workers: JoinSet<String>,
    /// Scripts that may still be started.
    room: Arc<Semaphore>,
    /// When nobody waits any more, once that is known.
    end: watch::Sender<Option<Instant>>,
}

/// Every subject may run a script at the same time.
impl Default for Queues {
    fn default() -> Self {
        Self::with_room(Semaphore::MAX_PERMITS)
    }
}

impl Queues {
    /// Queues that run this many scripts at a time. One that takes longer than others may be made
    /// to wait for does not count any more.
    #[must_use]
    pub fn with_room(scripts: usize) -> Self {
        let room = Arc::new(Semaphore::new(scripts));
        let (end, _) = watch::channel(None);
        Self { subjects: HashMap::new(), workers: JoinSet::new(), room, end }
    }

    /// Runs a command after those queued before for the same subject. Use inside a tokio runtime.
    pub fn push(&mut self, subject: &str, command: Command) {
        self.forget_idle();
        let refused = match self.subjects.get(subject) {
            Some(queue) => queue.send(command).err().map(|refused| refused.0),
            None => Some(command),
        };
        if let Some(command) = refused {
            let (queue, commands) = unbounded_channel();
            // The other end is right here.
            let _ = queue.send(command);
            let (subject, room, end) =
                (subject.to_owned(), self.room.clone(), self.end.subscribe());
            self.subjects.insert(subject.clone(), queue);
            self.workers.spawn(async {
                work(commands, room, end).await;
                subject
            });
        }
    }

    /// Subjects come and go with reloads: nothing is kept of one that has nothing to run.
    fn forget_idle(&mut self) {
        while let Some(ended) = self.workers.try_join_next() {
            if let Ok(subject) = ended {
                self.subjects.remove(&subject);
            }
        }
    }

    /// Takes no more and waits until everything queued has been run, but no longer than this.
    pub async fn finish(mut self, limit: Duration) {
        self.subjects.clear();
        self.end.send_replace(Some(Instant::now() + limit));
        while self.workers.join_next().await.is_some() {}
    }
}

/// Why the next script does not wait for the one before.
enum Left {
    /// It has ended, or could not be run.
    Over(Option<io::Error>),
    /// It takes too long.
    Late,
    /// Nobody is there to wait for it.
    Alone,
}

/// Runs what is in a queue, until it is empty.
async fn work(
    mut queue: UnboundedReceiver<Command>,
    room: Arc<Semaphore>,
    mut end: watch::Receiver<Option<Instant>>,
) {
    while let Ok(command) = queue.try_recv() {
        // Nobody closes the semaphore.
        let _place = room.acquire().await;
        if end.borrow().is_some_and(|end| end <= Instant::now()) {
            return;
        }
        let line = command.argv.join(" ");
        let left = match command.start() {
            Ok(mut running) => outlast(&mut running, &mut end).await,
            Err(error) => Left::Over(Some(error)),
        };
        match left {
            Left::Over(None) => {}
            Left::Over(Some(error)) => {
                tracing::error!("Error exec-ing command '{line}': {error}");
            }
            Left::Late => {
                let seconds = PATIENCE.as_secs();
                // It goes on, and is buried when it has ended.
                tracing::warn!("Script '{line}' still runs after {seconds} s - not waiting for it");
            }
            Left::Alone => {
                tracing::warn!("Script '{line}' still runs at the stop - not waiting for it");
                return;
            }
        }
    }
}

async fn outlast(running: &mut Running, end: &mut watch::Receiver<Option<Instant>>) -> Left {
    tokio::select! {
        biased;
        ended = running.wait() => Left::Over(ended.err()),
        () = sleep(PATIENCE) => Left::Late,
        () = over(end) => Left::Alone,
    }
}

/// Ends when nobody waits any more.
async fn over(end: &mut watch::Receiver<Option<Instant>>) {
    let known = end.wait_for(Option::is_some).await.ok().and_then(|end| *end);
    match known {
        Some(end) => sleep_until(end).await,
        // The queues were dropped without waiting for them: this task is as well.
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    fn shell(script: &str) -> Command {
        let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        Command { argv, uid: 0, gid: 0 }
    }

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test);
    }

    #[test]
    fn scripts_of_one_subject_run_in_order_and_others_do_not_wait() {
        run(async {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("order");
            let mut queues = Queues::default();
            let write = |word: &str, delay: &str| {
                shell(&format!("sleep {delay}; echo {word} >>{}", file.display()))
            };
            queues.push("a", write("first", "0.3"));
            queues.push("a", write("second", "0"));
            queues.push("b", write("other", "0"));
            queues.finish(LONG).await;
            assert_eq!(std::fs::read_to_string(&file).unwrap(), "other\nfirst\nsecond\n");
        });
    }

    #[test]
    fn no_more_scripts_run_at_a_time_than_there_is_room_for() {
        run(async {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("order");
            let mut queues = Queues::with_room(2);
            for subject in 0..6 {
                let log = file.display();
                let script = format!("echo begins >>{log}; sleep 0.1; echo ends >>{log}");
                queues.push(&subject.to_string(), shell(&script));
            }
            queues.finish(LONG).await;
            let (mut running, mut begun) = (0, 0);
            for line in std::fs::read_to_string(&file).unwrap().lines() {
                begun += i32::from(line == "begins");
                running += if line == "begins" { 1 } else { -1 };
                assert!(running <= 2);
            }
            assert_eq!((running, begun), (0, 6));
        });
    }

    #[test]
    fn at_the_end_nobody_waits_for_a_slow_script_or_starts_those_behind_it() {
        run(async {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("ran");
            let mut queues = Queues::with_room(1);
            queues.push("a", shell("sleep 600"));
            queues.push("a", shell(&format!("touch {}", file.display())));
            queues.push("b", shell(&format!("touch {}", file.display())));
            sleep(Duration::from_millis(200)).await;
            queues.finish(Duration::from_millis(200)).await;
            // One that was started would need a moment.
            sleep(Duration::from_millis(500)).await;
            assert!(!file.exists());
        });
    }

    #[test]
    fn nothing_is_kept_of_a_subject_that_has_nothing_to_run() {
        run(async {
            let mut queues = Queues::default();
            for subject in 0..50 {
                queues.push(&subject.to_string(), shell("true"));
            }
            for _ in 0..6_000 {
                sleep(Duration::from_millis(10)).await;
                queues.push("another", shell("true"));
                if (queues.subjects.len(), queues.workers.len()) == (1, 1) {
                    return;
                }
            }
            panic!("{} subjects are left", queues.subjects.len());
        });
    }

    #[test]
    fn a_missing_program_does_not_keep_the_next_from_running() {
        run(async {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("ran");
            let mut queues = Queues::default();
            let argv = vec!["/does/not/exist".to_owned()];
            queues.push("a", Command { argv, uid: 0, gid: 0 });
            queues.push("a", shell(&format!("touch {}", file.display())));
            queues.finish(LONG).await;
            assert!(file.exists());
        });
    }

    #[test]
    fn a_script_whose_start_hangs_holds_up_its_own_subject_only_and_for_a_while() {
        run(async {
            let directory = tempfile::tempdir().unwrap();
            let (program, order) = (directory.path().join("true"), directory.path().join("order"));
            std::fs::copy("/bin/true", &program).unwrap();
            let _hanging = testkit::hang::Hanging::start_of(&program);
            let write = |word: &str| shell(&format!("echo {word} >>{}", order.display()));
            let mut queues = Queues::default();
            let argv = vec![program.display().to_string()];
            queues.push("a", Command { argv, uid: 0, gid: 0 });
            queues.push("a", write("later"));
            queues.push("b", write("first"));
            queues.finish(PATIENCE * 3).await;
            assert_eq!(std::fs::read_to_string(&order).unwrap(), "first\nlater\n");
        });
    }
}
