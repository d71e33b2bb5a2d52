//! The resolved configuration as a keepalived.conf: what was inherited, generated or left out
//! stands in it, and reading it again gives the same configuration.
//!
//! How words are quoted is decided here; which statements a block has, in a module per part.

mod globals;
mod lvs;
mod reload;
mod vrrp;

use std::fmt::Write as _;

use crate::Config;

/// The configuration as one file that gives it again.
#[must_use]
pub fn print(config: &Config) -> String {
    let mut out = Writer::default();
    globals::print(config, &mut out);
    reload::print(config, &mut out);
    vrrp::print(config, &mut out);
    lvs::print(config, &mut out);
    out.text
}

/// A file being written: statements and blocks, each indented by its depth.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    /// One line: a keyword and its words. Words are quoted where the reader needs it.
    pub(crate) fn statement(&mut self, keyword: &str, words: &[&str]) {
        self.start(keyword, words);
        self.text.push('\n');
    }

    /// A keyword with its words and what stands between its braces.
    pub(crate) fn block(&mut self, keyword: &str, words: &[&str], body: impl FnOnce(&mut Self)) {
        self.start(keyword, words);
        self.text.push_str(" {\n");
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.indent();
        self.text.push_str("}\n");
    }

    fn start(&mut self, keyword: &str, words: &[&str]) {
        self.indent();
        self.text.push_str(keyword);
        for word in words {
            // Writing to a string cannot fail.
            let _ = write!(self.text, " {}", quoted(word));
        }
    }

    fn indent(&mut self) {
        self.text.push_str(&"    ".repeat(self.depth));
    }
}

/// A word as the reader takes it for one (compat 01 §4).
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,+=%*<>()[]^&|;?".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("\"{word}\"")
}
