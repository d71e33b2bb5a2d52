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

/// The name and the `}` of a block, which mostly stand in one file: in less than two spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    name: Span,
    /// Where the `}` begins in the file of the name.
    end: Option<NonZeroU32>,
}

impl Extent {
    /// Without a `}`, or with one elsewhere, it ends where its name stands.
    pub(crate) fn new(name: Span, closed: Option<Span>) -> Self {
        let same = closed.filter(|end| (end.file, end.via) == (name.file, name.via));
        Self { name, end: same.and_then(|end| NonZeroU32::new(end.start)) }
    }

    /// Its name.
    pub(crate) const fn name(self) -> Span {
        self.name
    }

    /// Its `}`.
    pub(crate) fn end(self) -> Span {
        match self.end {
            Some(at) => Span { start: at.get(), end: at.get() + 1, ..self.name },
            None => self.name,
        }
    }
}
