//! One statement in the hands of its row: words by position, values with their complaints,
//! and the blocks that follow it.
//!
//! It words complaints about the form of values; a keyword's own complaint comes from its row.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::diagnostic::{Class, Diagnostic, Stop};
use crate::keyword::{Context, Keyword, Parse};
use crate::reader::{Piece, Statement, Word};
use crate::span::Span;
use crate::value::{self, Decimal};

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it was written.
    pub(crate) span: Span,
}

/// A statement being read.
pub(crate) struct Line<'c, 'e> {
    pub(crate) cx: &'c mut Context<'e>,
    pub(crate) statement: Statement,
}

impl Line<'_, '_> {
    /// The keyword's own place.
    pub(crate) fn span(&self) -> Span {
        self.statement.words.first().map_or(self.statement.span, |word| word.span)
    }

    /// How many words there are, the keyword included.
    pub(crate) fn len(&self) -> usize {
        self.statement.words.len()
    }

    /// The word at a position; the keyword is at 0.
    pub(crate) fn word(&self, at: usize) -> Option<Word> {
        self.statement.words.get(at).cloned()
    }

    /// The text of a word.
    pub(crate) fn text(&self, at: usize) -> Option<&str> {
        self.statement.words.get(at).map(|word| word.text.as_str())
    }

    /// The word at a position; without it the daemon must stop (compat 01 §12.3).
    pub(crate) fn required(&mut self, at: usize) -> Option<Word> {
        let word = self.word(at);
        if word.is_none() {
            let of = |at| self.text(at).unwrap_or_default().to_owned();
            let (first, last) = (of(0), of(at.saturating_sub(1)));
            self.missing(at, &first, &last);
        }
        word
    }

    /// The name of a block, unless it has none or another of its kind has the same: then the block
    /// is skipped. Whoever asks says what is wrong with a block without a name.
    pub(crate) fn new_name(
        &mut self,
        name: Option<Word>,
        kind: &str,
        is_taken: impl FnOnce(&str) -> bool,
    ) -> Option<Word> {
        let taken = name.as_ref().filter(|name| is_taken(&name.text));
        if let Some(Word { text, .. }) = taken {
            self.error(format!("{kind} {text} already defined"));
        } else if name.is_some() {
            return name;
        }
        self.skip_block();
        None
    }

    /// A word whose absence is an ordinary mistake.
    pub(crate) fn given(&mut self, at: usize, missing: &str) -> Option<Word> {
        let word = self.word(at);
        if word.is_none() {
            self.error(missing);
        }
        word
    }

    /// Says that the word at a position is missing, after the last of those that are there.
    pub(crate) fn missing(&mut self, at: usize, first: &str, last: &str) {
        let message = format!(
            "*** Configuration line starting `{first}` is missing a parameter after keyword \
             `{last}` at word position {}",
            at + 1
        );
        let found = Diagnostic::new(Class::MissingParameter, message).at(self.statement.span);
        self.add(
            found.stopping(Stop::MissingParameter).hint("the daemon does not start without it"),
        );
    }

