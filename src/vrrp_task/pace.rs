//! How long the sockets are left alone after they were read.
//!
//! The adverts of many virtual routers come in bursts. Whoever is woken by each of them spends
//! most of its time waking up, and makes the sender do so too. So when packets come densely, the
//! next ones are left to gather for a moment. What a late look could do harm to is decided with
//! open eyes all the same: every deadline reads the sockets first.

use std::time::{Duration, Instant};

/// How long packets gather; packets closer to each other than this are dense.
const REST: Duration = Duration::from_millis(1);

/// When the sockets were read, and until when they rest.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    rest: Option<Instant>,
}

impl Pace {
    /// Notes that the sockets have been read, and whether they held anything.
    pub(super) fn read(&mut self, now: Instant, found: bool) {
        let dense = |last: Instant| now.saturating_duration_since(last) < REST;
        // What gathered over a rest was dense, whenever it is looked at.
        let gathered = self.rest.is_some() || self.last.is_some_and(dense);
        self.rest = (found && gathered).then(|| now + REST);
        if found {
            self.last = Some(now);
        }
    }

    /// Until when the sockets are not to be looked at; `None` when they may wake the task.
    pub(super) const fn resting_until(&self) -> Option<Instant> {
        self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_packets_are_read_as_they_come() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        for _ in 0..5 {
            now += REST;
            pace.read(now, true);
            assert_eq!(pace.resting_until(), None);
        }
    }

    #[test]
    fn a_burst_gathers_until_a_look_finds_nothing() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.read(now, true);
        let second = now + REST / 10;
        pace.read(second, true);
        assert_eq!(pace.resting_until(), Some(second + REST));
        let third = second + REST * 2;
        pace.read(third, true);
        assert_eq!(pace.resting_until(), Some(third + REST));
        pace.read(third + REST, false);
        assert_eq!(pace.resting_until(), None);
        pace.read(third + REST * 2, true);
        assert_eq!(pace.resting_until(), None);
    }
}
