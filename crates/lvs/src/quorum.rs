//! Whether a virtual server works, and who serves if it does not (compat 21 §5.2).

use crate::config::Quorum;

/// How a virtual server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The quorum is met.
    Met,
    /// It is lost. Whoever is up serves on.
    Lost,
    /// It is lost, and only the sorry server serves.
    Sorry,
}

impl Standing {
    pub(crate) const fn is_met(self) -> bool {
        match self {
            Self::Met => true,
            Self::Lost | Self::Sorry => false,
        }
    }

    /// Before there is any server. A quorum of 0 is met even so, and never lost.
    pub(crate) const fn first(quorum: Quorum) -> Self {
        if quorum.needed == 0 { Self::Met } else { Self::Lost }
    }

    /// How it stands with this much live weight. Between the limits nothing changes.
    pub(crate) fn next(self, quorum: Quorum, weight: u64, sorry_server: bool) -> Self {
        let lost = if sorry_server { Self::Sorry } else { Self::Lost };
        let (needed, hysteresis) = (u64::from(quorum.needed), u64::from(quorum.hysteresis));
        if self.is_met() {
            if weight < needed.saturating_sub(hysteresis) { lost } else { Self::Met }
        } else if weight >= needed + hysteresis {
            Self::Met
        } else {
            lost
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(needed: u32, hysteresis: u32, weights: &[u64]) -> String {
        let quorum = Quorum { needed, hysteresis };
        let step = |standing: &mut Standing, weight: &u64| {
            *standing = standing.next(quorum, *weight, false);
            Some(if standing.is_met() { '+' } else { '-' })
        };
        weights.iter().scan(Standing::first(quorum), step).collect()
    }

    #[test]
    fn between_the_limits_it_stays_as_it_was() {
        assert_eq!(walk(3, 1, &[0, 3, 4, 2, 1, 2, 3, 4]), "--++---+");
    }

    #[test]
    fn a_quorum_of_nothing_is_always_met() {
        assert_eq!(walk(0, 0, &[0, 1, 0]), "+++");
    }

    #[test]
    fn sums_beyond_32_bits_count() {
        let most = u64::from(u32::MAX);
        assert_eq!(walk(u32::MAX, u32::MAX - 1, &[most, 2 * most - 1, 1, 0]), "-++-");
    }
}
