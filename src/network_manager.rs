//! The network manager: makes the kernel's addresses, routes and rules equal to what is wanted.
//!
//! It runs on its own thread. What reaches it is the newest order of each owner; what it sends
//! back is what it sees of links, and which orders the kernel now satisfies. It works in small
//! batches and looks for newer orders between them, so that a change of mind costs one batch.
//! When somebody else changes the kernel, it puts things right and says so.

mod announcer;
mod kernel;
mod linkbeat;
mod links;
mod owners;
mod promotion;
mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::thread::JoinHandle;

use net::{Link, LinkIndex, LinkName};
use rtnl::{Change, Event};
use sys::socket::ReceiveBuffer;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use vrrp::config::{Config, LinkSettings, Polling};
use vrrp::{Generation, Order, OwnerId};

use crate::log::Log;
use crate::schedule::{Crew, Role};
use announcer::Announcer;
use kernel::Kernel;
use linkbeat::Linkbeat;
use links::{Links, Seen};
use owners::{Missing, Owners};
use promotion::Promotion;
use witness::Witness;

/// Batches between two looks at the news.
const TURNS: u32 = 16;

/// What the manager is told.
#[derive(Debug)]
pub(crate) enum Request {
    /// The newest wishes of some owners, of one moment.
    Orders(Vec<Order>),
    /// How fast announcements may follow each other.
    Pace(LinkSettings),
    /// Remove everything that any owner may hold, whatever was ordered: the router is lost.
    WithdrawAll,
    /// How links are looked at and set up.
    Links(LinkWishes),
}

/// How links are looked at and set up.
#[derive(Debug)]
pub(crate) struct LinkWishes {
    /// Links whose state is asked for, not heard of.
    polled: BTreeMap<LinkName, Polling>,
    /// Those that would be, but nobody looks at them.
    unused: Vec<LinkName>,
    /// Links that keep their addresses when their first one goes.
    promoting: BTreeSet<LinkName>,
    /// Links that instances are on or track.
    used: BTreeSet<LinkName>,
}

impl LinkWishes {
    /// What a configuration asks for.
    pub(crate) fn of(config: &Config) -> Self {
        let promoting = config.instances.iter().filter(|one| one.options.promotes_secondaries);
        let promoting = promoting.filter_map(|instance| instance.seat.link().cloned()).collect();
        let used: BTreeSet<LinkName> = config.used_links().into_iter().cloned().collect();
        let named = config.links.polled.iter().map(|(link, _)| link);
        let unused = named.filter(|link| !used.contains(link)).cloned().collect();
        Self { polled: config.polled(), unused, promoting, used }
    }
}

/// How the kernel is listened to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listening {
    /// The receive buffer for answers (`vrrp_netlink_cmd_rcv_bufs`).
    pub(crate) answers: Option<ReceiveBuffer>,
    /// The receive buffer for news (`vrrp_netlink_monitor_rcv_bufs`).
    pub(crate) news: Option<ReceiveBuffer>,
    /// Every address that comes or goes is logged (`-a`).
    pub(crate) every_address: bool,
}

/// What the manager tells.
#[derive(Debug)]
pub(crate) enum Report {
    /// A link is there or has changed.
    Link(Link),
    /// A link is gone.
    LinkGone(LinkName),
    /// The kernel satisfies an order, as far as it lets itself be asked.
    Settled(OwnerId, Generation),
}

/// The manager and everything it owns.
pub(crate) struct NetworkManager {
    requests: UnboundedReceiver<Request>,
    reports: UnboundedSender<Report>,
    links: Links,
    kernel: Kernel,
    owners: Owners,
    announcer: Announcer,
    linkbeat: Linkbeat,
    promotion: Promotion,
    witness: Witness,
    /// Events of routes and rules are asked for: only where there are any, as a router may have
    /// thousands a second.
    watches_routing: bool,
    log: Log,
}

/// Starts the manager on its own thread. It ends when no request can come any more.
///
/// # Errors
/// When its sockets cannot be opened or the kernel's tables cannot be read.
pub(crate) fn start(
    (requests, reports): (UnboundedReceiver<Request>, UnboundedSender<Report>),
    listening: Listening,
    crew: &mut Crew,
) -> std::io::Result<JoinHandle<()>> {
    let log = crew.log().clone();
    let (kernel, links) = Kernel::open(listening, log.clone()).map_err(std::io::Error::other)?;
    let announcer = Announcer::start(crew)?;
    crew.spawn("network", Role::Hand, move || {
        let links = Links::from(links);
        let owners = Owners::default();
        let (linkbeat, promotion) = (Linkbeat::new(log.clone()), Promotion::new(log.clone()));
        let witness = Witness::new(listening.every_address, log.clone());
        let manager = NetworkManager {
            requests,
            reports,
            links,
            kernel,
            owners,
            announcer,
            linkbeat,
            promotion,
            witness,
            watches_routing: false,
            log,
        };
        crate::runtime::block_on(manager.run());
    })
}

