//! Splits script lines: quotes of both kinds group, escapes stand for characters.
//!
//! The line is split twice, as keepalived does since 2.3.2: first into keyword, command, user and
//! group, then the command into its arguments. Whether the command can be run is decided in
//! `resolve::script` (compat 01 §4.1).

use std::iter::Peekable;
use std::str::Bytes;

/// Why a script line cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The quote is not closed.
    Unbalanced(char),
    /// The last character is a backslash.
    TrailingEscape,
    /// An escape stands for a NUL, which no argument can hold.
    Nul,
    /// Escapes stand for bytes that are no text together.
    NotText,
}

/// First pass over a script line: both kinds of quotes group and are removed, escapes stay.
pub(crate) fn split_quoted(text: &str) -> Result<Vec<String>, Broken> {
    split_by(text, |escaped, _, word| word.extend([b'\\', escaped]))
}

/// Second pass, over the command: escapes are decoded; the result is the argument list.
pub(crate) fn split_command(text: &str) -> Result<Vec<String>, Broken> {
    split_by(text, decode)
}

/// What is done with the byte behind a backslash.
type Escape = fn(u8, &mut Peekable<Bytes<'_>>, &mut Vec<u8>);

fn split_by(text: &str, escape: Escape) -> Result<Vec<String>, Broken> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote: Option<u8> = None;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, quote) {
            (b'\\', _) => {
                let escaped = bytes.next().ok_or(Broken::TrailingEscape)?;
                escape(escaped, &mut bytes, word.get_or_insert_default());
            }
            (_, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => word.get_or_insert_default().push(byte),
            (b'"' | b'\'', None) => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (_, None) if super::is_space(char::from(byte)) => words.extend(word.take()),
            (_, None) => word.get_or_insert_default().push(byte),
        }
    }
    if let Some(open) = quote {
        return Err(Broken::Unbalanced(char::from(open)));
    }
    words.extend(word);
    words.into_iter().map(argument).collect()
}

/// Bytes as an argument that can be handed to a program.
fn argument(word: Vec<u8>) -> Result<String, Broken> {
    if word.contains(&0) {
        return Err(Broken::Nul);
    }
    String::from_utf8(word).map_err(|_| Broken::NotText)
}

fn decode(escaped: u8, rest: &mut Peekable<Bytes<'_>>, word: &mut Vec<u8>) {
    word.push(match escaped {
        b'a' => 0x07,
        b'b' => 0x08,
        b'E' => 0x1b,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'c' => rest.next().map_or(b'c', |control| control & 0x1f),
        b'x' => digits(rest, 16, 2, None).unwrap_or(b'x'),
        b'0'..=b'7' => digits(rest, 8, 2, Some(escaped - b'0')).unwrap_or_default(),
        other => other,
    });
}

/// Up to `most` further digits as one byte; `None` when there is no digit at all.
fn digits(
    rest: &mut Peekable<Bytes<'_>>,
    radix: u32,
    most: usize,
    first: Option<u8>,
) -> Option<u8> {
    let mut value = first.map(u32::from);
    for _ in 0..most {
        let Some(digit) = rest.peek().and_then(|byte| char::from(*byte).to_digit(radix)) else {
            break;
        };
        rest.next();
        value = Some(value.unwrap_or(0) * radix + digit);
    }
    value.and_then(|value| u8::try_from(value & 0xff).ok())
}

#[cfg(test)]
mod tests;
