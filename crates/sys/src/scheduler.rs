//! How urgently a thread runs, and that its memory stays in memory.
//!
//! Decides how each request is put to the kernel; when to ask for it is configuration.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::time::Duration;

use libc::c_int;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{Pid, getpid, gettid};

/// The stack that is touched in advance: more than the daemon's loops ever used.
const STACK: usize = 128 << 10;

/// A thread of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread(Pid);

impl Thread {
    /// The calling thread.
    #[must_use]
    pub fn current() -> Self {
        Self(gettid())
    }

    /// The thread that the process began with. As long as nobody schedules it, it shows how the
    /// daemon was started.
    #[must_use]
    pub fn first() -> Self {
        Self(getpid())
    }

    /// Whether it has not ended. Its number may be another process's afterwards.
    #[must_use]
    pub fn is_alive(self) -> bool {
        Path::new("/proc/self/task").join(self.0.to_string()).exists()
    }

    /// Gives it real-time priority (`SCHED_RR`), 1 to 99. Processes that it starts do not inherit
    /// it.
    ///
    /// # Errors
    /// Without `CAP_SYS_NICE`, or for a priority out of range.
    pub fn set_realtime(self, priority: u8) -> io::Result<()> {
        let policy = libc::SCHED_RR | libc::SCHED_RESET_ON_FORK;
        set_scheduler(self.0, policy, c_int::from(priority))
    }

    /// Takes it back to normal scheduling.
    ///
    /// # Errors
    /// None in practice: giving up urgency is always allowed.
    pub fn set_normal(self) -> io::Result<()> {
        set_scheduler(self.0, libc::SCHED_OTHER, 0)
    }

    /// Sets its nice value, -20 (urgent) to 19.
    ///
    /// # Errors
    /// Without `CAP_SYS_NICE` when the value goes down.
    pub fn set_nice(self, value: i8) -> io::Result<()> {
        set_nice(self.0, c_int::from(value))
    }

    /// Gives it the nice value of another thread.
    ///
    /// # Errors
    /// Without `CAP_SYS_NICE` when the value goes down.
    pub fn set_nice_of(self, other: Self) -> io::Result<()> {
        set_nice(self.0, nice_of(other.0))
    }

    /// Lets it run on these processors only; numbers that cannot exist are left out.
    ///
    /// # Errors
    /// When none of them is there.
    pub fn set_affinity(self, processors: &BTreeSet<u32>) -> io::Result<()> {
        let mut set = CpuSet::new();
        for processor in processors {
            // Greater numbers than the kernel's set can hold name no processor.
            let _ = usize::try_from(*processor).map(|processor| set.set(processor));
        }
        Ok(sched_setaffinity(self.0, &set)?)
    }

    /// Lets it run on the processors of another thread.
    ///
    /// # Errors
    /// When none of them is there any more.
    pub fn set_affinity_of(self, other: Self) -> io::Result<()> {
        Ok(sched_setaffinity(self.0, &sched_getaffinity(other.0)?)?)
    }
}

/// Only system calls: it also runs between fork and exec.
pub(crate) fn set_scheduler(thread: Pid, policy: c_int, priority: c_int) -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: priority };
    // SAFETY: the pointer leads to `parameters`, which outlives the call.
    check(unsafe { libc::sched_setscheduler(thread.as_raw(), policy, &raw const parameters) })
}

/// Only a system call: it also runs between fork and exec.
pub(crate) fn set_nice(thread: Pid, value: c_int) -> io::Result<()> {
    // SAFETY: no pointers; on Linux the number is one of a thread.
    check(unsafe { libc::setpriority(libc::PRIO_PROCESS, id(thread), value) })
}

/// Only a system call: it also runs between fork and exec. 0 for a thread that has ended.
pub(crate) fn nice_of(thread: Pid) -> c_int {
    // SAFETY: no pointers.
    match unsafe { libc::getpriority(libc::PRIO_PROCESS, id(thread)) } {
        value @ -20..=19 => value,
        _ => 0,
    }
}