impl NetworkManager {
    async fn run(mut self) {
        if let Err(error) = self.kernel.watch() {
            self.log.error(format!("Netlink: cannot watch links and addresses: {error}"));
        }
        // Whatever happened between the first look at the links and now is in no event.
        self.read_again();
        self.name_all_addresses();
        let mut turns = 0;
        loop {
            let working = self.owners.has_work();
            // News are mostly those of our own edits: they can wait for a takeover, not for ever.
            turns = if working { (turns + 1) % TURNS } else { 0 };
            tokio::select! {
                biased;
                request = self.requests.recv() => match request {
                    Some(request) => self.take(request),
                    None => return self.finish(),
                },
                () = std::future::ready(()), if working && turns != 0 => self.work(),
                events = self.kernel.events() => self.on_events(events),
                (link, up) = self.linkbeat.next() => self.on_beat(&link, up),
                () = std::future::ready(()), if working => self.work(),
            }
        }
    }

    /// Nobody will ask for anything any more: what was asked for is still done.
    fn finish(&mut self) {
        while self.owners.has_work() {
            self.work();
        }
        self.promotion.want(BTreeSet::new());
    }

    /// Takes this request and all that wait behind it: only the newest of an owner counts.
    fn take(&mut self, first: Request) {
        let mut next = Some(first);
        while let Some(request) = next {
            match request {
                Request::Orders(orders) => orders.into_iter().for_each(|order| self.order(order)),
                Request::Pace(settings) => self.announcer.keep_pace(&settings),
                Request::WithdrawAll => self.owners.withdraw_all(),
                Request::Links(wishes) => self.on_wishes(wishes),
            }
            next = self.requests.try_recv().ok();
        }
    }

    fn order(&mut self, order: Order) {
        if !order.installed {
            self.announcer.cancel(order.owner);
        }
        self.owners.order(order);
        self.watch_routing();
    }

    fn on_wishes(&mut self, wishes: LinkWishes) {
        let LinkWishes { polled, unused, promoting, used } = wishes;
        self.promotion.want(promoting);
        self.witness.use_links(used);
        if self.links.poll(polled.keys()) {
            // Those that are heard of again have to be seen as they are.
            self.read_again();
        }
        for link in unused {
            self.log.info(format!("Turning off linkbeat for {link} since not used for tracking"));
        }
        if let Err(error) = self.linkbeat.ask(polled) {
            self.log.error(format!("Cannot poll links: {error}"));
        }
    }

    fn on_beat(&mut self, name: &LinkName, up: bool) {
        if let Some(link) = self.links.beat(name, up) {
            let _ = self.reports.send(Report::Link(link.clone()));
        }
    }

    fn watch_routing(&mut self) {
        if self.watches_routing || !self.owners.has_routing() {
            return;
        }
        self.watches_routing = true;
        if let Err(error) = self.kernel.watch_routing() {
            self.log.error(format!("Netlink: cannot watch routes and rules: {error}"));
        }
    }

    /// Makes changes, and tells of the refusals that are news.
    fn apply(&mut self, changes: &[Change]) {
        let failures = self.kernel.apply(changes);
        for failure in self.owners.note(changes, failures) {
            self.kernel.report(&failure, changes.get(failure.change));
        }
    }

    /// One batch for one owner.
    fn work(&mut self) {
        let kernel = &self.kernel;
        let holds = |index, key: &net::AddressKey| kernel.holds(index, key.ip, key.prefix);
        let Some(batch) = self.owners.next_batch(&self.links, holds) else { return };
        for missing in &batch.missing {
            let (what, link) = match missing {
                Missing::Address(key) => (format!("address {} to {}", key.ip, key.link), None),
                Missing::Route(route, link) => (format!("route {route}"), Some(link)),
            };
            let name = link.map_or(String::new(), |link| format!(" {link}"));
            self.log.info(format!("Not adding {what} since interface{name} doesn't exist"));
        }
        self.apply(&batch.changes);
        let Some(owner) = self.owners.get(batch.owner) else {
            return;
        };
        // Announced while the rest is still to be added: the first ones need not wait.
        self.announcer.first_round(owner, &batch.changes, &self.links);
        if batch.complete {
            self.announcer.remaining_rounds(owner, batch.drifted, &self.links);
            self.announcer.further_links(owner, &self.links);
            self.announcer.itself(owner, &self.links);
            let generation = owner.generation();
            self.owners.settle(batch.owner);
            let _ = self.reports.send(Report::Settled(batch.owner, generation));
        }
    }

