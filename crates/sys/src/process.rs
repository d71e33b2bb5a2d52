//! The daemon as a process: going to the background, its limits, signals to process groups.
//!
//! Decides nothing about when; starting other programs is the business of `script`.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::OnceLock;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{ForkResult, chdir, fork, setsid};

use crate::scheduler::check;

/// The limit of open files that the process was started with.
static STARTED_WITH: OnceLock<FileLimit> = OnceLock::new();

/// A limit of open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLimit {
    /// What is enforced.
    pub soft: u64,
    /// How far an unprivileged process may raise the soft limit.
    pub hard: u64,
}

/// Moves the process to the background: its parent exits with status 0 at once, the rest goes on
/// in a session of its own, in `/`, with standard input, output and error on `/dev/null`.
///
/// # Errors
/// When the process has more than one thread already, as only the calling one would survive, or
/// when it cannot fork. After the fork, errors concern the new process.
pub fn daemonize() -> io::Result<()> {
    if threads()? != 1 {
        return Err(io::Error::other("cannot fork a process that runs several threads"));
    }
    let null = File::options().read(true).write(true).open("/dev/null")?;
    // SAFETY: there is no other thread that could hold a lock in the copied memory.
    match unsafe { fork() }? {
        // SAFETY: ends the process without running handlers that belong to the child now.
        ForkResult::Parent { .. } => unsafe { libc::_exit(0) },
        ForkResult::Child => {}
    }
    setsid()?;
    chdir("/")?;
    (0..=2).try_for_each(|standard| replace(&null, standard))
}

/// How many threads the process has.
fn threads() -> io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/task")?.count())
}

fn replace(file: &File, descriptor: RawFd) -> io::Result<()> {
    // SAFETY: only ever called for the standard descriptors, which nobody owns.
    check(unsafe { libc::dup2(file.as_raw_fd(), descriptor) })
}

/// Raises the soft limit of open files to at least `need`, and the hard one if it is below and we
/// may; without `CAP_SYS_RESOURCE` the soft limit comes as near as the hard one lets it. Programs
/// started through [`crate::script::start`] get the original back. Returns the limit
/// that now holds.
///
/// # Errors
/// None in practice.
pub fn raise_open_file_limit(need: u64) -> io::Result<FileLimit> {
    let now = open_file_limit()?;
    STARTED_WITH.get_or_init(|| now);
    let wanted = FileLimit { soft: now.soft.max(need), hard: now.hard.max(need) };
    let allowed = FileLimit { soft: now.soft.max(need.min(now.hard)), hard: now.hard };
    if set_file_limit(wanted).is_err() {
        set_file_limit(allowed)?;
    }
    open_file_limit()
}

fn set_file_limit(limit: FileLimit) -> io::Result<()> {
    Ok(setrlimit(Resource::RLIMIT_NOFILE, limit.soft, limit.hard)?)
}

/// The limit of open files that holds now.
///
/// # Errors
/// None in practice.
pub fn open_file_limit() -> io::Result<FileLimit> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(FileLimit { soft, hard })
}

/// What was in force before [`raise_open_file_limit`], if that was called.
pub(crate) fn original_file_limit() -> Option<FileLimit> {
    STARTED_WITH.get().copied()
}

/// Sends a signal to a whole process group, named by its leader's process id.
///
/// # Errors
/// `ESRCH` when the group is gone. Ids that mean "my own group" (0), "everybody" (1) or no
/// process at all are refused.
pub fn kill_group(leader: u32, signal: i32) -> io::Result<()> {
    match i32::try_from(leader) {
        // SAFETY: no pointers.
        Ok(leader) if leader > 1 => check(unsafe { libc::kill(-leader, signal) }),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Ignores what asks for reloads and dumps, from the first moment on: a daemon that is still
/// starting must not die of it, nor of a signal whose dump does not exist. Handlers that are
/// installed later take over; scripts get the defaults back.
pub fn ignore_requests() {
    let dumps = [libc::SIGRTMIN() + 2, libc::SIGRTMAX() - 1, libc::SIGRTMAX()];
    // A real-time thread that computes for long is warned by SIGXCPU, which would end it.
    let requests = [libc::SIGHUP, libc::SIGUSR1, libc::SIGUSR2, libc::SIGPIPE, libc::SIGXCPU];
    for number in requests.into_iter().chain(dumps) {
        // SAFETY: ignoring a signal runs no code of ours; the numbers are valid.
        unsafe { libc::signal(number, libc::SIG_IGN) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dangerous_process_groups_are_refused() {
        for leader in [0, 1, u32::MAX] {
            assert_eq!(kill_group(leader, 0).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn a_process_with_threads_does_not_fork() {
        let wait = std::sync::Arc::new(std::sync::Barrier::new(2));
        let held = wait.clone();
        let thread = std::thread::spawn(move || held.wait());
        assert!(daemonize().is_err());
        wait.wait();
        thread.join().unwrap();
    }

    #[test]
    fn a_need_below_the_limit_changes_nothing() {
        let before = open_file_limit().unwrap();
        assert_eq!(raise_open_file_limit(before.soft.min(3)).unwrap(), before);
        assert_eq!(open_file_limit().unwrap(), before);
    }
}
