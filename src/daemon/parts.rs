//! The threads of the daemon: started, wired to each other, and ended in order.
//!
//! A part that breaks must not leave addresses behind: whoever is left withdraws them.

use std::collections::BTreeSet;
use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use conf::Config;
use net::Address;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::balancing::Balancing;
use crate::cli::Options;
use crate::director_task;
use crate::exit::Exit;
use crate::ipvs_programmer;
use crate::log::{Log, Part};
use crate::network_manager::{self, Request};
use crate::notifier::{self, Telling};
use crate::vrrp_task::{self, Channels, Order, Schedule, Status};

/// Two sockets for each link, and one process for each script that runs.
const OPEN_FILES: u64 = 65_536;
/// How often the parts are looked after that have nothing to say to the daemon.
const LOOK_AFTER: Duration = Duration::from_secs(1);
/// How long a broken daemon's network manager has to take the addresses away.
const LAST_CHANCE: Duration = Duration::from_secs(1);

/// Why the parts cannot be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A socket or a thread is missing.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// There is no IPVS.
    #[error(transparent)]
    Ipvs(#[from] ipvs_programmer::Error),
}

/// What the parts have to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// Every part has reached its first state.
    Ready,
    /// A part is lost without which the daemon cannot go on.
    Broken,
    /// A part is lost, and with `-R` that is the end.
    GaveUp,
}

/// What has been reached so far.
#[derive(Debug, Default)]
struct Reached {
    vrrp: bool,
    balancing: bool,
    told: bool,
}

/// The running parts, and the ways to talk to them.
#[derive(Debug)]
pub(crate) struct Parts {
    orders: UnboundedSender<Order>,
    requests: UnboundedSender<Request>,
    tellings: UnboundedSender<Telling>,
    status: UnboundedReceiver<Status>,
    vrrp: JoinHandle<io::Result<()>>,
    network: JoinHandle<()>,
    notifier: JoinHandle<()>,
    /// Only once there is something to balance.
    balancing: Option<Balancing>,
    reached: Reached,
    /// Every address that was configured at any time: what is withdrawn when all else fails.
    addresses: BTreeSet<Address>,
    patience: Duration,
    /// A part that breaks is started again.
    respawn: bool,
}

impl Parts {
    /// Starts all parts; the VRRP task last, when everybody it talks to is there.
    ///
    /// # Errors
    /// When a socket cannot be opened, a thread cannot be made or there is no IPVS.
    pub(crate) fn start(options: &Options, config: &Config, log: &Log) -> Result<Self, Error> {
        let vrrp_log = log.part(Part::Vrrp);
        let (orders, from_orders) = unbounded_channel();
        let (requests, from_requests) = unbounded_channel();
        let (report, reports) = unbounded_channel();
        let (tellings, from_tellings) = unbounded_channel();
        let (tell_status, status) = unbounded_channel();
        // Scripts get the old limit back. Too few descriptors make links deaf, and that is said.
        let _ = sys::process::raise_open_file_limit(OPEN_FILES);
        let balancing = match balanced(options, config) {
            Some(lvs) => Some(Balancing::start(lvs, tellings.clone(), log)?),
            None => None,
        };
        let links =
            rtnl::Socket::open().and_then(|mut socket| socket.links()).map_err(io::Error::other)?;
        let network = network_manager::start(from_requests, report, vrrp_log.clone())?;
        let notifier = notifier::start(from_tellings, orders.clone(), vrrp_log.clone())?;
        let channels = Channels {
            orders: from_orders,
            reports,
            requests: requests.clone(),
            tellings: tellings.clone(),
            status: tell_status,
        };
        let wanted = routed(options, config);
        let addresses = addresses_of(&wanted);
        let vrrp = vrrp_task::start(wanted, links, schedule(config), channels, vrrp_log)?;
        let patience = config.globals.child_wait_time;
        let reached = Reached { balancing: balancing.is_none(), ..Reached::default() };
        Ok(Self {
            orders,
            requests,
            tellings,
            status,
            vrrp,
            network,
            notifier,
            balancing,
            reached,
            addresses,
            patience,
            respawn: !options.dont_respawn,
        })
    }

    /// The next thing that the daemon has to act on.
    pub(crate) async fn next(&mut self) -> News {
        loop {
            match timeout(LOOK_AFTER, self.heard()).await {
                Ok(Heard::Vrrp(Some(Status::Ready))) => self.reached.vrrp = true,
                Ok(Heard::Vrrp(Some(Status::Stopped) | None)) => return News::Broken,
                Ok(Heard::Balancing(Some(director_task::Status::Ready))) => {
                    self.reached.balancing = true;
                }
                // It is looked after below, at its own pace.
                Ok(Heard::Balancing(Some(director_task::Status::Stopped) | None)) => {
                    tokio::time::sleep(LOOK_AFTER).await;
                }
                Err(_) if self.notifier.is_finished() || self.network.is_finished() => {
                    return News::Broken;
                }
                Err(_) => {}
            }
            if let Some(balancing) = self.balancing.as_mut().filter(|part| part.is_broken()) {
                if !self.respawn {
                    return News::GaveUp;
                }
                balancing.revive();
            }
            let Reached { vrrp, balancing, told } = &mut self.reached;
            if *vrrp && *balancing && !*told {
                *told = true;
                return News::Ready;
            }
        }
    }

    async fn heard(&mut self) -> Heard {
        tokio::select! {
            biased;
            status = self.status.recv() => Heard::Vrrp(status),
            status = next_of(&mut self.balancing) => Heard::Balancing(status),
        }
    }

