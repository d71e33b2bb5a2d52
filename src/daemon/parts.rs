//! The parts of the daemon: started together, listened to, and ended in order.
//!
//! What each part is made of, and what is done when it breaks, is decided in its own module.

use std::sync::Arc;
use std::time::Duration;

use conf::{Buffers, Config};
use sys::socket::ReceiveBuffer;
use tokio::time::timeout;

use super::balancing::{Balancing, Error, Opened, SessionsDown};
use super::detecting::{Detecting, Moment};
use super::routing::{Routing, Threads};
use super::schedules::Schedules;
use super::shape::Shape;
use crate::cli::Options;
use crate::director_task::{self, Limits};
use crate::dump::{Dump, Views};
use crate::exit::Exit;
use crate::ipvs_programmer::Access;
use crate::log::Log;
use crate::network_manager::Listening;
use crate::pid_files;
use crate::pipes::{Pipes, Source};
use crate::schedule::Footing;
use crate::vrrp_task::Status;
use crate::watcher;

/// Two sockets for each link, one process for each script that runs, one socket for each check.
const OPEN_FILES: u64 = 65_536;
/// How often the parts are looked after that have nothing to say to the daemon.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// What the parts have to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// Every part has reached its first state.
    Ready,
    /// A part is lost without which the daemon cannot go on.
    Broken,
    /// This part is lost, and with `-R` that is the end.
    GaveUp(&'static str),
}

/// What has been reached so far.
#[derive(Debug, Default)]
struct Reached {
    routing: bool,
    balancing: bool,
    told: bool,
}

/// The running parts.
#[derive(Debug)]
pub(crate) struct Parts {
    pipes: Pipes,
    routing: Routing,
    /// There is something to route, or was since the start.
    routes: bool,
    /// Only once there is something to balance.
    balancing: Option<Box<Balancing>>,
    shape: Shape,
    footing: Footing,
    /// Only once there is a neighbour to watch.
    detecting: Option<Detecting>,
    reached: Reached,
    /// How long each part may take to end.
    patience: Duration,
    /// A part that breaks is started again.
    respawn: bool,
    /// The kernel's services stay at the end.
    keep_ipvs: bool,
    /// How much load balancing may use.
    limits: Limits,
}

impl Parts {
    /// Starts all parts. Nothing is balanced before everything is there that can be missing.
    ///
    /// # Errors
    /// When a socket cannot be opened, a thread cannot be made or there is no IPVS.
    pub(crate) fn start(options: &Options, config: &Config, log: &Log) -> Result<Self, Error> {
        let buffer = buffer(config.globals.buffers.lvs_monitor);
        let limits = Limits { room: room_for_checks(log), news: buffer };
        let balanced = balanced(options, config);
        let flush = config.globals.ipvs.flush;
        let routed = routed(options, config);
        let detected = detected(options, config);
        watcher::initialise(&config.vrrp.files, &routed, balanced.as_deref(), log);
        let schedules = Schedules::of(&config.globals.scheduling);
        let mut footing = Footing::default();
        footing.follow(schedules.footing(balanced.is_some(), detected.is_some()), log);
        let opened = balanced
            .as_ref()
            .map(|_| Opened::new(access(options, config), flush, schedules.checkers.clone(), log))
            .transpose()?;
        let pipes = Pipes::start(log)?;
        pipes.configure(config, routes(options, config), balances(options, config));
        let heard = (pipes.teller(Source::Routing), config.globals.buffers.process_monitor);
        let threads = threads(options, config, &schedules);
        let routing = Routing::start(routed, heard, threads, log)?;
        let balancing = match opened.zip(balanced) {
            Some((opened, config)) => {
                let teller = pipes.teller(Source::Balancing);
                let known = (limits, SessionsDown::default());
                Some(Box::new(opened.start(config, teller, known)?))
            }
            None => None,
        };
        let detecting = match detected {
            Some(sessions) => {
                let frame = (name_of_bfd(config), schedules.bfd);
                Some(Detecting::start(sessions, frame, routing.orders(), Moment::Start, log)?)
            }
            None => None,
        };
        let mut parts = Self {
            pipes,
            routing,
            detecting,
            routes: routes(options, config),
            reached: Reached { balancing: balancing.is_none(), ..Reached::default() },
            balancing,
            shape: Shape::default(),
            footing,
            patience: config.globals.child_wait_time,
            respawn: !options.dont_respawn,
            keep_ipvs: options.keep_ipvs,
            limits,
        };
        parts.shape.configure(config);
        parts.reshape();
        Ok(parts)
    }

