//! The balancing part of the daemon: the director task and the IPVS programmer.
//!
//! They live and die together. One that breaks is started again from what the kernel has, while
//! VRRP goes on; how often and how soon is decided here.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lvs::config::Config;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::director_task::{self, Channels, Order, Status};
use crate::ipvs_programmer::{self, Error};
use crate::log::{Log, Part};
use crate::notifier::Telling;

/// The longest wait before a part that keeps breaking is started again (compat 03 §2.2).
const LONGEST_DELAY: Duration = Duration::from_secs(60);
/// Whoever ran for this long broke for a reason of its own.
const LONG_RUN: Duration = Duration::from_secs(60);

/// Both threads, and the ways to talk to them.
#[derive(Debug)]
pub(super) struct Balancing {
    config: Config,
    tellings: UnboundedSender<Telling>,
    log: Log,
    threads: Threads,
    status: UnboundedReceiver<Status>,
    started: Instant,
    /// When it is started again, since it was seen to be broken.
    revive_at: Option<Instant>,
    /// How long it was waited for before the last start.
    delay: Duration,
    /// An end was asked for.
    ending: bool,
}

#[derive(Debug)]
struct Threads {
    orders: UnboundedSender<Order>,
    director: JoinHandle<()>,
    programmer: JoinHandle<()>,
}

impl Balancing {
    /// Starts the programmer, which may find that there is no IPVS, and then the director.
    ///
    /// # Errors
    /// When IPVS cannot be used or a thread cannot be made.
    pub(super) fn start(
        config: Config,
        tellings: UnboundedSender<Telling>,
        log: &Log,
    ) -> Result<Self, Error> {
        let log = log.part(Part::Checkers);
        let (threads, status) = start(config.clone(), tellings.clone(), &log)?;
        let (started, delay) = (Instant::now(), Duration::ZERO);
        let (revive_at, ending) = (None, false);
        Ok(Self { config, tellings, log, threads, status, started, revive_at, delay, ending })
    }

    /// Passes a new configuration on.
    pub(super) fn reconfigure(&mut self, config: Config) {
        self.config = config.clone();
        let _ = self.threads.orders.send(Order::Reconfigure(Box::new(config)));
    }

    /// Asks for the end. With `keep` the kernel's table stays as it is.
    pub(super) fn stop(&mut self, keep: bool) {
        self.ending = true;
        let _ = self.threads.orders.send(if keep { Order::Abandon } else { Order::Stop });
    }

    /// What it has to say; `None` when it will say nothing more.
    pub(super) async fn next(&mut self) -> Option<Status> {
        self.status.recv().await
    }

    /// Whether it broke: both threads have ended and nobody asked them to.
    pub(super) fn is_broken(&self) -> bool {
        let Threads { director, programmer, .. } = &self.threads;
        !self.ending && director.is_finished() && programmer.is_finished()
    }

    /// Starts what broke again: at once the first time, later and later when it keeps breaking.
    pub(super) fn revive(&mut self) {
        let due = *self.revive_at.get_or_insert_with(|| {
            if self.started.elapsed() >= LONG_RUN {
                self.delay = Duration::ZERO;
            }
            self.log.alert("Healthcheck part died: Respawning");
            if !self.delay.is_zero() {
                let seconds = self.delay.as_secs();
                self.log.alert(format!(
                    "Restart of Healthcheck part delayed {seconds} seconds to limit respawn rate"
                ));
            }
            Instant::now() + self.delay
        });
        if Instant::now() < due {
            return;
        }
        match start(self.config.clone(), self.tellings.clone(), &self.log) {
            Ok((threads, status)) => (self.threads, self.status) = (threads, status),
            Err(error) => self.log.error(error.to_string()),
        }
        (self.started, self.revive_at) = (Instant::now(), None);
        self.delay = (self.delay * 2).clamp(Duration::from_secs(1), LONGEST_DELAY);
    }

    /// Waits for the threads; says whether one of them broke. Only after the end was asked for.
    pub(super) fn join(self) -> bool {
        let Threads { orders, director, programmer } = self.threads;
        drop(orders);
        director.join().is_err() | programmer.join().is_err()
    }
}

fn start(
    config: Config,
    tellings: UnboundedSender<Telling>,
    log: &Log,
) -> Result<(Threads, UnboundedReceiver<Status>), Error> {
    let (orders, from_orders) = unbounded_channel();
    let (requests, from_requests) = unbounded_channel();
    let (report, reports) = unbounded_channel();
    let (tell_status, status) = unbounded_channel();
    log.detail("Initializing ipvs");
    let programmer = ipvs_programmer::start(from_requests, report, log.clone())?;
    let channels =
        Channels { orders: from_orders, reports, requests, tellings, status: tell_status };
    let director = director_task::start(config, seed(), channels, log.clone())?;
    Ok((Threads { orders, director, programmer }, status))
}

/// Differs from start to start: the checks of two directors shall not fall on the same moment.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
