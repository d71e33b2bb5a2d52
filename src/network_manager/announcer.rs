//! Tells the segment where the addresses are: gratuitous ARP, in rounds.
//!
//! When a burst is due is decided by the core; here it is sent in pieces, so that orders and
//! events never wait behind thousands of packets.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use net::{AddressKey, Link};
use rtnl::Change;
use sys::packet::PacketSender;
use vrrp::InstanceId;

use super::links::Links;
use super::owners::{Owner, Owners};
use crate::log::{Level, Log, Text};

/// Packets sent before newer orders are looked for.
const PIECE: usize = 256;

pub(super) struct Announcer {
    socket: PacketSender,
    bursts: VecDeque<Burst>,
    /// The interface could not take more: wait a moment.
    full: bool,
    log: Log,
}

/// What is left of a burst.
struct Burst {
    owner: InstanceId,
    /// Rounds to send.
    rounds: u32,
    /// The next address of this round.
    position: usize,
    addresses: Vec<AddressKey>,
}

impl Announcer {
    pub(super) fn open(log: Log) -> std::io::Result<Self> {
        Ok(Self { socket: PacketSender::open()?, bursts: VecDeque::new(), full: false, log })
    }

    pub(super) fn has_work(&self) -> bool {
        !self.bursts.is_empty()
    }

    /// Ready at once, or after a breath when the interface was full.
    pub(super) async fn ready(&self, breath: Duration) {
        if self.full {
            tokio::time::sleep(breath).await;
        }
    }

    /// Addresses that were just added are announced at once, if a burst is due.
    pub(super) fn first_round(&mut self, owner: &mut Owner, changes: &[Change], links: &Links) {
        if owner.order.announce.count == owner.announced || owner.order.announce.rounds == 0 {
            return;
        }
        let added = changes.iter().filter_map(|change| match change {
            Change::Add(address, _) => Some(address.key()),
            Change::Remove(..) => None,
        });
        let added: Vec<_> = added.collect();
        self.name(owner, &added);
        let sent = self.send(&added, links);
        owner.fresh.extend(added.into_iter().take(sent));
    }

    /// The owner's addresses are all there: queues what is left of its burst.
    pub(super) fn remaining_rounds(&mut self, owner: &mut Owner, drifted: bool) {
        let fresh = std::mem::take(&mut owner.fresh);
        let due = owner.order.announce.count != owner.announced;
        owner.announced = owner.order.announce.count;
        if !owner.order.installed || !(due || drifted) {
            return;
        }
        let all = owner.order.addresses.iter().map(|one| one.address.key());
        let all: Vec<_> = all.collect();
        let rest: Vec<_> = all.iter().filter(|key| !fresh.contains(key)).cloned().collect();
        self.name(owner, &rest);
        // A burst that is still under way is replaced: the new one says the same and more.
        self.bursts.retain(|burst| burst.owner != owner.order.owner);
        let asked = owner.order.announce.rounds;
        let rounds = if drifted { asked.max(1) } else { asked };
        let id = owner.order.owner;
        self.push(Burst { owner: id, rounds: rounds.min(1), position: 0, addresses: rest });
        self.push(Burst {
            owner: id,
            rounds: rounds.saturating_sub(1),
            position: 0,
            addresses: all,
        });
    }

    fn push(&mut self, burst: Burst) {
        if burst.rounds > 0 && !burst.addresses.is_empty() {
            self.bursts.push_back(burst);
        }
    }

    /// One line for each address of a burst.
    fn name(&self, owner: &Owner, addresses: &[AddressKey]) {
        if !self.log.is_detailed() {
            return;
        }
        for key in addresses {
            let (instance, link) = (owner.order.name.clone(), key.link.clone());
            self.log.put(Level::Info, Text::Announcing { instance, link, ip: key.ip });
        }
    }

    /// Sends a piece of the oldest burst. Bursts of owners that are no longer master are dropped.
    pub(super) fn send_some(&mut self, owners: &Owners, links: &Links) {
        self.full = false;
        let Some(mut burst) = self.bursts.pop_front() else {
            return;
        };
        if owners.installed(burst.owner).is_none() {
            return;
        }
        let end = (burst.position + PIECE).min(burst.addresses.len());
        let piece = &burst.addresses[burst.position..end];
        let sent = self.send(piece, links);
        self.full = sent < piece.len();
        burst.position += sent;
        if burst.position == burst.addresses.len() {
            burst.position = 0;
            burst.rounds -= 1;
        }
        if burst.rounds > 0 {
            self.bursts.push_front(burst);
        }
    }

    /// Sends one announcement for each; returns how many are done with.
    fn send(&self, keys: &[AddressKey], links: &Links) -> usize {
        let mut done = 0;
        for run in keys.chunk_by(|a, b| a.link == b.link) {
            let link = links.named(&run[0].link);
            let sent = link.map_or(run.len(), |link| self.send_on(link, run));
            done += sent;
            if sent < run.len() {
                break;
            }
        }
        done
    }

    fn send_on(&self, link: &Link, keys: &[AddressKey]) -> usize {
        let Some(mac) = link.mac.filter(|_| link.arp) else {
            return keys.len();
        };
        let frames: Vec<_> = keys
            .iter()
            .filter_map(|key| match key.ip {
                IpAddr::V4(ip) => Some(rtnl::gratuitous_arp(mac, ip)),
                IpAddr::V6(_) => None,
            })
            .collect();
        let skipped = keys.len() - frames.len();
        match self.socket.send(link.index, &frames) {
            Ok(sent) => {
                self.log_sent(link, &keys[..sent.min(keys.len())]);
                if sent == frames.len() { sent + skipped } else { sent }
            }
            Err(error) => {
                // Nothing to wait for: a link that is down takes no packets.
                let number = error.raw_os_error().unwrap_or(0);
                let (name, ip) = (&link.name, keys[0].ip);
                self.log.info(format!(
                    "Error {number} ({error}) sending gratuitous ARP on {name} for {ip}"
                ));
                keys.len()
            }
        }
    }

    fn log_sent(&self, link: &Link, keys: &[AddressKey]) {
        if self.log.is_detailed() {
            for key in keys {
                let (link, ip) = (link.name.clone(), key.ip);
                self.log.put(Level::Info, Text::Announced { link, ip });
            }
        }
    }
}
