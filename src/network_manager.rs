//! The network manager: makes the kernel's addresses equal to what the virtual routers want.
//!
//! It runs on its own thread. What reaches it is the newest order of each owner; what it sends
//! back is what it sees of links, and which orders the kernel now satisfies. It works in small
//! batches and looks for newer orders between them, so that a change of mind costs one batch.
//! When somebody else changes the kernel, it puts things right and says so.

mod announcer;
mod kernel;
mod owners;

use std::collections::BTreeMap;
use std::thread::JoinHandle;
use std::time::Duration;

use net::{Link, LinkIndex, LinkName};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use vrrp::{Generation, InstanceId, Order};

use crate::log::Log;
use announcer::Announcer;
use kernel::Kernel;
use owners::Owners;

/// How long to wait when the interface cannot take more packets.
const BREATH: Duration = Duration::from_millis(1);

/// What the manager is told.
#[derive(Debug)]
pub(crate) enum Request {
    /// The newest wish of an owner.
    Order(Order),
    /// Remove everything that any owner may hold, whatever was ordered: the router is lost.
    WithdrawAll,
}

/// What the manager tells.
#[derive(Debug)]
pub(crate) enum Report {
    /// A link is there or has changed.
    Link(Link),
    /// A link is gone.
    LinkGone(LinkName),
    /// The kernel satisfies an order, as far as it lets itself be asked.
    Settled(InstanceId, Generation),
}

/// The manager and everything it owns.
pub(crate) struct NetworkManager {
    requests: UnboundedReceiver<Request>,
    reports: UnboundedSender<Report>,
    links: BTreeMap<LinkIndex, Link>,
    kernel: Kernel,
    owners: Owners,
    announcer: Announcer,
    log: Log,
}

/// Starts the manager on its own thread. It ends when no request can come any more.
///
/// # Errors
/// When its sockets cannot be opened or the kernel's tables cannot be read.
pub(crate) fn start(
    requests: UnboundedReceiver<Request>,
    reports: UnboundedSender<Report>,
    log: Log,
) -> std::io::Result<JoinHandle<()>> {
    let (kernel, links) = Kernel::open(log.clone()).map_err(std::io::Error::other)?;
    let announcer = Announcer::open(log.clone())?;
    std::thread::Builder::new().name("network".to_owned()).spawn(move || {
        let links = links.into_iter().map(|link| (link.index, link)).collect();
        let owners = Owners::default();
        let manager = NetworkManager { requests, reports, links, kernel, owners, announcer, log };
        crate::runtime::block_on(manager.run());
    })
}

impl NetworkManager {
    async fn run(mut self) {
        if let Err(error) = self.kernel.watch() {
            self.log.error(format!("Netlink: cannot watch links and addresses: {error}"));
        }
        loop {
            let idle = !self.owners.has_work();
            let sending = self.announcer.has_work();
            tokio::select! {
                biased;
                request = self.requests.recv() => match request {
                    Some(request) => self.take(request),
                    None => return,
                },
                events = self.kernel.events() => self.on_events(events),
                () = std::future::ready(()), if !idle => self.work(),
                () = self.announcer.ready(BREATH), if sending => self.announce(),
            }
        }
    }

    /// Takes this request and all that wait behind it: only the newest of an owner counts.
    fn take(&mut self, first: Request) {
        let mut next = Some(first);
        while let Some(request) = next {
            match request {
                Request::Order(order) => self.owners.order(order),
                Request::WithdrawAll => self.owners.withdraw_all(),
            }
            next = self.requests.try_recv().ok();
        }
    }

    /// One batch for one owner.
    fn work(&mut self) {
        let kernel = &self.kernel;
        let holds = |index, key: &net::AddressKey| kernel.holds(index, key.ip, key.prefix);
        let Some(batch) = self.owners.next_batch(&self.links, holds) else { return };
        for missing in &batch.missing {
            let (ip, link) = (missing.ip, &missing.link);
            self.log
                .info(format!("Not adding address {ip} to {link} since interface doesn't exist"));
        }
        self.kernel.apply(&batch.changes);
        let Some(owner) = self.owners.get(batch.owner) else {
            return;
        };
        // Announced while the rest is still to be added: the first ones need not wait.
        self.announcer.first_round(owner, &batch.changes, &self.links);
        if batch.complete {
            self.announcer.remaining_rounds(owner, batch.drifted);
            let generation = owner.generation();
            self.owners.settle(batch.owner);
            let _ = self.reports.send(Report::Settled(batch.owner, generation));
        }
    }

