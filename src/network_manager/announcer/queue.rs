//! The bursts that are under way, and which packets come next.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Instant;

use net::{Family, LinkIndex, LinkName, MacAddress};
use vrrp::OwnerId;

use super::pace::{Lane, Paces};

/// Packets sent before newer requests are looked for.
const PIECE: usize = 256;

/// One address and where it is.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) index: LinkIndex,
    pub(super) link: LinkName,
    pub(super) mac: MacAddress,
    pub(super) ip: IpAddr,
}

/// What is left of a burst.
#[derive(Debug)]
pub(super) struct Burst {
    owner: OwnerId,
    /// Which announcement of the owner it belongs to; older ones say nothing that it does not.
    count: u64,
    /// Rounds to send.
    rounds: u32,
    /// The next address of this round.
    position: usize,
    targets: Vec<Target>,
    /// The limit that all of its addresses are under.
    lane: Option<Lane>,
}

impl Burst {
    pub(super) const fn new(
        (owner, count): (OwnerId, u64),
        rounds: u32,
        targets: Vec<Target>,
    ) -> Self {
        Self { owner, count, rounds, position: 0, targets, lane: None }
    }

    /// What it sends next: at most a piece, and under a limit one packet.
    pub(super) fn piece(&self) -> &[Target] {
        let most = if self.lane.is_some() { 1 } else { PIECE };
        let end = (self.position + most).min(self.targets.len());
        &self.targets[self.position..end]
    }
}

/// What to do now.
#[derive(Debug)]
pub(super) enum Turn {
    /// Send the piece of this burst, and give it back.
    Send(Burst),
    /// Nothing before this moment.
    Wait(Instant),
    /// Nothing at all.
    Idle,
}

/// The bursts, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Queue {
    bursts: VecDeque<Burst>,
    paces: Paces,
}

impl Queue {
    /// A burst takes the place of older ones of its owner.
    pub(super) fn push(&mut self, new: Burst) {
        self.bursts.retain(|old| old.owner != new.owner || old.count >= new.count);
        self.split(new);
    }

    pub(super) fn cancel(&mut self, owner: OwnerId) {
        self.bursts.retain(|burst| burst.owner != owner);
    }

    /// Other limits, also for what is under way.
    pub(super) fn set_paces(&mut self, paces: Paces) {
        self.paces = paces;
        for burst in std::mem::take(&mut self.bursts) {
            self.split(burst);
        }
    }

    /// One burst for each limit, so that none has to wait for another's.
    fn split(&mut self, burst: Burst) {
        let Burst { owner, count, rounds, position, targets, .. } = burst;
        let mut lanes: BTreeMap<Option<Lane>, (usize, Vec<Target>)> = BTreeMap::new();
        for (place, target) in targets.into_iter().enumerate() {
            let lane = self.paces.lane(&target.link, Family::of(target.ip));
            let (done, part) = lanes.entry(lane).or_default();
            *done += usize::from(place < position);
            part.push(target);
        }
        for (lane, (position, targets)) in lanes {
            let burst = Burst { owner, count, rounds, position, targets, lane };
            self.settle(burst);
        }
    }

    /// The first burst that may send now.
    pub(super) fn turn(&mut self, now: Instant) -> Turn {
        let mut next = None;
        for (place, burst) in self.bursts.iter().enumerate() {
            match burst.lane.as_ref().and_then(|lane| self.paces.free_at(lane, now)) {
                None => return self.bursts.remove(place).map_or(Turn::Idle, Turn::Send),
                Some(at) => next = Some(next.map_or(at, |soonest: Instant| soonest.min(at))),
            }
        }
        next.map_or(Turn::Idle, Turn::Wait)
    }

    /// So many packets of a burst have left.
    pub(super) fn sent(&mut self, mut burst: Burst, count: usize, now: Instant) {
        burst.position += count;
        if count > 0
            && let Some(lane) = &burst.lane
        {
            self.paces.used(lane, now);
        }
        self.settle(burst);
    }

    /// Puts a burst back. Without a limit it goes on at once; with one, others have their turn
    /// between its rounds.
    fn settle(&mut self, mut burst: Burst) {
        let round_over = burst.position >= burst.targets.len();
        if round_over {
            burst.position = 0;
            burst.rounds -= 1;
        }
        if burst.rounds == 0 || burst.targets.is_empty() {
            return;
        }
        let fresh = !round_over && burst.position == 0;
        if fresh || (round_over && burst.lane.is_some()) {
            self.bursts.push_back(burst);
        } else {
            self.bursts.push_front(burst);
        }
    }
}

#[cfg(test)]
mod tests;