    /// Tells load balancing what IPVS as a whole shall be like now.
    fn reshape(&mut self) {
        if let Some(balancing) = &mut self.balancing {
            balancing.shape(self.shape.whole());
        }
    }

    /// The next thing that the daemon has to act on.
    pub(crate) async fn next(&mut self) -> News {
        loop {
            match timeout(LOOK_AFTER, self.heard(true, true)).await {
                Ok(Heard::Routing(Some(Status::Ready))) => self.reached.routing = true,
                Ok(Heard::Routing(Some(Status::Turned(instance, master)))) => {
                    self.shape.turned(instance, master);
                    self.reshape();
                }
                Ok(Heard::Routing(Some(Status::Stopped) | None)) => return News::Broken,
                Ok(Heard::Balancing(Some(director_task::Status::Ready))) => {
                    self.reached.balancing = true;
                }
                Ok(Heard::Balancing(Some(director_task::Status::Stopped) | None)) => {}
                Ok(Heard::Session(Some(notice))) => {
                    self.balancing.iter().for_each(|balancing| balancing.tell(&notice));
                }
                Ok(Heard::Session(None)) | Err(_) => {}
            }
            if self.routing.is_broken() || self.pipes.is_broken() {
                return News::Broken;
            }
            if let Some(lost) = self.look_after() {
                return News::GaveUp(lost);
            }
            let Reached { routing, balancing, told } = &mut self.reached;
            if *routing && *balancing && !*told {
                *told = true;
                return News::Ready;
            }
        }
    }