    /// Adds a finding; secrets stay unseen where they are written.
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        let secret = self.cx.reader.secret;
        self.cx.report.add(Diagnostic { secret, ..diagnostic });
    }

    /// Reports an ordinary mistake about the whole statement.
    pub(crate) fn error(&mut self, message: impl Into<String>) {
        let span = self.statement.span;
        self.add(Diagnostic::general(message).at(span));
    }

    /// Reports an ordinary mistake about the block that was just read, at its `}`.
    pub(crate) fn error_at_end(&mut self, message: impl Into<String>) {
        self.add_at_end(Diagnostic::general(message));
    }

    /// Adds a finding about the block that was just read, at its `}`; without one there is no line
    /// to say it of.
    pub(crate) fn add_at_end(&mut self, diagnostic: Diagnostic) {
        self.add(match self.cx.closed {
            Some(end) => diagnostic.at(end),
            None => diagnostic.about(self.statement.span),
        });
    }

    /// Reports an ordinary mistake about one word.
    pub(crate) fn error_at(&mut self, word: &Word, message: impl Into<String>) {
        self.add(Diagnostic::general(message).at(word.span));
    }

    /// Says something that is no mistake.
    pub(crate) fn notice(&mut self, message: impl Into<String>) {
        let span = self.statement.span;
        self.add(Diagnostic::notice(message).at(span));
    }

    /// An integer; a test refuses what a running daemon tolerates (compat 01 §10.1).
    pub(crate) fn integer(&mut self, word: &Word, range: RangeInclusive<i64>) -> Option<i64> {
        let reading = value::integer(&word.text, &range);
        let tolerated = reading.complaint.is_none() || !self.cx.environment.testing;
        self.complain(word, reading.complaint);
        reading.value.filter(|_| tolerated)
    }

    /// The same as a narrower type.
    pub(crate) fn number<T: TryFrom<i64>>(
        &mut self,
        word: &Word,
        range: RangeInclusive<i64>,
    ) -> Option<T> {
        self.integer(word, range).and_then(|number| T::try_from(number).ok())
    }

    /// A port, 1 to 65535; nothing may follow it, a range of ports neither.
    pub(crate) fn port(&mut self, word: &Word) -> Option<u16> {
        let ports = 1..=65535;
        let whole = !value::integer(&word.text, &ports).trailing;
        self.number(word, ports).filter(|_| whole)
    }

    /// A decimal number, in units of its last place.
    pub(crate) fn decimal(&mut self, word: &Word, accepts: Decimal) -> Option<u64> {
        let reading = value::decimal(&word.text, accepts);
        self.complain(word, reading.complaint);
        reading.value
    }

    /// A time in seconds.
    pub(crate) fn seconds(&mut self, word: &Word, accepts: Decimal) -> Option<Duration> {
        self.decimal(word, accepts).map(|units| accepts.duration(units))
    }

    /// A boolean word, true when there is none; `None` when it is no boolean.
    pub(crate) fn boolean(&self, at: usize) -> Option<bool> {
        self.text(at).map_or(Some(true), value::boolean)
    }

    fn complain(&mut self, word: &Word, complaint: Option<String>) {
        let Some(complaint) = complaint else { return };
        let prefix = if self.cx.environment.testing { "" } else { "WARNING - " };
        let found = Diagnostic::new(Class::InvalidNumber, format!("{prefix}{complaint}"));
        self.add(found.at(word.span));
    }

    /// Reads the keyword block that follows into a draft.
    pub(crate) fn block<D>(&mut self, table: &'static [Keyword<D>], draft: &mut D) {
        self.block_of(&[table], draft);
    }

    /// The same for a block whose rows stand in several tables.
    pub(crate) fn block_of<D>(&mut self, tables: &[&'static [Keyword<D>]], draft: &mut D) {
        if !self.cx.take_open() {
            let message = "Missing '{' at beginning of configuration block";
            // keepalived notices it only when it sees what stands there instead.
            let (class, at) = match self.cx.peek() {
                Some(piece) => (Class::MissingOpen, piece.span()),
                None => (Class::Notice, self.statement.span),
            };
            let hint = format!("write `{{` after `{}`", self.text(0).unwrap_or_default());
            self.add(Diagnostic::new(class, message).at(at).hint(hint));
        }
        self.cx.walk(tables, draft);
    }

    /// Reads the value block that follows: each line goes to `each`. Returns how many there were.
    pub(crate) fn list<D>(&mut self, draft: &mut D, each: Parse<D>) -> usize {
        let name = self.text(0).unwrap_or_default().to_owned();
        if self.len() > 1 {
            let extra = self.text(1).unwrap_or_default().to_owned();
            self.error(format!("Block {name} has extra parameters {extra} ..."));
        }
        if !self.cx.take_open() {
            self.notice(format!("'{{' missing from beginning of block {name}"));
        }
        let mut count = 0;
        self.cx.closed = None;
        while let Some(piece) = self.cx.next() {
            let statement = match piece {
                Piece::Close(span) => {
                    self.cx.closed = Some(span);
                    break;
                }
                Piece::Open(span) => brace_as_word(span),
                Piece::Statement(statement) => statement,
            };
            if statement.unmatched {
                let message = format!("Unmatched quote: '{}'", statement.text);
                let found = Diagnostic::new(Class::UnmatchedQuote, message).at(statement.span);
                self.add(found);
            }
            if statement.words.is_empty() {
                continue;
            }
            count += 1;
            // A refused entry has been reported; the others still count.
            each(draft, &mut Line { cx: self.cx, statement });
        }
        count
    }

    /// Reads over the block of a server that is refused; one without its `{` is read into a draft
    /// that nobody keeps, as keepalived reads it.
    pub(crate) fn refuse_block<D>(&mut self, table: &'static [Keyword<D>], mut draft: D) {
        match self.cx.peek() {
            Some(Piece::Open(_)) => self.skip_block(),
            Some(Piece::Close(_) | Piece::Statement(_)) | None => self.block(table, &mut draft),
        }
    }

    /// Reads over whatever block follows, counting braces (compat 01 §9.2).
    pub(crate) fn skip_block(&mut self) {
        if !self.cx.take_open() {
            return;
        }
        let mut depth = 1_usize;
        while depth > 0 {
            match self.cx.next() {
                None => return,
                Some(Piece::Open(_)) => depth += 1,
                Some(Piece::Close(_)) => depth -= 1,
                Some(Piece::Statement(_)) => {}
            }
        }
    }
}

/// Inside a value block a `{` is a line like any other, as keepalived reads it.
fn brace_as_word(span: Span) -> Statement {
    let words = vec![Word { text: "{".to_owned(), span }];
    Statement { text: "{".to_owned(), words, span, unmatched: false }
}
