//! The addresses of this machine that virtual servers wait for (`ha_suspend`).
//!
//! Heard of from the kernel itself, and only while some virtual server waits for one: load
//! balancing asks nothing of VRRP. What it means that an address is here is decided by the core.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use lvs::config::Config;
use net::{Held, LinkIndex};
use rtnl::{Event, Monitor, Socket};
use sys::socket::ReceiveBuffer;

use crate::log::Log;

/// Which of the awaited addresses are here.
pub(super) struct Addresses {
    awaited: BTreeSet<IpAddr>,
    /// Each place of each address: it may be on several links.
    present: HashSet<(LinkIndex, IpAddr, u8)>,
    /// Only while something is awaited.
    monitor: Option<Monitor>,
    /// Its receive buffer.
    buffer: Option<ReceiveBuffer>,
    log: Log,
}

impl Addresses {
    /// Waits for nothing yet.
    pub(super) fn new(buffer: Option<ReceiveBuffer>, log: Log) -> Self {
        let (awaited, present) = (BTreeSet::new(), HashSet::new());
        Self { awaited, present, monitor: None, buffer, log }
    }

    /// Waits for what this configuration waits for. Use inside a tokio runtime.
    pub(super) fn watch(&mut self, config: &Config) {
        self.awaited = config.awaited();
        if self.awaited.is_empty() {
            self.monitor = None;
            self.present.clear();
        } else if self.monitor.is_none() {
            match Monitor::open() {
                Ok(monitor) => self.listen(monitor),
                Err(error) => self.log.error(format!("Netlink: cannot watch addresses: {error}")),
            }
            self.read_again();
        }
    }

    fn listen(&mut self, monitor: Monitor) {
        if let Some(Err(error)) = self.buffer.map(|buffer| monitor.set_receive_buffer(buffer)) {
            self.log.info(format!("lvs: lvs_netlink_monitor_rcv_bufs is not possible: {error}"));
        }
        self.monitor = Some(monitor);
    }

    /// The awaited addresses that are here.
    pub(super) fn here(&self) -> BTreeSet<IpAddr> {
        let all = self.present.iter().map(|(_, ip, _)| *ip);
        all.filter(|ip| self.awaited.contains(ip)).collect()
    }

    /// Returns when something happened to addresses.
    pub(super) async fn changed(&mut self) {
        let Some(monitor) = &mut self.monitor else {
            return std::future::pending().await;
        };
        // Whatever went wrong, events may be missing.
        let events = monitor.next().await.unwrap_or_else(|_| vec![Event::Overrun]);
        events.iter().for_each(|event| self.on_event(event));
    }

    fn on_event(&mut self, event: &Event) {
        match event {
            Event::AddressSeen { index, held: Held { ip, .. }, prefix, .. } => {
                if self.present.insert((*index, *ip, *prefix)) {
                    self.say(*ip, "added");
                }
            }
            Event::AddressGone { index, ip, prefix, .. } => {
                if self.present.remove(&(*index, *ip, *prefix)) {
                    self.say(*ip, "removed");
                }
            }
            Event::LinkGone { index, .. } => self.present.retain(|(on, ..)| on != index),
            Event::Overrun => self.read_again(),
            Event::LinkSeen(_) | Event::RouteGone { .. } | Event::RuleGone { .. } => {}
        }
    }

    fn say(&self, ip: IpAddr, what: &str) {
        self.log.detail(format!("Netlink reflector reports IP {ip} {what}"));
    }

    fn read_again(&mut self) {
        match Socket::open().and_then(|mut socket| socket.addresses()) {
            Ok(found) => {
                let place = |at: rtnl::Installed| (at.index, at.address.ip, at.address.prefix);
                self.present = found.into_iter().map(place).collect();
            }
            Err(error) => self.log.error(format!("Netlink: cannot read addresses: {error}")),
        }
    }
}