    /// Starts again what broke and may break; names it when that is not to be.
    fn look_after(&mut self) -> Option<&'static str> {
        let Self { balancing, detecting, respawn, .. } = self;
        if let Some(balancing) = balancing.as_mut().filter(|part| part.is_broken()) {
            if !*respawn {
                return Some("Healthcheck");
            }
            if balancing.revive(down(detecting.as_ref())) {
                catch_up(balancing, detecting.as_ref());
            }
        }
        if let Some(detecting) = detecting.as_mut().filter(|part| part.is_broken()) {
            if !*respawn {
                return Some("BFD");
            }
            detecting.revive();
        }
        None
    }

    async fn heard(&mut self, routing: bool, balancing: bool) -> Heard {
        tokio::select! {
            biased;
            status = self.routing.next(), if routing => Heard::Routing(status),
            status = next_of(&mut self.balancing), if balancing => Heard::Balancing(status),
            notice = next_session(&mut self.detecting) => Heard::Session(notice),
        }
    }

    /// Asks every part to end; what it leaves behind is the operator's choice.
    pub(crate) fn stop(&mut self, options: &Options) {
        self.routing.stop(options.keep_vrrp);
        if let Some(balancing) = &mut self.balancing {
            balancing.stop(options.keep_ipvs);
        }
        if let Some(detecting) = &mut self.detecting {
            detecting.stop();
        }
    }

    /// Asks the parts for what a dump is made of.
    pub(crate) fn show(&self, dump: Dump) -> Views {
        let clear = dump == Dump::LastStatistics;
        let routing = self.routes.then(|| self.routing.show(clear));
        let balancing = self.balancing.as_ref().filter(|_| dump == Dump::State);
        let detecting = self.detecting.as_ref().filter(|_| dump == Dump::State);
        Views {
            routing,
            balancing: balancing.map(|part| part.show()),
            detecting: detecting.map(Detecting::show),
        }
    }

    /// Passes a new configuration on.
    pub(crate) fn reconfigure(&mut self, options: &Options, config: &Config, log: &Log) {
        self.patience = config.globals.child_wait_time;
        self.routes |= routes(options, config);
        self.pipes.configure(config, routes(options, config), balances(options, config));
        let buffer = config.globals.buffers.process_monitor;
        self.routing.reconfigure(routed(options, config), buffer);
        match (&mut self.balancing, balanced(options, config)) {
            (Some(balancing), lvs) => balancing.reconfigure(lvs.unwrap_or_default()),
            (None, Some(lvs)) => match self.begin(lvs, options, config, log) {
                Ok(balancing) => self.balancing = Some(Box::new(balancing)),
                Err(error) => log.error(format!("{error} - not balancing anything")),
            },
            (None, None) => {}
        }
        match (&mut self.detecting, detected(options, config)) {
            (Some(detecting), sessions) => detecting.reconfigure(sessions.unwrap_or_default()),
            (None, Some(sessions)) => {
                let schedule = Schedules::of(&config.globals.scheduling).bfd;
                let (frame, vrrp) = ((name_of_bfd(config), schedule), self.routing.orders());
                match Detecting::start(sessions, frame, vrrp, Moment::Reload, log) {
                    Ok(detecting) => self.detecting = Some(detecting),
                    Err(error) => log.error(format!("{error} - watching no neighbour")),
                }
            }
            (None, None) => {}
        }
        self.shape.configure(config);
        self.reshape();
        self.reschedule(Schedules::of(&config.globals.scheduling), log);
    }

    /// Schedules the threads anew.
    fn reschedule(&mut self, schedules: Schedules, log: &Log) {
        let footing = schedules.footing(self.balancing.is_some(), self.detecting.is_some());
        self.footing.follow(footing, log);
        self.routing.reschedule(schedules.vrrp);
        if let Some(balancing) = &mut self.balancing {
            balancing.reschedule(schedules.checkers);
        }
        if let Some(detecting) = &mut self.detecting {
            detecting.reschedule(schedules.bfd);
        }
    }

    /// A thread in real time has computed for half of the time after which the kernel ends the
    /// daemon.
    pub(crate) fn warn_of_computing(&self, log: &Log) {
        self.footing.warn(log);
    }

    /// Starts load balancing beside what runs already.
    fn begin(
        &self,
        services: Arc<lvs::config::Config>,
        options: &Options,
        config: &Config,
        log: &Log,
    ) -> Result<Balancing, Error> {
        let schedule = Schedules::of(&config.globals.scheduling).checkers;
        let opened = Opened::new(access(options, config), false, schedule, log)?;
        // The other sessions are told once BFD has the new configuration too.
        let known = (self.limits, down(self.detecting.as_ref()));
        opened.start(services, self.pipes.teller(Source::Balancing), known)
    }

    /// Waits for the end that was asked for; does by itself what a part does not come to.
    pub(crate) async fn end(mut self, log: &Log) -> Exit {
        let (mut routing, mut balancing) = (true, self.balancing.is_some());
        while routing || balancing {
            match timeout(self.patience, self.heard(routing, balancing)).await {
                Ok(Heard::Routing(Some(Status::Ready | Status::Turned(..)))) => {}
                Ok(Heard::Routing(Some(Status::Stopped))) => routing = false,
                Ok(Heard::Balancing(Some(director_task::Status::Ready)) | Heard::Session(_)) => {}
                Ok(Heard::Balancing(Some(director_task::Status::Stopped))) => balancing = false,
                // It was broken before the stop, or broke over it.
                Ok(Heard::Balancing(None)) => {
                    balancing = false;
                    self.withdraw_services(log);
                }
                Err(_) if !routing => {
                    self.withdraw_services(log);
                    return Exit::Broken;
                }
                Ok(Heard::Routing(None)) | Err(_) => return self.broken(log).await,
            }
        }
        let broken = self.balancing.is_some_and(|balancing| balancing.join()) | self.routing.join();
        // Only now everything has been told.
        drop(self.pipes);
        if broken { Exit::Broken } else { Exit::Clean }
    }

    fn withdraw_services(&self, log: &Log) {
        log.alert("Load balancing does not come to its end - removing its services without it");
        if let Some(balancing) = self.balancing.as_ref().filter(|_| !self.keep_ipvs)
            && !balancing.withdraw()
        {
            log.alert("Virtual services are left behind");
        }
    }

    /// Routing is lost: no address stays, and the service manager starts the daemon again. That
    /// one finds the services in the kernel, and clients lose nothing by them.
    pub(crate) async fn broken(self, log: &Log) -> Exit {
        log.alert("A part of the daemon died - withdrawing all addresses and exiting");
        self.routing.give_up().await;
        Exit::Broken
    }
}

