//! What a script must not inherit from the daemon, set up between its fork and its exec.
//!
//! Decides the order of those steps. Which user runs a script, its arguments, environment and
//! files are the caller's.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::unistd::{Pid, getppid};

use crate::process::{FileLimit, original_file_limit};
use crate::scheduler::{check, nice_of, set_nice, set_scheduler};

/// The highest signal number of Linux.
const LAST_SIGNAL: i32 = 64;

/// Makes the command start as `uid` and `gid` without supplementary groups, as leader of its own
/// process group, with default signal handling, the nice value and the limit of open files that the
/// daemon was started with, and not in real time. Locked memory is never inherited; the processors
/// of the thread that starts it are.
///
/// The script gets `SIGTERM` when the *thread* that starts it ends, so start scripts from one
/// that lives as long as the daemon, and configure them after going to the background. A daemon
/// without privileges can only start scripts as itself; others fail to spawn with `EPERM`.
pub fn configure_script(command: &mut Command, uid: u32, gid: u32) {
    let parent = std::process::id();
    let limit = original_file_limit();
    let prepare = move || {
        lead_a_group()?;
        schedule_normally()?;
        restore_file_limit(limit);
        become_user(uid, gid)?;
        die_with(parent)?;
        default_signals()
    };
    // SAFETY: the closure allocates nothing, takes no lock and only makes system calls, which is
    // all that is allowed between fork and exec.
    unsafe { command.pre_exec(prepare) };
}

fn lead_a_group() -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::setpgid(0, 0) })
}

/// What is urgent for a thread of the daemon is not for what it starts.
fn schedule_normally() -> io::Result<()> {
    let this = Pid::from_raw(0);
    set_scheduler(this, libc::SCHED_OTHER, 0)?;
    // The first thread of the daemon is as it was started. A script that may not go as far ahead
    // is no reason not to run it.
    let _ = set_nice(this, nice_of(getppid()));
    Ok(())
}

fn restore_file_limit(limit: Option<FileLimit>) {
    if let Some(FileLimit { soft, hard }) = limit {
        let limit = libc::rlimit { rlim_cur: soft, rlim_max: hard };
        // A script that may open more files than it asked for is no reason not to run it.
        // SAFETY: the pointer leads to `limit`, which outlives the call.
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    }
}

fn become_user(uid: u32, gid: u32) -> io::Result<()> {
    // SAFETY: no pointers.
    let (is_uid, is_gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    if is_uid != 0 && (is_uid, is_gid) == (uid, gid) {
        return Ok(());
    }
    // SAFETY: a count of zero means that the pointer is not read; the others take none.
    unsafe {
        check(libc::setgroups(0, std::ptr::null()))?;
        check(libc::setgid(gid))?;
        check(libc::setuid(uid))
    }
}

/// Only after the change of user: that clears the setting.
fn die_with(parent: u32) -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) })?;
    // SAFETY: no pointers.
    let alive = u32::try_from(unsafe { libc::getppid() }) == Ok(parent);
    // The daemon may have died before the setting took effect.
    if alive { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
}

fn default_signals() -> io::Result<()> {
    for signal in 1..=LAST_SIGNAL {
        // Fails for SIGKILL, SIGSTOP and the two that the C library keeps to itself.
        // SAFETY: no handler is installed.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: `sigset_t` is plain data, initialised by `sigemptyset` before it is read.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        check(libc::sigemptyset(&raw mut none))?;
        check(libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status_of_a_script(uid: u32, gid: u32) -> String {
        let mut command = Command::new("/bin/cat");
        command.arg("/proc/self/status").arg("/proc/self/stat");
        configure_script(&mut command, uid, gid);
        let output = command.output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }

    fn field<'a>(status: &'a str, name: &str) -> Vec<&'a str> {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().collect()
    }

    #[test]
    fn a_script_is_its_own_group_of_another_user() {
        crate::process::ignore_requests();
        let status = status_of_a_script(65534, 65533);
        assert_eq!(field(&status, "Uid:"), ["65534"; 4]);
        assert_eq!(field(&status, "Gid:"), ["65533"; 4]);
        assert_eq!(field(&status, "Groups:"), [""; 0]);
        let ignored = u64::from_str_radix(field(&status, "SigIgn:")[0], 16).unwrap();
        // 32 and 33 belong to the C library and stay as the test's own parent had them.
        assert_eq!(ignored & !(0b11 << 31), 0, "the daemon ignores some, a script does not");
        let id = field(&status, "Pid:")[0];
        let stat = status.lines().last().unwrap();
        let rest: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        assert_eq!(rest[2], id, "it leads its process group");
    }

    #[test]
    fn a_script_of_a_real_time_thread_is_scheduled_normally() {
        std::thread::spawn(|| {
            let thread = crate::scheduler::Thread::current();
            thread.set_realtime(3).expect("this test needs CAP_SYS_NICE");
            let status = status_of_a_script(0, 0);
            let stat = status.lines().last().unwrap();
            let rest: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
            assert_eq!(rest[38], "0", "the policy is SCHED_OTHER");
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_script_does_not_inherit_the_nice_value_of_a_thread() {
        std::thread::spawn(|| {
            crate::scheduler::Thread::current().set_nice(7).unwrap();
            let status = status_of_a_script(0, 0);
            let stat = status.lines().last().unwrap();
            let rest: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
            assert_eq!(rest[16], nice_of(nix::unistd::getpid()).to_string());
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_whole_script_group_can_be_killed() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "sleep 60 & wait"]);
        configure_script(&mut command, 0, 0);
        let mut script = command.spawn().unwrap();
        crate::process::kill_group(script.id(), libc::SIGKILL).unwrap();
        assert!(!script.wait().unwrap().success());
    }
}
