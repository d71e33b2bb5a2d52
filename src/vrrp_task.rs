//! The VRRP task: drives the core on its own thread and never waits for anybody.
//!
//! It owns the clock and the sockets. Everything that could take time (addresses, scripts, log
//! lines) leaves through channels that cannot fill up or that drop. Each wake-up has one order:
//! adverts that are due, then what the sockets hold, then everything else that is due, so that
//! neither a slow reader nor a paused machine makes a router believe that it is alone.

mod pace;
mod sockets;

use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::time::{ClockId, clock_gettime};
use sys::timer::Deadline;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use vrrp::{
    Clock, Effect, Facts, Input, Name, Notice, Recount, Router, Run, ScriptOutcome, ScriptSignal,
    Snapshot, Transmission,
};

use crate::log::Log;
use crate::network_manager::{Report, Request};
use crate::schedule::{Crew, Role};
use pace::Pace;
pub(crate) use sockets::OpenSockets;
use sockets::{Reading, Sockets};

/// What the task is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// A new configuration, loaded and checked.
    Reconfigure(Box<vrrp::config::Config>),
    /// A check script ended.
    ScriptEnded(Name, Run, ScriptOutcome),
    /// A watched file holds this value.
    File(Name, i32),
    /// There are so many of a watched process.
    Processes(Name, u32, Recount),
    /// A BFD session is up or down; said at this moment.
    Session(bfd::Notice, Instant),
    /// Show yourself to whoever asks. With `clear` the counters begin anew afterwards.
    Show { clear: bool, to: oneshot::Sender<Shown> },
    /// Give everything up.
    Stop,
    /// End, but leave the addresses where they are.
    Abandon,
}

/// What the task tells the daemon.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Every instance has reached its first state.
    Ready,
    /// An instance became master, or is no longer; once the kernel shows it.
    Turned(Name, bool),
    /// After [`Order::Stop`]: all addresses are gone.
    Stopped,
}

/// What the task shows of itself at one moment.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The core.
    pub(crate) router: Snapshot,
    /// Its sockets, by what they are bound to.
    pub(crate) sockets: Vec<OpenSockets>,
    /// What the clock on the wall showed then.
    since_1970: Duration,
}

impl Shown {
    /// What the clock on the wall shows at a moment, as it goes now.
    pub(crate) fn since_1970(&self, moment: Instant) -> Duration {
        let taken = self.router.at;
        match moment.checked_duration_since(taken) {
            Some(later) => self.since_1970 + later,
            None => self.since_1970.saturating_sub(taken - moment),
        }
    }
}

/// What the task asks of scripts.
#[derive(Debug)]
pub(crate) enum Telling {
    /// Tell the outside of a transition.
    Notify(Notice),
    /// Start a check script.
    Run(Name, Run, vrrp::config::Command),
    /// Signal a check script.
    Signal(Name, Run, ScriptSignal),
}

/// The ends of the task's channels.
pub(crate) struct Channels {
    /// From the daemon.
    pub(crate) orders: UnboundedReceiver<Order>,
    /// From the network manager.
    pub(crate) reports: UnboundedReceiver<Report>,
    /// To the network manager.
    pub(crate) requests: UnboundedSender<Request>,
    /// To the notifier.
    pub(crate) tellings: UnboundedSender<Telling>,
    /// To the daemon.
    pub(crate) status: UnboundedSender<Status>,
}

/// The task and everything it owns.
struct VrrpTask {
    router: Router,
    sockets: Sockets,
    pace: Pace,
    timer: Deadline,
    channels: Channels,
    outgoing: Vec<Transmission>,
    log: Log,
    stopped: bool,
}

/// Starts the task on its own thread. The thread ends after [`Order::Stop`].
///
/// # Errors
/// When no thread can be made.
pub(crate) fn start(
    config: vrrp::config::Config,
    facts: Facts,
    channels: Channels,
    crew: &mut Crew,
) -> std::io::Result<JoinHandle<std::io::Result<()>>> {
    let log = crew.log().clone();
    crew.spawn("vrrp", Role::Task, move || {
        crate::runtime::block_on(async move {
            let (at, since_1970, since_boot) = (Instant::now(), since_1970(), since_boot());
            let clock = Clock { at, since_1970, since_boot };
            let router = Router::new(config, facts, clock);
            let sockets = Sockets::new(log.clone());
            let timer = Deadline::new()?;
            let outgoing = Vec::new();
            let pace = Pace::default();
            let stopped = false;
            let mut task =
                VrrpTask { router, sockets, pace, timer, channels, outgoing, log, stopped };
            task.run().await
        })
    })
}

/// What the clock on the wall shows; a clock before 1970 shows 1970.
fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// How long the machine has been up; for ever when the kernel does not say.
fn since_boot() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::MAX, Duration::from)
}

impl VrrpTask {
    async fn run(&mut self) -> std::io::Result<()> {
        self.carry_out();
        while !self.stopped {
            if self.router.wants_clock() {
                // The clock on the wall may have been put right meanwhile.
                self.router.handle(Instant::now(), Input::Clock(since_1970()));
            }
            self.timer.arm(self.router.poll_timeout())?;
            let rest = self.rest();
            // Sockets come last: whoever floods them must not keep the operator out.
            tokio::select! {
                biased;
                () = self.timer.elapsed() => self.on_time(),
                Some(order) = self.channels.orders.recv() => self.on_order(order),
                report = self.channels.reports.recv() => match report {
                    Some(report) => self.on_report(report),
                    None => self.on_lost_manager(),
                },
                () = self.sockets.readable(), if rest.is_zero() => self.receive(Reading::WhenReady),
                () = tokio::task::yield_now(), if !rest.is_zero() => self.gather(rest),
                () = self.sockets.retry(), if self.sockets.wants_retry() => self.reopen(),
            }
        }
        Ok(())
    }

