//! The notify pipes of the VRRP part: which there are, who reads them, and that everybody is told
//! (compat 03 §11.7). How a pipe is made and written to is `notify`'s business.

use std::time::Duration;

use conf::{Command, Fifos, NotifyFifo};
use notify::{Fifo, FifoError};
use tokio::task::JoinHandle;

use crate::log::Log;

/// How long readers have to read what is left when the daemon stops.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// The pipes that are open.
pub(super) struct Pipes {
    settings: Fifos,
    pipes: Vec<Pipe>,
    log: Log,
}

struct Pipe {
    /// What log lines put before the word "notify".
    kind: &'static str,
    fifo: Fifo,
    reader: Option<JoinHandle<()>>,
}

impl Pipes {
    /// No pipe yet.
    pub(super) fn new(log: Log) -> Self {
        Self { settings: Fifos::default(), pipes: Vec::new(), log }
    }

    /// Opens what is configured now; a pipe whose settings are the same does not notice.
    pub(super) fn configure(&mut self, settings: Fifos) {
        if self.settings != settings {
            // Closing comes first: a pipe that is made anew may have the same name.
            self.pipes.clear();
            let all = Pipe::open("", &settings.all, &self.log);
            let vrrp = Pipe::open("vrrp ", &settings.vrrp, &self.log);
            self.pipes.extend(all.into_iter().chain(vrrp));
            self.settings = settings;
        }
    }

    /// Tells every pipe.
    pub(super) fn write(&mut self, line: &str) {
        for Pipe { kind, fifo, .. } in &mut self.pipes {
            if let Err(error) = fifo.write(line) {
                self.log.info(format!("{kind}notify fifo write error: {error}"));
            }
        }
    }

    /// Closes all of them, and gives their readers a moment for what is still inside. Who goes on
    /// gets a SIGTERM when this thread ends.
    pub(super) async fn finish(self) {
        let readers: Vec<_> = self.pipes.into_iter().filter_map(|pipe| pipe.reader).collect();
        for reader in readers {
            let _ = tokio::time::timeout(LAST_WORDS, reader).await;
        }
    }
}

impl Pipe {
    /// Opens a pipe, if one is configured and can be used, after its reader was started.
    fn open(kind: &'static str, settings: &NotifyFifo, log: &Log) -> Option<Self> {
        let fifo = settings.fifo.as_ref()?;
        let path = fifo.path.display().to_string();
        let opened = Fifo::open(&fifo.path, fifo.owner.uid, fifo.owner.gid);
        let opened = opened.map_err(|error| match error {
            FifoError::NotOurs => {
                log.info(format!("{kind}notify fifo {path} is not a fifo we own - not using"));
            }
            FifoError::Io(error) => {
                log.info(format!("Unable to open {kind}notify fifo {path}: {error}"));
            }
        });
        let script = settings.script.as_ref();
        let fifo = opened.ok()?;
        Some(Self { kind, fifo, reader: script.and_then(|script| start(kind, script, path, log)) })
    }
}

/// Starts the reader, with the pipe behind its own arguments. It is not started again.
fn start(kind: &'static str, script: &Command, path: String, log: &Log) -> Option<JoinHandle<()>> {
    let (uid, gid) = (script.account.uid, script.account.gid);
    let argv = script.argv.iter().cloned().chain([path]).collect();
    let log = log.clone();
    match (notify::Command { argv, uid, gid }).start() {
        Ok(mut running) => Some(tokio::spawn(async move {
            let _ = running.wait().await;
            log.info(format!("{kind}notify fifo script terminated"));
        })),
        Err(error) => {
            log.alert(format!("Error exec-ing {kind}notify fifo script: {error}"));
            None
        }
    }
}
