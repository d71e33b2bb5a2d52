//! Takes a line apart into statements and braces (compat 01 §9).
//!
//! What is done with the pieces, and with lines that concern the preprocessor, is decided in the
//! parent.

use super::{Statement, Word};
use crate::include;
use crate::lexer;
use crate::span::Span;
use crate::text::Text;

/// What is taken off a line.
pub(super) enum Cut {
    /// Nothing is left.
    End,
    /// Nothing that goes on to the keywords.
    Skip,
    Open(Span),
    Close(Span),
    Statement(Statement),
    /// The line asks for files.
    Include(Text),
}

/// A line that does not concern the preprocessor, or what is left of it.
pub(super) struct Plain {
    text: Text,
    at: usize,
}

impl Plain {
    pub(super) fn new(text: Text) -> Self {
        Self { text, at: 0 }
    }

    /// Takes the next piece off it.
    pub(super) fn cut(&mut self) -> Cut {
        let text = self.text.as_str();
        let tail = &text[self.at..];
        let from = self.at + (tail.len() - tail.trim_start_matches([' ', '\t']).len());
        let tail = &text[from..];
        let end = from + lexer::find_brace(tail).unwrap_or(tail.len());
        if tail.is_empty() {
            return Cut::End;
        }
        if end == from {
            self.at = from + 1;
            let span = self.text.span(from..from + 1);
            return if tail.starts_with('{') { Cut::Open(span) } else { Cut::Close(span) };
        }
        if tail.starts_with("include") && include::directive(tail).is_some() {
            return Cut::Include(self.text.slice(from..text.len()));
        }
        let to = from + text[from..end].trim_end_matches([' ', '\t']).len();
        self.at = end;
        statement(&self.text, from, to).map_or(Cut::Skip, Cut::Statement)
    }
}

/// The words of a range; `None` when there is nothing.
pub(super) fn statement(text: &Text, from: usize, to: usize) -> Option<Statement> {
    let own = &text.as_str()[from..to];
    let place = |range: std::ops::Range<usize>| text.span(from + range.start..from + range.end);
    let (words, unmatched) =
        lexer::split_words(own, |word, range| Word { text: word.to_owned(), span: place(range) });
    if words.is_empty() && !unmatched {
        return None;
    }
    Some(Statement { text: own.to_owned(), words, span: text.span(from..to), unmatched })
}
