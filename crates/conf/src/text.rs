//! A line on its way to the keywords: its text, and where each part of it was written.
//!
//! Almost every line is one part that lies in its file as it is; substitution makes lines of
//! many parts. What the text means is decided elsewhere.

use std::ops::Range;

use crate::span::{Span, Via};

/// A text that knows where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    text: String,
    first: Part,
    more: Vec<Part>,
}

/// A run of bytes of one provenance, up to the next part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    from: usize,
    span: Span,
    /// Byte for byte as in the file; otherwise all of it stands for the whole span.
    exact: bool,
}

impl Text {
    /// A text of one part.
    pub(crate) fn new(text: String, span: Span, exact: bool) -> Self {
        Self { text, first: Part { from: 0, span, exact }, more: Vec::new() }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Where a range of it was written: from its first byte to its last one.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        if self.more.is_empty() {
            return place(&self.first, &range);
        }
        let first = self.part(range.start);
        if range.is_empty() {
            return place(&first, &range);
        }
        let last = place(&self.part(range.end - 1), &(range.end - 1..range.end));
        let mut span = place(&first, &(range.start..range.start + 1));
        if last.file == span.file {
            span.end = last.end.max(span.end);
        }
        span.via = span.via.or_else(|| self.via_within(&range));
        span
    }

    /// Adds a range of another text.
    pub(crate) fn append(&mut self, other: &Self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let offset = self.text.len();
        self.text.push_str(&other.text[range.clone()]);
        self.add(moved(&other.part(range.start), range.start, offset));
        let inner = other.more.partition_point(|part| part.from <= range.start);
        for part in other.more[inner..].iter().take_while(|part| part.from < range.end) {
            self.add(Part { from: part.from - range.start + offset, ..*part });
        }
    }

    /// A range of it as a text of its own.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let mut slice = Self::new(String::new(), self.span(range.start..range.start), false);
        slice.append(self, range);
        slice
    }

    /// Cuts it off at this length.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
        self.more.retain(|part| part.from < length);
    }

    /// The same text, all of it generated.
    pub(crate) fn generated_by(mut self, via: Option<Via>) -> Self {
        for part in std::iter::once(&mut self.first).chain(&mut self.more) {
            part.span.via = part.span.via.or(via);
        }
        self
    }

    fn add(&mut self, part: Part) {
        if part.from == 0 {
            self.first = part;
            self.more.clear();
            return;
        }
        let last = self.more.last().unwrap_or(&self.first);
        let expected = if last.exact { moved(last, part.from, part.from) } else { *last };
        let follows = expected.span.start == part.span.start || !last.exact;
        let same = last.exact == part.exact
            && (last.span.file, last.span.via) == (part.span.file, part.span.via);
        if !(same && follows && (last.exact || last.span == part.span)) {
            self.more.push(part);
        }
    }

    fn part(&self, at: usize) -> Part {
        let after = self.more.partition_point(|part| part.from <= at);
        after.checked_sub(1).and_then(|index| self.more.get(index)).copied().unwrap_or(self.first)
    }

    fn via_within(&self, range: &Range<usize>) -> Option<Via> {
        let inner = self.more.partition_point(|part| part.from <= range.start);
        let mut parts = self.more[inner..].iter().take_while(|part| part.from < range.end);
        parts.find_map(|part| part.span.via)
    }
}

/// Where a range inside one part was written.
fn place(part: &Part, range: &Range<usize>) -> Span {
    if !part.exact {
        return part.span;
    }
    let start = part.span.start as usize;
    let (from, to) = (range.start - part.from, range.end - part.from);
    Span { via: part.span.via, ..Span::new(part.span.file, start + from, start + to) }
}

/// The part from byte `from` on, as it looks when that byte comes to lie at `to`.
fn moved(part: &Part, from: usize, to: usize) -> Part {
    if !part.exact {
        return Part { from: to, ..*part };
    }
    let skipped = u32::try_from(from - part.from).unwrap_or(u32::MAX);
    let start = part.span.start.saturating_add(skipped);
    Part { from: to, span: Span { start, ..part.span }, exact: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_parts_knows_the_place_of_each() {
        let line = Text::new("interface $IF up".to_owned(), Span::new(0, 100, 116), true);
        let reference = line.span(10..13);
        let mut made = line.slice(0..10);
        made.append(&Text::new("eth0".to_owned(), reference, false), 0..4);
        made.append(&line, 13..16);
        assert_eq!(made.as_str(), "interface eth0 up");
        assert_eq!(made.span(0..9), Span::new(0, 100, 109));
        assert_eq!(made.span(10..14), Span::new(0, 110, 113));
        assert_eq!(made.span(15..17), Span::new(0, 114, 116));
        assert_eq!(made.span(8..16), Span::new(0, 108, 115));
        made.truncate(12);
        assert_eq!((made.as_str(), made.more.len()), ("interface et", 1));
    }

    #[test]
    fn neighbours_in_the_file_become_one_part() {
        let line = Text::new("abcdef".to_owned(), Span::new(0, 0, 6), true);
        let mut made = line.slice(0..2);
        made.append(&line, 2..4);
        assert!(made.more.is_empty());
        made.append(&line, 5..6);
        assert_eq!((made.more.len(), made.span(4..5)), (1, Span::new(0, 5, 6)));
    }
}