    fn announce(&mut self) {
        self.announcer.send_some(&self.owners, &self.links);
    }

    fn on_events(&mut self, events: Vec<rtnl::Event>) {
        let mut changed = std::collections::BTreeSet::new();
        for event in events {
            self.on_event(event, &mut changed);
        }
        for index in changed {
            if let Some(link) = self.links.get(&index) {
                let _ = self.reports.send(Report::Link(link.clone()));
            }
        }
    }

    fn on_event(
        &mut self,
        event: rtnl::Event,
        changed: &mut std::collections::BTreeSet<LinkIndex>,
    ) {
        match event {
            rtnl::Event::LinkSeen(seen) => self.on_link(seen, changed),
            rtnl::Event::LinkGone { index, name } => self.on_link_gone(index, name),
            rtnl::Event::AddressSeen { index, ip, prefix, by } => {
                // News of an own edit is old: it may have been undone since.
                if self.kernel.is_foreign(by) {
                    self.kernel.seen(index, ip, prefix);
                    self.on_foreign_address(index, ip, true, changed);
                    self.owners.on_added(self.links.get(&index), ip, prefix, &self.log);
                }
            }
            rtnl::Event::AddressGone { index, ip, prefix, by } => {
                let link = self.links.get(&index);
                if self.kernel.is_foreign(by) {
                    self.kernel.gone(index, ip, prefix);
                    self.owners.on_removed(link, ip, prefix, &self.log);
                    self.on_foreign_address(index, ip, false, changed);
                } else if self.owners.on_vanished(link, ip, prefix) {
                    self.kernel.gone(index, ip, prefix);
                }
            }
            rtnl::Event::Overrun => self.resynchronise(),
        }
    }

    fn on_link(&mut self, seen: Link, changed: &mut std::collections::BTreeSet<LinkIndex>) {
        let known = self.links.remove(&seen.index);
        let addresses = known.as_ref().map(|link| link.addresses.clone()).unwrap_or_default();
        let link = Link { addresses, ..seen };
        if let Some(old) = known.as_ref().filter(|old| old.name != link.name) {
            let (from, to) = (&old.name, &link.name);
            self.log.info(format!("Interface name has changed from {from} to {to}"));
            let _ = self.reports.send(Report::LinkGone(old.name.clone()));
        }
        if known.as_ref() != Some(&link) {
            changed.insert(link.index);
        }
        if known.is_none() {
            self.log.detail(format!("Interface {} added", link.name));
            self.owners.on_link_added(&link.name);
        }
        self.links.insert(link.index, link);
    }

    fn on_link_gone(&mut self, index: LinkIndex, name: LinkName) {
        self.links.remove(&index);
        self.kernel.link_gone(index);
        self.log.info(format!("Interface {name} deleted"));
        let _ = self.reports.send(Report::LinkGone(name));
    }

    fn on_foreign_address(
        &mut self,
        index: LinkIndex,
        ip: std::net::IpAddr,
        there: bool,
        changed: &mut std::collections::BTreeSet<LinkIndex>,
    ) {
        let Some(link) = self.links.get_mut(&index) else {
            return;
        };
        let known = link.addresses.contains(&ip);
        if there && !known {
            link.addresses.push(ip);
        } else if !there {
            link.addresses.retain(|address| *address != ip);
        }
        if there != known {
            changed.insert(index);
        }
    }

    /// Events were lost: read everything again and compare.
    fn resynchronise(&mut self) {
        self.log.info(
            "Netlink: Receive buffer overrun on monitor socket - reading all addresses again",
        );
        match self.kernel.read_all() {
            Ok(links) => {
                let gone: Vec<_> = self.links.keys().copied().collect();
                for index in
                    gone.into_iter().filter(|index| links.iter().all(|l| l.index != *index))
                {
                    if let Some(link) = self.links.remove(&index) {
                        let _ = self.reports.send(Report::LinkGone(link.name));
                    }
                }
                for link in links {
                    self.links.insert(link.index, link.clone());
                    let _ = self.reports.send(Report::Link(link));
                }
                self.owners.check_all();
            }
            Err(error) => self.log.error(format!("Netlink: cannot read addresses: {error}")),
        }
    }
}
