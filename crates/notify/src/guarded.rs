//! A run that nobody leaves behind: it is ended when it takes too long, and when nobody waits for
//! it any more, with everything that it has started.
//!
//! How long it may take, and what its end means, is decided by whoever starts it.

use std::io;
use std::time::Duration;

use nix::libc::{SIGKILL, SIGTERM};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::script::{Command, Outcome, Running};

/// How long a program may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(2);
/// How often one that does not even die is killed again.
const AGAIN: Duration = Duration::from_secs(10);

/// The run of a program; dropping it has the program ended, if it has not ended by itself. What
/// one leaves running that ended by itself is its own business.
#[derive(Debug)]
pub struct Guarded {
    /// `None` once it has ended.
    running: Option<Running>,
}

impl Command {
    /// Starts it guarded. Use inside a tokio runtime.
    ///
    /// # Errors
    /// When the program cannot be run as that user.
    pub fn start_guarded(&self) -> io::Result<Guarded> {
        self.start().map(|running| Guarded { running: Some(running) })
    }
}

impl Guarded {
    /// Waits for its end. May be dropped while it waits.
    ///
    /// # Errors
    /// When the kernel lost the process, or its end was told before.
    pub async fn wait(&mut self) -> io::Result<Outcome> {
        let running = self.running.as_mut().ok_or(io::ErrorKind::NotFound)?;
        let outcome = running.wait().await;
        self.running = None;
        outcome
    }

    /// The same, but `None` when it takes longer than it may.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub async fn wait_for(&mut self, limit: Duration) -> io::Result<Option<Outcome>> {
        timeout(limit, self.wait()).await.ok().transpose()
    }

    /// Ends it for good, however long the kernel takes for that.
    pub async fn end(&mut self) {
        if let Some(running) = &mut self.running {
            running.signal(SIGTERM);
            running.see_die().await;
        }
        self.running = None;
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        running.signal(SIGTERM);
        // Without a runtime the daemon ends, and the kernel asks it once more (`sys::script`).
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { running.see_die().await });
        }
    }
}

impl Running {
    /// Waits for the end of one that was asked to end, and kills it when that takes too long.
    async fn see_die(&mut self) {
        let mut patience = GRACE;
        while timeout(patience, self.wait()).await.is_err() {
            self.signal(SIGKILL);
            patience = AGAIN;
        }
        // What it has started and left behind.
        self.signal(SIGKILL);
    }

    fn signal(&self, signal: i32) {
        if let Some(group) = self.group() {
            // The only failure is that it has just ended, which is what was wanted.
            let _ = sys::process::kill_group(group, signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_dropped_dies_even_if_it_does_not_want_to() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("alive");
        let script = format!("trap '' TERM; while :; do touch {}; sleep 0.1; done", file.display());
        let argv = ["/bin/sh", "-c", &script].map(str::to_owned).to_vec();
        runtime.block_on(async {
            let guarded = Command { argv, uid: 0, gid: 0 }.start_guarded().unwrap();
            let group = guarded.running.as_ref().and_then(Running::group).unwrap();
            while !file.exists() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            drop(guarded);
            let gone = async {
                while sys::process::kill_group(group, 0).is_ok() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            assert!(timeout(Duration::from_secs(60), gone).await.is_ok(), "it lives on");
        });
    }
}
