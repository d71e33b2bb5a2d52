//! Buries processes that scripts left behind.
//!
//! keepalived adopts what its scripts start and leave, and so does whoever runs as process 1 of
//! a container: without a burial `kill -0` goes on to find a dead daemon. Processes that this
//! crate started itself are waited for by whoever started them, however late that is.

use std::collections::BTreeSet;
use std::fs;
use std::sync::OnceLock;
use std::time::Duration;

use nix::sys::prctl::set_child_subreaper;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Whoever is still unburied after this time has nobody to wait for it.
const WAKE: Duration = Duration::from_millis(500);

/// Buries orphans. There is one in a process, whatever parts of it start scripts.
#[derive(Debug)]
pub struct Undertaker {
    deaths: Signal,
    awaited: Awaited,
}

impl Undertaker {
    /// Adopts orphans from now on. Before the first script is started, and inside a tokio runtime:
    /// whoever was started before it is nobody's.
    ///
    /// # Errors
    /// When the kernel refuses, which it does only when it is too old.
    pub fn begin() -> std::io::Result<Self> {
        set_child_subreaper(true)?;
        let deaths = signal(SignalKind::child())?;
        let (sender, news) = unbounded_channel();
        let _ = UNDERTAKER.set(sender);
        Ok(Self { deaths, awaited: Awaited { news, processes: BTreeSet::new() } })
    }

    /// Buries them for as long as it is polled.
    pub async fn bury(mut self) {
        while self.deaths.recv().await.is_some() {
            bury_those_nobody_waits_for(&mut self.awaited).await;
        }
    }
}

/// The way to the one who has to know which processes are waited for, once there is one.
static UNDERTAKER: OnceLock<UnboundedSender<News>> = OnceLock::new();

#[derive(Debug)]
enum News {
    Started(u32),
    WaitedFor(u32),
}

/// The processes that somebody waits for.
#[derive(Debug)]
struct Awaited {
    news: UnboundedReceiver<News>,
    processes: BTreeSet<u32>,
}

impl Awaited {
    fn includes(&mut self, process: Pid) -> bool {
        while let Ok(news) = self.news.try_recv() {
            match news {
                News::Started(process) => self.processes.insert(process),
                News::WaitedFor(process) => self.processes.remove(&process),
            };
        }
        u32::try_from(process.as_raw()).is_ok_and(|process| self.processes.contains(&process))
    }
}

/// A process that somebody waits for as long as this lives.
#[derive(Debug)]
pub(crate) struct Claim(u32);

impl Claim {
    pub(crate) fn on(process: u32) -> Self {
        tell(News::Started(process));
        Self(process)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        tell(News::WaitedFor(self.0));
    }
}

fn tell(news: News) {
    if let Some(undertaker) = UNDERTAKER.get() {
        // It may have ended, with the daemon.
        let _ = undertaker.send(news);
    }
}

async fn bury_those_nobody_waits_for(awaited: &mut Awaited) {
    let mut seen = BTreeSet::new();
    loop {
        tokio::time::sleep(WAKE).await;
        let mut dead = unburied();
        if dead.is_empty() {
            return;
        }
        dead.retain(|process| !awaited.includes(*process));
        for orphan in dead.intersection(&seen) {
            // It may have been buried in between, which is what was wanted.
            let _ = waitpid(*orphan, Some(WaitPidFlag::WNOHANG));
        }
        seen = dead;
    }
}

/// The children that have ended and that nobody has waited for.
fn unburied() -> BTreeSet<Pid> {
    let Some(first) = dead(Id::All) else {
        return BTreeSet::new();
    };
    // A kernel without the lists of children buries one at a time.
    children().filter_map(|child| dead(Id::Pid(child))).chain([first]).collect()
}

fn dead(which: Id<'_>) -> Option<Pid> {
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    waitid(which, look).ok().as_ref().and_then(WaitStatus::pid)
}

/// The children of all threads.
fn children() -> impl Iterator<Item = Pid> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().filter_map(Result::ok);
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| {
        let ids = list.split_whitespace().filter_map(|id| id.parse().ok().map(Pid::from_raw));
        ids.collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests {
    use crate::script::{Command, Outcome};

    use super::*;

    /// A thread may be busy for longer than anybody else leaves a dead process unburied.
    #[test]
    fn whoever_is_late_still_hears_how_his_program_ended() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let burial = tokio::spawn(Undertaker::begin().unwrap().bury());
            let argv = ["/bin/sh", "-c", "exit 3"].map(str::to_owned).to_vec();
            let mut late = Command { argv, uid: 0, gid: 0 }.start().unwrap();
            tokio::time::sleep(WAKE * 4).await;
            assert_eq!(late.wait().await.unwrap(), Outcome::Exited(3));
            assert!(!burial.is_finished());
        });
    }
}
