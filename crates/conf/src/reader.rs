//! Yields the pieces of all files in order: statements, `{` and `}`, following includes.
//!
//! It counts braces and reports those that do not balance; which block a piece belongs to is
//! decided in `keyword`. Nothing of the tree is kept (compat 01 §8, §9).

use std::collections::VecDeque;
use std::path::PathBuf;

use crate::diagnostic::{Class, Diagnostic};
use crate::include::{self, Checks, Opened};
use crate::lexer;
use crate::preprocess;
use crate::report::Report;
use crate::source::Span;

/// A word of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Without its quotes.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) span: Span,
}

/// A keyword with its words; never without a word unless a quote is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The text, after comments are gone.
    pub(crate) text: String,
    /// Its words by the plain splitter.
    pub(crate) words: Vec<Word>,
    /// Where it stands.
    pub(crate) span: Span,
    /// A quote is not closed, and the word that it began is lost.
    pub(crate) unmatched: bool,
}

/// What the reader yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// `{`
    Open(Span),
    /// `}`
    Close(Span),
    /// Anything between braces and line ends.
    Statement(Statement),
}

/// How deep files may include each other.
const NESTING: usize = 64;

/// The files being read.
pub(crate) struct Reader {
    frames: Vec<Frame>,
    waiting: VecDeque<Opened>,
    rest: Option<Rest>,
    peeked: Option<Piece>,
    depth: usize,
    follow: bool,
    /// `include_check`: restored when the file that changed it ends.
    pub(crate) checks: Checks,
    /// Lines are not shown in findings.
    pub(crate) secret: bool,
}

struct Frame {
    file: u32,
    at: usize,
    directory: PathBuf,
    checks_before: Checks,
    checks: Checks,
    level: usize,
}

/// The part of a line that has not been handed out.
struct Rest {
    text: String,
    at: usize,
    line: Span,
    exact: bool,
}

impl Rest {
    fn span(&self, from: usize, to: usize) -> Span {
        if !self.exact {
            return self.line;
        }
        let start = self.line.start as usize;
        Span::new(self.line.file, start + from, start + to)
    }
}

impl Reader {
    pub(crate) fn new(files: Vec<Opened>, checks: Checks, follow: bool) -> Self {
        Self {
            frames: Vec::new(),
            waiting: files.into(),
            rest: None,
            peeked: None,
            depth: 0,
            follow,
            checks,
            secret: false,
        }
    }

    /// The next piece, left in place.
    pub(crate) fn peek(&mut self, report: &mut Report) -> Option<&Piece> {
        if self.peeked.is_none() {
            self.peeked = self.produce(report);
        }
        self.peeked.as_ref()
    }

    /// The next piece; `None` at the end of the last file.
    pub(crate) fn next(&mut self, report: &mut Report) -> Option<Piece> {
        self.peeked.take().or_else(|| self.produce(report))
    }

    /// Says how many braces are missing, after the end.
    pub(crate) fn finish(&self, report: &mut Report) {
        if self.depth > 0 {
            let message = format!("There are {} missing '}}'s or extra '{{'s", self.depth);
            report.add(Diagnostic::new(Class::MissingClose, message));
        }
    }

    fn produce(&mut self, report: &mut Report) -> Option<Piece> {
        loop {
            if let Some(piece) = self.cut(report) {
                return Some(piece);
            }
            self.next_line(report)?;
        }
    }

    /// Takes one piece off the current line.
    fn cut(&mut self, report: &mut Report) -> Option<Piece> {
        loop {
            let rest = self.rest.as_mut()?;
            let tail = &rest.text[rest.at..];
            let from = rest.at + (tail.len() - tail.trim_start_matches([' ', '\t']).len());
            let tail = &rest.text[from..];
            let end = from + lexer::find_brace(tail).unwrap_or(tail.len());
            if tail.is_empty() {
                self.rest = None;
                return None;
            }
            if end == from {
                rest.at = from + 1;
                let span = rest.span(from, from + 1);
                return Some(if tail.starts_with('{') {
                    self.depth += 1;
                    Piece::Open(span)
                } else {
                    self.close(span, report)
                });
            }
            rest.at = end;
            let text = rest.text[from..end].trim_end_matches([' ', '\t']);
            let span = rest.span(from, from + text.len());
            if !preprocess::admit(text, span, report) {
                self.rest = None;
                continue;
            }
            let (words, unmatched) = lexer::split_words(text);
            let place =
                |range: std::ops::Range<usize>| rest.span(from + range.start, from + range.end);
            let words: Vec<Word> =
                words.into_iter().map(|(text, range)| Word { text, span: place(range) }).collect();
            if words.is_empty() && !unmatched {
                continue;
            }
            return Some(Piece::Statement(Statement {
                text: text.to_owned(),
                words,
                span,
                unmatched,
            }));
        }
    }