    /// How long the sockets are to be left alone: not at all when something else is due by then.
    fn rest(&self) -> Duration {
        let now = Instant::now();
        let free = |until: &Instant| self.router.poll_timeout().is_none_or(|due| due > *until);
        let until = self.pace.resting_until().filter(free);
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// Lets packets gather. The thread sleeps for it: as long as the reactor watches the sockets,
    /// every packet wakes it.
    fn gather(&mut self, rest: Duration) {
        std::thread::sleep(rest);
        self.receive(Reading::Always);
    }

    /// Without the network manager there are no addresses: the peers have to take over, and the
    /// daemon sees that this task has ended without having been asked.
    fn on_lost_manager(&mut self) {
        self.handle(Input::Stop);
        self.stopped = true;
    }

    fn on_time(&mut self) {
        self.handle(Input::Tick);
        // What the sockets hold counts, whether or not the reactor has heard of it yet.
        self.receive(Reading::Always);
        self.handle(Input::Timeout);
    }

    fn receive(&mut self, reading: Reading) {
        let Self { router, sockets, pace, .. } = self;
        let now = Instant::now();
        let found = sockets.receive(reading, |gate, bytes| {
            router.handle(Instant::now(), Input::Packet { gate, bytes });
        });
        pace.read(now, found);
        self.carry_out();
    }

    fn reopen(&mut self) {
        self.sockets.reopen();
        self.carry_out();
    }

    fn on_report(&mut self, report: Report) {
        self.handle(match report {
            Report::Link(link) => Input::Link(link),
            Report::LinkGone(name) => Input::LinkGone(name),
            Report::Settled(owner, generation) => Input::Settled { owner, generation },
        });
    }

    fn on_order(&mut self, order: Order) {
        self.handle(match order {
            Order::Session(notice, said) => {
                self.log.bfd_event(&notice, said);
                Input::Session { name: Name::new(&notice.name), up: notice.up }
            }
            Order::Show { clear, to } => return self.show(clear, to),
            Order::Reconfigure(config) => Input::Reconfigure(config),
            Order::ScriptEnded(script, run, outcome) => Input::ScriptEnded { script, run, outcome },
            Order::File(file, value) => Input::File { file, value },
            Order::Processes(process, count, why) => Input::Processes { process, count, why },
            Order::Stop => Input::Stop,
            Order::Abandon => Input::Abandon,
        });
    }

    /// Copies what it has; formatting it is somebody else's work.
    fn show(&mut self, clear: bool, to: oneshot::Sender<Shown>) {
        let router = self.router.snapshot(Instant::now());
        // Whoever asked may have gone.
        let sockets = self.sockets.views().collect();
        let _ = to.send(Shown { router, sockets, since_1970: since_1970() });
        if clear {
            self.handle(Input::ClearStatistics);
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        self.router.handle(Instant::now(), input);
        self.carry_out();
    }

    /// Adverts leave before anything else does; those of one moment leave together. A socket that
    /// is new is opened before, one that is no longer wanted closed after them.
    fn carry_out(&mut self) {
        let wanted = self.router.poll_endpoints().map(<[_]>::to_vec);
        let moved = wanted.is_some();
        if let Some(wanted) = wanted {
            self.sockets.open_all(wanted);
        }
        let Self { router, outgoing, .. } = self;
        outgoing.extend(std::iter::from_fn(|| router.poll_transmission()));
        self.sockets.send(&mut self.outgoing);
        if moved {
            self.sockets.close_unwanted();
        }
        let mut orders = Vec::new();
        while let Some(effect) = self.router.poll_effect() {
            self.apply(effect, &mut orders);
        }
        // Together: what one owner gives up, another may want.
        if !orders.is_empty() {
            let _ = self.channels.requests.send(Request::Orders(orders));
        }
        if let Some(deaf) = self.sockets.newly_deaf() {
            self.handle(Input::Deaf(deaf));
        }
    }

    /// A channel whose other end is gone means that the daemon is ending: nothing to do about it.
    fn apply(&mut self, effect: Effect, orders: &mut Vec<vrrp::Order>) {
        match effect {
            Effect::Order(order) => orders.push(order),
            Effect::Run { script, run, command } => self.tell(Telling::Run(script, run, command)),
            Effect::Signal { script, run, signal } => {
                self.tell(Telling::Signal(script, run, signal));
            }
            Effect::Notify(notice) => {
                if let Some((instance, master)) = notice.turn() {
                    let _ = self.channels.status.send(Status::Turned(instance, master));
                }
                self.tell(Telling::Notify(notice));
            }
            Effect::Report(event) => self.log.event(event),
            Effect::Ready => drop(self.channels.status.send(Status::Ready)),
            Effect::Stopped => {
                self.stopped = true;
                drop(self.channels.status.send(Status::Stopped));
            }
        }
    }

    fn tell(&self, telling: Telling) {
        let _ = self.channels.tellings.send(telling);
    }
}
