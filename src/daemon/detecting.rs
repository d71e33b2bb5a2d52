//! The detecting part of the daemon: the BFD task.
//!
//! One that breaks is started again. Its sessions begin anew, and whoever tracks them hears that
//! they are down until they are up again.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use bfd::Notice;
use bfd::config::Config;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::respawn::Respawn;
use crate::bfd_task::{self, Channels, Listeners, Order, Shown};
use crate::log::{Log, Part};
use crate::schedule::{Crew, Schedule};
use crate::vrrp_task;

/// The thread, and the ways to talk to it.
#[derive(Debug)]
pub(super) struct Detecting {
    config: Arc<Config>,
    /// What the thread is called (`bfd_process_name`).
    name: String,
    crew: Crew,
    vrrp: UnboundedSender<vrrp_task::Order>,
    log: Log,
    running: Running,
    /// What was said of each session last.
    known: BTreeMap<Arc<str>, Notice>,
    respawn: Respawn,
    /// An end was asked for.
    ending: bool,
}

/// When the part is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// With the daemon, which does not run without it.
    Start,
    /// At a reload, which nothing that works may suffer from.
    Reload,
}

#[derive(Debug)]
struct Running {
    orders: UnboundedSender<Order>,
    task: JoinHandle<io::Result<()>>,
    /// `None` once everything has been said.
    notices: Option<UnboundedReceiver<Notice>>,
}

impl Detecting {
    /// Starts the task. At the start of the daemon it has to be able to listen; later it tries on.
    ///
    /// # Errors
    /// When a port is taken at the start, or a thread cannot be made.
    pub(super) fn start(
        config: Arc<Config>,
        (name, schedule): (String, Schedule),
        vrrp: UnboundedSender<vrrp_task::Order>,
        at: Moment,
        log: &Log,
    ) -> io::Result<Self> {
        let log = log.part(Part::Bfd);
        let listeners = match at {
            Moment::Start => Listeners::open(config.listeners())?,
            Moment::Reload => Listeners::default(),
        };
        let (respawn, known) = (Respawn::new("BFD"), BTreeMap::new());
        let (to, sessions) = (vrrp.clone(), Arc::clone(&config));
        let mut crew = Crew::new(schedule, log.clone());
        let running = Running::start(sessions, (&name, &mut crew), listeners, to)?;
        Ok(Self { config, name, crew, vrrp, log, running, known, respawn, ending: false })
    }

    /// Passes a new configuration on.
    pub(super) fn reconfigure(&mut self, config: Arc<Config>) {
        self.config = Arc::clone(&config);
        let _ = self.running.orders.send(Order::Reconfigure(config));
    }

    /// Schedules its thread anew.
    pub(super) fn reschedule(&mut self, schedule: Schedule) {
        self.crew.reschedule(schedule);
    }

    /// Asks the task to show itself.
    pub(super) fn show(&self) -> oneshot::Receiver<Shown> {
        let (to, shown) = oneshot::channel();
        let _ = self.running.orders.send(Order::Show(to));
        shown
    }

    /// Asks for the end. Nobody has to wait for it: nothing is left behind.
    pub(super) fn stop(&mut self) {
        self.ending = true;
        let _ = self.running.orders.send(Order::Stop);
    }

    /// The next thing that checks have to know; `None` once, when nothing more will be said.
    pub(super) async fn next(&mut self) -> Option<Notice> {
        let Some(notices) = &mut self.running.notices else { return std::future::pending().await };
        let notice = notices.recv().await;
        match &notice {
            Some(notice) => drop(self.known.insert(Arc::clone(&notice.name), notice.clone())),
            None => self.running.notices = None,
        }
        notice
    }

    /// What checks have to know already, for whoever was not there when it was said.
    pub(super) fn known(&self) -> impl Iterator<Item = &Notice> {
        self.known.values()
    }

    /// Whether it broke: the thread has ended and nobody asked it to.
    pub(super) fn is_broken(&self) -> bool {
        !self.ending && self.running.task.is_finished()
    }

    /// Starts what broke again: at once the first time, later and later when it keeps breaking.
    pub(super) fn revive(&mut self) {
        if !self.respawn.is_due(&self.log) {
            return;
        }
        let (config, frame) = (Arc::clone(&self.config), (&*self.name, &mut self.crew));
        let listeners = Listeners::default();
        match Running::start(config, frame, listeners, self.vrrp.clone()) {
            Ok(running) => self.running = running,
            Err(error) => self.log.error(error.to_string()),
        }
        self.respawn.begun();
    }
}

impl Running {
    fn start(
        config: Arc<Config>,
        frame: (&str, &mut Crew),
        listeners: Listeners,
        vrrp: UnboundedSender<vrrp_task::Order>,
    ) -> io::Result<Self> {
        let (orders, from_orders) = unbounded_channel();
        let (checkers, notices) = unbounded_channel();
        let channels = Channels { orders: from_orders, vrrp, checkers };
        let task = bfd_task::start(config, frame, listeners, channels)?;
        Ok(Self { orders, task, notices: Some(notices) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bfd::config::Session;

    use super::*;
    use crate::log;

    /// Waits for the next thing that is said of this session.
    fn hear(detecting: &mut Detecting) -> Notice {
        crate::runtime::block_on(async {
            let said = tokio::time::timeout(Duration::from_secs(25), detecting.next()).await;
            said.expect("something is said").expect("it can say more")
        })
    }

    #[test]
    fn a_task_that_breaks_is_started_again_and_says_that_its_sessions_are_down() {
        let (log, said) = log::recorded();
        // Several hops: another port than the one that a daemon on this machine may have.
        let session = Session { multihop: true, ..Session::new("b1", [127, 0, 0, 9].into()) };
        let config = Arc::new(Config { sessions: vec![session] });
        let frame = ("bfd".to_owned(), Schedule::unwished("bfd"));
        let (vrrp, mut from_bfd) = unbounded_channel();
        let mut detecting = Detecting::start(config, frame, vrrp, Moment::Start, &log).unwrap();
        assert!(!hear(&mut detecting).up);
        assert!(!detecting.is_broken());
        detecting.running.orders.send(Order::Break).unwrap();
        let until = Instant::now() + Duration::from_secs(25);
        while !detecting.is_broken() {
            assert!(Instant::now() < until, "it does not break");
            std::thread::sleep(Duration::from_millis(5));
        }
        detecting.revive();
        assert!(!hear(&mut detecting).up);
        assert!(!detecting.is_broken());
        let told = std::iter::from_fn(|| from_bfd.try_recv().ok());
        let sessions = told
            .filter(|order| matches!(order, vrrp_task::Order::Session(notice, _) if !notice.up));
        assert_eq!(sessions.count(), 2);
        let died = "Alert Keepalived_bfd: BFD part died: Respawning";
        assert_eq!(said.about("BFD part"), [died]);
        detecting.stop();
    }
}
