//! A script as its keyword takes it: one quoted word that is split again (compat 01 §4.1).

use std::fmt::Write as _;

use super::Writer;

impl Writer {
    /// A keyword, its program with arguments as one word, and the words behind it.
    pub(crate) fn script(&mut self, keyword: &str, argv: &[String], words: &[&str]) {
        let arguments: Vec<String> = argv.iter().map(|argument| escaped(argument)).collect();
        self.indent();
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{keyword} \"{}\" {}", arguments.join(" "), words.join(" "));
    }
}

/// An argument of which neither the reader nor the splitter takes a character for its own.
fn escaped(argument: &str) -> String {
    if argument.is_empty() {
        return "''".to_owned();
    }
    let mut text = String::with_capacity(argument.len());
    for character in argument.chars() {
        let plain = character.is_alphanumeric() || "-_./:,+=%".contains(character);
        match character {
            _ if plain || !character.is_ascii() => text.push(character),
            // Writing to a string cannot fail.
            _ => drop(write!(text, "\\x{:02x}", u32::from(character))),
        }
    }
    text
}
