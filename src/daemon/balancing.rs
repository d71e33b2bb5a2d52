//! The balancing part of the daemon: the director task, the IPVS programmer and their scripts.
//!
//! They live and die together. One that breaks is started again from what the kernel has, while
//! VRRP goes on.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use lvs::Marks;
use lvs::config::Config;
use net::ServiceKey;
use probe::Equipment;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::respawn::Respawn;
use crate::director_task::{self, Channels, Limits, Means, Order, Status};
use crate::ipvs_programmer::{self, Access, Report, Whole};
use crate::log::{Log, Part};
use crate::notifier::balance;
use crate::pipes::Teller;
use crate::runtime::seed;
use crate::schedule::{Crew, Schedule};

/// The BFD sessions that are known to be down.
pub(super) type SessionsDown = BTreeSet<Arc<str>>;

/// Why a part cannot be started: of the others only sockets and threads can be missing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A socket or a thread is missing.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// There is no IPVS.
    #[error(transparent)]
    Ipvs(#[from] ipvs_programmer::Error),
    /// A file that checks need cannot be used.
    #[error(transparent)]
    Equipment(#[from] probe::Error),
}

/// The threads, and the ways to talk to them.
#[derive(Debug)]
pub(super) struct Balancing {
    config: Arc<Config>,
    marks: Marks,
    access: Access,
    /// Every service that was configured at any time: what is removed when all else fails.
    services: BTreeSet<ServiceKey>,
    /// What IPVS as a whole shall be like.
    whole: Whole,
    /// A stop was asked for, with which the table may be emptied.
    may_empty: bool,
    limits: Limits,
    notices: UnboundedSender<Vec<lvs::Notice>>,
    notifier: JoinHandle<()>,
    crew: Crew,
    log: Log,
    threads: Threads,
    /// `None` once everything has been said.
    status: Option<UnboundedReceiver<Status>>,
    respawn: Respawn,
    /// An end was asked for.
    ending: bool,
}

#[derive(Debug)]
struct Threads {
    orders: UnboundedSender<Order>,
    wholes: UnboundedSender<Whole>,
    director: JoinHandle<()>,
    programmer: JoinHandle<()>,
}

/// An IPVS programmer without a director: the kernel can be programmed, and nothing is yet.
#[derive(Debug)]
pub(super) struct Opened {
    programming: Programming,
    crew: Crew,
    access: Access,
    log: Log,
}

impl Opened {
    /// Starts the programmer, which may find that there is no IPVS. With `flush` the kernel's
    /// table is emptied first.
    ///
    /// # Errors
    /// When IPVS cannot be used or a thread cannot be made.
    pub(super) fn new(
        access: Access,
        flush: bool,
        schedule: Schedule,
        log: &Log,
    ) -> Result<Self, Error> {
        let log = log.part(Part::Checkers);
        let mut crew = Crew::new(schedule, log.clone());
        let programming = Programming::start(access.clone(), flush, &mut crew)?;
        Ok(Self { programming, crew, access, log })
    }

    /// Starts the director, from where on the kernel is programmed. Of BFD sessions it knows that
    /// these are down.
    ///
    /// # Errors
    /// When a thread cannot be made, or a file that checks need cannot be used.
    pub(super) fn start(
        self,
        config: Arc<Config>,
        pipes: Teller,
        (limits, down): (Limits, SessionsDown),
    ) -> Result<Balancing, Error> {
        let Self { programming, mut crew, access, log } = self;
        let (notices, from_notices) = unbounded_channel();
        let notifier = balance::start(from_notices, pipes, &mut crew)?;
        let mut marks = Marks::default();
        let config = marks.give(config);
        let services = services_of(&config).collect();
        let (current, telling) = (Arc::clone(&config), notices.clone());
        let (threads, status) = programming.direct(current, (limits, down), telling, &mut crew)?;
        Ok(Balancing {
            config,
            marks,
            access,
            services,
            whole: Whole::default(),
            may_empty: false,
            limits,
            notices,
            notifier,
            crew,
            log,
            threads,
            status: Some(status),
            respawn: Respawn::new("Healthcheck"),
            ending: false,
        })
    }
}

/// A programmer that runs, and the ways to talk to it.
#[derive(Debug)]
struct Programming {
    requests: UnboundedSender<Vec<lvs::Order>>,
    wholes: UnboundedSender<Whole>,
    reports: UnboundedReceiver<Report>,
    programmer: JoinHandle<()>,
}

impl Programming {
    fn start(access: Access, flush: bool, crew: &mut Crew) -> Result<Self, Error> {
        let (requests, from_requests) = unbounded_channel();
        let (wholes, from_wholes) = unbounded_channel();
        let (report, reports) = unbounded_channel();
        crew.log().detail("Initializing ipvs");
        let how = (access, flush);
        let programmer = ipvs_programmer::start((from_requests, from_wholes), report, how, crew)?;
        Ok(Self { requests, wholes, reports, programmer })
    }

    /// Starts the director before it.
    fn direct(
        self,
        config: Arc<Config>,
        (limits, sessions_down): (Limits, SessionsDown),
        notices: UnboundedSender<Vec<lvs::Notice>>,
        crew: &mut Crew,
    ) -> Result<(Threads, UnboundedReceiver<Status>), Error> {
        let means = Means { equipment: Equipment::of(&config)?, sessions_down, limits };
        let Self { requests, wholes, reports, programmer } = self;
        let (orders, from_orders) = unbounded_channel();
        let (tell_status, status) = unbounded_channel();
        let channels =
            Channels { orders: from_orders, reports, requests, notices, status: tell_status };
        let director = director_task::start(config, seed(), means, channels, crew)?;
        Ok((Threads { orders, wholes, director, programmer }, status))
    }
}

impl Balancing {
    /// Passes a new configuration on.
    pub(super) fn reconfigure(&mut self, config: Arc<Config>) {
        let config = self.marks.give(config);
        self.services.extend(services_of(&config));
        self.config = Arc::clone(&config);
        let _ = self.threads.orders.send(Order::Reconfigure(config));
    }

    /// Says what IPVS as a whole shall be like.
    pub(super) fn shape(&mut self, whole: Whole) {
        if self.whole != whole {
            self.whole = whole;
            self.send_whole();
        }
    }

    /// Only a stop that was asked for may empty the table: a programmer also ends when the director
    /// breaks, and then leaves it as it is.
    fn send_whole(&self) {
        let flush_at_end = self.whole.flush_at_end && self.may_empty;
        let _ = self.threads.wholes.send(Whole { flush_at_end, ..self.whole.clone() });
    }

    /// Says what has become of a BFD session.
    pub(super) fn tell(&self, notice: &bfd::Notice) {
        let _ = self.threads.orders.send(Order::Session(notice.clone(), Instant::now()));
    }

    /// Schedules its threads anew.
    pub(super) fn reschedule(&mut self, schedule: Schedule) {
        self.crew.reschedule(schedule);
    }

    /// Asks for what it shows of itself, and says where its counters are.
    pub(super) fn show(&self) -> (oneshot::Receiver<Vec<lvs::View>>, Access) {
        let (to, shown) = oneshot::channel();
        let _ = self.threads.orders.send(Order::Show(to));
        (shown, self.access.clone())
    }

    /// Asks for the end. With `keep` the kernel's table stays as it is.
    pub(super) fn stop(&mut self, keep: bool) {
        self.ending = true;
        self.may_empty = !keep;
        self.send_whole();
        let _ = self.threads.orders.send(if keep { Order::Abandon } else { Order::Stop });
    }

    /// What it has to say: `None` once, when it will say nothing more.
    pub(super) async fn next(&mut self) -> Option<Status> {
        let Some(status) = &mut self.status else { return std::future::pending().await };
        let said = status.recv().await;
        if said.is_none() {
            self.status = None;
        }
        said
    }

    /// Whether it broke: both threads have ended and nobody asked them to.
    pub(super) fn is_broken(&self) -> bool {
        let Threads { director, programmer, .. } = &self.threads;
        !self.ending && director.is_finished() && programmer.is_finished()
    }

    /// Starts what broke again: at once the first time, later and later when it keeps breaking.
    /// Says whether there is a new director.
    pub(super) fn revive(&mut self, down: SessionsDown) -> bool {
        if !self.respawn.is_due(&self.log) {
            return false;
        }
        let started = self.start_again(down);
        if let Err(error) = &started {
            self.log.error(error.to_string());
        }
        self.respawn.begun();
        started.is_ok()
    }

    /// Services that a reload took away meanwhile go first; servers that were out of service stay
    /// so until a check succeeds.
    fn start_again(&mut self, down: SessionsDown) -> Result<(), Error> {
        let wanted: BTreeSet<ServiceKey> = services_of(&self.config).collect();
        ipvs_programmer::remove(&self.access, self.services.difference(&wanted), &self.log)?;
        let mut config = Config::clone(&self.config);
        ipvs_programmer::resume(&self.access, &mut config)?;
        let access = self.access.clone();
        let programming = Programming::start(access, false, &mut self.crew)?;
        let (config, notices) = (Arc::new(config), self.notices.clone());
        let known = (self.limits, down);
        let (threads, status) = programming.direct(config, known, notices, &mut self.crew)?;
        (self.threads, self.status) = (threads, Some(status));
        self.send_whole();
        Ok(())
    }

    /// The last resort at a stop: removes every service that may be ours. Says whether it could.
    pub(super) fn withdraw(&self) -> bool {
        let removed = ipvs_programmer::remove(&self.access, self.services.iter(), &self.log);
        if let Err(error) = &removed {
            self.log.error(format!("cannot remove the services: {error}"));
        }
        removed.is_ok()
    }

    /// Waits for the threads; says whether one of them broke. Only after [`Status::Stopped`].
    pub(super) fn join(self) -> bool {
        let Self { threads, notices, notifier, .. } = self;
        let Threads { orders, wholes, director, programmer } = threads;
        drop((orders, wholes, notices));
        let broken = director.join().is_err() | programmer.join().is_err();
        let _ = notifier.join();
        broken
    }
}

fn services_of(config: &Config) -> impl Iterator<Item = ServiceKey> {
    let all = config.virtual_servers.iter().flat_map(|server| &server.services);
    all.map(|service| service.key)
}

#[cfg(test)]
mod tests;
