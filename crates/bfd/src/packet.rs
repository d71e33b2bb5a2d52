//! The control packet on the wire (RFC 5880 §4.1), and which ones are refused without asking
//! anybody (§6.8.6, compat 22 §5).
//!
//! Whether a session is there for a packet, and how far it may have come, is `router`'s business.

mod discard;
#[cfg(test)]
mod tests;

use std::num::NonZeroU8;

pub use discard::Discard;

use crate::units::{Diagnostic, Discriminator, Interval, StateKind};

/// Bytes of a packet without authentication, which is the only kind there is here.
pub const LENGTH: usize = 24;

const VERSION: u8 = 1;
const POLL: u8 = 0x20;
const FINAL: u8 = 0x10;
const CONTROL_PLANE_INDEPENDENT: u8 = 0x08;
const AUTHENTICATED: u8 = 0x04;
const DEMAND: u8 = 0x02;
const MULTIPOINT: u8 = 0x01;

/// What one end says to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Why it was last down.
    pub diagnostic: Diagnostic,
    /// The sender's state.
    pub state: StateKind,
    /// What it asks or answers about new values.
    pub question: Question,
    /// Its BFD does not share the fate of its control plane.
    pub control_plane_independent: bool,
    /// It wishes to hear nothing while both are up.
    pub demand: bool,
    /// How many lost packets make it dead.
    pub multiplier: NonZeroU8,
    /// What the sender calls the session.
    pub mine: Discriminator,
    /// What the receiver calls it, as far as the sender knows.
    pub yours: Option<Discriminator>,
    /// How fast the sender wishes to send.
    pub desired_min_tx: Interval,
    /// How fast it is willing to be sent to; zero is not at all.
    pub required_min_rx: Interval,
    /// The same for echoes.
    pub required_min_echo_rx: Interval,
}

/// The poll and final bits, of which at most one is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Neither.
    None,
    /// "I have new values, answer at once."
    Poll,
    /// "I have them."
    Final,
}

impl Packet {
    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; LENGTH] {
        let question = match self.question {
            Question::None => 0,
            Question::Poll => POLL,
            Question::Final => FINAL,
        };
        let independent = u8::from(self.control_plane_independent) * CONTROL_PLANE_INDEPENDENT;
        let demand = u8::from(self.demand) * DEMAND;
        let mut bytes = [0; LENGTH];
        bytes[0] = VERSION << 5 | self.diagnostic.bits();
        bytes[1] = self.state.bits() << 6 | question | independent | demand;
        bytes[2] = self.multiplier.get();
        bytes[3] = 24;
        let words = [
            self.mine.number(),
            self.yours.map_or(0, Discriminator::number),
            self.desired_min_tx.micros(),
            self.required_min_rx.micros(),
            self.required_min_echo_rx.micros(),
        ];
        for (place, word) in bytes[4..].chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }

    /// Reads a datagram, in the order of RFC 5880 §6.8.6.
    ///
    /// # Errors
    /// Says why the datagram is to be ignored.
    pub fn decode(datagram: &[u8]) -> Result<Self, Discard> {
        let length = datagram.len();
        let Some(bytes) = datagram.first_chunk::<LENGTH>() else {
            return Err(Discard::TooShort(length));
        };
        let [first, flags, multiplier, claimed, ..] = *bytes;
        let word = |at: usize| {
            u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        if first >> 5 != VERSION {
            return Err(Discard::Version(first >> 5));
        }
        if usize::from(claimed) != length {
            return Err(Discard::Length { claimed, received: length });
        }
        let multiplier = NonZeroU8::new(multiplier).ok_or(Discard::NoMultiplier)?;
        if flags & MULTIPOINT != 0 {
            return Err(Discard::Multipoint);
        }
        let mine = Discriminator::new(word(4)).ok_or(Discard::NoDiscriminator)?;
        let (state, yours) = (StateKind::from_bits(flags >> 6), Discriminator::new(word(8)));
        if yours.is_none() && matches!(state, StateKind::Init | StateKind::Up) {
            return Err(Discard::NotAddressed(state));
        }
        let question = question(flags)?;
        let number = first & 0x1f;
        let diagnostic = Diagnostic::from_bits(number).ok_or(Discard::Diagnostic(number))?;
        if flags & AUTHENTICATED != 0 {
            return Err(Discard::Authenticated);
        }
        Ok(Self {
            diagnostic,
            state,
            question,
            control_plane_independent: flags & CONTROL_PLANE_INDEPENDENT != 0,
            demand: flags & DEMAND != 0,
            multiplier,
            mine,
            yours,
            desired_min_tx: Interval::from_micros(word(12)),
            required_min_rx: Interval::from_micros(word(16)),
            required_min_echo_rx: Interval::from_micros(word(20)),
        })
    }
}

const fn question(flags: u8) -> Result<Question, Discard> {
    match (flags & POLL != 0, flags & FINAL != 0) {
        (false, false) => Ok(Question::None),
        (true, false) => Ok(Question::Poll),
        (false, true) => Ok(Question::Final),
        (true, true) => Err(Discard::PollAndFinal),
    }
}
