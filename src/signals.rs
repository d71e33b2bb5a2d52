//! Signals, as things that the operator asks for (compat 03 §4).

use nix::sys::signal::{SigSet, Signal as Number};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::dump::Dump;

/// Asks for [`Dump::Json`]: `SIGRTMIN + 2` of the C library that keepalived is built with.
pub(crate) const JSON: i32 = 36;
/// Asks for [`Dump::LastStatistics`]: `SIGRTMAX - 1`.
pub(crate) const STATS_CLEAR: i32 = 63;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// SIGTERM, SIGINT: stop in good order.
    Stop,
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGUSR1, SIGUSR2 and two of the real-time signals: write a dump.
    Dump(Dump),
    /// SIGXCPU, of the kernel: a thread in real time has computed for half of what it may.
    LessComputing,
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
    last_statistics: Signal,
    json: Signal,
    computing: Signal,
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
            last_statistics: signal(SignalKind::from_raw(STATS_CLEAR))?,
            json: signal(SignalKind::from_raw(JSON))?,
            computing: signal(SignalKind::from_raw(Number::SIGXCPU as i32))?,
            ignore_interrupt,
        };
        requests().thread_unblock()?;
        Ok(signals)
    }

    /// Ends when a stop is asked for; what else is asked for meanwhile waits for [`Self::next`].
    pub(crate) async fn stop(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => if !self.ignore_interrupt { return },
            }
        }
    }

    /// What is asked for next.
    pub(crate) async fn next(&mut self) -> Asked {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Asked::Stop,
                _ = self.interrupt.recv() => if !self.ignore_interrupt { return Asked::Stop },
                _ = self.hangup.recv() => return Asked::Reload,
                _ = self.data.recv() => return Asked::Dump(Dump::State),
                _ = self.statistics.recv() => return Asked::Dump(Dump::Statistics),
                _ = self.last_statistics.recv() => return Asked::Dump(Dump::LastStatistics),
                _ = self.json.recv() => return Asked::Dump(Dump::Json),
                _ = self.computing.recv() => return Asked::LessComputing,
            }
        }
    }
}
