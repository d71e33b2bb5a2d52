//! A process that a lab started, with everything it has forked since.
//! Decides how a whole family is stopped or killed so that no member notices another one's death.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use nix::errno::Errno;
use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use super::run::must;
use super::{Log, Usage, usage};

/// How long a killed process may stay in the process table.
const BURIAL_LIMIT: Duration = Duration::from_secs(1);

/// A running (or ended) process and its log.
pub struct Process {
    child: Child,
    log: Log,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts it so that it is killed when the calling thread ends, with its output in `log`.
    pub(crate) fn start(words: &[OsString], log: Log, directory: &Path) -> Self {
        Self::spawn(words, log, directory, Stdio::null())
    }

    /// As [`start`](Self::start), with a pipe to its standard input.
    pub(crate) fn start_listening(
        words: &[OsString],
        log: Log,
        directory: &Path,
    ) -> (Self, ChildStdin) {
        let mut process = Self::spawn(words, log, directory, Stdio::piped());
        let input = process.child.stdin.take().expect("it was asked for");
        (process, input)
    }

    fn spawn(words: &[OsString], log: Log, directory: &Path, input: Stdio) -> Self {
        must("inherit the children of killed daemons", set_child_subreaper(true));
        let out = must("make a log file", File::create(log.path()));
        let error = must("share a log file", out.try_clone());
        let child = Command::new("setpriv")
            .args([OsStr::new("--pdeathsig"), OsStr::new("KILL")])
            .args(words)
            .env("TMPDIR", directory)
            .stdin(input)
            .stdout(out)
            .stderr(error)
            .spawn();
        Self { child: must("start a process", child), log, ended: None }
    }

    /// Its process id: that of the program itself, since everything before it execs.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.poll().is_none()
    }

    /// Whether it has ended, found out without burying it.
    pub fn has_ended(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
        stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('Z'))
    }

    /// Sends a signal to the process itself.
    pub fn signal(&self, signal: Signal) {
        if self.ended.is_none() {
            send(self.root(), signal);
        }
    }

    /// Waits for the end; `None` when it has not come within the limit.
    pub fn wait_exit(&mut self, limit: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        while self.poll().is_none() && start.elapsed() < limit {
            thread::sleep(Duration::from_millis(2));
        }
        self.ended
    }

    /// Kills the process and all its descendants at once, and says when.
    /// The root is stopped first, so that it neither respawns a child nor tells it good-bye.
    pub fn kill_9(&mut self) -> SystemTime {
        let family = self.family();
        let at = SystemTime::now();
        if self.poll().is_none() {
            send(self.root(), Signal::SIGSTOP);
            family.iter().rev().for_each(|member| send(*member, Signal::SIGKILL));
            self.ended = self.child.wait().ok();
            family.iter().for_each(|member| await_end(*member));
        }
        at
    }

    /// Stops the whole family, as a suspended virtual machine would.
    pub fn pause(&self) {
        self.family().into_iter().for_each(|member| send(member, Signal::SIGSTOP));
    }

    /// Ends [`pause`](Self::pause).
    pub fn resume(&self) {
        self.family().into_iter().rev().for_each(|member| send(member, Signal::SIGCONT));
    }

    /// What the process and its descendants have used so far.
    pub fn usage(&self) -> Usage {
        usage::of(self.family().into_iter())
    }

    fn poll(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = must("look whether a process has ended", self.child.try_wait());
        }
        self.ended
    }

    fn root(&self) -> Pid {
        Pid::from_raw(must("hold a process id", i32::try_from(self.child.id())))
    }

    fn family(&self) -> Vec<Pid> {
        let mut family = vec![self.root()];
        let mut next = 0;
        while let Some(member) = family.get(next) {
            family.extend(children(*member));
            next += 1;
        }
        family
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended.is_none() {
            self.kill_9();
        }
    }
}

/// Signals a process of ours; that it is already gone is no failure.
fn send(process: Pid, signal: Signal) {
    match kill(process, signal) {
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(error) => panic!("lab: cannot send {signal} to {process}: {error}"),
    }
}

/// Buries a killed descendant, which this process inherits: until then its pid counts as taken.
fn await_end(process: Pid) {
    let start = Instant::now();
    while kill(process, None).is_ok() && start.elapsed() < BURIAL_LIMIT {
        // An error only says that it is not ours yet, or not any more.
        let _ = waitpid(process, Some(WaitPidFlag::WNOHANG));
        thread::sleep(Duration::from_millis(1));
    }
}

fn children(of: Pid) -> Vec<Pid> {
    let threads = fs::read_dir(format!("/proc/{of}/task")).into_iter().flatten().flatten();
    threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|text| text.split_whitespace().map(str::parse).collect::<Vec<_>>())
        .filter_map(|pid| pid.ok().map(Pid::from_raw))
        .collect()
}
