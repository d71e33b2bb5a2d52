//! Decides when the same complaint is worth another line: at once, and then every minute with
//! how often it came up in between. A flood of bad packets is no flood of lines.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How long a complaint is only counted.
const QUIET: Duration = Duration::from_secs(60);
/// How many kinds of how many senders are told apart; senders can be forged.
const APART: usize = 64;

/// The complaints about packets since something changed, by their kind and whom they are about;
/// beyond [`APART`] they are about anybody.
#[derive(Debug)]
pub(crate) struct Repeats<K>(BTreeMap<(K, Option<IpAddr>), Kept>);

impl<K> Default for Repeats<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

#[derive(Debug)]
struct Kept {
    said_at: Instant,
    since: u32,
}

impl<K: Ord + Clone> Repeats<K> {
    /// A complaint came up: if it is worth a line, how many of its kind got none since the last.
    pub(crate) fn note(&mut self, kind: K, from: IpAddr, now: Instant) -> Option<u32> {
        let known = self.0.contains_key(&(kind.clone(), Some(from))) || self.0.len() < APART;
        let key = (kind, known.then_some(from));
        let Some(kept) = self.0.get_mut(&key) else {
            self.0.insert(key, Kept { said_at: now, since: 0 });
            return Some(0);
        };
        if now < kept.said_at + QUIET {
            kept.since = kept.since.saturating_add(1);
            return None;
        }
        let silent = std::mem::replace(kept, Kept { said_at: now, since: 0 });
        Some(silent.since)
    }

    /// Something changed: every kind is worth a line again.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advert::DiscardKind;

    #[test]
    fn a_flood_is_one_line_a_minute_and_nothing_is_uncounted() {
        let (start, from) = (Instant::now(), IpAddr::from([192, 0, 2, 1]));
        let mut repeats = Repeats::default();
        let mut said = Vec::new();
        for tenth in 0..1_300 {
            let now = start + Duration::from_millis(100) * tenth;
            said.extend(repeats.note(DiscardKind::Password, from, now));
        }
        assert_eq!(said, [0, 599, 599]);
        assert_eq!(repeats.note(DiscardKind::Ttl, from, start), Some(0));
        repeats.clear();
        assert_eq!(repeats.note(DiscardKind::Password, from, start), Some(0));
    }

    #[test]
    fn forged_senders_do_not_fill_the_memory_or_the_log() {
        let (now, mut repeats) = (Instant::now(), Repeats::default());
        let said = (0..=255_u8).flat_map(|a| (0..=255_u8).map(move |b| [10, 0, a, b]));
        let said = said.filter(|ip| repeats.note(DiscardKind::Ttl, (*ip).into(), now).is_some());
        assert_eq!(said.count(), APART + 1);
        assert_eq!(repeats.0.len(), APART + 1);
    }
}