/// How many checks may be under way: half of the files that may be open. The rest is for VRRP.
fn room_for_checks(log: &Log) -> usize {
    // Scripts get the old limit back. Too few descriptors make links deaf, and that is said.
    let limit = sys::process::raise_open_file_limit(OPEN_FILES);
    let files = limit.map_or(0, |limit| limit.soft);
    if files < OPEN_FILES {
        log.info(format!("Only {files} open files are allowed; {OPEN_FILES} would be enough"));
    }
    usize::try_from(files / 2).unwrap_or(usize::MAX).max(1)
}

/// Which part spoke, and what; `None` when it has gone.
enum Heard {
    Routing(Option<Status>),
    Balancing(Option<director_task::Status>),
    Session(Option<bfd::Notice>),
}

async fn next_of(balancing: &mut Option<Box<Balancing>>) -> Option<director_task::Status> {
    match balancing {
        Some(balancing) => balancing.next().await,
        None => std::future::pending().await,
    }
}

async fn next_session(detecting: &mut Option<Detecting>) -> Option<bfd::Notice> {
    match detecting {
        Some(detecting) => detecting.next().await,
        None => std::future::pending().await,
    }
}

fn down(detecting: Option<&Detecting>) -> SessionsDown {
    let known = detecting.into_iter().flat_map(Detecting::known);
    known.filter(|notice| !notice.up).map(|notice| Arc::clone(&notice.name)).collect()
}

/// Tells a new director what has become of BFD sessions before it was there.
fn catch_up(balancing: &Balancing, detecting: Option<&Detecting>) {
    detecting.into_iter().flat_map(Detecting::known).for_each(|notice| balancing.tell(notice));
}

/// The way to the kernel's IPVS, which no reload changes.
fn access(options: &Options, config: &Config) -> Access {
    let buffer = buffer(config.globals.buffers.lvs_commands);
    let file = pid_files::of_daemon(options, &config.globals);
    let owner = format!("keepalived {}", file.display());
    Access { namespace: config.globals.ipvs.namespace.clone(), buffer, owner }
}

/// What the VRRP task is to run: nothing with `-C`.
fn routed(options: &Options, config: &Config) -> vrrp::config::Config {
    if options.checkers_only { vrrp::config::Config::default() } else { config.vrrp.clone() }
}

/// Whether anything is configured that the VRRP task is to run.
const fn routes(options: &Options, config: &Config) -> bool {
    (config.vrrp_configured || options.all) && !options.checkers_only
}

/// Whether there are virtual servers that the director is to run.
const fn balances(options: &Options, config: &Config) -> bool {
    config.checkers_configured && !options.vrrp_only
}

/// What the director is to run: nothing with `-P`.
fn balanced(options: &Options, config: &Config) -> Option<Arc<lvs::config::Config>> {
    let serves = balances(options, config);
    let synchronises = config.globals.ipvs.sync_daemon.as_ref().is_some_and(|daemon| {
        if daemon.instance.is_some() { !options.checkers_only } else { !options.vrrp_only }
    });
    match (serves, synchronises) {
        (true, _) => Some(Arc::clone(&config.lvs)),
        (false, true) => Some(Arc::default()),
        (false, false) => None,
    }
}

/// How the routing part is to be run.
fn threads(options: &Options, config: &Config, schedules: &Schedules) -> Threads {
    let Buffers { vrrp_commands, vrrp_monitor, .. } = config.globals.buffers;
    Threads {
        schedule: schedules.vrrp.clone(),
        listening: Listening {
            answers: buffer(vrrp_commands),
            news: buffer(vrrp_monitor),
            every_address: options.address_monitoring,
        },
        no_local_igmp: config.globals.vrrp.no_local_igmp,
    }
}

fn buffer(wish: conf::ReceiveBuffer) -> Option<ReceiveBuffer> {
    let bytes = usize::try_from(wish.bytes?).unwrap_or(usize::MAX);
    Some(ReceiveBuffer { bytes, force: wish.force })
}

/// What the BFD task is to run: nothing with `-B`.
fn detected(options: &Options, config: &Config) -> Option<Arc<bfd::config::Config>> {
    let wanted = config.bfd_configured && !options.no_bfd;
    wanted.then(|| Arc::new(config.bfd.clone()))
}

/// What the thread of the BFD task is called.
fn name_of_bfd(config: &Config) -> String {
    config.globals.names.bfd.clone().unwrap_or_else(|| "bfd".to_owned())
}
