//! When the next packet of a session is due: how long its interval is decides `timing`.
//!
//! keepalived takes 10 to 25 % off every interval, whatever the multiplier (compat 22 §6); RFC
//! 5880 §6.8.7 allows that always and asks for it with multiplier 1.

use std::time::{Duration, Instant};

use fastrand::Rng;

const SHORTEST: u64 = 750;
const LONGEST: u64 = 900;

/// The pace of a session.
#[derive(Debug)]
pub(crate) enum Sender {
    /// Nothing is sent of its own accord.
    Silent,
    /// Packets go out again and again.
    Every { interval: Duration, last: Instant, next: Instant },
}

impl Sender {
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Silent => None,
            Self::Every { next, .. } => Some(*next),
        }
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.deadline().is_some_and(|next| next <= now)
    }

    /// A packet went out now; the next one follows after a jittered interval.
    pub(crate) fn sent(&mut self, now: Instant, interval: Duration, rng: &mut Rng) {
        *self = Self::Every { interval, last: now, next: now + jittered(interval, rng) };
    }

    /// The interval may have changed. A shorter one counts at once, a longer one from the next
    /// packet on; without one it is silent.
    pub(crate) fn pace(&mut self, now: Instant, interval: Option<Duration>, rng: &mut Rng) {
        match (interval, &mut *self) {
            (None, _) => *self = Self::Silent,
            (Some(new), Self::Silent) => {
                *self = Self::Every { interval: new, last: now, next: now };
            }
            (Some(new), Self::Every { interval, last, next }) => {
                if new < *interval {
                    *next = (*last + jittered(new, rng)).max(now).min(*next);
                }
                *interval = new;
            }
        }
    }
}

fn jittered(interval: Duration, rng: &mut Rng) -> Duration {
    let micros = u64::try_from(interval.as_micros()).unwrap_or(u64::MAX / LONGEST);
    // Never zero: a deadline has to move when it has passed.
    Duration::from_micros((micros * rng.u64(SHORTEST..=LONGEST) / 1_000).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_to_a_quarter_is_taken_off() {
        let mut rng = Rng::with_seed(7);
        let times: Vec<_> =
            (0..2_000).map(|_| jittered(Duration::from_millis(100), &mut rng)).collect();
        let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
        assert!((75_000..75_500).contains(&least.as_micros()), "{least:?}");
        assert!((89_500..=90_000).contains(&most.as_micros()), "{most:?}");
    }

    #[test]
    fn a_shorter_interval_pulls_the_next_packet_forward_and_a_longer_one_waits() {
        let (mut rng, now) = (Rng::with_seed(1), Instant::now());
        let mut sender = Sender::Silent;
        sender.sent(now, Duration::from_secs(1), &mut rng);
        let later = now + Duration::from_millis(50);
        sender.pace(later, Some(Duration::from_millis(10)), &mut rng);
        assert_eq!(sender.deadline(), Some(later));
        sender.pace(later, Some(Duration::from_secs(5)), &mut rng);
        assert_eq!(sender.deadline(), Some(later));
        sender.pace(later, None, &mut rng);
        assert_eq!(sender.deadline(), None);
    }
}
