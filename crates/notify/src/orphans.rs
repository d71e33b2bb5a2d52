//! Buries processes that scripts left behind.
//!
//! keepalived adopts what its scripts start and leave, and so does whoever runs as process 1 of
//! a container: without a burial `kill -0` goes on to find a dead daemon. Processes that this
//! crate started itself are waited for by whoever started them.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use nix::sys::prctl::set_child_subreaper;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

/// Whoever is still unburied after this time has nobody to wait for it.
const WAKE: Duration = Duration::from_millis(500);

/// Adopts and buries orphans for as long as it is polled. Run it on one thread only.
///
/// # Errors
/// When the kernel refuses, which it does only when it is too old.
pub async fn bury_orphans() -> std::io::Result<()> {
    set_child_subreaper(true)?;
    let mut deaths = signal(SignalKind::child())?;
    while deaths.recv().await.is_some() {
        bury_those_nobody_waits_for().await;
    }
    Ok(())
}

async fn bury_those_nobody_waits_for() {
    let mut seen = BTreeSet::new();
    loop {
        tokio::time::sleep(WAKE).await;
        let dead = unburied();
        if dead.is_empty() {
            return;
        }
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
