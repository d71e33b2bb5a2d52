//! What is always in the kernel while the daemon runs: an owner of its own, which no election
//! concerns.

use std::collections::VecDeque;

use crate::effect::{Announce, Effect, OneRound, Order, OwnerId};
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
            extra: OneRound::default(),
            own: OneRound::default(),
        }));
    }
}

fn name() -> Name {
    Name::new("static")
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use net::{Family, Rule, RuleAction};

    use super::*;
    use crate::config::{Config, Static, Statics};
    use crate::effect::Input;
    use crate::router::Router;

    fn with_rules(preferences: &[u32]) -> Config {
        let rule = |preference: &u32| Static {
            object: Rule::new(Family::V4, *preference, RuleAction::Table(100)),
            tracked: true,
            group: None,
        };
        let rules = preferences.iter().map(rule).collect();
        Config { statics: Statics { rules, ..Statics::default() }, ..Config::default() }
    }

    /// What comes out, in short: the rules of an order, or the effect's own name.
    fn drain(router: &mut Router) -> Vec<String> {
        let short = |effect: Effect| {
            let Effect::Order(order) = &effect else {
                let text = format!("{effect:?}");
                return text.split([' ', '(']).next().unwrap_or_default().to_owned();
            };
            assert_eq!((order.owner, order.installed), (OwnerId::Statics, true));
            let rules = order.holdings.rules.iter();
            let rules: Vec<_> = rules.map(|held| held.object.preference.to_string()).collect();
            format!("order {} [{}]", order.generation.0, rules.join(" "))
        };
        std::iter::from_fn(|| router.poll_effect()).map(short).collect()
    }

    fn settle(router: &mut Router, generation: u64) {
        let generation = Generation(generation);
        let settled = Input::Settled { owner: OwnerId::Statics, generation };
        router.handle(Instant::now(), settled);
    }

    #[test]
    fn they_are_ordered_once_and_the_daemon_is_ready_when_they_are_there() {
        let mut router = Router::new(with_rules(&[1, 2]), Vec::new(), Instant::now());
        assert_eq!(drain(&mut router), ["order 1 [1 2]"]);
        settle(&mut router, 1);
        assert_eq!(drain(&mut router), ["Ready"]);
        let same = Input::Reconfigure(with_rules(&[1, 2]).into());
        router.handle(Instant::now(), same);
        assert_eq!(drain(&mut router), [""; 0]);
    }

    #[test]
    fn a_reload_says_what_it_takes_and_the_end_waits_for_the_kernel() {
        let mut router = Router::new(with_rules(&[1, 2]), Vec::new(), Instant::now());
        settle(&mut router, 1);
        drain(&mut router);
        router.handle(Instant::now(), Input::Reconfigure(with_rules(&[2, 3]).into()));
        assert_eq!(drain(&mut router), ["Report", "order 2 [2 3]"]);
        router.handle(Instant::now(), Input::Stop);
        assert_eq!(drain(&mut router), ["order 3 []"]);
        settle(&mut router, 2);
        assert_eq!(drain(&mut router), [""; 0], "not there yet");
        settle(&mut router, 3);
        assert_eq!(drain(&mut router), ["Stopped"]);
    }

    #[test]
    fn they_stay_when_the_daemon_abandons_its_work() {
        let mut router = Router::new(with_rules(&[1]), Vec::new(), Instant::now());
        settle(&mut router, 1);
        drain(&mut router);
        router.handle(Instant::now(), Input::Abandon);
        assert_eq!(drain(&mut router), ["Stopped"]);
    }
}
