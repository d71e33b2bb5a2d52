//! Buries processes that scripts left behind.
//!
//! keepalived adopts what its scripts start and leave, and so does whoever runs as process 1 of
//! a container: without a burial `kill -0` goes on to find a dead daemon. Processes that this
//! crate started itself are waited for by whoever started them.

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
    let mut seen = None;
    loop {
        tokio::time::sleep(WAKE).await;
        match unburied() {
            None => return,
            Some(dead) if seen == Some(dead) => {
                // It may have been buried in between, which is what was wanted.
                let _ = waitpid(dead, Some(WaitPidFlag::WNOHANG));
            }
            other => seen = other,
        }
    }
}

/// A child that has ended and that nobody has waited for.
fn unburied() -> Option<Pid> {
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    waitid(Id::All, look).ok().as_ref().and_then(WaitStatus::pid)
}
