//! A run that nobody leaves behind: it is ended when it takes too long, and when nobody waits for
//! it any more, with everything that it has started.
//!
//! How long it may take, and what its end means, is decided by whoever starts it.

use std::io;
use std::time::Duration;

use nix::libc::{SIGKILL, SIGTERM};
use tokio::time::timeout;

use crate::script::{Command, Outcome, Running};

/// How long a program may take to end after it was asked to, and then after it was killed.
const GRACE: Duration = Duration::from_secs(2);
/// How often one that does not even die is killed again after that.
const AGAIN: Duration = Duration::from_secs(10);

/// The run of a program; dropping it asks the program to end, if it has not ended by itself. What
/// one leaves running that ended by itself is its own business.
#[derive(Debug)]
pub struct Guarded {
    running: Running,
    ended: bool,
}

impl Command {
    /// Starts it guarded, as [`Command::start`] does.
    ///
    /// # Errors
    /// When there can be no further process.
    pub fn start_guarded(&self) -> io::Result<Guarded> {
        self.start().map(|running| Guarded { running, ended: false })
    }
}

impl Guarded {
    /// Waits for its end. May be dropped while it waits, but not asked again.
    ///
    /// # Errors
    /// When the program could not be run as that user, or the kernel lost the process.
    pub async fn wait(&mut self) -> io::Result<Outcome> {
        let outcome = self.running.wait().await;
        self.ended = true;
        outcome
    }

    /// The same, but `None` when it takes longer than it may.
    ///
    /// # Errors
    /// When the program could not be run as that user, or the kernel lost the process.
    pub async fn wait_for(&mut self, limit: Duration) -> io::Result<Option<Outcome>> {
        timeout(limit, self.wait()).await.ok().transpose()
    }

    /// The process group, for signals.
    pub(crate) const fn group(&self) -> u32 {
        self.running.group()
    }

    /// Ends it for good, however long the kernel takes for that. May be dropped and asked again,
    /// but not after its end has been waited for.
    pub async fn end(&mut self) {
        self.end_telling(|_| {}).await;
    }

    /// The same, and tells, now and then, which process does not die though it was killed.
    pub async fn end_telling(&mut self, mut undead: impl FnMut(u32)) {
        self.signal(SIGTERM);
        let mut patience = GRACE;
        let mut killed = false;
        while timeout(patience, self.running.wait()).await.is_err() {
            if killed {
                undead(self.group());
                patience = AGAIN;
            }
            self.signal(SIGKILL);
            killed = true;
        }
        // What it has started and left behind.
        self.signal(SIGKILL);
        self.ended = true;
    }

    fn signal(&self, signal: i32) {
        // The only failure is that it has just ended, which is what was wanted.
        let _ = sys::process::kill_group(self.group(), signal);
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if !self.ended {
            self.signal(SIGTERM);
        }
    }
}
