//! The differences between ours and keepalived 2.2.7 that are known, each with its reason.
//!
//! A class covers single differences; it should cover as little as it can.

use conf::Effect;

use crate::verdict::{Difference, Verdict};

/// A file and what both say of it.
pub(super) struct Case<'c> {
    pub(super) text: &'c str,
    pub(super) ours: &'c Verdict,
    pub(super) original: &'c Verdict,
    lines: Vec<&'c str>,
}

impl<'c> Case<'c> {
    pub(super) fn new(text: &'c str, ours: &'c Verdict, original: &'c Verdict) -> Self {
        Self { text, ours, original, lines: text.split('\n').collect() }
    }

    pub(super) fn line(&self, number: usize) -> &str {
        self.lines.get(number - 1).copied().unwrap_or_default()
    }
}

/// A kind of difference.
struct Class {
    why: &'static str,
    covers: fn(&Case<'_>, Difference) -> bool,
}

static CLASSES: &[Class] =
    &[Class { why: "2.2.7 crashes or hangs", covers: |case, _| case.original.status > 6 }];

/// Why they differ here, if it is known.
pub(super) fn explain(case: &Case<'_>, found: Difference) -> Option<&'static str> {
    let class = CLASSES.iter().find(|class| (class.covers)(case, found));
    class.map(|class| class.why)
}