    fn on_events(&mut self, events: Vec<Event>) {
        let mut changed = BTreeSet::new();
        for event in events {
            changed.extend(self.on_event(event));
        }
        for index in changed {
            if let Some(link) = self.links.get(index) {
                let _ = self.reports.send(Report::Link(link.clone()));
            }
        }
    }

    /// Returns the link that the core has to hear of.
    fn on_event(&mut self, event: Event) -> Option<LinkIndex> {
        match event {
            Event::LinkSeen(seen) => self.on_link(seen),
            Event::LinkGone { index, name } => {
                self.links.gone(index);
                self.kernel.link_gone(index);
                self.witness.link_gone(&name);
                let _ = self.reports.send(Report::LinkGone(name));
                None
            }
            // News of an own edit is old: it may have been undone since.
            Event::AddressSeen { by, .. } if !self.kernel.is_foreign(by) => {
                self.owners.on_address_seen();
                None
            }
            Event::AddressSeen { index, held, prefix, .. } => {
                let ip = held.ip;
                if self.kernel.seen(index, ip, prefix) {
                    self.witness.address_added(self.links.get(index), ip);
                }
                self.owners.on_address_seen();
                self.owners.on_added(self.links.get(index), ip, prefix, &self.log);
                self.links.saw_address(index, held).then_some(index)
            }
            Event::AddressGone { index, ip, prefix, by } => {
                let foreign = self.kernel.is_foreign(by);
                self.on_address_gone((index, ip, prefix), foreign)
            }
            Event::RouteGone { route, by } => {
                self.owners.on_route_removed(&route, self.kernel.author(by), &self.log);
                None
            }
            Event::RuleGone { rule, by } => {
                self.owners.on_rule_removed(&rule, self.kernel.author(by), &self.log);
                None
            }
            Event::Overrun => {
                let why = std::io::Error::from(nix::errno::Errno::ENOBUFS);
                let cure =
                    "increase the relevant netlink_rcv_bufs global parameter and/or set force";
                self.log
                    .info(format!("Netlink: Receive buffer overrun on monitor socket - ({why})"));
                self.log.info(format!("  - {cure}"));
                self.read_again();
                None
            }
        }
    }

    fn on_address_gone(
        &mut self,
        (index, ip, prefix): (LinkIndex, IpAddr, u8),
        foreign: bool,
    ) -> Option<LinkIndex> {
        let link = self.links.get(index);
        if foreign {
            self.kernel.gone(index, ip, prefix);
            self.witness.address_gone(link, ip, self.owners.knows(link, ip));
            self.owners.on_removed(link, ip, prefix, &self.log);
        } else if self.owners.on_vanished(link, ip, prefix) || !self.owners.knows(link, ip) {
            // The kernel took it along with one of ours.
            self.kernel.gone(index, ip, prefix);
        }
        self.owners.on_address_gone(self.links.get(index), ip);
        // The same address may be there with another prefix.
        let still = self.kernel.holds_any(index, ip);
        (!still && self.links.drop_address(index, ip)).then_some(index)
    }

    fn on_link(&mut self, seen: Link) -> Option<LinkIndex> {
        let (index, name) = (seen.index, seen.name.clone());
        match self.links.seen(seen) {
            Seen::Same => return None,
            Seen::Changed(old) => {
                let link = self.links.get(index)?;
                self.witness.link_changed(&old, link);
                if link.up {
                    self.owners.on_link_up(&name);
                }
            }
            Seen::New => {
                self.witness.link_added(&name);
                self.owners.on_link_added(&name);
                self.promotion.on_link_added(&name);
            }
            Seen::Renamed(old) => {
                self.witness.link_renamed(&old, &name);
                // To whoever knows it by its old name it is gone, and so are its addresses.
                if let Some(link) = self.links.get(index) {
                    let changes = self.owners.held_on(&old, link);
                    self.apply(&changes);
                }
                let _ = self.reports.send(Report::LinkGone(old));
                self.owners.on_link_added(&name);
                self.promotion.on_link_added(&name);
            }
        }
        Some(index)
    }

    /// The addresses that are there, if every one is to be named.
    fn name_all_addresses(&self) {
        if self.witness.wants_every_address() {
            for (index, ip) in self.kernel.all() {
                self.witness.address_added(self.links.get(index), ip);
            }
        }
    }

    /// Reads everything and tells all of it: for when events may have been missed.
    fn read_again(&mut self) {
        match self.kernel.read_all() {
            Ok(links) => {
                for gone in self.links.replace(links) {
                    let _ = self.reports.send(Report::LinkGone(gone.name));
                }
                for link in self.links.all() {
                    let _ = self.reports.send(Report::Link(link.clone()));
                }
                self.owners.check_all();
            }
            Err(error) => self.log.error(format!("Netlink: cannot read addresses: {error}")),
        }
    }
}
