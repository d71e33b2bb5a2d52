//! Where checks come from: their numbers, and when each of them runs first (compat 21 §6).

use std::time::{Duration, Instant};

use crate::config::{self, CheckKind};
use crate::effect::Facts;
use crate::event::Event;
use crate::health::{Check, Method, later};
use crate::units::CheckId;

/// A check does not run earlier than this after it was made.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Makes checks.
#[derive(Debug)]
pub(crate) struct Nursery {
    next: u64,
    random: Random,
    /// What new servers and their checks begin with.
    pub(crate) facts: Facts,
    /// The lines about checks that were just made; they come after all other lines of a
    /// configuration.
    pub(crate) births: Vec<Event>,
    /// One of those follows a BFD session.
    pub(crate) follows_session: bool,
}

impl Nursery {
    pub(crate) const fn new(facts: Facts, seed: u64) -> Self {
        Self { next: 0, random: Random(seed), facts, births: Vec::new(), follows_session: false }
    }

    /// A check that has not run, and what is assumed of the server until it has.
    pub(crate) fn check(&mut self, now: Instant, config: config::Check, up: bool) -> Check {
        let config::Check { schedule, kind } = config;
        self.follows_session |= matches!(kind, CheckKind::Bfd(_));
        let method = Method::of(kind, |file| self.facts.files.get(file).copied());
        let id = CheckId(self.next);
        self.next += 1;
        let first = FIRST_PAUSE.saturating_add(self.random.up_to(schedule.warmup));
        Check::new(id, schedule, method, up, later(now, first))
    }
}

/// Spreads first checks, so that not all servers are asked at once: the generator SplitMix64.
#[derive(Debug)]
struct Random(u64);

impl Random {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Anything from nothing to `limit`, each as likely; a limit of centuries is cut.
    fn up_to(&mut self, limit: Duration) -> Duration {
        let choices = limit.as_nanos().min(u128::from(u64::MAX)) + 1;
        let chosen = (choices * u128::from(self.next())) >> 64;
        Duration::from_nanos(u64::try_from(chosen).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        let mut random = Random(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_random_wait_fills_its_range_and_stays_in_it() {
        let mut random = Random(7);
        let limit = Duration::from_nanos(3);
        let seen: Vec<_> = (0..64).map(|_| random.up_to(limit).as_nanos()).collect();
        assert!((0..=3).all(|n| seen.contains(&n)) && seen.iter().all(|n| *n <= 3));
        assert_eq!(random.up_to(Duration::ZERO), Duration::ZERO);
        assert!(random.up_to(Duration::MAX) <= Duration::from_nanos(u64::MAX));
    }
}
