//! What is always in the kernel while the daemon runs: an owner of its own, which no election
//! concerns.

use std::collections::VecDeque;

use crate::effect::{Announce, Effect, Order, OwnerId};
use crate::event::{Event, What};
use crate::holdings::Holdings;
use crate::units::{Generation, Name};

/// The static objects and how far the kernel is with them.
#[derive(Debug, Default)]
pub(crate) struct Fixed {
    holdings: Holdings,
    generation: Generation,
    settled: Generation,
}

impl Fixed {
    /// Takes over a new configuration; what did not change is not ordered again.
    pub(crate) fn replace(&mut self, holdings: Holdings, effects: &mut VecDeque<Effect>) {
        if holdings == self.holdings {
            return;
        }
        for deed in self.holdings.lost(&holdings) {
            effects.push_back(Effect::Report(Event { subject: name(), what: What::Did(deed) }));
        }
        self.holdings = holdings;
        self.order(effects);
    }

    /// Gives everything up.
    pub(crate) fn stop(&mut self, effects: &mut VecDeque<Effect>) {
        if !self.holdings.is_empty() {
            self.holdings = Holdings::default();
            self.order(effects);
        }
    }

    pub(crate) fn on_settled(&mut self, generation: Generation) {
        self.settled = self.settled.max(generation);
    }

    /// Whether the kernel has everything that was ordered.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled >= self.generation
    }

    fn order(&mut self, effects: &mut VecDeque<Effect>) {
        self.generation.0 += 1;
        effects.push_back(Effect::Order(Order {
            owner: OwnerId::Statics,
            name: name(),
            generation: self.generation,
            holdings: self.holdings.clone(),
            installed: true,
            announce: Announce::default(),
        }));
    }
}

fn name() -> Name {
    Name::new("static")
}
