//! How urgently a thread runs, and that its memory stays in memory.
//!
//! Decides how each request is put to the kernel; when to ask for it is configuration.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::hint::black_box;
use std::io;
use std::time::Duration;

use libc::c_int;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::Pid;

/// The stack that is touched in advance: more than the daemon's loops ever used.
const STACK: usize = 128 << 10;

/// Gives the calling thread real-time priority (`SCHED_RR`), 1 to 99. Processes that it starts do
/// not inherit it.
///
/// # Errors
/// Without `CAP_SYS_NICE`, or for a priority out of range.
pub fn realtime(priority: u8) -> io::Result<()> {
    set_scheduler(libc::SCHED_RR | libc::SCHED_RESET_ON_FORK, c_int::from(priority))
}

/// Takes the calling thread back to normal scheduling.
///
/// # Errors
/// None in practice: giving up urgency is always allowed.
pub fn normal() -> io::Result<()> {
    set_scheduler(libc::SCHED_OTHER, 0)
}

fn set_scheduler(policy: c_int, priority: c_int) -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: priority };
    // SAFETY: the pointer leads to `parameters`, which outlives the call; 0 is the calling thread.
    check(unsafe { libc::sched_setscheduler(0, policy, &raw const parameters) })
}

/// Sets the nice value of the calling thread, -20 (urgent) to 19.
///
/// # Errors
/// Without `CAP_SYS_NICE` when the value goes down.
pub fn nice(value: i8) -> io::Result<()> {
    // SAFETY: no pointers; on Linux 0 means the calling thread, not the process.
    check(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, c_int::from(value)) })
}

/// Lets the calling thread run on these processors only; numbers that cannot exist are left out.
///
/// # Errors
/// When none of them is there.
pub fn affinity(processors: &BTreeSet<u32>) -> io::Result<()> {
    let mut set = CpuSet::new();
    for processor in processors {
        // Greater numbers than the kernel's set can hold name no processor.
        let _ = usize::try_from(*processor).map(|processor| set.set(processor));
    }
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}

/// Bounds how long a real-time thread may run without blocking: the process gets `SIGXCPU` at
/// half of it and is killed at the whole. Not for processes without real-time threads.
///
/// # Errors
/// When the limit is above the present hard one, without `CAP_SYS_RESOURCE`.
pub fn limit_realtime(limit: Duration) -> io::Result<()> {
    let hard = u64::try_from(limit.as_micros()).unwrap_or(libc::RLIM_INFINITY);
    Ok(setrlimit(Resource::RLIMIT_RTTIME, hard / 2, hard)?)
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

/// Uses the calling thread's stack once, so that with [`lock_memory`] it never faults again.
#[inline(never)]
pub fn prefault_stack() {
    let mut stack = [0_u8; STACK];
    black_box(&mut stack);
}

/// Names the calling thread for `ps -L` and `top`; only the first 15 bytes count.
///
/// # Errors
/// When the name holds a zero byte.
pub fn set_thread_name(name: &str) -> io::Result<()> {
    let name = CString::new(name)?;
    Ok(nix::sys::prctl::set_name(&name)?)
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

    #[test]
    fn realtime_is_for_the_calling_thread_and_can_be_taken_back() {
        std::thread::spawn(|| {
            realtime(7).expect("this test needs CAP_SYS_NICE");
            assert_eq!((stat(40), stat(41)), (7, 2));
            let other = std::thread::spawn(|| stat(41)).join().unwrap();
            assert_eq!(other, 0, "RESET_ON_FORK");
            normal().unwrap();
            nice(5).unwrap();
            assert_eq!((stat(19), stat(41)), (5, 0));
        })
        .join()
        .unwrap();
        assert_eq!(stat(19), 0);
    }

    #[test]
    fn affinity_is_for_the_calling_thread() {
        std::thread::spawn(|| {
            affinity(&BTreeSet::from([0])).unwrap();
            let text = std::fs::read_to_string("/proc/thread-self/status").unwrap();
            let allowed = text.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
            assert_eq!(allowed.map(str::trim), Some("0"));
            assert!(affinity(&BTreeSet::from([100_000])).is_err());
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_name_is_cut_to_fifteen_bytes() {
        std::thread::spawn(|| {
            set_thread_name("a-name-that-is-too-long").unwrap();
            let name = std::fs::read_to_string("/proc/thread-self/comm").unwrap();
            assert_eq!(name.trim_end(), "a-name-that-is-");
        })
        .join()
        .unwrap();
        assert!(set_thread_name("zero\0byte").is_err());
    }
}
