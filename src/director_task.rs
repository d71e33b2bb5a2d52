//! The director task: drives the load balancing core on its own thread.
//!
//! It owns the clock of the checks and their attempts. What shall be in the kernel leaves as
//! orders, and several outcomes that come together make one order for each virtual server.
//! Nothing here knows VRRP, and nothing that VRRP needs waits for it.

mod addresses;
mod attempts;
mod programs;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime};

use lvs::{Director, Effect, Facts, Input, Notice, View};
use sys::socket::ReceiveBuffer;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;

use crate::ipvs_programmer::Report;
use crate::log::Log;
use crate::schedule::{Crew, Role};
use crate::watcher::followed::{Followed, Values};
use addresses::Addresses;
use attempts::{Attempt, Attempts};
use probe::Equipment;

/// What the task is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// A new configuration, loaded and checked.
    Reconfigure(Arc<lvs::config::Config>),
    /// A BFD session is up or down; said at this moment.
    Session(bfd::Notice, Instant),
    /// Show yourself to whoever asks.
    Show(oneshot::Sender<Vec<View>>),
    /// Take everything out of the kernel.
    Stop,
    /// End, but leave the kernel as it is.
    Abandon,
    /// Break: what that leads to has to be seen.
    #[cfg(test)]
    Break,
}

/// What the task tells the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The kernel has what the configuration begins with.
    Ready,
    /// After [`Order::Stop`]: the kernel has nothing of it left.
    Stopped,
}

/// The ends of the task's channels.
pub(crate) struct Channels {
    /// From the daemon.
    pub(crate) orders: UnboundedReceiver<Order>,
    /// From the IPVS programmer.
    pub(crate) reports: UnboundedReceiver<Report>,
    /// To the IPVS programmer.
    pub(crate) requests: UnboundedSender<Vec<lvs::Order>>,
    /// To the scripts of servers and services: all that is told at one moment.
    pub(crate) notices: UnboundedSender<Vec<Notice>>,
    /// To the daemon.
    pub(crate) status: UnboundedSender<Status>,
}

/// The task and everything it owns.
struct DirectorTask {
    director: Director,
    attempts: Attempts,
    files: Followed,
    addresses: Addresses,
    channels: Channels,
    log: Log,
    stopped: bool,
}

/// What the task begins with beside a configuration.
#[derive(Debug)]
pub(crate) struct Means {
    /// Made for that configuration.
    pub(crate) equipment: Equipment,
    /// The BFD sessions that are known to be down.
    pub(crate) sessions_down: BTreeSet<Arc<str>>,
    /// What no reload changes.
    pub(crate) limits: Limits,
}

/// How much the task may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many attempts may be under way at a time.
    pub(crate) room: usize,
    /// The receive buffer for news of addresses (`lvs_netlink_monitor_rcv_bufs`); `None` is our own
    /// choice.
    pub(crate) news: Option<ReceiveBuffer>,
}

/// Starts the task on its own thread. The thread ends after [`Order::Stop`], or when the daemon or
/// the IPVS programmer is gone.
///
/// # Errors
/// When no thread can be made.
pub(crate) fn start(
    config: Arc<lvs::config::Config>,
    seed: u64,
    means: Means,
    channels: Channels,
    crew: &mut Crew,
) -> std::io::Result<JoinHandle<()>> {
    let log = crew.log().clone();
    crew.spawn("director", Role::Task, move || {
        crate::runtime::block_on(async move {
            let (mut files, mut addresses) =
                (Followed::new(log.clone()), Addresses::new(means.limits.news, log.clone()));
            let values = files.watch(&config).await.into_iter();
            addresses.watch(&config);
            let facts = Facts {
                files: values.map(|(file, value)| (file, value.into())).collect(),
                addresses: addresses.here(),
                sessions_down: means.sessions_down,
            };
            let director = Director::new(config, facts, Instant::now(), seed);
            let attempts = Attempts::with_room(means.limits.room, means.equipment, log.clone());
            let stopped = false;
            DirectorTask { director, attempts, files, addresses, channels, log, stopped }
                .run()
                .await;
        });
    })
}

