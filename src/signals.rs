//! Signals, as things that the operator asks for (compat 03 §4).

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
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            data: signal(SignalKind::user_defined1())?,
            statistics: signal(SignalKind::user_defined2())?,
            ignore_interrupt,
        })
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
