//! What generated text comes from: the definitions behind each piece of it, innermost first.
//!
//! It gives a finding its notes, and the preprocessor the means to see that a definition refers
//! to itself. Where in a line the text stands is kept in `text`.

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::span::{Span, Via};

/// A definition whose value was put somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The name, without `$`.
    pub(crate) name: Arc<str>,
    /// Which definition of that name.
    pub(crate) definition: u32,
    /// Where the value was written; nowhere for predefined names.
    pub(crate) place: Option<Span>,
    /// What the reference itself came from.
    pub(crate) within: Option<Via>,
}

/// Every step of generation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origins {
    steps: Vec<Origin>,
}

impl Origins {
    pub(crate) fn add(&mut self, origin: Origin) -> Option<Via> {
        self.steps.push(origin);
        let number = u32::try_from(self.steps.len()).ok().and_then(NonZeroU32::new);
        number.map(Via)
    }

    /// The steps from this one outwards.
    pub(crate) fn chain(&self, via: Option<Via>) -> impl Iterator<Item = &Origin> {
        let get = |via: Via| self.steps.get(via.0.get() as usize - 1);
        std::iter::successors(via.and_then(get), move |origin| origin.within.and_then(get))
    }
}
