//! Tells the segment where the addresses are: gratuitous ARP and unsolicited neighbour
//! advertisements, in rounds.
//!
//! When a burst is due is decided by the core, and for which addresses by the network manager.
//! Sending is done by a thread of its own, so that the next addresses are set while the last ones
//! are announced. It looks for newer requests between small pieces.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

use net::{AddressKey, LinkIndex, LinkName, MacAddress};
use rtnl::Change;
use sys::packet::PacketSender;
use vrrp::OwnerId;

use super::links::Links;
use super::owners::Owner;
use crate::log::{Level, Log, Text};

/// Packets sent before newer requests are looked for.
const PIECE: usize = 256;
/// How long to wait when the interface cannot take more packets.
const BREATH: Duration = Duration::from_millis(1);

/// The manager's end: decides what is announced.
pub(super) struct Announcer {
    requests: Sender<Request>,
    log: Log,
}

enum Request {
    Burst(Burst),
    /// The owner is no longer master.
    Cancel(OwnerId),
}

/// What is left of a burst.
struct Burst {
    owner: OwnerId,
    /// Which announcement of the owner it belongs to; older ones say nothing that it does not.
    count: u64,
    /// Rounds to send.
    rounds: u32,
    /// The next address of this round.
    position: usize,
    targets: Vec<Target>,
}

/// One address and where it is.
struct Target {
    index: LinkIndex,
    link: LinkName,
    mac: MacAddress,
    ip: IpAddr,
}

impl Announcer {
    /// Starts the thread; it ends with the announcer.
    pub(super) fn start(log: Log) -> std::io::Result<Self> {
        let (requests, incoming) = channel();
        let socket = PacketSender::open()?;
        let sender = BurstSender { socket, bursts: VecDeque::new(), log: log.clone() };
        std::thread::Builder::new().name("announce".to_owned()).spawn(move || {
            crate::runtime::go_ahead();
            sender.run(&incoming);
        })?;
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
        let burst = Burst { owner, count, rounds, position: 0, targets };
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

/// The thread's end: sends.
struct BurstSender {
    socket: PacketSender,
    bursts: VecDeque<Burst>,
    log: Log,
}

impl BurstSender {
    fn run(mut self, requests: &Receiver<Request>) {
        loop {
            // With nothing to send there is time to wait.
            let request = if self.bursts.is_empty() {
                requests.recv().map_err(|_| TryRecvError::Disconnected)
            } else {
                requests.try_recv()
            };
            match request {
                Ok(request) => self.take(request),
                Err(TryRecvError::Empty) => self.send_piece(),
                Err(TryRecvError::Disconnected) => return,
            }
        }
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Burst(new) => {
                self.bursts.retain(|old| old.owner != new.owner || old.count >= new.count);
                self.bursts.push_back(new);
            }
            Request::Cancel(owner) => self.bursts.retain(|burst| burst.owner != owner),
        }
    }

    /// Sends a piece of the oldest burst.
    fn send_piece(&mut self) {
        let Some(mut burst) = self.bursts.pop_front() else { return };
        let end = (burst.position + PIECE).min(burst.targets.len());
        let piece = &burst.targets[burst.position..end];
        let sent = self.send(piece);
        if sent < piece.len() {
            std::thread::sleep(BREATH);
        }
        burst.position += sent;
        if burst.position == burst.targets.len() {
            burst.position = 0;
            burst.rounds -= 1;
        }
        if burst.rounds > 0 {
            self.bursts.push_front(burst);
        }
    }

    /// Returns how many are done with: fewer than asked when an interface is full.
    fn send(&self, targets: &[Target]) -> usize {
        let mut done = 0;
        for run in targets.chunk_by(|a, b| a.index == b.index) {
            let sent = self.send_on(run);
            done += sent;
            if sent < run.len() {
                break;
            }
        }
        done
    }

    fn send_on(&self, run: &[Target]) -> usize {
        let forwards = run.iter().any(|target| target.ip.is_ipv6()) && forwards_v6(&run[0].link);
        let frames: Vec<_> = run.iter().map(|target| frame(target, forwards)).collect();
        let all = frames.len();
        match self.socket.send(run[0].index, &frames) {
            Ok(sent) if sent == all => {
                self.log_sent(run);
                run.len()
            }
            Ok(sent) => {
                self.log_sent(&run[..sent]);
                sent
            }
            Err(error) => {
                // Nothing to wait for: a link that is down takes no packets.
                let number = error.raw_os_error().unwrap_or(0);
                let (link, ip) = (&run[0].link, run[0].ip);
                let what = if ip.is_ipv4() { "gratuitous ARP" } else { "unsolicited NA" };
                self.log
                    .info(format!("Error {number} ({error}) sending {what} on {link} for {ip}"));
                run.len()
            }
        }
    }

    fn log_sent(&self, run: &[Target]) {
        if self.log.is_detailed() {
            for target in run {
                let (link, ip) = (target.link.clone(), target.ip);
                self.log.put(Level::Info, Text::Announced { link, ip });
            }
        }
    }
}

fn frame(target: &Target, forwards: bool) -> Vec<u8> {
    match target.ip {
        IpAddr::V4(ip) => rtnl::gratuitous_arp(target.mac, ip).to_vec(),
        IpAddr::V6(ip) => rtnl::neighbour_advert(target.mac, ip, forwards).to_vec(),
    }
}

/// Whether the kernel forwards IPv6 packets that come in there: neighbours take who does for a
/// router.
fn forwards_v6(link: &LinkName) -> bool {
    let path = format!("/proc/sys/net/ipv6/conf/{link}/forwarding");
    std::fs::read_to_string(path).is_ok_and(|value| value.trim() != "0")
}
