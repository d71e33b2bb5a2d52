//! The numbers that sessions go by: random, never zero, each for one session at a time
//! (RFC 5880 §6.3, compat 22 §3).

use std::collections::BTreeMap;

use fastrand::Rng;

use crate::units::{Discriminator, SessionId};

/// Which session goes by which number.
#[derive(Debug, Default)]
pub(crate) struct Discriminators(BTreeMap<Discriminator, SessionId>);

impl Discriminators {
    /// A number that nobody has.
    pub(crate) fn draw(&mut self, owner: SessionId, rng: &mut Rng) -> Discriminator {
        loop {
            // Four thousand million numbers for at most some thousand sessions: this ends.
            if let Some(number) = Discriminator::new(rng.u32(..))
                && !self.0.contains_key(&number)
            {
                self.0.insert(number, owner);
                return number;
            }
        }
    }

    /// Gives a number back: packets that name it are for nobody now.
    pub(crate) fn release(&mut self, number: Discriminator) {
        self.0.remove(&number);
    }

    pub(crate) fn owner(&self, number: Discriminator) -> Option<SessionId> {
        self.0.get(&number).copied()
    }
}
