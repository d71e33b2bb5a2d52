//! Which intervals a session announces and which it uses: new values that could hurt the other
//! end wait until a poll sequence has shown that it knows them (RFC 5880 §6.5, §6.8.3).

use std::time::{Duration, Instant};

use crate::config;
use crate::packet::Packet;
use crate::units::{Diagnostic, Discriminator, Interval, StateKind};

/// Whoever is not up sends no faster than this (RFC 5880 §6.8.3).
const SLOW: Interval = Interval::from_micros(1_000_000);

/// What one end offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// How fast it wishes to send.
    pub(crate) tx: Interval,
    /// How fast it may be sent to.
    pub(crate) rx: Interval,
}

impl Terms {
    pub(crate) fn while_up(config: &config::Session) -> Self {
        Self { tx: config.min_tx.into(), rx: config.min_rx.into() }
    }

    pub(crate) fn while_idle(config: &config::Session) -> Self {
        Self { tx: SLOW.max(config.idle_tx.into()), rx: config.min_rx.into() }
    }
}

/// How far a poll sequence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Poll {
    Idle,
    /// Packets ask until one is answered.
    Asking {
        since: Instant,
    },
    /// The values changed again since: the answer may be to the old question, so it asks once more.
    AskingAgain {
        since: Instant,
    },
}

/// Our side of the intervals.
#[derive(Debug)]
pub(crate) struct Timing {
    pub(crate) announced: Terms,
    used: Terms,
    poll: Poll,
    /// Answers to questions of an earlier poll sequence may still come until then: each of its
    /// packets is answered, and answers do not say what they answer.
    doubtful_until: Option<Instant>,
}

impl Timing {
    pub(crate) const fn new(terms: Terms) -> Self {
        Self { announced: terms, used: terms, poll: Poll::Idle, doubtful_until: None }
    }

    /// Uses these terms from now on. Nobody who is not up relies on the old ones.
    pub(crate) const fn replace(&mut self, terms: Terms) {
        *self = Self::new(terms);
    }

    /// Announces these terms; says whether a poll sequence has begun. What helps the other end
    /// (sending faster, expecting less) is done at once, the rest when it knows.
    pub(crate) fn negotiate(&mut self, now: Instant, terms: Terms) -> bool {
        if terms == self.announced {
            return false;
        }
        self.announced = terms;
        self.used = Terms { tx: self.used.tx.min(terms.tx), rx: self.used.rx.max(terms.rx) };
        let began = self.poll == Poll::Idle;
        self.poll = match self.poll {
            Poll::Idle => Poll::Asking { since: now },
            Poll::Asking { since } | Poll::AskingAgain { since } => Poll::AskingAgain { since },
        };
        began
    }

    /// The other end has answered. If that is an old answer, its next one is waited for.
    pub(crate) fn on_final(&mut self, now: Instant) {
        if self.doubtful_until.is_some_and(|until| now < until) {
            return;
        }
        let since = match self.poll {
            Poll::Idle => return,
            Poll::Asking { since } => {
                self.replace(self.announced);
                since
            }
            Poll::AskingAgain { since } => {
                self.poll = Poll::Asking { since: now };
                since
            }
        };
        // All that was asked is answered after another round trip, which took no longer than this.
        let trip = (now - since).min(SLOW.duration());
        self.doubtful_until = Some(now + trip + trip / 2);
    }

    pub(crate) const fn is_polling(&self) -> bool {
        match self.poll {
            Poll::Idle => false,
            Poll::Asking { .. } | Poll::AskingAgain { .. } => true,
        }
    }

    /// How often we send (RFC 5880 §6.8.2).
    pub(crate) fn interval(&self, remote: &Remote) -> Duration {
        self.used.tx.max(remote.min_rx).duration()
    }

    /// How often the other end sends at least.
    pub(crate) fn hears_every(&self, remote: &Remote) -> Duration {
        self.used.rx.max(remote.min_tx).duration()
    }

    /// How long the other end may be silent (RFC 5880 §6.8.4): its multiplier, not ours.
    pub(crate) fn detection(&self, remote: &Remote) -> Duration {
        self.hears_every(remote) * u32::from(remote.multiplier)
    }
}

/// What the other end said last; at first what RFC 5880 §6.8.1 assumes.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub(crate) discriminator: Option<Discriminator>,
    pub(crate) state: StateKind,
    pub(crate) diagnostic: Diagnostic,
    pub(crate) min_tx: Interval,
    pub(crate) min_rx: Interval,
    /// Zero as long as nothing was heard.
    pub(crate) multiplier: u8,
    pub(crate) demand: bool,
}

impl Remote {
    pub(crate) const UNKNOWN: Self = Self {
        discriminator: None,
        state: StateKind::Down,
        diagnostic: Diagnostic::None,
        min_tx: Interval::from_micros(0),
        min_rx: Interval::from_micros(1),
        multiplier: 0,
        demand: false,
    };
}

impl From<&Packet> for Remote {
    fn from(packet: &Packet) -> Self {
        Self {
            discriminator: Some(packet.mine),
            state: packet.state,
            diagnostic: packet.diagnostic,
            min_tx: packet.desired_min_tx,
            min_rx: packet.required_min_rx,
            multiplier: packet.multiplier.get(),
            demand: packet.demand,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn terms(tx: u32, rx: u32) -> Terms {
        Terms { tx: Interval::from_micros(tx), rx: Interval::from_micros(rx) }
    }

    fn at(millis: u64) -> Instant {
        static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
        *START + Duration::from_millis(millis)
    }

    #[test]
    fn what_helps_counts_at_once_and_what_hurts_waits_for_the_answer() {
        let mut timing = Timing::new(terms(100, 100));
        assert!(timing.negotiate(at(0), terms(200, 50)));
        assert_eq!(timing.used, terms(100, 100));
        timing.on_final(at(10));
        assert_eq!((timing.used, timing.is_polling()), (terms(200, 50), false));
        assert!(timing.negotiate(at(1_000), terms(10, 500)));
        assert_eq!((timing.used, timing.is_polling()), (terms(10, 500), true));
        assert!(!timing.negotiate(at(1_000), terms(10, 500)));
    }

    #[test]
    fn an_answer_to_an_old_question_is_not_taken_for_one_to_the_new() {
        let mut timing = Timing::new(terms(100, 100));
        assert!(timing.negotiate(at(0), terms(200, 100)));
        assert!(!timing.negotiate(at(90), terms(300, 100)));
        // The answer to what was asked at the start, and to what was asked 40 ms later.
        for answer in [100, 140] {
            timing.on_final(at(answer));
            assert_eq!((timing.used.tx.micros(), timing.is_polling()), (100, true));
        }
        timing.on_final(at(260));
        assert_eq!((timing.used.tx.micros(), timing.is_polling()), (300, false));
    }
}
