//! Notify scripts: those of one instance or group run one after the other.
//!
//! A script that hears BACKUP must not overtake the one that heard MASTER. The next starts when
//! the previous has ended, or after [`PATIENCE`], so that one that hangs cannot silence the rest.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::script::Command;

/// How long one script may hold up the next of the same subject.
const PATIENCE: Duration = Duration::from_secs(5);

/// The queues, one for each subject.
#[derive(Debug)]
pub struct Queues {
    subjects: HashMap<String, UnboundedSender<Command>>,
    workers: JoinSet<()>,
    /// Scripts that may still be started.
    room: Arc<Semaphore>,
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
        Self { subjects: HashMap::new(), workers: JoinSet::new(), room }
    }

    /// Runs a command after those queued before for the same subject. Use inside a tokio runtime.
    pub fn push(&mut self, subject: &str, command: Command) {
        let queue = self.subjects.entry(subject.to_owned()).or_insert_with(|| {
            let (sender, receiver) = unbounded_channel();
            self.workers.spawn(work(receiver, self.room.clone()));
            sender
        });
        // The worker lives as long as its queue: a failed send cannot happen.
        let _ = queue.send(command);
    }

    /// Takes no more and waits until everything queued has been run.
    pub async fn finish(mut self) {
        self.subjects.clear();
        while self.workers.join_next().await.is_some() {}
    }
}

async fn work(mut queue: UnboundedReceiver<Command>, room: Arc<Semaphore>) {
    while let Some(command) = queue.recv().await {
        // Nobody closes the semaphore.
        let _place = room.acquire().await;
        let line = command.argv.join(" ");
        let mut running = match command.start() {
            Ok(running) => running,
            Err(error) => {
                tracing::error!("Error exec-ing command '{line}': {error}");
                continue;
            }
        };
        if timeout(PATIENCE, running.wait()).await.is_err() {
            let seconds = PATIENCE.as_secs();
            tracing::warn!("Script '{line}' still runs after {seconds} s - not waiting for it");
            // It goes on; somebody has to wait for its end, or it stays a zombie.
            tokio::spawn(async move { running.wait().await });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            queues.finish().await;
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
            queues.finish().await;
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
    fn a_missing_program_does_not_keep_the_next_from_running() {
        run(async {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("ran");
            let mut queues = Queues::default();
            let argv = vec!["/does/not/exist".to_owned()];
            queues.push("a", Command { argv, uid: 0, gid: 0 });
            queues.push("a", shell(&format!("touch {}", file.display())));
            queues.finish().await;
            assert!(file.exists());
        });
    }
}
