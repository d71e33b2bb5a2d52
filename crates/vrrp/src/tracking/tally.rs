//! Adds up what tracked objects contribute to a priority, and gathers what is a fault.

use std::collections::BTreeSet;

use crate::config::{Factor, Tracked};
use crate::fault::FaultCause;
use crate::units::{Priority, Weight};

/// The state of one tracked object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Up,
    Down,
    Unknown,
}

/// What was added up so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sum: i64,
    pub(super) faults: BTreeSet<FaultCause>,
    /// Something that could mean a fault is not known yet.
    pub(super) awaiting: bool,
}

impl Tally {
    /// An object that is up or down (compat 11 §7.2 and §7.3).
    pub(super) fn add<T, W: Copy + Into<i64>>(
        &mut self,
        tracked: &Tracked<T, W>,
        standing: Standing,
        cause: impl Fn() -> FaultCause,
    ) {
        let weight = tracked.weight.into();
        let signed = if tracked.reverse { -weight } else { weight };
        match standing {
            Standing::Unknown => self.awaiting |= weight == 0,
            Standing::Up if weight == 0 && tracked.reverse => drop(self.faults.insert(cause())),
            Standing::Down if weight == 0 && !tracked.reverse => drop(self.faults.insert(cause())),
            Standing::Up if weight > 0 => self.sum += signed,
            Standing::Down if weight < 0 => self.sum += signed,
            Standing::Up | Standing::Down => {}
        }
    }

    /// A file with a value (compat 11 §7.6). One that is a fault contributes nothing else.
    pub(super) fn add_value<T>(
        &mut self,
        tracked: &Tracked<T, Factor>,
        value: Option<i32>,
        cause: impl Fn(i64) -> FaultCause,
    ) {
        let Some(value) = value else {
            // Whatever its weight: some value of it is a fault.
            self.awaiting = true;
            return;
        };
        let status = status(tracked, value);
        if status <= FAULT {
            self.faults.insert(cause(status));
        } else {
            self.sum += status;
        }
    }

    /// What this priority and all weights add up to, which may be no priority.
    pub(super) fn total(&self, base: Priority) -> i64 {
        i64::from(base.number()) + self.sum
    }

    /// An address owner keeps its priority; others stay between 1 and 254 (compat 11 §7.1).
    pub(super) fn effective(&self, base: Priority) -> Priority {
        if base.is_owner() {
            return base;
        }
        let total = self.total(base).clamp(1, 254);
        u8::try_from(total).ok().and_then(Priority::new).unwrap_or(base)
    }
}

/// The status of a file that is a fault, and all below.
const FAULT: i64 = -254;

/// What a value amounts to: at most 253.
fn status<T>(tracked: &Tracked<T, Factor>, value: i32) -> i64 {
    let weight = i64::from(tracked.weight);
    if weight == 0 {
        return if (value != 0) == tracked.reverse { 0 } else { FAULT };
    }
    let product = weight * i64::from(value);
    (if tracked.reverse { -product } else { product }).min(253)
}

impl From<Weight> for i64 {
    fn from(weight: Weight) -> Self {
        weight.number().into()
    }
}

impl From<Factor> for i64 {
    fn from(factor: Factor) -> Self {
        factor.number().into()
    }
}

#[cfg(test)]
mod tests {
    use net::Family;
    use proptest::prelude::*;

    use super::*;

    fn tracked(weight: i16, reverse: bool) -> Tracked<()> {
        Tracked { object: (), weight: Weight::new(weight).unwrap(), reverse }
    }

    fn sum(weight: i16, reverse: bool, standing: Standing) -> Option<i64> {
        let mut tally = Tally::default();
        let cause = || FaultCause::NoSource(Family::V4);
        tally.add(&tracked(weight, reverse), standing, cause);
        tally.faults.is_empty().then_some(tally.sum)
    }

    #[test]
    fn weights_add_while_up_and_take_while_down() {
        assert_eq!(sum(10, false, Standing::Up), Some(10));
        assert_eq!(sum(10, false, Standing::Down), Some(0));
        assert_eq!(sum(-10, false, Standing::Up), Some(0));
        assert_eq!(sum(-10, false, Standing::Down), Some(-10));
        assert_eq!(sum(10, true, Standing::Up), Some(-10));
        assert_eq!(sum(-10, true, Standing::Down), Some(10));
    }

    #[test]
    fn no_weight_means_a_fault_and_reverse_turns_it() {
        assert_eq!(sum(0, false, Standing::Down), None);
        assert_eq!(sum(0, false, Standing::Up), Some(0));
        assert_eq!(sum(0, true, Standing::Up), None);
        assert_eq!(sum(0, true, Standing::Down), Some(0));
    }

