//! Takes lines apart: comments, quotes, braces and words.
//!
//! It works on one line at a time and knows no keywords (compat 01 §2 to §4). How script lines are
//! split is decided in `script`.

mod script;

use std::ops::Range;

pub(crate) use script::{Broken, split_command, split_quoted};

/// A physical line after comments and outer blanks are gone (compat 01 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clean {
    /// What is left.
    pub(crate) text: String,
    /// Where it begins in the physical line, in bytes.
    pub(crate) offset: usize,
    /// What it holds, at least.
    pub(crate) marks: Marks,
    /// The bytes of `text` lie in the line as they are: no escape was taken out.
    pub(crate) exact: bool,
    /// A double quote is never closed.
    pub(crate) unterminated: bool,
}

const BLANKS: [char; 2] = [' ', '\t'];

/// Whitespace between words (compat 01 §2).
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// Bytes that make a line more than words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks(u8);

const COMMENT: u8 = 1;
const PREPROCESSOR: u8 = 2;
const NUL: u8 = 4;

/// What each byte means; looking it up costs less than a comparison for each of them.
const MARKS: [u8; 256] = {
    let mut marks = [0; 256];
    marks[b'"' as usize] = COMMENT;
    marks[b'#' as usize] = COMMENT;
    marks[b'!' as usize] = COMMENT;
    marks[b'\\' as usize] = COMMENT;
    marks[b'$' as usize] = PREPROCESSOR;
    marks[b'@' as usize] = PREPROCESSOR;
    marks[b'~' as usize] = PREPROCESSOR;
    marks[0] = NUL;
    marks
};

impl Marks {
    pub(crate) fn of(line: &str) -> Self {
        Self(line.bytes().fold(0, |marks, byte| marks | MARKS[usize::from(byte)]))
    }

    /// There may be a condition, a definition, a reference or a sequence.
    pub(crate) fn concern_preprocessor(self) -> bool {
        self.0 & PREPROCESSOR != 0
    }

    /// There is a NUL byte.
    pub(crate) fn have_nul(self) -> bool {
        self.0 & NUL != 0
    }
}

/// Removes the comment and the outer blanks of a line.
pub(crate) fn clean(line: &str) -> Clean {
    let body = line.trim_start_matches(BLANKS);
    let offset = line.len() - body.len();
    let marks = Marks::of(body);
    if marks.0 & COMMENT == 0 {
        // As almost every line is.
        let text = body.trim_end_matches(BLANKS).to_owned();
        return Clean { text, offset, marks, exact: true, unterminated: false };
    }
    let mut text = String::with_capacity(body.len());
    let (mut quoted, mut exact, mut continued) = (false, true, false);
    let mut characters = body.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '#' | '!' if !quoted => {
                // The mark that the next line belongs to this one counts behind a comment too.
                let tail = body.len() - body.trim_end_matches('\\').len();
                continued = tail % 2 == 1;
                exact &= !continued;
                break;
            }
            '\\' => match characters.next() {
                None => {
                    continued = true;
                    break;
                }
                Some(next @ ('#' | '!')) if !quoted => {
                    exact = false;
                    text.push(next);
                    continue;
                }
                Some(next) => {
                    text.push('\\');
                    text.push(next);
                    continue;
                }
            },
            _ => {}
        }
        text.push(character);
    }
    text.truncate(text.trim_end_matches(BLANKS).len());
    if continued {
        text.push('\\');
    }
    Clean { marks: Marks::of(&text), text, offset, exact, unterminated: quoted }
}

/// The first brace outside double quotes.
pub(crate) fn find_brace(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        !quoted && matches!(byte, b'{' | b'}')
    })
}

/// The words of a line by the plain splitter (compat 01 §4): each is made of its text and its range
/// in the line, quotes included. The flag tells that a quote is not closed; the unfinished word is
/// dropped.
pub(crate) fn split_words<W>(text: &str, word: impl Fn(&str, Range<usize>) -> W) -> (Vec<W>, bool) {
    let mut words = Vec::new();
    let mut at = 0;
    // Every separator is ASCII.
    let position = |from: usize, wanted: fn(char) -> bool| {
        text.as_bytes()[from..].iter().position(|byte| wanted(char::from(*byte)))
    };
    while let Some(found) = position(at, |c| !is_space(c)) {
        let start = at + found;
        if let Some(rest) = text[start..].strip_prefix('"') {
            let Some(length) = rest.find('"') else {
                return (words, true);
            };
            at = start + length + 2;
            words.push(word(&rest[..length], start..at));
        } else {
            let length = position(start, |c| is_space(c) || c == '"');
            at = length.map_or(text.len(), |length| start + length);
            words.push(word(&text[start..at], start..at));
        }
    }
    (words, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        split_words(text, |word, _| word.to_owned()).0
    }

    #[test]
    fn comments_end_a_line_outside_double_quotes() {
        // compat 01 §3, the examples.
        assert_eq!(clean("router_id a#b").text, "router_id a");
        assert_eq!(clean("router_id \"a#b!c\"").text, "router_id \"a#b!c\"");
        assert_eq!(clean("router_id a\\#b").text, "router_id a#b");
        assert_eq!(clean("router_id 'p # q'").text, "router_id 'p");
        assert!(clean("router_id \"abc").unterminated);
        assert_eq!(clean(" \tx  ! y").offset, 2);
        assert_eq!(clean("x  \\").text, "x\\");
        assert_eq!(clean("x # c \\").text, "x\\");
        assert_eq!(clean("x # c \\\\").text, "x");
    }

    #[test]
    fn a_quote_ends_and_begins_words() {
        assert_eq!(words("a\"b c\"d"), ["a", "b c", "d"]);
        assert_eq!(words("x \"\" y"), ["x", "", "y"]);
        let (kept, unmatched) = split_words("k v \"w x", |_, range| range);
        assert_eq!((kept.len(), unmatched), (2, true));
    }

    #[test]
    fn a_brace_counts_outside_quotes_only() {
        assert_eq!(find_brace("a \"{\" {"), Some(6));
        assert_eq!(find_brace("global_defs{"), Some(11));
        assert_eq!(find_brace("none"), None);
    }
}
