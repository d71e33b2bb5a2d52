//! What the core tells the operator: one variant per log line, worded in one place.

use std::fmt;

/// Something worth a line in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {}

impl Event {
    /// Whether the line is only for a detailed log (`-D`).
    #[must_use]
    pub const fn is_detail(&self) -> bool {
        false
    }
}

impl fmt::Display for Event {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
