//! The BFD task: drives the sessions on its own thread and never waits for anybody.
//!
//! It owns their clock and their sockets. Who tracks a session is told through channels that
//! cannot fill up. Each wake-up has one order: packets that are due, then what the sockets hold,
//! then every other deadline, so that a machine that was paused calls no neighbour dead whose
//! packets wait to be read.

mod sockets;

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bfd::config::{Config, Told};
use bfd::{Bfd, Effect, Input, Notice, Outlet, View};
use sys::timer::Deadline;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;

use crate::log::Log;
use crate::runtime::seed;
use crate::schedule::{Crew, Role};
use crate::vrrp_task;
use sockets::Sockets;

pub(crate) use sockets::Listeners;

/// What the task is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// A new configuration, loaded and checked.
    Reconfigure(Arc<Config>),
    /// Show yourself to whoever asks.
    Show(oneshot::Sender<Shown>),
    /// End; no neighbour is told, it notices by itself.
    Stop,
    /// Break: what that leads to has to be seen.
    #[cfg(test)]
    Break,
}

/// What the task shows of itself at one moment.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The sessions, in the order of the file.
    pub(crate) sessions: Vec<View>,
    at: Instant,
    since_1970: Duration,
}

impl Shown {
    fn new(bfd: &Bfd) -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { sessions: bfd.views().collect(), at: Instant::now(), since_1970 }
    }

    /// What the clock on the wall showed at an earlier moment, as it goes now.
    pub(crate) fn since_1970(&self, moment: Instant) -> Duration {
        self.since_1970.saturating_sub(self.at.saturating_duration_since(moment))
    }
}

/// The ends of the task's channels.
pub(crate) struct Channels {
    /// From the daemon.
    pub(crate) orders: UnboundedReceiver<Order>,
    /// To the VRRP task, straight: a takeover may depend on it.
    pub(crate) vrrp: UnboundedSender<vrrp_task::Order>,
    /// To the daemon, which knows who runs checks.
    pub(crate) checkers: UnboundedSender<Notice>,
}

/// The task and everything it owns.
struct BfdTask {
    bfd: Bfd,
    sockets: Sockets,
    timer: Deadline,
    channels: Channels,
    log: Log,
    stopped: bool,
}

/// Starts the task on its own thread. The thread ends after [`Order::Stop`], or when the daemon
/// is gone.
///
/// # Errors
/// When no thread can be made.
pub(crate) fn start(
    config: Arc<Config>,
    (name, crew): (&str, &mut Crew),
    listeners: Listeners,
    channels: Channels,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let log = crew.log().clone();
    crew.spawn(name, Role::Task, move || {
        crate::runtime::block_on(async move {
            let bfd = Bfd::new(&config, Instant::now(), seed());
            let sockets = Sockets::new(listeners, seed(), log.clone())?;
            let timer = Deadline::new()?;
            let mut task = BfdTask { bfd, sockets, timer, channels, log, stopped: false };
            task.run().await
        })
    })
}

impl BfdTask {
    async fn run(&mut self) -> io::Result<()> {
        self.sockets.listen(self.bfd.listeners());
        self.carry_out();
        while !self.stopped {
            self.timer.arm(self.bfd.poll_timeout())?;
            // Sockets come last: whoever floods them must not keep the operator out.
            tokio::select! {
                biased;
                () = self.timer.elapsed() => self.on_time(),
                order = self.channels.orders.recv() => self.on_order(order.unwrap_or(Order::Stop)),
                () = self.sockets.readable() => self.receive(),
                () = self.sockets.retry() => self.sockets.listen(self.bfd.listeners()),
            }
        }
        Ok(())
    }

    fn on_time(&mut self) {
        self.handle(Input::Tick);
        // What the sockets hold counts, whether or not the reactor has heard of it yet.
        self.receive();
        self.handle(Input::Timeout);
    }

    fn receive(&mut self) {
        let Self { bfd, sockets, .. } = self;
        sockets.receive(|arrival| bfd.handle(Instant::now(), Input::Packet(arrival)));
        self.carry_out();
    }

    fn on_order(&mut self, order: Order) {
        match order {
            Order::Reconfigure(config) => {
                let began = Instant::now();
                self.handle(Input::Reconfigure(config));
                self.sockets.listen(self.bfd.listeners());
                self.log.info(format!("Reload finished in {} usec", began.elapsed().as_micros()));
            }
            // Whoever asked may have gone.
            Order::Show(to) => drop(to.send(Shown::new(&self.bfd))),
            Order::Stop => self.stopped = true,
            #[cfg(test)]
            Order::Break => panic!("a test wants BFD to break"),
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        self.bfd.handle(Instant::now(), input);
        self.carry_out();
    }

    /// Packets leave before anything else is done. Opening a socket, or not being able to send,
    /// is an input by itself; after a few rounds nothing is left.
    fn carry_out(&mut self) {
        loop {
            while let Some(transmission) = self.bfd.poll_transmission() {
                let session = transmission.session;
                let works = self.sockets.send(session, &transmission.packet);
                self.bfd.handle(Instant::now(), Input::Sending { session, works });
            }
            let Some(effect) = self.bfd.poll_effect() else { return };
            self.apply(effect);
        }
    }

    /// A channel whose other end is gone means that the daemon is ending: nothing to do about it.
    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Open(outlet) => self.open(&outlet),
            Effect::Close(session) => self.sockets.close(session),
            Effect::Tell(notice) => self.tell(notice),
            Effect::Report(event) => self.log.bfd(event),
        }
    }

    fn open(&mut self, outlet: &Outlet) {
        let session = outlet.session;
        let opened = self.sockets.open(outlet);
        let input = if opened { Input::Opened(session) } else { Input::NotOpened(session) };
        self.bfd.handle(Instant::now(), input);
    }

    fn tell(&self, notice: Notice) {
        let (vrrp, checkers) = match notice.told {
            Told::Both => (true, true),
            Told::Vrrp => (true, false),
            Told::Checkers => (false, true),
        };
        if vrrp {
            let order = vrrp_task::Order::Session(notice.clone(), Instant::now());
            let _ = self.channels.vrrp.send(order);
        }
        if checkers {
            let _ = self.channels.checkers.send(notice);
        }
    }
}
