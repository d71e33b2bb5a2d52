//! Yields the pieces of all files in order: statements, `{` and `}`, following includes.
//!
//! It counts braces and reports those that do not balance; which block a piece belongs to is
//! decided in `keyword`. Nothing of the tree is kept (compat 01 §8, §9).

mod cut;
mod frame;
mod lines;

use std::collections::VecDeque;

use crate::diagnostic::{Class, Diagnostic};
use crate::include::{self, Checks, Opened};
use crate::preprocess::{Input, Prepared, Preprocessor, Scope};
use crate::report::Report;
use crate::span::Span;
use cut::{Cut, Plain, statement};
use frame::Frames;

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

impl Piece {
    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Open(span) | Self::Close(span) => *span,
            Self::Statement(statement) => statement.span,
        }
    }
}

/// The files being read.
pub(crate) struct Reader {
    frames: Frames,
    waiting: VecDeque<Opened>,
    rest: Option<Rest>,
    peeked: Option<Piece>,
    depth: usize,
    follow: bool,
    /// Conditions, definitions and sequences.
    pub(crate) preprocessor: Preprocessor,
    /// `include_check`: restored when the file that changed it ends.
    pub(crate) checks: Checks,
    /// Lines are not shown in findings.
    pub(crate) secret: bool,
}

/// The part of a line that has not been handed out.
enum Rest {
    /// Nothing in it concerns the preprocessor.
    Plain(Plain),
    /// It is prepared piece by piece.
    Raw(Input),
}

impl Reader {
    pub(crate) fn new(
        files: Vec<Opened>,
        checks: Checks,
        follow: bool,
        preprocessor: Preprocessor,
    ) -> Self {
        Self {
            frames: Frames::default(),
            waiting: files.into(),
            rest: None,
            peeked: None,
            depth: 0,
            follow,
            preprocessor,
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
        self.preprocessor.finish(report);
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
            let cut = match self.rest.as_mut()? {
                Rest::Plain(plain) => plain.cut(),
                Rest::Raw(_) => self.cut_raw(report),
            };
            match cut {
                Cut::End => {
                    self.rest = None;
                    return None;
                }
                Cut::Skip => {}
                Cut::Open(span) => {
                    self.depth += 1;
                    return Some(Piece::Open(span));
                }
                Cut::Close(span) => return Some(self.close(span, report)),
                Cut::Statement(statement) => return Some(Piece::Statement(statement)),
                Cut::Include(text) => {
                    self.rest = None;
                    self.include_line(&text, report);
                    return None;
                }
            }
        }
    }

    /// The same for a line that concerns the preprocessor.
    fn cut_raw(&mut self, report: &mut Report) -> Cut {
        let Some(Rest::Raw(mut input)) = self.rest.take() else { return Cut::End };
        input.skip_blanks();
        let cut = match input.peek() {
            None => return Cut::End,
            Some(b'{') => input.take_brace().map_or(Cut::End, Cut::Open),
            Some(b'}') => input.take_brace().map_or(Cut::End, Cut::Close),
            Some(_) => self.prepare(&mut input, report),
        };
        self.rest = Some(Rest::Raw(input));
        cut
    }

    fn prepare(&mut self, input: &mut Input, report: &mut Report) -> Cut {
        let before = report.diagnostics().len();
        let mut made = Vec::new();
        let directory = self.frames.directory().filter(|_| self.follow);
        let mut scope = Scope { report, made: &mut made, directory };
        let prepared = self.preprocessor.prepare(input, &mut scope);
        if self.secret {
            report.conceal(before);
        }
        self.frames.generate(made);
        match prepared {
            Prepared::Nothing => Cut::Skip,
            Prepared::Definition(name, value, at) => {
                let values = self.continued(value, report);
                self.preprocessor.define(name, &values, at);
                Cut::Skip
            }
            Prepared::Text(text, unterminated) => {
                if unterminated {
                    self.unterminated(&text, report);
                }
                if include::directive(text.as_str()).is_some() {
                    return Cut::Include(text);
                }
                statement(&text, 0, text.len()).map_or(Cut::Skip, Cut::Statement)
            }
        }
    }

    fn close(&mut self, span: Span, report: &mut Report) -> Piece {
        match self.depth.checked_sub(1) {
            Some(depth) => self.depth = depth,
            None => report.add(Diagnostic::new(Class::UnexpectedClose, "Extra '}' found").at(span)),
        }
        Piece::Close(span)
    }

    /// The line, or only its keyword where secrets are written.
    pub(crate) fn shown(&self, text: &str) -> String {
        let split = |separators: &[char]| text.split_once(separators).map(|(first, _)| first);
        match (self.secret, text.starts_with('$')) {
            (false, _) => text.to_owned(),
            (true, true) => format!("{}=********", split(&['=', ' ', '\t']).unwrap_or_default()),
            (true, false) => split(&[' ', '\t'])
                .map_or_else(|| text.to_owned(), |keyword| format!("{keyword} ********")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn pieces(text: &str) -> (Vec<String>, Report) {
        let file = Opened {
            name: "t".to_owned(),
            directory: PathBuf::new(),
            path: None,
            bytes: text.as_bytes().to_vec(),
        };
        let mut report = Report::default();
        let preprocessor = Preprocessor::new(&crate::Environment::default());
        let mut reader = Reader::new(vec![file], Checks::default(), false, preprocessor);
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
