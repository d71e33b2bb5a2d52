//! Signals, as things that the operator asks for (compat 03 §4).

use nix::sys::signal::{SigSet, Signal as Number};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// SIGTERM, SIGINT: stop in good order.
    Stop,
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGUSR1, SIGUSR2 and the others that ask for dumps, which do not exist yet.
    Dump,
}

/// Keeps requests for a reload until they are listened to: a configuration that is changed while
/// the daemon starts is not missed. Before any thread is started.
pub(crate) fn keep_requests() {
    // Without it they are lost, as they are for keepalived; nothing worse.
    let _ = requests().thread_block();
}

fn requests() -> SigSet {
    let mut set = SigSet::empty();
    set.add(Number::SIGHUP);
    set
}

/// The signals that the daemon listens to.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    data: Signal,
    statistics: Signal,
    ignore_interrupt: bool,
}

impl Signals {
    /// Starts to listen, inside a runtime.
    ///
    /// # Errors
    /// When a handler cannot be installed.
    pub(crate) fn listen(ignore_interrupt: bool) -> std::io::Result<Self> {
        let signals = Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            data: signal(SignalKind::user_defined1())?,
            statistics: signal(SignalKind::user_defined2())?,
            ignore_interrupt,
        };
        requests().thread_unblock()?;
        Ok(signals)
    }

    /// What is asked for next.
    pub(crate) async fn next(&mut self) -> Asked {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Asked::Stop,
                _ = self.interrupt.recv() => if !self.ignore_interrupt { return Asked::Stop },
                _ = self.hangup.recv() => return Asked::Reload,
                _ = self.data.recv() => return Asked::Dump,
                _ = self.statistics.recv() => return Asked::Dump,
            }
        }
    }
}
