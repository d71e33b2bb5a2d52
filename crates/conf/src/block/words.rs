//! Lines of many options, read word by word: routes, rules and the like.

use std::net::IpAddr;

use net::{Family, Network};

use super::names::Names;
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::reader::Word;
use crate::value;

/// A line and how far it has been read.
pub(crate) struct Words<'l, 'c, 'e> {
    pub(crate) line: &'l mut Line<'c, 'e>,
    at: usize,
}

/// Reads the words that follow an option.
type Read<D> = fn(&mut D, &mut Words<'_, '_, '_>, &Word) -> Option<()>;

/// One option of a line.
pub(crate) struct WordRow<D: 'static> {
    pub(crate) help: WordHelp,
    pub(crate) read: Read<D>,
}

/// What a manual says of an option within a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordHelp {
    /// Its spellings.
    pub names: &'static [&'static str],
    /// What stands after it, as a synopsis shows it; empty for a flag.
    pub takes: &'static str,
    /// What it is for, as one phrase.
    pub help: &'static str,
}

impl<D> WordRow<D> {
    pub(crate) const fn of(
        names: &'static [&'static str],
        takes: &'static str,
        help: &'static str,
        read: Read<D>,
    ) -> Self {
        Self { help: WordHelp { names, takes, help }, read }
    }
}

/// The row of a word.
pub(crate) fn row_of<'t, D>(table: &'t [WordRow<D>], word: &str) -> Option<&'t WordRow<D>> {
    table.iter().find(|row| row.help.names.contains(&word))
}

/// What a manual says of a table.
pub(crate) fn helps<D>(table: &[WordRow<D>]) -> impl Iterator<Item = WordHelp> {
    table.iter().map(|row| row.help)
}

impl<'l, 'c, 'e> Words<'l, 'c, 'e> {
    /// Starts at a position of the line.
    pub(crate) fn new(line: &'l mut Line<'c, 'e>, at: usize) -> Self {
        Self { line, at }
    }

    /// The next word.
    pub(crate) fn next(&mut self) -> Option<Word> {
        let word = self.line.word(self.at)?;
        self.at += 1;
        Some(word)
    }

    /// The next word without taking it.
    pub(crate) fn peek(&self) -> Option<&str> {
        self.line.text(self.at)
    }

    /// The word after that without taking either.
    pub(crate) fn peek_second(&self) -> Option<&str> {
        self.line.text(self.at + 1)
    }

    /// Takes the next word if it is this one.
    pub(crate) fn take(&mut self, wanted: &str) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// The word that an option needs; without it the daemon must not start.
    pub(crate) fn value(&mut self) -> Option<Word> {
        let word = self.line.required(self.at)?;
        self.at += 1;
        Some(word)
    }

    /// Reports a mistake about a word; there is no value.
    pub(crate) fn refuse<T>(&mut self, word: &Word, message: String) -> Option<T> {
        self.line.error_at(word, message);
        None
    }

    /// The same with advice.
    pub(crate) fn advise<T>(&mut self, word: &Word, message: String, hint: &str) -> Option<T> {
        self.line.add(Diagnostic::general(message).at(word.span).hint(hint));
        None
    }

    /// A number in a range.
    pub(crate) fn number<N: TryFrom<i64>>(
        &mut self,
        most: u32,
        refused: impl FnOnce(&str) -> String,
    ) -> Option<N> {
        let word = self.value()?;
        match self.line.number(&word, 0..=i64::from(most)) {
            Some(number) => Some(number),
            None => self.refuse(&word, refused(&word.text)),
        }
    }

    /// A number or a name of iproute2.
    pub(crate) fn named(
        &mut self,
        names: &Names,
        most: u32,
        refused: impl FnOnce(&str) -> String,
    ) -> Option<u32> {
        let word = self.value()?;
        match names.number(&word.text, most, &self.line.cx.names) {
            Some(number) => Some(number),
            None => self.refuse(&word, refused(&word.text)),
        }
    }

    /// An address.
    pub(crate) fn address(&mut self, refused: impl FnOnce(&str) -> String) -> Option<IpAddr> {
        let word = self.value()?;
        match value::address(&word.text) {
            Some(ip) => Some(ip),
            None => {
                let message = refused(&word.text);
                self.advise(&word, message, "write an IP address")
            }
        }
    }

    /// `ADDR[/LEN]`; a length out of range is that of the whole address, which is reported.
    pub(crate) fn network(
        &mut self,
        word: &Word,
        refused: impl FnOnce(&str) -> String,
    ) -> Option<Network> {
        let (address, length) = match word.text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (word.text.as_str(), None),
        };
        let Some(ip) = value::address(address) else {
            let message = refused(&word.text);
            return self.advise(word, message, "write ADDRESS or ADDRESS/LENGTH");
        };
        let bits = Family::of(ip).bits();
        let length = length.map_or(Some(bits), |length| self.length(word, length, bits));
        Some(Network { ip, length: length.unwrap_or(bits) })
    }

    fn length(&mut self, word: &Word, text: &str, bits: u8) -> Option<u8> {
        let number = Word { text: text.to_owned(), span: word.span };
        let length = self.line.number(&number, 0..=i64::from(bits));
        if length.is_none() {
            let address = &word.text;
            let message =
                format!("Invalid address prefix len {text} for address {address} - using {bits}");
            self.line.error_at(word, message);
        }
        length
    }
}

/// `default`, `any` and `all` are every address.
pub(crate) fn is_everything(text: &str) -> bool {
    matches!(text, "default" | "any" | "all")
}
