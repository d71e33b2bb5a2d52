//! The resolved configuration as a keepalived.conf: what was inherited, generated or left out
//! stands in it, and reading it again gives the same configuration.
//!
//! How words are quoted is decided in `word` and `command`; which statements a block has, in a
//! module per part.
//!
//! What no file without mistakes can say is not printed, and is different when it is read again:
//! - objects that were refused are gone. A part that had nothing else counts as not configured
//!   (`*_configured`), and no mail is sent or connections synchronised for an instance or group
//!   that is not there;
//! - a BFD session that was refused and that a check follows is printed without its neighbour: it is
//!   refused again, and the check stays;
//! - an address that stands twice in a list, once without its interface, stands there once;
//! - a `script_user` without an account becomes none. No script that would have needed it is left;
//! - a word that needs quotes and ends with an odd number of backslashes cannot be written without a mistake: the
//!   backslash hides the closing quote. It is read again as the same word, with the same complaint;
//! - of a word with `\#` or `\!` that needs quotes the backslash is lost where another word of the
//!   line needs quotes and ends with a backslash (`process "/a b\" "c \#"`).

mod command;
mod globals;
mod lvs;
mod reload;
mod vrrp;
mod word;

use std::time::Duration;

use crate::Config;
use word::Words;

/// The configuration as one file that gives it again.
#[must_use]
pub fn print(config: &Config) -> String {
    let mut out = Writer::default();
    globals::print(config, &mut out);
    vrrp::print(config, &mut out);
    lvs::print(config, &mut out);
    reload::print(config, &mut out);
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

    /// A line for people.
    pub(crate) fn comment(&mut self, text: &str) {
        self.indent();
        self.text.push_str("# ");
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// What is to stand inside a block, if it turns out to be anything.
    pub(crate) fn inside() -> Self {
        Self { text: String::new(), depth: 1 }
    }

    /// Nothing was written.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What another writer has written, at the same depth.
    pub(crate) fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
    }

    /// A line of a list: its words, quoted where the reader needs it.
    pub(crate) fn line(&mut self, words: &[&str]) {
        self.indent();
        let mut quoting = Words::default();
        let words: Vec<String> = words.iter().map(|word| quoting.next(word)).collect();
        self.text.push_str(&words.join(" "));
        self.text.push('\n');
    }

    fn start(&mut self, keyword: &str, words: &[&str]) {
        self.indent();
        self.text.push_str(keyword);
        let mut quoting = Words::default();
        for word in words {
            self.text.push(' ');
            self.text.push_str(&quoting.next(word));
        }
    }

    fn indent(&mut self) {
        self.text.push_str(&"    ".repeat(self.depth));
    }
}

/// Seconds with as many decimals as needed; microseconds are the least that the language knows.
fn seconds(time: Duration) -> String {
    let text = format!("{}.{:06}", time.as_secs(), time.subsec_micros());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
