//! The links as the kernel tells of them, with the addresses that are not ours to move. Of links
//! that are polled, the kernel is not believed whether they are up.
//!
//! What a change of a link means to anybody is decided elsewhere.

use std::collections::BTreeMap;
use std::net::IpAddr;

use net::{Held, Link, LinkIndex, LinkName};

#[derive(Debug, Default)]
pub(super) struct Links {
    links: BTreeMap<LinkIndex, Link>,
    /// Links that are polled, and what that gave last.
    polled: BTreeMap<LinkName, Option<bool>>,
}

/// What news of a link turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Same,
    /// It was like this before.
    Changed(Box<Link>),
    New,
    /// It had this name before.
    Renamed(LinkName),
}

impl From<Vec<Link>> for Links {
    fn from(links: Vec<Link>) -> Self {
        let links = links.into_iter().map(|link| (link.index, link)).collect();
        Self { links, polled: BTreeMap::new() }
    }
}

impl Links {
    pub(super) fn get(&self, index: LinkIndex) -> Option<&Link> {
        self.links.get(&index)
    }

    pub(super) fn named(&self, name: &LinkName) -> Option<&Link> {
        self.links.values().find(|link| link.name == *name)
    }

    /// Takes news of a link; they never tell of its addresses.
    pub(super) fn seen(&mut self, seen: Link) -> Seen {
        let known = self.links.remove(&seen.index);
        let addresses = known.as_ref().map(|link| link.addresses.clone()).unwrap_or_default();
        let link = self.as_polled(Link { addresses, ..seen }, known.as_ref());
        let what = match known {
            None => Seen::New,
            Some(known) if known.name != link.name => Seen::Renamed(known.name),
            Some(known) if known == link => Seen::Same,
            Some(known) => Seen::Changed(known.into()),
        };
        self.links.insert(link.index, link);
        what
    }

    pub(super) fn gone(&mut self, index: LinkIndex) {
        self.links.remove(&index);
    }

    /// Returns whether the link did not have the address before, or not in this condition.
    pub(super) fn saw_address(&mut self, index: LinkIndex, seen: Held) -> bool {
        let Some(link) = self.links.get_mut(&index) else { return false };
        match link.addresses.iter_mut().find(|held| held.ip == seen.ip) {
            Some(known) => std::mem::replace(known, seen) != seen,
            None => {
                link.addresses.push(seen);
                true
            }
        }
    }

    /// Returns whether the link had the address.
    pub(super) fn drop_address(&mut self, index: LinkIndex, ip: IpAddr) -> bool {
        let Some(link) = self.links.get_mut(&index) else { return false };
        let before = link.addresses.len();
        link.addresses.retain(|held| held.ip != ip);
        link.addresses.len() < before
    }

    /// Replaces everything by what was read; returns the links that are no longer there.
    pub(super) fn replace(&mut self, read: Vec<Link>) -> Vec<Link> {
        let old = std::mem::take(&mut self.links);
        for link in read {
            let known = old.get(&link.index);
            let link = self.as_polled(link, known);
            self.links.insert(link.index, link);
        }
        old.into_values().filter(|link| !self.links.contains_key(&link.index)).collect()
    }

    /// All that there are.
    pub(super) fn all(&self) -> impl Iterator<Item = &Link> {
        self.links.values()
    }

    /// Polls these links from now on; returns whether others were polled before.
    pub(super) fn poll<'a>(&mut self, names: impl Iterator<Item = &'a LinkName>) -> bool {
        let old = std::mem::take(&mut self.polled);
        let last = |name: &LinkName| old.get(name).copied().flatten();
        self.polled = names.map(|name| (name.clone(), last(name))).collect();
        self.polled.keys().ne(old.keys())
    }

    /// What polling a link gave; returns it if that changes it.
    pub(super) fn beat(&mut self, name: &LinkName, up: bool) -> Option<&Link> {
        *self.polled.get_mut(name)? = Some(up);
        let link = self.links.values_mut().find(|link| link.name == *name)?;
        (std::mem::replace(&mut link.up, up) != up).then_some(link)
    }

    fn as_polled(&self, seen: Link, known: Option<&Link>) -> Link {
        let up = match self.polled.get(&seen.name) {
            None => seen.up,
            Some(None) => known.map_or(seen.up, |known| known.up),
            Some(Some(up)) => *up,
        };
        Link { up, ..seen }
    }
}
