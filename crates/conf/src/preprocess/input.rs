//! The part of a line that is still to be handed out, with the values that were put in front.
//!
//! Values are read as if they were typed in the place of the reference: a name or a number may
//! begin in a value and end in the line. What is a reference is decided in `reference`.

use crate::span::Span;
use crate::text::Text;

/// Text under way.
#[derive(Debug)]
pub(crate) struct Input {
    /// The last one is read first.
    stack: Vec<(Text, usize)>,
    /// Inside double quotes, as comments see it: `\"` is none.
    pub(super) quoted: bool,
    /// The same as braces see it: every `"` counts.
    pub(super) grouped: bool,
    /// The byte before was a backslash that protects the next one.
    pub(super) escaped: bool,
    /// Something was substituted.
    pub(super) changed: bool,
    /// Some piece of the line has been looked at.
    pub(super) begun: bool,
    /// It was said that a quote is not closed.
    pub(super) unterminated: bool,
}

const BLANKS: [char; 2] = [' ', '\t'];

impl Input {
    pub(crate) fn new(text: Text, unterminated: bool) -> Self {
        Self {
            stack: vec![(text, 0)],
            quoted: false,
            grouped: false,
            escaped: false,
            changed: false,
            begun: false,
            unterminated,
        }
    }

    /// The next byte.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            let (text, at) = self.stack.last()?;
            match text.as_str().as_bytes().get(*at) {
                Some(byte) => return Some(*byte),
                None => self.stack.pop(),
            };
        }
    }

    /// The bytes to come.
    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        let rests = self.stack.iter().rev();
        rests.flat_map(|(text, at)| text.as_str().as_bytes().iter().skip(*at).copied())
    }

    pub(crate) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.consume(1);
        }
    }

    /// Passes over bytes.
    pub(super) fn consume(&mut self, mut count: usize) {
        while let Some((text, at)) = self.stack.last_mut() {
            let here = count.min(text.len() - *at);
            *at += here;
            count -= here;
            if count == 0 {
                return;
            }
            self.stack.pop();
        }
    }

    /// Where the next bytes stand, as far as they are of one text.
    pub(crate) fn span(&self, count: usize) -> Option<Span> {
        let (text, at) = self.stack.last()?;
        Some(text.span(*at..(*at + count).min(text.len())))
    }

    /// Moves the next bytes, of one text, to another text.
    pub(super) fn copy(&mut self, count: usize, out: &mut Text) {
        if let Some((text, at)) = self.stack.last_mut() {
            let end = (*at + count).min(text.len());
            out.append(text, *at..end);
            *at = end;
        }
    }

    /// How many bytes come before one that means something, of the text at hand.
    pub(super) fn ordinary(&self) -> usize {
        let special = |byte: &u8| matches!(byte, b'$' | b'"' | b'\\' | b'#' | b'!' | b'{' | b'}');
        let rest = self.stack.last().and_then(|(text, at)| text.as_str().as_bytes().get(*at..));
        rest.map_or(0, |rest| rest.iter().position(special).unwrap_or(rest.len()))
    }

    /// Puts a value in front of what is to come.
    pub(super) fn push(&mut self, value: Text) {
        self.stack.push((value, 0));
        self.changed = true;
    }

    /// What was seen of quotes and escapes up to here.
    pub(super) fn quotes(&self) -> [bool; 3] {
        [self.quoted, self.grouped, self.escaped]
    }

    /// Puts a piece back, which is read as if nothing had been seen of it.
    pub(super) fn again(&mut self, piece: Text, quotes: [bool; 3]) {
        [self.quoted, self.grouped, self.escaped] = quotes;
        self.push(piece);
    }

    /// Drops a comment, but for the mark that the next line belongs to this one.
    pub(super) fn drop_comment(&mut self, out: &mut Text) {
        self.quoted = false;
        let Some(rest) = self.take_rest() else { return };
        let tail = rest.len() - rest.as_str().trim_end_matches('\\').len();
        if tail % 2 == 1 {
            trim_end(out);
            out.append(&rest, rest.len() - 1..rest.len());
        }
    }

    /// Takes the next byte, a brace.
    pub(crate) fn take_brace(&mut self) -> Option<Span> {
        let span = self.span(1);
        self.consume(1);
        span
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        self.stack.clear();
    }

    /// How much has to be copied to have everything in one text.
    pub(super) fn to_flatten(&self) -> usize {
        if self.stack.len() < 2 {
            return 0;
        }
        self.stack.iter().map(|(text, at)| text.len() - at).sum()
    }

    /// Brings everything into one text.
    pub(super) fn flatten(&mut self) {
        if self.stack.len() < 2 {
            return;
        }
        if let Some(whole) = self.take_rest() {
            self.stack.push((whole, 0));
        }
    }

    /// What is to come, as far as it is of the text at hand.
    pub(super) fn text(&self) -> &str {
        self.stack.last().and_then(|(text, at)| text.as_str().get(*at..)).unwrap_or_default()
    }

    /// Takes everything that is to come.
    pub(super) fn take_rest(&mut self) -> Option<Text> {
        let (text, at) = self.stack.pop()?;
        let mut whole = text.slice(at..text.len());
        while let Some((text, at)) = self.stack.pop() {
            whole.append(&text, at..text.len());
        }
        Some(whole)
    }

    /// Only blanks are left after this many bytes.
    pub(super) fn ends_after(&self, count: usize) -> bool {
        self.bytes().skip(count).all(|byte| matches!(byte, b' ' | b'\t'))
    }
}

/// The text has nothing but blanks.
pub(super) fn is_blank(text: &Text) -> bool {
    text.as_str().trim_matches(BLANKS).is_empty()
}

/// Cuts the blanks off its end.
pub(super) fn trim_end(text: &mut Text) {
    let length = text.as_str().trim_end_matches(BLANKS).len();
    text.truncate(length);
}