impl DirectorTask {
    async fn run(&mut self) {
        self.carry_out();
        while !self.stopped {
            let due = self.director.poll_timeout();
            tokio::select! {
                biased;
                order = self.channels.orders.recv() => {
                    self.on_order(order.unwrap_or(Order::Abandon)).await;
                }
                report = self.channels.reports.recv() => match report {
                    Some(report) => self.on_report(report),
                    // Without the programmer nothing that is decided here has an effect; the
                    // daemon sees that this task has ended without having been asked.
                    None => return,
                },
                () = crate::runtime::until(due) => self.director.handle(Instant::now(), Input::Timeout),
                values = self.files.changed() => match values {
                    Some(values) => self.on_values(values),
                    // Servers would be left to chance: everything is started again.
                    None => return,
                },
                () = self.addresses.changed() => self.on_addresses(),
                tried = self.attempts.next() => self.on_tried(tried),
            }
            self.carry_out();
        }
    }

    async fn on_order(&mut self, order: Order) {
        let input = match order {
            Order::Reconfigure(config) => {
                self.equip(&config);
                self.look(&config).await;
                Input::Reconfigure(config)
            }
            Order::Session(notice, said) => {
                self.log.bfd_event(&notice, said);
                Input::Session { name: notice.name, up: notice.up }
            }
            Order::Show(to) => {
                let _ = to.send(self.director.views().collect());
                return;
            }
            Order::Stop => Input::Stop,
            Order::Abandon => Input::Abandon,
            #[cfg(test)]
            Order::Break => panic!("a test wants the director to break"),
        };
        self.director.handle(Instant::now(), input);
    }

    /// A reload with a file that cannot be used goes on with what was loaded before; keepalived ends.
    fn equip(&mut self, config: &lvs::config::Config) {
        if let Err(error) = self.attempts.equip(config) {
            self.log.error(format!("{error} - keeping what was loaded before"));
        }
    }

    /// What a new configuration begins with has to be known before.
    async fn look(&mut self, config: &lvs::config::Config) {
        let values = self.files.watch(config).await;
        self.on_values(values);
        self.addresses.watch(config);
        self.on_addresses();
    }

    fn on_values(&mut self, values: Values) {
        for (file, value) in values {
            let input = Input::Value { file, value: value.into() };
            self.director.handle(Instant::now(), input);
        }
    }

    fn on_addresses(&mut self) {
        self.director.handle(Instant::now(), Input::Addresses(self.addresses.here()));
    }

    fn on_report(&mut self, report: Report) {
        let mut next = Some(report);
        while let Some(Report::Settled(settled)) = next {
            for (owner, generation) in settled {
                self.director.handle(Instant::now(), Input::Settled { owner, generation });
            }
            next = self.channels.reports.try_recv().ok();
        }
    }

    /// Takes all that have ended: a rack that dies is one order for each virtual server.
    fn on_tried(&mut self, first: attempts::Tried) {
        let mut next = Some(first);
        while let Some((check, outcome)) = next {
            self.director.handle(Instant::now(), Input::Tried { check, outcome });
            next = self.attempts.try_next();
        }
    }

    /// A channel whose other end is gone means that the daemon is ending: nothing to do about it.
    fn carry_out(&mut self) {
        // Together, so that a service that changes its owner is not taken away in between.
        let orders: Vec<_> = std::iter::from_fn(|| self.director.poll_order()).collect();
        if !orders.is_empty() {
            let _ = self.channels.requests.send(orders);
        }
        let (now, mut notices) = (SystemTime::now(), Vec::new());
        while let Some(effect) = self.director.poll_effect() {
            if let Some(notice) = self.apply(now, effect) {
                notices.push(notice);
            }
        }
        if !notices.is_empty() {
            let _ = self.channels.notices.send(notices);
        }
    }

    /// Gives back what the outside shall be told.
    fn apply(&mut self, now: SystemTime, effect: Effect) -> Option<Notice> {
        match effect {
            Effect::Notify(notice) => return Some(notice),
            Effect::Try { check, probe } => self.attempts.start(check, Attempt::Probe(probe)),
            Effect::Run { check, program } => {
                self.attempts.start(check, Attempt::Program(program));
            }
            Effect::Forget { check } => self.attempts.forget(check),
            // There is nobody yet who mails it.
            Effect::Alert(_) => {}
            Effect::Report(event) => self.log.balance(now, event),
            Effect::Ready => drop(self.channels.status.send(Status::Ready)),
            Effect::Stopped => {
                self.stopped = true;
                let _ = self.channels.status.send(Status::Stopped);
            }
        }
        None
    }
}
