//! Processes as they come and go: by the kernel's news of them, or by looking at all of them
//! again and again where there are no such news.
//!
//! Who is one of the watched is decided by the census; how long a change has to last by the core.

use std::io;
use std::time::{Duration, Instant};

use conf::ReceiveBuffer;
use nix::libc::ENOBUFS;
use sys::proc_events::{ProcessEvent, ProcessEvents};
use tokio::time::timeout;
use vrrp::Recount;
use vrrp::config::TrackProcess;

use super::Count;
use super::census::Census;
use super::identity::{all, identity};
use crate::log::Log;

/// How long the kernel has to say that it has understood (compat 11 §7.7).
const CONFIRMATION: Duration = Duration::from_millis(100);
/// How long after a loss of news everybody is counted again.
const AFTER_LOSS: Duration = Duration::from_secs(1);
/// How often everybody is counted where there are no news.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The watched processes.
#[derive(Debug)]
pub(super) struct Processes {
    census: Census,
    source: Source,
    log: Log,
}

/// Where news come from.
#[derive(Debug)]
enum Source {
    /// Nothing is watched.
    None,
    /// The kernel tells.
    Told {
        events: ProcessEvents,
        buffer: ReceiveBuffer,
        /// News were lost: everybody is counted then.
        recount_at: Option<Instant>,
    },
    /// The kernel does not tell.
    Looking,
}

impl Processes {
    pub(super) fn new(log: Log) -> Self {
        Self { census: Census::default(), source: Source::None, log }
    }

    /// Watches these and no others; says how many there are of each kind.
    pub(super) async fn watch(
        &mut self,
        kinds: Vec<TrackProcess>,
        buffer: ReceiveBuffer,
    ) -> Vec<Count> {
        self.census = Census::new(kinds);
        self.source = match std::mem::replace(&mut self.source, Source::None) {
            _ if self.census.is_empty() => Source::None,
            Source::Told { events, buffer: old, recount_at } if old == buffer => {
                Source::Told { events, buffer, recount_at }
            }
            Source::None | Source::Told { .. } | Source::Looking => self.open(buffer).await,
        };
        // After the source was opened: what happens meanwhile is told.
        self.census.count_all(all(), Recount::Became)
    }

    async fn open(&self, buffer: ReceiveBuffer) -> Source {
        match self.listen(buffer).await {
            Ok(events) => {
                self.log.detail("proc_events has confirmed it is configured");
                Source::Told { events, buffer, recount_at: None }
            }
            Err(error) => {
                self.log.info(format!(
                    "WARNING - the kernel does not support proc events - track_process looks at \
                     all processes every second instead ({error})"
                ));
                Source::Looking
            }
        }
    }

    async fn listen(&self, buffer: ReceiveBuffer) -> io::Result<ProcessEvents> {
        let events = ProcessEvents::listen()?;
        if let Some(bytes) = buffer.bytes {
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            if let Err(error) = events.set_buffer(bytes, buffer.force) {
                self.log.info(format!("process_monitor_rcv_bufs: {error}"));
            }
        }
        let confirmed = async {
            // Others' events may come first; they are counted in a moment.
            while !events.next().await?.contains(&ProcessEvent::Confirmed) {}
            io::Result::Ok(())
        };
        match timeout(CONFIRMATION, confirmed).await {
            Ok(result) => result.map(|()| events),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// The next numbers that changed. May be dropped while it waits.
    pub(super) async fn changed(&mut self) -> Vec<Count> {
        loop {
            let counts = match &self.source {
                Source::None => std::future::pending().await,
                Source::Looking => {
                    tokio::time::sleep(LOOK_EVERY).await;
                    self.census.count_all(all(), Recount::Became)
                }
                Source::Told { events, recount_at, .. } => {
                    let heard = tokio::select! {
                        heard = events.next() => Some(heard),
                        () = crate::runtime::until(*recount_at) => None,
                    };
                    match heard {
                        Some(Ok(heard)) => self.on_events(&heard),
                        Some(Err(error)) => self.on_loss(&error),
                        None => self.recount(),
                    }
                }
            };
            if !counts.is_empty() {
                return counts;
            }
        }
    }

    fn on_events(&mut self, events: &[ProcessEvent]) -> Vec<Count> {
        let census = &mut self.census;
        events.iter().flat_map(|event| census.on_event(*event, identity)).collect()
    }

    /// News were lost, or can no longer be heard at all.
    fn on_loss(&mut self, error: &io::Error) -> Vec<Count> {
        if let Source::Told { recount_at, .. } = &mut self.source
            && error.raw_os_error() == Some(ENOBUFS)
        {
            recount_at.get_or_insert_with(|| {
                self.log.info("Process monitor: receive buffer overrun - counting all again");
                Instant::now() + AFTER_LOSS
            });
        } else {
            self.log.info(format!("Process monitor: {error} - looking every second"));
            self.source = Source::Looking;
        }
        Vec::new()
    }

    /// With twice the room, everybody is counted.
    fn recount(&mut self) -> Vec<Count> {
        if let Source::Told { events, recount_at, .. } = &mut self.source {
            *recount_at = None;
            let grown = events.buffer().and_then(|bytes| events.set_buffer(bytes * 2, true));
            if let Err(error) = grown {
                self.log.info(format!("Process monitor: the buffer cannot grow: {error}"));
            }
        }
        self.census.count_all(all(), Recount::Lost)
    }
}