const fn id(thread: Pid) -> libc::id_t {
    thread.as_raw().cast_unsigned()
}

/// Bounds how long a real-time thread may run without blocking: the process gets `SIGXCPU` at
/// half of it and is killed at the whole. `None` takes the bound away.
///
/// # Errors
/// When the limit is above the present hard one, without `CAP_SYS_RESOURCE`.
pub fn limit_realtime(limit: Option<Duration>) -> io::Result<()> {
    let micros = limit.and_then(|limit| u64::try_from(limit.as_micros()).ok());
    let (soft, hard) = match micros {
        Some(micros) => (micros / 2, micros),
        None => (libc::RLIM_INFINITY, libc::RLIM_INFINITY),
    };
    Ok(setrlimit(Resource::RLIMIT_RTTIME, soft, hard)?)
}

/// Keeps the process's pages in memory, those to come included, from their first use on. A
/// program started from here does not inherit it.
///
/// # Errors
/// Without `CAP_IPC_LOCK`, when the limit for locked memory is too small.
pub fn lock_memory() -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE | libc::MCL_ONFAULT) })
}

/// Ends [`lock_memory`].
///
/// # Errors
/// None in practice.
pub fn unlock_memory() -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::munlockall() })
}

/// Uses the calling thread's stack once, so that with [`lock_memory`] it never faults again.
#[inline(never)]
pub fn prefault_stack() {
    let mut stack = [0_u8; STACK];
    black_box(&mut stack);
}

pub(crate) fn check(result: c_int) -> io::Result<()> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields of `/proc/thread-self/stat` after the command name, counted as proc(5) does.
    fn stat(field: usize) -> i64 {
        let text = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let rest = text.rsplit_once(')').unwrap().1.split_whitespace();
        rest.map(str::to_owned).nth(field - 3).unwrap().parse().unwrap()
    }

    fn allowed() -> String {
        let text = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let list = text.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        list.unwrap().trim().to_owned()
    }

    #[test]
    fn realtime_is_for_one_thread_and_can_be_taken_back() {
        std::thread::spawn(|| {
            let thread = Thread::current();
            thread.set_realtime(7).expect("this test needs CAP_SYS_NICE");
            assert_eq!((stat(40), stat(41)), (7, 2));
            let other = std::thread::spawn(|| stat(41)).join().unwrap();
            assert_eq!(other, 0, "RESET_ON_FORK");
            thread.set_normal().unwrap();
            thread.set_nice(5).unwrap();
            assert_eq!((stat(19), stat(41)), (5, 0));
            thread.set_nice_of(Thread::first()).unwrap();
            assert_eq!(stat(19), i64::from(nice_of(getpid())));
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_thread_is_scheduled_by_another_one() {
        let (tell, told) = std::sync::mpsc::channel();
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let other = std::thread::spawn(move || {
            tell.send(Thread::current()).unwrap();
            gone.recv().unwrap();
            stat(19)
        });
        let thread = told.recv().unwrap();
        thread.set_nice(6).unwrap();
        assert!(thread.is_alive());
        go.send(()).unwrap();
        assert_eq!(other.join().unwrap(), 6);
        let until = std::time::Instant::now() + Duration::from_secs(25);
        while thread.is_alive() {
            assert!(std::time::Instant::now() < until, "it has ended");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn affinity_is_for_one_thread_and_can_be_taken_back() {
        let before = allowed();
        std::thread::spawn(move || {
            let thread = Thread::current();
            thread.set_affinity(&BTreeSet::from([0])).unwrap();
            assert_eq!(allowed(), "0");
            assert!(thread.set_affinity(&BTreeSet::from([100_000])).is_err());
            thread.set_affinity_of(Thread::first()).unwrap();
            assert_eq!(allowed(), before);
        })
        .join()
        .unwrap();
    }
}
