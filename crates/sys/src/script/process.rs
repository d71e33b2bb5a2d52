//! A script that was started: its number, and its end.
//!
//! What the end means is decided by whoever started it.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use nix::unistd::{Pid, read, setpgid};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::scheduler::check;

/// How often a process is looked at for its end where the kernel tells nobody (before Linux 5.3,
/// and when there is no descriptor left).
const LOOK: Duration = Duration::from_millis(50);

/// A process that is, or will be, a script, or has failed to become one. It leads its process
/// group from the first moment. Nothing happens to it when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Pid,
    /// Readable when it has ended.
    end: Option<AsyncFd<OwnedFd>>,
    /// Holds the number of the error that kept it from becoming the script.
    failure: OwnedFd,
    ended: Option<ExitStatus>,
}

impl Process {
    pub(super) fn new(child: Pid, failure: OwnedFd) -> Self {
        // The process does so itself, but a signal must not come before that. It fails when the
        // exec is over, and then it has been done.
        let _ = setpgid(child, child);
        Self { child, end: watch(child).ok(), failure, ended: None }
    }

    /// Its number, which is that of its process group.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.child.as_raw().cast_unsigned()
    }

    /// Waits for its end. May be dropped while it waits, and asked again.
    ///
    /// # Errors
    /// Why the program could not be run as that user; or that the kernel lost the process.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        while self.ended.is_none() {
            self.news().await;
            self.ended = self.buried()?;
        }
        match (self.ended, self.error()) {
            (Some(status), None) => Ok(status),
            (_, error) => Err(error.unwrap_or_else(|| io::ErrorKind::Other.into())),
        }
    }

    /// It may have ended.
    async fn news(&self) {
        match &self.end {
            Some(end) => {
                // Fails only when the runtime ends, and this with it.
                if let Ok(mut ready) = end.readable().await {
                    ready.clear_ready();
                }
            }
            None => tokio::time::sleep(LOOK).await,
        }
    }

    fn buried(&self) -> io::Result<Option<ExitStatus>> {
        let mut status = 0;
        // SAFETY: the pointer leads to `status`, which outlives the call.
        let found = unsafe { libc::waitpid(self.child.as_raw(), &raw mut status, libc::WNOHANG) };
        check(found)?;
        Ok((found != 0).then(|| ExitStatus::from_raw(status)))
    }

    /// What it reported before it ended; nothing is there of one that became the script.
    fn error(&self) -> Option<io::Error> {
        let mut number = [0; size_of::<i32>()];
        let length = read(&self.failure, &mut number).ok()?;
        (length == number.len()).then(|| io::Error::from_raw_os_error(i32::from_ne_bytes(number)))
    }
}

/// A descriptor that becomes readable when the process has ended.
fn watch(child: Pid) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: no pointers.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, child.as_raw(), 0) };
    let descriptor = i32::try_from(descriptor).unwrap_or(-1);
    check(descriptor)?;
    // SAFETY: it is new, and nobody else's.
    let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
    // SAFETY: the descriptor stays open until it is dropped, and never changes.
    Ok(unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE) }?)
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use crate::script::{Program, start};

    #[test]
    fn an_end_is_found_where_the_kernel_tells_nobody() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let argv = [c"/bin/sh", c"-c", c"sleep 0.2; exit 7"].map(CStr::to_owned).to_vec();
            let program = Program { argv, environment: Vec::new(), uid: 0, gid: 0 };
            let mut process = start(&program).unwrap();
            process.end = None;
            assert_eq!(process.wait().await.unwrap().code(), Some(7));
        });
    }
}
