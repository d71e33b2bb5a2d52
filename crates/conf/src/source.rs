//! Keeps the text of every file read and turns byte spans into file, line and column.
//!
//! It does not open files (`include` does) and gives the text no meaning.

use std::cell::OnceCell;

use crate::origin::Origins;
use crate::span::Span;

/// Where a span begins, as people count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position<'s> {
    /// The file's name as it was written or matched.
    pub file: &'s str,
    /// The physical line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// A line, or a part of it, with the words in question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'s> {
    /// The text, without the end of the line.
    pub text: &'s str,
    /// Where in it the words are, in bytes.
    pub range: std::ops::Range<usize>,
    /// Nothing is left out before it.
    pub from_start: bool,
}

/// Every file of one configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    files: Vec<File>,
    pub(crate) origins: Origins,
}

/// How much of a line is looked at on each side of a span, in bytes.
const WINDOW: usize = 300;

#[derive(Clone, Debug, PartialEq, Eq)]
struct File {
    name: String,
    text: String,
    lines: LineStarts,
    /// Some bytes were no UTF-8, and nobody has been told of it.
    damaged: bool,
}

/// Where the lines of a text begin, found out when somebody asks: most files are without a finding.
#[derive(Clone, Debug, Default)]
struct LineStarts(OnceCell<Vec<u32>>);

impl LineStarts {
    fn of(&self, text: &str) -> &[u32] {
        self.0.get_or_init(|| {
            let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            let starts = breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX));
            std::iter::once(0).chain(starts).collect()
        })
    }
}

/// They follow from the text.
impl PartialEq for LineStarts {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for LineStarts {}

impl File {
    fn lines(&self) -> &[u32] {
        self.lines.of(&self.text)
    }
}

impl Sources {
    /// Keeps a file; bytes that are not UTF-8 become the replacement character.
    pub(crate) fn add(&mut self, name: &str, bytes: Vec<u8>) -> u32 {
        let (text, damaged) = match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
        };
        let lines = LineStarts::default();
        self.files.push(File { name: name.to_owned(), text, lines, damaged });
        u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX)
    }

    /// Where the span begins.
    #[must_use]
    pub fn position(&self, span: Span) -> Position<'_> {
        let Some(file) = self.file(span) else {
            return Position { file: "", line: 0, column: 0 };
        };
        let line = file.lines().partition_point(|start| *start <= span.start);
        let bytes = self.column_bytes(span);
        let start = self.line_start(span);
        let before =
            file.text.get(start..start + bytes.min(WINDOW)).map(|text| text.chars().count());
        let column = before.filter(|_| bytes <= WINDOW).unwrap_or(bytes) + 1;
        Position { file: &file.name, line, column }
    }

    /// The line that holds the beginning of the span. Of a very long line or span only the part
    /// around its beginning.
    #[must_use]
    pub fn line(&self, span: Span) -> Part<'_> {
        let Some(file) = self.file(span) else {
            return Part { text: "", range: 0..0, from_start: true };
        };
        let floor = |offset: usize| {
            let mut offset = offset.min(file.text.len());
            while !file.text.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        let at = span.start as usize;
        let end = (span.end as usize).min(floor(at.saturating_add(2 * WINDOW)));
        let begin = self.line_start(span);
        let from = begin.max(floor(at.saturating_sub(WINDOW)));
        let number = file.lines().partition_point(|start| *start <= span.start);
        let next = file.lines().get(number).map_or(file.text.len(), |next| *next as usize);
        let to = floor(next.min(end.saturating_add(WINDOW))).max(from);
        let text = file.text.get(from..to).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let start = at.saturating_sub(from).min(text.len());
        let range = start..end.saturating_sub(from).min(text.len()).max(start);
        Part { text, range, from_start: from == begin }
    }

    /// The text of a physical line that starts at byte `from`, without its end, and where the
    /// next one starts; `None` after the last.
    pub(crate) fn physical_line(&self, file: u32, from: usize) -> Option<(&str, usize)> {
        let rest = self.files.get(file as usize)?.text.get(from..)?;
        if rest.is_empty() {
            return None;
        }
        let (line, next) = match rest.find('\n') {
            Some(end) => (&rest[..end], from + end + 1),
            None => (rest, from + rest.len()),
        };
        Some((line.trim_end_matches('\r'), next))
    }

    /// Whether this text of the file shows that bytes were replaced; true once for each file.
    pub(crate) fn shows_damage(&mut self, file: u32, text: &str) -> bool {
        let Some(file) = self.files.get_mut(file as usize) else { return false };
        let shows = file.damaged && text.contains(char::REPLACEMENT_CHARACTER);
        file.damaged &= !shows;
        shows
    }

    /// Name and text of each file, in the order in which they were read first.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|file| (file.name.as_str(), file.text.as_str()))
    }

    fn file(&self, span: Span) -> Option<&File> {
        self.files.get(span.file as usize)
    }

    fn line_start(&self, span: Span) -> usize {
        let Some(file) = self.file(span) else {
            return 0;
        };
        let line = file.lines().partition_point(|start| *start <= span.start);
        file.lines().get(line.saturating_sub(1)).map_or(0, |start| *start as usize)
    }

    fn column_bytes(&self, span: Span) -> usize {
        (span.start as usize).saturating_sub(self.line_start(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_knows_its_line_and_column() {
        let mut sources = Sources::default();
        let file = sources.add("a.conf", b"one\r\n  t\xc3\xa4wo three\n".to_vec());
        let span = Span::new(file, 12, 17);
        let at = sources.position(span);
        assert_eq!((at.file, at.line, at.column), ("a.conf", 2, 7));
        let line = Part { text: "  täwo three", range: 7..12, from_start: true };
        assert_eq!(sources.line(span), line);
    }

    #[test]
    fn of_a_long_line_the_part_around_the_words_is_shown() {
        let mut sources = Sources::default();
        let text = format!("{}ä b{}\n", "x".repeat(1000), "y".repeat(100_000));
        let file = sources.add("a.conf", text.into_bytes());
        let part = sources.line(Span::new(file, 1003, 101_004));
        assert!(!part.from_start && part.text.len() <= 4 * WINDOW, "{}", part.text.len());
        assert!(part.text[part.range.clone()].starts_with("byyy"));
        let part = sources.line(Span::new(file, 1000, 1002));
        assert_eq!(&part.text[part.range], "ä");
    }

    #[test]
    fn bytes_that_are_no_text_are_kept_readable() {
        let mut sources = Sources::default();
        let file = sources.add("a", b"x\xffy".to_vec());
        assert_eq!(sources.physical_line(file, 0), Some(("x\u{fffd}y", 5)));
        assert_eq!(sources.physical_line(file, 5), None);
    }
}
