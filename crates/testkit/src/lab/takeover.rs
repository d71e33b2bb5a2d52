//! What a capture tells about one takeover: how long the segment was without a master, and when
//! the last address was announced. Measures only; how much is too much is for tests and benchmarks.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use super::{Announcement, Capture};

/// One takeover, measured from the moment the old master was killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// From the last advert of the old master to the first of the new one.
    pub silence: Duration,
    /// From the kill to the first advert of the new master.
    pub first_advert: Duration,
    /// From the kill to the first announcement by the new master.
    pub first_announcement: Duration,
    /// From the kill to the moment when every address had been announced at least once.
    pub last_announcement: Duration,
    /// How many addresses the new master has announced.
    pub addresses: usize,
}

impl Capture {
    /// The takeover by `new` after `old` was killed; `None` until `addresses` are announced.
    pub fn takeover(
        &self,
        old: &str,
        new: &str,
        killed: SystemTime,
        addresses: usize,
    ) -> Option<Takeover> {
        self.look(|seen| {
            let announced = first_announcements(&seen.announcements, new, killed);
            let since = |at: SystemTime| at.duration_since(killed).ok();
            let by = |host: &str| {
                let sent = seen.adverts.iter().filter(move |advert| advert.origin.host == host);
                sent.map(|advert| advert.origin.at).collect::<Vec<_>>()
            };
            let first_of_new = by(new).into_iter().find(|at| *at > killed)?;
            (announced.len() >= addresses).then_some(())?;
            Some(Takeover {
                silence: first_of_new.duration_since(by(old).into_iter().max()?).ok()?,
                first_advert: since(first_of_new)?,
                first_announcement: since(*announced.values().min()?)?,
                last_announcement: since(*announced.values().max()?)?,
                addresses: announced.len(),
            })
        })
    }

    /// How many different addresses this host has announced.
    pub fn announced_by(&self, host: &str) -> usize {
        self.look(|seen| {
            first_announcements(&seen.announcements, host, SystemTime::UNIX_EPOCH).len()
        })
    }

    /// From the kill to the first announcement by `new` of the last of so many addresses; works
    /// also without adverts in the capture.
    pub fn all_announced(
        &self,
        new: &str,
        killed: SystemTime,
        addresses: usize,
    ) -> Option<Duration> {
        self.look(|seen| {
            let announced = first_announcements(&seen.announcements, new, killed);
            let last = announced.values().max().filter(|_| announced.len() >= addresses)?;
            last.duration_since(killed).ok()
        })
    }
}

fn first_announcements(
    all: &[Announcement],
    host: &str,
    after: SystemTime,
) -> HashMap<IpAddr, SystemTime> {
    let mut first = HashMap::new();
    for seen in all.iter().filter(|seen| seen.origin.host == host && seen.origin.at > after) {
        first.entry(seen.ip).or_insert(seen.origin.at);
    }
    first
}