    #[test]
    fn the_effective_priority_stays_inside_the_range() {
        let effective = |base, sum| {
            let tally = Tally { sum, ..Tally::default() };
            tally.effective(Priority::new(base).unwrap()).number()
        };
        assert_eq!(effective(100, 153), 253);
        assert_eq!(effective(100, 154), 254);
        assert_eq!(effective(100, 200), 254);
        assert_eq!(effective(100, -99), 1);
        assert_eq!(effective(100, -200), 1);
        assert_eq!(effective(255, -200), 255);
    }

    fn factor(number: i16) -> Factor {
        Factor::new(number).unwrap()
    }

    /// The contribution of a file; `None` is a fault.
    fn file(weight: i16, reverse: bool, value: i32) -> Option<i64> {
        let mut tally = Tally::default();
        let tracked = Tracked { object: (), weight: factor(weight), reverse };
        tally.add_value(&tracked, Some(value), |_| FaultCause::NoSource(Family::V4));
        tally.faults.is_empty().then_some(tally.sum)
    }

    #[test]
    fn the_value_of_a_file_is_multiplied_by_its_weight() {
        assert_eq!(file(2, false, 5), Some(10));
        assert_eq!(file(2, true, 5), Some(-10));
        assert_eq!(file(-1, false, 253), Some(-253));
        assert_eq!(file(-1, false, 254), None);
        assert_eq!(file(1, false, 1_000), Some(253));
        assert_eq!(file(-254, false, i32::MAX), None);
        assert_eq!(file(254, false, i32::MAX), Some(253));
    }

    #[test]
    fn a_file_without_weight_is_a_fault_while_it_is_not_zero() {
        assert_eq!(file(0, false, 0), Some(0));
        assert_eq!(file(0, false, -3), None);
        assert_eq!(file(0, true, 0), None);
        assert_eq!(file(0, true, 3), Some(0));
    }

    fn objects() -> impl Strategy<Value = Vec<(i16, bool, Standing)>> {
        let standing = prop_oneof![Just(Standing::Up), Just(Standing::Down)];
        let weight = prop_oneof![Just(0), -Weight::MAX..=Weight::MAX];
        proptest::collection::vec((weight, any::<bool>(), standing), 0..40)
    }

    fn tally(objects: &[(i16, bool, Standing)]) -> Tally {
        let mut tally = Tally::default();
        for (weight, reverse, standing) in objects {
            let cause = || FaultCause::NoSource(Family::V4);
            tally.add(&tracked(*weight, *reverse), *standing, cause);
        }
        tally
    }

    proptest! {
        /// compat 11 §7.2: a transition changes the total by the weight, up or down, whatever
        /// else is tracked.
        #[test]
        fn a_transition_is_worth_the_weight(
            mut objects in objects(), weight in -Weight::MAX..=Weight::MAX, reverse: bool,
        ) {
            objects.push((weight, reverse, Standing::Up));
            let up = tally(&objects).sum;
            let last = objects.len() - 1;
            objects[last].2 = Standing::Down;
            let down = tally(&objects).sum;
            let worth = i64::from(weight).abs();
            prop_assert_eq!(up - down, if reverse { -worth } else { worth });
        }

        /// What is tracked first and what last makes no difference.
        #[test]
        fn the_order_does_not_matter(objects in objects(), base in 1_u8..=255) {
            let base = Priority::new(base).unwrap();
            let (forward, mut turned) = (tally(&objects), objects);
            turned.reverse();
            let backward = tally(&turned);
            prop_assert_eq!(forward.effective(base), backward.effective(base));
            prop_assert_eq!(forward.faults, backward.faults);
        }

        /// 255 is the owner's and 0 no priority: tracking never leads to either, nor away from 255.
        #[test]
        fn the_owner_stays_and_nobody_becomes_one(objects in objects(), base in 1_u8..=255) {
            let effective = tally(&objects).effective(Priority::new(base).unwrap()).number();
            prop_assert_eq!(effective == 255, base == 255);
        }

        #[test]
        fn a_file_adds_its_product_up_to_253_and_faults_from_minus_254_on(
            weight in prop_oneof![-Factor::MAX..=-1, 1..=Factor::MAX], reverse: bool, value: i32,
        ) {
            let sign = if reverse { -1 } else { 1 };
            let product = i64::from(weight) * i64::from(value) * sign;
            let expected = (product > -254).then_some(product.min(253));
            prop_assert_eq!(file(weight, reverse, value), expected);
        }
    }
}
