//! What is said of links and addresses that others make, change and remove. What follows from it
//! is decided elsewhere.

use std::collections::BTreeSet;
use std::net::IpAddr;

use net::{Link, LinkName};

use crate::log::Log;

/// Says what it sees, as far as somebody wants to know.
pub(super) struct Witness {
    /// `-a`: every address counts.
    every_address: bool,
    /// The links that instances are on or track: news of them are for everybody.
    used: BTreeSet<LinkName>,
    log: Log,
}

impl Witness {
    pub(super) const fn new(every_address: bool, log: Log) -> Self {
        Self { every_address, used: BTreeSet::new(), log }
    }

    /// Which links are used from now on.
    pub(super) fn use_links(&mut self, used: BTreeSet<LinkName>) {
        self.used = used;
    }

    pub(super) const fn wants_every_address(&self) -> bool {
        self.every_address
    }

    pub(super) fn link_added(&self, name: &LinkName) {
        self.log.detail(format!("Interface {name} added"));
    }

    pub(super) fn link_gone(&self, name: &LinkName) {
        let line = format!("Interface {name} deleted");
        if self.used.contains(name) { self.log.info(line) } else { self.log.detail(line) }
    }

    pub(super) fn link_renamed(&self, old: &LinkName, new: &LinkName) {
        self.log.info(format!("Interface name has changed from {old} to {new}"));
    }

    pub(super) fn link_changed(&self, old: &Link, new: &Link) {
        if let (Some(from), Some(to)) = (old.mac, new.mac)
            && from != to
        {
            self.log.detail(format!("({}) MAC Address changed from {from} to {to}", new.name));
        }
    }

    /// An address that somebody else added.
    pub(super) fn address_added(&self, link: Option<&Link>, ip: IpAddr) {
        if let Some(Link { name, .. }) = link.filter(|_| self.every_address) {
            self.log.info(format!("Netlink reflector reports IP {ip} added to {name}"));
        }
    }

    /// An address that somebody else removed; `ours` if a master may hold it.
    pub(super) fn address_gone(&self, link: Option<&Link>, ip: IpAddr, ours: bool) {
        if let Some(Link { name, .. }) = link {
            let line = format!("Netlink reflector reports IP {ip} removed from {name}");
            match (self.every_address, ours) {
                (true, _) => self.log.info(line),
                (false, true) => self.log.detail(line),
                (false, false) => {}
            }
        }
    }
}
