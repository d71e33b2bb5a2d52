//! The links as the kernel tells of them, with the addresses that are not ours to move.
//!
//! What a change of a link means to anybody is decided elsewhere.

use std::collections::BTreeMap;
use std::net::IpAddr;

use net::{Link, LinkIndex, LinkName};

#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<LinkIndex, Link>);

/// What news of a link turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Same,
    Changed,
    New,
    /// It had this name before.
    Renamed(LinkName),
}

impl From<Vec<Link>> for Links {
    fn from(links: Vec<Link>) -> Self {
        Self(links.into_iter().map(|link| (link.index, link)).collect())
    }
}

impl Links {
    pub(super) fn get(&self, index: LinkIndex) -> Option<&Link> {
        self.0.get(&index)
    }

    pub(super) fn named(&self, name: &LinkName) -> Option<&Link> {
        self.0.values().find(|link| link.name == *name)
    }

    /// Takes news of a link; they never tell of its addresses.
    pub(super) fn seen(&mut self, seen: Link) -> Seen {
        let known = self.0.remove(&seen.index);
        let addresses = known.as_ref().map(|link| link.addresses.clone()).unwrap_or_default();
        let link = Link { addresses, ..seen };
        let what = match known {
            None => Seen::New,
            Some(known) if known.name != link.name => Seen::Renamed(known.name),
            Some(known) if known == link => Seen::Same,
            Some(_) => Seen::Changed,
        };
        self.0.insert(link.index, link);
        what
    }

    pub(super) fn gone(&mut self, index: LinkIndex) {
        self.0.remove(&index);
    }

    /// Returns whether the link did not have the address before.
    pub(super) fn add_address(&mut self, index: LinkIndex, ip: IpAddr) -> bool {
        let Some(link) = self.0.get_mut(&index) else { return false };
        let new = !link.addresses.contains(&ip);
        if new {
            link.addresses.push(ip);
        }
        new
    }

    /// Returns whether the link had the address.
    pub(super) fn drop_address(&mut self, index: LinkIndex, ip: IpAddr) -> bool {
        let Some(link) = self.0.get_mut(&index) else { return false };
        let before = link.addresses.len();
        link.addresses.retain(|address| *address != ip);
        link.addresses.len() < before
    }

    /// Replaces everything by what was read; returns the links that are no longer there.
    pub(super) fn replace(&mut self, read: Vec<Link>) -> Vec<Link> {
        let old = std::mem::replace(self, Self::from(read));
        old.0.into_values().filter(|link| !self.0.contains_key(&link.index)).collect()
    }
}
