//! The numbers of authenticated adverts: which is the next, and which were seen before
//! (compat 11 §1.6).
//!
//! A number is a time, so that a router that has lost its memory goes on with a higher one.
//! Numbers are compared as RFC 1982 does: they may wrap.

use std::net::IpAddr;
use std::time::Duration;

/// The number of an advert: seconds since 1970, a fraction of 1/65,536 s, and a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sequence(u64);

impl Sequence {
    pub(crate) const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }

    pub(crate) const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// The first number of this moment, given as the time since 1970.
    pub(crate) fn of_time(time: Duration) -> Self {
        let fraction = u64::from(time.subsec_nanos()) * 65_536 / 1_000_000_000;
        // The seconds wrap in 2106, as their field does.
        Self(time.as_secs() << 32 | fraction << 16)
    }

    const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// Whether it comes later.
    pub(crate) const fn is_after(self, other: Self) -> bool {
        let difference = self.0.wrapping_sub(other.0);
        difference != 0 && difference < 1 << 63
    }

    /// By how many seconds it is ahead of the other, or behind when negative.
    pub(crate) fn seconds_ahead_of(self, other: Self) -> i32 {
        let seconds = |it: Self| (it.0 >> 32) as u32;
        seconds(self).wrapping_sub(seconds(other)).cast_signed()
    }

    fn is_within(self, window: Duration, other: Self) -> bool {
        u64::from(self.seconds_ahead_of(other).unsigned_abs()) <= window.as_secs()
    }
}

/// The numbers that an instance gives to its own adverts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbering {
    last: Option<Sequence>,
}

impl Numbering {
    /// The next number: the time, unless that is not higher than the last one. With a window, a
    /// number that is further ahead of the clock is given up for the clock's.
    pub(crate) fn next(&mut self, clock: Sequence, window: Option<Duration>) -> Sequence {
        let ahead = |last: Sequence| {
            window.is_some_and(|window| !last.is_within(window, clock) && last.is_after(clock))
        };
        let next = match self.last {
            Some(last) if !ahead(last) && !clock.is_after(last) => last.next(),
            Some(_) | None => clock,
        };
        self.last = Some(next);
        next
    }
}

/// How many senders are remembered where anybody may be one.
const SENDERS: usize = 4;

/// The highest numbers heard, by sender.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// The one heard last comes last.
    heard: Vec<(IpAddr, Sequence)>,
}

impl Memory {
    /// Whether this number of this sender is new; if so it is remembered. With a window, what is
    /// out of it by now is forgotten. `peers` is how many senders are known by configuration.
    pub(crate) fn take(
        &mut self,
        sender: IpAddr,
        number: Sequence,
        (clock, window): (Sequence, Option<Duration>),
        peers: Option<usize>,
    ) -> bool {
        if let Some(window) = window {
            self.heard.retain(|(_, last)| last.is_within(window, clock));
        }
        let place = self.heard.iter().position(|(known, _)| *known == sender);
        if let Some(place) = place {
            if !number.is_after(self.heard[place].1) {
                return false;
            }
            self.heard.remove(place);
        } else if self.heard.len() >= peers.unwrap_or(SENDERS).max(1) {
            self.heard.remove(0);
        }
        self.heard.push((sender, number));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Option<Duration> = Some(Duration::from_secs(5));

    fn at(seconds: u64) -> Sequence {
        Sequence::of_time(Duration::from_secs(seconds))
    }

    fn ip(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    #[test]
    fn a_time_is_seconds_fraction_and_counter() {
        let half = Sequence::of_time(Duration::from_millis(1_500));
        assert_eq!(half.to_bytes(), [0, 0, 0, 1, 0x80, 0, 0, 0]);
        assert_eq!(half.next().to_bytes()[7], 1);
        assert!(half.next().is_after(half) && !half.is_after(half.next()));
        assert!(!half.is_after(half));
        assert!(at(0).is_after(at(u64::from(u32::MAX))), "numbers wrap");
        assert_eq!(at(10).seconds_ahead_of(at(13)), -3);
    }

    #[test]
    fn numbers_always_rise_unless_the_clock_was_put_back_by_more_than_the_window() {
        let mut numbering = Numbering::default();
        let first = numbering.next(at(100), WINDOW);
        assert_eq!(numbering.next(at(100), WINDOW), first.next());
        assert_eq!(numbering.next(at(97), WINDOW), first.next().next());
        assert_eq!(numbering.next(at(50), WINDOW), at(50));
        let mut monotonic = Numbering::default();
        let first = monotonic.next(at(100), None);
        assert_eq!(monotonic.next(at(1), None), first.next());
    }

    #[test]
    fn a_number_counts_once_for_each_sender() {
        let mut memory = Memory::default();
        let now = (at(100), WINDOW);
        assert!(memory.take(ip(1), at(100), now, None));
        assert!(!memory.take(ip(1), at(100), now, None));
        assert!(!memory.take(ip(1), at(99), now, None));
        assert!(memory.take(ip(2), at(99), now, None));
        assert!(memory.take(ip(1), at(101), now, None));
        // What is out of the window by now cannot come again: its time would be stale.
        assert!(memory.take(ip(1), at(98), (at(110), WINDOW), None));
    }

    #[test]
    fn strangers_cannot_fill_the_memory() {
        let mut memory = Memory::default();
        for last in 1..=200 {
            assert!(memory.take(ip(last), at(100), (at(100), WINDOW), None));
        }
        assert_eq!(memory.heard.len(), SENDERS);
    }
}
