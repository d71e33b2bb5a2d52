//! Starts a script, and decides what it must not inherit from the daemon and in which order that is
//! set up between its fork and its exec.
//!
//! Nobody waits for the exec: a program on a disk that hangs holds nobody up but itself, can be
//! signalled like any other, and whether it could be run at all is heard with its end. Which user
//! runs a script, its arguments and its environment are the caller's.

mod process;

use std::convert::Infallible;
use std::ffi::{CString, c_char};
use std::io;
use std::os::fd::{AsRawFd, RawFd};

use nix::fcntl::OFlag;
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::unistd::{ForkResult, Pid, fork, getppid, pipe2};

use crate::process::{FileLimit, original_file_limit};
use crate::scheduler::{check, nice_of, set_nice, set_scheduler};
pub use process::Process;

/// The highest signal number of Linux.
const LAST_SIGNAL: i32 = 64;

/// What is run, and as whom.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program, then its arguments; one without a slash is looked for in the daemon's `PATH`.
    pub argv: Vec<CString>,
    /// Its whole environment, as `NAME=value`.
    pub environment: Vec<CString>,
    /// The user number.
    pub uid: u32,
    /// The group number.
    pub gid: u32,
}

/// Starts a program as its user and group without supplementary groups, as leader of its own
/// process group, with standard input, output and error on `/dev/null` and no other file, with
/// default signal handling, the nice value and the limit of open files that the daemon was started
/// with, and not in real time. Locked memory is never inherited; the processors of the thread that
/// starts it are. A script without `#!` line runs in a shell: `execvp` sees to that.
///
/// The script gets `SIGTERM` when the *thread* that starts it ends, so start scripts from one
/// that lives as long as the daemon, after going to the background and inside a tokio runtime. A
/// daemon without privileges can only start scripts as itself.
///
/// # Errors
/// When there is no process or descriptor left. That the program cannot be run, or not as that
/// user, is an error of [`Process::wait`].
pub fn start(program: &Program) -> io::Result<Process> {
    let (failure, report) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    let birth = Birth {
        argv: pointers(&program.argv),
        environment: pointers(&program.environment),
        uid: program.uid,
        gid: program.gid,
        parent: std::process::id(),
        limit: original_file_limit(),
        report: report.as_raw_fd(),
    };
    // Until it has its own handling of signals the new process has the daemon's, which would
    // swallow what it is sent.
    let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    // SAFETY: the child allocates nothing, takes no lock and only makes system calls, and it never
    // returns from here.
    let forked = unsafe { fork() };
    if matches!(forked, Ok(ForkResult::Child)) {
        birth.complete();
    }
    mask.thread_set_mask()?;
    match forked? {
        ForkResult::Parent { child } => Ok(Process::new(child, failure)),
        ForkResult::Child => Err(io::ErrorKind::Other.into()),
    }
}

/// As `exec` wants them; they end with a null pointer.
fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

/// All that the new process needs to become the program, made before there is one.
struct Birth {
    argv: Vec<*const c_char>,
    environment: Vec<*const c_char>,
    uid: u32,
    gid: u32,
    parent: u32,
    limit: Option<FileLimit>,
    report: RawFd,
}

impl Birth {
    /// Becomes the program, or tells why not and ends.
    fn complete(&self) -> ! {
        let report = keep_only(self.report);
        let Err(error) = self.become_program();
        let number = error.raw_os_error().unwrap_or(libc::EIO).to_ne_bytes();
        // SAFETY: the pointer leads to `number`, which outlives the call; ending without the
        // handlers of the daemon is what is wanted.
        unsafe {
            libc::write(report, number.as_ptr().cast(), number.len());
            libc::_exit(127)
        }
    }

    fn become_program(&self) -> io::Result<Infallible> {
        lead_a_group()?;
        schedule_normally()?;
        restore_file_limit(self.limit);
        become_user(self.uid, self.gid)?;
        die_with(self.parent)?;
        default_signals()?;
        // SAFETY: both lists end with a null pointer and lead to strings that the caller of
        // `start` holds.
        unsafe { libc::execvpe(self.argv[0], self.argv.as_ptr(), self.environment.as_ptr()) };
        Err(io::Error::last_os_error())
    }
}

/// Closes everything but the way to report, whose descriptor afterwards it returns: as long as the
/// exec hangs, no connection, lock or pipe of the daemon shall stay open for it.
fn keep_only(report: RawFd) -> RawFd {
    const AFTER_STANDARD: RawFd = 3;
    // SAFETY: the string ends with a null byte. The descriptors are the child's own, in whose
    // memory nobody is left to use them. A kernel before 5.9 knows no `close_range`; there the
    // files are closed by the exec.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
        for standard in 0..AFTER_STANDARD {
            libc::dup2(null, standard);
        }
        let moved = libc::dup3(report, AFTER_STANDARD, libc::O_CLOEXEC);
        let report = if moved == AFTER_STANDARD { moved } else { report };
        libc::syscall(libc::SYS_close_range, report + 1, libc::c_uint::MAX, 0);
        report
    }
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
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    fn shell(script: &str, uid: u32, gid: u32) -> Program {
        let strings =
            |words: &[&str]| words.iter().map(|word| CString::new(*word).unwrap()).collect();
        let argv = strings(&["/bin/sh", "-c", script]);
        Program { argv, environment: strings(&["PATH=/usr/bin:/bin"]), uid, gid }
    }

    fn run<T>(test: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test)
    }

    fn status_of_a_script(uid: u32, gid: u32) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::os::unix::fs::fchown(&file, Some(uid), Some(gid)).unwrap();
        let script =
            format!("exec cat /proc/self/status /proc/self/stat >{}", file.path().display());
        let ended = run(async { start(&shell(&script, uid, gid)).unwrap().wait().await });
        assert!(ended.unwrap().success());
        std::fs::read_to_string(&file).unwrap()
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
        run(async {
            let mut script = start(&shell("sleep 600 & wait", 0, 0)).unwrap();
            // Whatever it has come to: the signal is not lost.
            crate::process::kill_group(script.id(), libc::SIGTERM).unwrap();
            assert_eq!(script.wait().await.unwrap().signal(), Some(libc::SIGTERM));
        });
    }

    #[test]
    fn a_program_that_cannot_be_run_says_why() {
        run(async {
            let mut missing = shell("", 0, 0);
            missing.argv[0] = c"/does/not/exist".to_owned();
            let error = start(&missing).unwrap().wait().await.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
        });
    }

    #[test]
    fn a_script_has_no_file_of_the_daemon() {
        use std::os::fd::IntoRawFd as _;
        let held = std::fs::File::open("/dev/zero").unwrap();
        // Without the flag that closes it at an exec.
        let copy = nix::unistd::dup(&held).unwrap().into_raw_fd();
        let script = format!("test -e /proc/self/fd/0 && ! test -e /proc/self/fd/{copy}");
        run(async {
            let ended = start(&shell(&script, 0, 0)).unwrap().wait().await;
            assert!(ended.unwrap().success());
        });
    }
}
