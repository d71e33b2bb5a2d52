//! How much text may be generated, so that no file makes a load endless.
//!
//! What a refusal does to the lines under way is decided in `reader`.

/// What may be generated unless the environment says otherwise.
const LIMIT: u64 = 64 << 20;

/// What every piece costs beside its bytes.
const PIECE: u64 = 16;

/// What is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Budget {
    limit: u64,
    left: u64,
    /// Something was refused.
    spent: bool,
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// For the first time: it has to be said.
    First,
    /// Again.
    Repeated,
}

impl Budget {
    pub(super) fn new(limit: Option<u64>) -> Self {
        let limit = limit.unwrap_or(LIMIT);
        Self { limit, left: limit, spent: false }
    }

    /// Pays for a piece of text.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Refusal> {
        let price = PIECE.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        match self.left.checked_sub(price) {
            Some(left) if !self.spent => {
                self.left = left;
                Ok(())
            }
            Some(_) | None if self.spent => Err(Refusal::Repeated),
            Some(_) | None => {
                self.spent = true;
                Err(Refusal::First)
            }
        }
    }

    /// Nothing more will be generated.
    pub(super) fn is_spent(&self) -> bool {
        self.spent
    }

    /// The complaint about what asked for too much.
    pub(super) fn complaint(&self, what: &str) -> String {
        format!("{what} would bring the generated text above {} bytes", self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_once_is_refused_for_good() {
        let mut budget = Budget::new(Some(100));
        assert_eq!(budget.charge(40), Ok(()));
        assert_eq!(budget.charge(40), Err(Refusal::First));
        assert_eq!(budget.charge(0), Err(Refusal::Repeated));
        assert!(budget.is_spent());
    }
}
