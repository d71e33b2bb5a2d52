//! The routing part of the daemon: the VRRP task, the network manager and their scripts.
//!
//! It is what the daemon exists for: when one of its threads is lost, the addresses are taken away
//! and the daemon ends, so that the peer and the service manager do the rest.

use std::collections::BTreeSet;
use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use conf::ReceiveBuffer;
use net::Address;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::timeout;
use vrrp::Facts;
use vrrp::config::Config;

use super::quiet_igmp::QuietIgmp;
use crate::log::{Log, Part};
use crate::network_manager::{self, LinkWishes, Listening, Request};
use crate::notifier;
use crate::pipes::Teller;
use crate::schedule::{Crew, Schedule};
use crate::vrrp_task::{self, Channels, Order, Shown, Status, Telling};
use crate::watcher::{Watcher, Wishes};

/// How long a broken daemon's network manager has to take the addresses away.
const LAST_CHANCE: Duration = Duration::from_secs(1);

/// How the part is to be run.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    /// How its threads are scheduled.
    pub(super) schedule: Schedule,
    /// How the kernel is listened to.
    pub(super) listening: Listening,
    /// `disable_local_igmp`.
    pub(super) no_local_igmp: bool,
}

/// The threads, and the ways to talk to them.
#[derive(Debug)]
pub(super) struct Routing {
    orders: UnboundedSender<Order>,
    requests: UnboundedSender<Request>,
    tellings: UnboundedSender<Telling>,
    status: UnboundedReceiver<Status>,
    vrrp: JoinHandle<io::Result<()>>,
    network: JoinHandle<()>,
    notifier: JoinHandle<()>,
    crew: Crew,
    watcher: Watcher,
    /// Every address that was configured at any time: what is withdrawn when all else fails.
    addresses: BTreeSet<Address>,
    /// Kept until the sockets are closed.
    _quiet_igmp: Option<QuietIgmp>,
    log: Log,
}

impl Routing {
    /// Starts all threads; the VRRP task last, when everybody it talks to is there.
    ///
    /// # Errors
    /// When a socket cannot be opened or a thread cannot be made.
    pub(super) fn start(
        config: Config,
        (pipes, buffer): (Teller, ReceiveBuffer),
        threads: Threads,
        log: &Log,
    ) -> io::Result<Self> {
        let log = log.part(Part::Vrrp);
        let (orders, from_orders) = unbounded_channel();
        let (requests, from_requests) = unbounded_channel();
        let (report, reports) = unbounded_channel();
        let (tellings, from_tellings) = unbounded_channel();
        let (tell_status, status) = unbounded_channel();
        let links =
            rtnl::Socket::open().and_then(|mut socket| socket.links()).map_err(io::Error::other)?;
        // Before any group is joined.
        let _quiet_igmp = threads.no_local_igmp.then(|| QuietIgmp::new(&log)).flatten();
        let Threads { schedule, listening, .. } = threads;
        let mut crew = Crew::new(schedule, log.clone());
        let network = network_manager::start((from_requests, report), listening, &mut crew)?;
        let to_pipes = (orders.clone(), pipes);
        let notifier = notifier::start(from_tellings, to_pipes, &mut crew)?;
        let mut watcher = Watcher::new(orders.clone(), log.clone());
        let facts = Facts { links, ..watcher.first_look(Wishes::of(&config, buffer))? };
        let channels = Channels {
            orders: from_orders,
            reports,
            requests: requests.clone(),
            tellings: tellings.clone(),
            status: tell_status,
        };
        let addresses = addresses_of(&config);
        let _ = requests.send(Request::Pace(config.links.clone()));
        let _ = requests.send(Request::Links(LinkWishes::of(&config)));
        let vrrp = vrrp_task::start(config, facts, channels, &mut crew)?;
        Ok(Self {
            orders,
            requests,
            tellings,
            status,
            vrrp,
            network,
            notifier,
            crew,
            watcher,
            addresses,
            _quiet_igmp,
            log,
        })
    }

    /// The way to the VRRP task, for who tells it of BFD sessions.
    pub(super) fn orders(&self) -> UnboundedSender<Order> {
        self.orders.clone()
    }

    /// Passes a new configuration on.
    pub(super) fn reconfigure(&mut self, config: Config, buffer: ReceiveBuffer) {
        self.addresses.extend(addresses_of(&config));
        let _ = self.requests.send(Request::Pace(config.links.clone()));
        let wishes = Wishes::of(&config, buffer);
        let _ = self.requests.send(Request::Links(LinkWishes::of(&config)));
        let _ = self.orders.send(Order::Reconfigure(Box::new(config)));
        if let Err(error) = self.watcher.rewatch(wishes) {
            self.log.error(format!("Cannot watch files and processes: {error}"));
        }
    }

    /// Schedules its threads anew.
    pub(super) fn reschedule(&mut self, schedule: Schedule) {
        self.crew.reschedule(schedule);
    }

    /// Asks the VRRP task to show itself; with `clear` its counters begin anew.
    pub(super) fn show(&self, clear: bool) -> oneshot::Receiver<Shown> {
        let (to, shown) = oneshot::channel();
        let _ = self.orders.send(Order::Show { clear, to });
        shown
    }

    /// Asks for the end. With `keep` the addresses stay where they are.
    pub(super) fn stop(&self, keep: bool) {
        let _ = self.orders.send(if keep { Order::Abandon } else { Order::Stop });
    }

    /// What the VRRP task has to say; `None` when it is gone.
    pub(super) async fn next(&mut self) -> Option<Status> {
        self.status.recv().await
    }

    /// Whether a thread has gone that has nothing to say to the daemon.
    pub(super) fn is_broken(&self) -> bool {
        self.notifier.is_finished() || self.network.is_finished() || self.watcher.is_broken()
    }

    /// Waits for the threads; says whether one of them broke. Only after [`Status::Stopped`].
    pub(super) fn join(self) -> bool {
        let Self { orders, requests, tellings, vrrp, network, notifier, addresses, log, .. } = self;
        drop((orders, requests, tellings));
        let broken = vrrp.join().is_err() | network.join().is_err();
        let _ = notifier.join();
        if broken {
            withdraw(&addresses, &log);
        }
        broken
    }

    /// Takes every address away, whatever works of the threads.
    pub(super) async fn give_up(self) {
        let Self { orders, requests, network, addresses, log, .. } = self;
        let _ = requests.send(Request::WithdrawAll);
        drop((orders, requests));
        // Not joined: a thread that hangs would take this one with it. The process ends anyway.
        let ended = async {
            while !network.is_finished() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let _ = timeout(LAST_CHANCE, ended).await;
        withdraw(&addresses, &log);
    }
}

/// The last resort: removes every address that may be ours, with a socket of its own.
fn withdraw(addresses: &BTreeSet<Address>, log: &Log) {
    let result = rtnl::Socket::open().and_then(|mut socket| {
        let links = socket.links()?;
        let index = |address: &Address| {
            let link = links.iter().find(|link| link.name == address.link);
            link.filter(|link| link.held(address.ip).is_some()).map(|link| link.index)
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

fn addresses_of(config: &Config) -> BTreeSet<Address> {
    let instances = config.instances.iter();
    let all = instances.flat_map(|instance| instance.addresses.iter().chain(&instance.excluded));
    all.map(|one| one.address.clone()).collect()
}
