//! Texts whose escapes the reader decodes: commands and patterns.
//!
//! Whatever could mean something to the reader is written as `\xNN` (compat 01 §4.1).

use std::fmt::Write as _;

/// A command with its account: what the two passes over a script line give again.
pub(super) fn command(argv: &[String], uid: u32, gid: u32) -> String {
    let words: Vec<String> = argv.iter().map(|word| format!("'{}'", escaped(word))).collect();
    format!("\"{}\" {uid} {gid}", words.join(" "))
}

/// A text that is decoded once.
pub(super) fn decoded(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character.is_ascii_control() || "\"'\\{}#!$~@".contains(character) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{:02x}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}