    /// Asks every part to end; what it leaves behind is the operator's choice.
    pub(crate) fn stop(&mut self, options: &Options) {
        let order = if options.keep_vrrp { Order::Abandon } else { Order::Stop };
        let _ = self.orders.send(order);
        if let Some(balancing) = &mut self.balancing {
            balancing.stop(options.keep_ipvs);
        }
    }

    /// Passes a new configuration on.
    pub(crate) fn reconfigure(&mut self, options: &Options, config: &Config, log: &Log) {
        let wanted = routed(options, config);
        self.addresses.extend(addresses_of(&wanted));
        self.patience = config.globals.child_wait_time;
        let _ = self.orders.send(Order::Reconfigure(Box::new(wanted)));
        match (&mut self.balancing, balanced(options, config)) {
            (Some(balancing), lvs) => balancing.reconfigure(lvs.unwrap_or_default()),
            (None, Some(lvs)) => match Balancing::start(lvs, self.tellings.clone(), log) {
                Ok(balancing) => self.balancing = Some(balancing),
                Err(error) => log.error(format!("{error} - not balancing anything")),
            },
            (None, None) => {}
        }
    }

    /// Waits for the end that was asked for; takes the addresses away by itself if it does not
    /// come.
    pub(crate) async fn end(mut self, log: &Log) -> Exit {
        let (mut routing, mut balancing) = (true, self.balancing.is_some());
        while routing || balancing {
            match timeout(self.patience, self.heard_of(routing, balancing)).await {
                Ok(Heard::Vrrp(Some(Status::Ready))) => {}
                Ok(Heard::Vrrp(Some(Status::Stopped))) => routing = false,
                Ok(Heard::Balancing(Some(director_task::Status::Ready))) => {}
                Ok(Heard::Balancing(Some(director_task::Status::Stopped))) => balancing = false,
                Ok(Heard::Balancing(None)) => {
                    log.alert("Load balancing broke at the stop: its services may be left behind");
                    balancing = false;
                }
                Err(_) if !routing => {
                    log.alert("Load balancing does not come to its end - leaving it");
                    return Exit::Broken;
                }
                Ok(Heard::Vrrp(None)) | Err(_) => return self.broken(log).await,
            }
        }
        let Self { orders, requests, tellings, vrrp, network, notifier, addresses, .. } = self;
        drop((orders, requests, tellings));
        let balancing = self.balancing.is_some_and(Balancing::join);
        let routing = vrrp.join().is_err() | network.join().is_err();
        let _ = notifier.join();
        if routing {
            withdraw(&addresses, log);
        }
        if routing || balancing { Exit::Broken } else { Exit::Clean }
    }

    async fn heard_of(&mut self, routing: bool, balancing: bool) -> Heard {
        tokio::select! {
            biased;
            status = self.status.recv(), if routing => Heard::Vrrp(status),
            status = next_of(&mut self.balancing), if balancing => Heard::Balancing(status),
        }
    }

    /// A part is lost: no address stays, and the service manager starts the daemon again.
    pub(crate) async fn broken(self, log: &Log) -> Exit {
        log.alert("A part of the daemon died - withdrawing all addresses and exiting");
        let _ = self.requests.send(Request::WithdrawAll);
        let Self { orders, requests, tellings, network, addresses, balancing, .. } = self;
        // The daemon that is started again finds the services, and clients lose nothing.
        drop((orders, requests, tellings, balancing));
        // Not joined: a part that hangs would take this one with it. The process ends anyway.
        let ended = async {
            while !network.is_finished() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let _ = timeout(LAST_CHANCE, ended).await;
        withdraw(&addresses, log);
        Exit::Broken
    }
}

/// The last resort: removes every address that may be ours, with a socket of its own.
fn withdraw(addresses: &BTreeSet<Address>, log: &Log) {
    let result = rtnl::Socket::open().and_then(|mut socket| {
        let links = socket.links()?;
        let index = |address: &Address| {
            let link = links.iter().find(|link| link.name == address.link);
            link.filter(|link| link.addresses.contains(&address.ip)).map(|link| link.index)
        };
        let changes = addresses
            .iter()
            .filter_map(|address| index(address).map(|index| rtnl::Change::remove(address, index)));
        Ok(socket.apply(&changes.collect::<Vec<_>>()))
    });
    match result {
        Ok(failures) => {
            for failure in failures {
                log.error(format!("cannot withdraw an address: {failure}"));
            }
        }
        Err(error) => log.error(format!("cannot withdraw the addresses: {error}")),
    }
}

/// Which part spoke, and what; `None` when it has gone.
enum Heard {
    Vrrp(Option<Status>),
    Balancing(Option<director_task::Status>),
}

async fn next_of(balancing: &mut Option<Balancing>) -> Option<director_task::Status> {
    match balancing {
        Some(balancing) => balancing.next().await,
        None => std::future::pending().await,
    }
}

/// What the VRRP task is to run: nothing with `-C`.
fn routed(options: &Options, config: &Config) -> vrrp::config::Config {
    if options.checkers_only { vrrp::config::Config::default() } else { config.vrrp.clone() }
}

/// What the director is to run: nothing with `-P`.
fn balanced(options: &Options, config: &Config) -> Option<lvs::config::Config> {
    let wanted = (config.checkers_configured || options.all) && !options.vrrp_only;
    wanted.then(|| config.lvs.clone())
}

fn addresses_of(config: &vrrp::config::Config) -> BTreeSet<Address> {
    let instances = config.instances.iter();
    let all = instances.flat_map(|instance| instance.addresses.iter().chain(&instance.excluded));
    all.map(|one| one.address.clone()).collect()
}

const fn schedule(config: &Config) -> Schedule {
    let wish = &config.globals.scheduling;
    Schedule {
        nice: wish.nice,
        realtime: wish.realtime,
        realtime_limit: wish.realtime_limit,
        lock_memory: wish.no_swap,
    }
}
