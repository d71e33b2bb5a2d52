//! Tells the segment where the addresses are: gratuitous ARP and unsolicited neighbour
//! advertisements, in rounds.
//!
//! When a burst is due is decided by the core, and for which addresses by the network manager.
//! Sending is done by a thread of its own (`sending`), so that the next addresses are set while the
//! last ones are announced; which of them comes next is decided in `queue`, and how soon in `pace`.

mod pace;
mod queue;
mod sending;

use std::collections::BTreeSet;
use std::sync::mpsc::{Sender, channel};

use net::AddressKey;
use rtnl::Change;
use vrrp::OwnerId;
use vrrp::config::LinkSettings;

use super::links::Links;
use super::owners::Owner;
use crate::log::{Level, Log, Text};
use crate::schedule::{Crew, Role};
use pace::Paces;
use queue::{Burst, Target};
use sending::BurstSender;

/// The manager's end: decides what is announced.
pub(super) struct Announcer {
    requests: Sender<Request>,
    log: Log,
}

enum Request {
    Burst(Burst),
    /// The owner is no longer master.
    Cancel(OwnerId),
    /// How fast it may go from now on.
    Paces(Paces),
}

impl Announcer {
    /// Starts the thread; it ends with the announcer.
    pub(super) fn start(crew: &mut Crew) -> std::io::Result<Self> {
        let log = crew.log().clone();
        let (requests, incoming) = channel();
        let sender = BurstSender::open(log.clone())?;
        crew.spawn("announce", Role::Hand, move || sender.run(&incoming))?;
        Ok(Self { requests, log })
    }

    /// Addresses that were just added are announced at once, if a burst is due.
    pub(super) fn first_round(&self, owner: &mut Owner, changes: &[Change], links: &Links) {
        let announce = owner.order.announce;
        if announce.count == owner.announced || announce.rounds == 0 {
            return;
        }
        let added = changes.iter().filter_map(|change| match change {
            Change::AddAddress(address, _) => Some(address.key()),
            Change::RemoveAddress(..)
            | Change::AddRoute(_)
            | Change::RemoveRoute(_)
            | Change::AddRule(_)
            | Change::RemoveRule(_) => None,
        });
        let added: Vec<_> = added.collect();
        self.name(owner, &added);
        self.burst(owner, 1, &added, links);
        owner.fresh.extend(added);
    }

    /// The owner's addresses are all there: what is left of its burst follows.
    pub(super) fn remaining_rounds(&self, owner: &mut Owner, drifted: bool, links: &Links) {
        let fresh: BTreeSet<AddressKey> = std::mem::take(&mut owner.fresh);
        let asked = owner.order.announce;
        let due = asked.count != owner.announced;
        owner.announced = asked.count;
        if !owner.order.installed || !(due || drifted) {
            return;
        }
        let rounds = if drifted { asked.rounds.max(1) } else { asked.rounds };
        let all: Vec<_> =
            owner.order.holdings.addresses.iter().map(|one| one.address.key()).collect();
        let rest: Vec<_> = all.iter().filter(|key| !fresh.contains(key)).cloned().collect();
        self.name(owner, &rest);
        self.burst(owner, rounds.min(1), &rest, links);
        self.burst(owner, rounds.saturating_sub(1), &all, links);
    }

    /// One address of each further link, if that is due.
    pub(super) fn further_links(&self, owner: &mut Owner, links: &Links) {
        let asked = owner.order.extra.count;
        let due = std::mem::replace(&mut owner.further_announced, asked) != asked;
        if due && owner.order.installed {
            let keys = owner.order.extra.addresses.clone();
            self.name(owner, &keys);
            self.burst(owner, 1, &keys, links);
        }
    }

    /// The owner's own address, if that is due. The core has named it.
    pub(super) fn itself(&self, owner: &mut Owner, links: &Links) {
        let asked = owner.order.own.count;
        if std::mem::replace(&mut owner.itself_announced, asked) != asked {
            let keys = owner.order.own.addresses.clone();
            self.burst(owner, 1, &keys, links);
        }
    }

    /// How fast it may go from now on.
    pub(super) fn keep_pace(&self, settings: &LinkSettings) {
        let _ = self.requests.send(Request::Paces(Paces::new(settings)));
    }

    /// Nothing more is said for this owner.
    pub(super) fn cancel(&self, owner: OwnerId) {
        let _ = self.requests.send(Request::Cancel(owner));
    }

    fn burst(&self, owner: &Owner, rounds: u32, keys: &[AddressKey], links: &Links) {
        if rounds == 0 || keys.is_empty() {
            return;
        }
        let targets = keys.iter().filter_map(|key| {
            let link = links.named(&key.link).filter(|link| link.arp)?;
            let (index, link, mac) = (link.index, link.name.clone(), link.mac?);
            Some(Target { index, link, mac, ip: key.ip })
        });
        let targets = targets.collect();
        let (owner, count) = (owner.order.owner, owner.order.announce.count);
        let burst = Burst::new((owner, count), rounds, targets);
        let _ = self.requests.send(Request::Burst(burst));
    }

    /// One line for each address of a burst.
    fn name(&self, owner: &Owner, keys: &[AddressKey]) {
        if !self.log.is_detailed() {
            return;
        }
        for key in keys {
            let (instance, link) = (owner.order.name.clone(), key.link.clone());
            self.log.put(Level::Info, Text::Announcing { instance, link, ip: key.ip });
        }
    }
}