    fn close(&mut self, span: Span, report: &mut Report) -> Piece {
        match self.depth.checked_sub(1) {
            Some(depth) => self.depth = depth,
            None => report.add(Diagnostic::new(Class::UnexpectedClose, "Extra '}' found").at(span)),
        }
        Piece::Close(span)
    }

    /// Makes the next physical line the current one; `None` when there is none.
    fn next_line(&mut self, report: &mut Report) -> Option<()> {
        loop {
            let Some(frame) = self.frames.last_mut() else {
                let opened = self.waiting.pop_front()?;
                self.enter(opened, Checks::default(), 0, report);
                continue;
            };
            let Some((line, next)) = report.sources.physical_line(frame.file, frame.at) else {
                self.checks = frame.checks_before;
                self.frames.pop();
                continue;
            };
            let clean = lexer::clean(line);
            let start = frame.at + clean.offset;
            let length = if clean.exact { clean.text.len() } else { line.len() - clean.offset };
            let span = Span::new(frame.file, start, start + length);
            frame.at = next;
            if clean.text.contains('\0') {
                let message = "configuration appears to have embedded NULs - ignoring line";
                report.add(Diagnostic::general(message).at(span));
                continue;
            }
            if clean.unterminated {
                let shown = self.shown(&clean.text);
                let message = format!("Unterminated quote '{shown}'");
                let found = Diagnostic::new(Class::UnmatchedQuote, message).at(span);
                report.add(Diagnostic { secret: self.secret, ..found });
            }
            if let Some((checks, pattern)) = include::directive(&clean.text) {
                let pattern = pattern.to_owned();
                self.include(&pattern, checks, span, report);
                continue;
            }
            self.rest = Some(Rest { text: clean.text, at: 0, line: span, exact: clean.exact });
            return Some(());
        }
    }

    /// The line, or only its keyword where secrets are written.
    pub(crate) fn shown(&self, text: &str) -> String {
        match text.split_once([' ', '\t']) {
            Some((keyword, _)) if self.secret => format!("{keyword} ********"),
            _ => text.to_owned(),
        }
    }

    fn enter(&mut self, opened: Opened, checks: Checks, level: usize, report: &mut Report) {
        let file = report.sources.add(&opened.name, opened.bytes);
        self.frames.push(Frame {
            file,
            at: 0,
            directory: opened.directory,
            checks_before: self.checks,
            checks,
            level,
        });
    }

    fn include(&mut self, pattern: &str, checks: Checks, span: Span, report: &mut Report) {
        let level = self.frames.last().map_or(0, |frame| frame.level);
        if !self.follow || level >= NESTING {
            let message = format!("Configuration file '{pattern}' is not read");
            let why =
                if self.follow { "files include each other too deeply" } else { "no files here" };
            report.add(Diagnostic::general(message).at(span).hint(why));
            return;
        }
        let Some(frame) = self.frames.last() else {
            return;
        };
        let checks = checks.union(frame.checks).union(self.checks);
        let (files, problems) = include::open(pattern, &frame.directory, checks);
        for problem in problems {
            report.add(problem.at(span));
        }
        // Each becomes the innermost file; the first must end up on top.
        for opened in files.into_iter().rev() {
            self.enter(opened, checks, level + 1, report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> (Vec<String>, Report) {
        let file = Opened {
            name: "t".to_owned(),
            directory: PathBuf::new(),
            bytes: text.as_bytes().to_vec(),
        };
        let mut report = Report::default();
        let mut reader = Reader::new(vec![file], Checks::default(), false);
        let mut found = Vec::new();
        while let Some(piece) = reader.next(&mut report) {
            found.push(match piece {
                Piece::Open(_) => "{".to_owned(),
                Piece::Close(_) => "}".to_owned(),
                Piece::Statement(statement) => statement.text,
            });
        }
        reader.finish(&mut report);
        (found, report)
    }

    #[test]
    fn braces_may_stand_anywhere() {
        let (found, report) = pieces("g{ router_id X } v V1\r\n\n# c\n{ a \"}\" }");
        assert_eq!(found, ["g", "{", "router_id X", "}", "v V1", "{", "a \"}\"", "}"]);
        assert!(report.diagnostics().is_empty());
    }

    #[test]
    fn unbalanced_braces_are_counted() {
        let messages = |text| {
            let (_, report) = pieces(text);
            report.log_lines().collect::<Vec<_>>()
        };
        assert_eq!(messages("a { {"), ["There are 2 missing '}'s or extra '{'s"]);
        assert_eq!(messages("a }"), ["(t: Line 1) Extra '}' found"]);
    }
}
