//! Statements whose words the reader takes apart again: commands with their accounts, and
//! patterns.
//!
//! Whatever could mean something to the reader is written as `\xNN` (compat 01 §4.1).

use std::fmt::Write as _;

use super::Writer;
use crate::resolve::account;

impl Writer {
    /// A keyword, its command as one word that is split again, and the words of its account.
    pub(crate) fn script(&mut self, keyword: &str, argv: &[String], account: &[&str]) {
        let command: Vec<String> = argv.iter().map(|argument| grouped(argument)).collect();
        self.decoded_line(keyword, &command.join(" "), account);
    }

    /// The same with the names of an account.
    pub(crate) fn script_of(&mut self, keyword: &str, argv: &[String], uid: u32, gid: u32) {
        let [user, group] = account::words(uid, gid);
        self.script(keyword, argv, &[&user, &group]);
    }

    /// A keyword and a text that is decoded once.
    pub(crate) fn decoded(&mut self, keyword: &str, text: &str) {
        self.decoded_line(keyword, &escaped(text), &[]);
    }

    fn decoded_line(&mut self, keyword: &str, text: &str, words: &[&str]) {
        self.indent();
        let words: String = words.iter().map(|word| format!(" {word}")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{keyword} \"{text}\"{words}");
    }
}

/// An argument that stays one.
fn grouped(argument: &str) -> String {
    let text = escaped(argument);
    if text.is_empty() || text.contains(' ') { format!("'{text}'") } else { text }
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
