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

use crate::cli::Options;
use crate::exit::Exit;
use crate::log::{Log, Part};
use crate::network_manager::{self, Request};
use crate::notifier;
use crate::vrrp_task::{self, Channels, Order, Schedule, Status};

/// Two sockets for each link, and one process for each script that runs.
const OPEN_FILES: u64 = 65_536;
/// How often the parts are looked after that have nothing to say to the daemon.
const LOOK_AFTER: Duration = Duration::from_secs(1);
/// How long a broken daemon's network manager has to take the addresses away.
const LAST_CHANCE: Duration = Duration::from_secs(1);

/// The running parts, and the ways to talk to them.
#[derive(Debug)]
pub(crate) struct Parts {
    orders: UnboundedSender<Order>,
    requests: UnboundedSender<Request>,
    status: UnboundedReceiver<Status>,
    vrrp: JoinHandle<io::Result<()>>,
    network: JoinHandle<()>,
    notifier: JoinHandle<()>,
    /// Every address that was configured at any time: what is withdrawn when all else fails.
    addresses: BTreeSet<Address>,
    patience: Duration,
}

impl Parts {
    /// Starts all parts; the VRRP task last, when everybody it talks to is there.
    ///
    /// # Errors
    /// When a socket cannot be opened or a thread cannot be made.
    pub(crate) fn start(options: &Options, config: &Config, log: &Log) -> io::Result<Self> {
        let log = log.part(Part::Vrrp);
        let (orders, from_orders) = unbounded_channel();
        let (requests, from_requests) = unbounded_channel();
        let (report, reports) = unbounded_channel();
        let (tellings, from_tellings) = unbounded_channel();
        let (tell_status, status) = unbounded_channel();
        // Scripts get the old limit back. Too few descriptors make links deaf, and that is said.
        let _ = sys::process::raise_open_file_limit(OPEN_FILES);
        let links =
            rtnl::Socket::open().and_then(|mut socket| socket.links()).map_err(io::Error::other)?;
        let network = network_manager::start(from_requests, report, log.clone())?;
        let notifier = notifier::start(from_tellings, orders.clone(), log.clone())?;
        let channels = Channels {
            orders: from_orders,
            reports,
            requests: requests.clone(),
            tellings,
            status: tell_status,
        };
        let wanted = part_of(options, config);
        let addresses = addresses_of(&wanted);
        let vrrp = vrrp_task::start(wanted, links, schedule(config), channels, log)?;
        let patience = config.globals.child_wait_time;
        Ok(Self { orders, requests, status, vrrp, network, notifier, addresses, patience })
    }

    /// News from the VRRP task; `None` when a part is gone.
    pub(crate) async fn next(&mut self) -> Option<Status> {
        loop {
            match timeout(LOOK_AFTER, self.status.recv()).await {
                Ok(status) => return status,
                Err(_) if self.notifier.is_finished() || self.network.is_finished() => return None,
                Err(_) => {}
            }
        }
    }

    /// Passes an order on.
    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// Passes a new configuration on.
    pub(crate) fn reconfigure(&mut self, options: &Options, config: &Config) {
        let wanted = part_of(options, config);
        self.addresses.extend(addresses_of(&wanted));
        self.patience = config.globals.child_wait_time;
        self.order(Order::Reconfigure(Box::new(wanted)));
    }

    /// Waits for the end that was ordered; takes the addresses away by itself if it does not
    /// come.
    pub(crate) async fn end(mut self, log: &Log) -> Exit {
        loop {
            match timeout(self.patience, self.status.recv()).await {
                Ok(Some(Status::Ready)) => {}
                Ok(Some(Status::Stopped)) => break,
                Ok(None) | Err(_) => return self.broken(log).await,
            }
        }
        let Self { orders, requests, vrrp, network, notifier, addresses, .. } = self;
        drop((orders, requests));
        let broken = vrrp.join().is_err() | network.join().is_err();
        let _ = notifier.join();
        if broken {
            withdraw(&addresses, log);
        }
        if broken { Exit::Broken } else { Exit::Clean }
    }

    /// A part is lost: no address stays, and the service manager starts the daemon again.
    pub(crate) async fn broken(self, log: &Log) -> Exit {
        log.alert("A part of the daemon died - withdrawing all addresses and exiting");
        let _ = self.requests.send(Request::WithdrawAll);
        let Self { orders, requests, network, addresses, .. } = self;
        drop((orders, requests));
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

/// What the VRRP task is to run: nothing with `-C`.
fn part_of(options: &Options, config: &Config) -> vrrp::config::Config {
    if options.checkers_only { vrrp::config::Config::default() } else { config.vrrp.clone() }
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
