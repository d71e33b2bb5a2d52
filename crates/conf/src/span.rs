//! A place in the files read, and what put generated text there.

use std::num::NonZeroU32;

/// A run of bytes in one of the files read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Index of the file in [`Sources`](crate::Sources).
    pub file: u32,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Set for text that was generated: the span is then the reference that asked for it.
    pub via: Option<Via>,
}

impl Span {
    pub(crate) fn new(file: u32, start: usize, end: usize) -> Self {
        let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: narrow(start), end: narrow(end), via: None }
    }
}

/// One step of generation, by its number in `Origins`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Via(pub(crate) NonZeroU32);
