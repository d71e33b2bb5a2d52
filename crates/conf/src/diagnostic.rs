//! One finding about the configuration: its class, its words, its place and our advice.
//!
//! The classes and their ranks are those of compat 01 §12.1. How findings are shown, and which
//! exit status they lead to, is decided in `report`.

use crate::span::Span;

/// The class of a finding; a later one outranks an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Nothing is wrong: said in the log, never counted.
    Notice,
    /// A file is missing that had to be there.
    FileNotFound,
    /// An interface does not exist.
    BadInterface,
    /// The configuration cannot be run at all.
    Fatal,
    /// A pattern matched several main files.
    MultipleFiles,
    /// A keyword that this block does not have.
    UnknownKeyword,
    /// `{` where none belongs.
    UnexpectedOpen,
    /// A block without its `{`.
    MissingOpen,
    /// `}` without a block.
    UnexpectedClose,
    /// A block that is never closed.
    MissingClose,
    /// A quote without its partner.
    UnmatchedQuote,
    /// A keyword without the word it needs.
    MissingParameter,
    /// Not a number, or one out of range.
    InvalidNumber,
    /// Any other mistake.
    General,
    /// Something that is probably not meant.
    Warning,
    /// A keyword or form that should no longer be used.
    Deprecated,
    /// Scripts that others than root could change.
    Security,
}

/// Why a daemon must not start with this configuration (compat 03 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It cannot be run: exit status 2; a test only counts the class.
    Unusable,
    /// A keyword lacks its word: exit status 2, in a test too.
    MissingParameter,
    /// The main file cannot be read: exit status 6; a test only counts the class.
    NoFile,
    /// An include check failed: exit status 6, in a test too.
    IncludeCheck,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of finding it is.
    pub class: Class,
    /// Set when the daemon must not start because of it.
    pub stop: Option<Stop>,
    /// What is wrong, in keepalived's words where it has any.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What to write in the place of the span.
    pub replacement: Option<String>,
    /// The words it is about; `None` for findings about the whole configuration.
    pub span: Option<Span>,
    /// Found after reading: keepalived logs it without a place, so the place comes last.
    pub late: bool,
    /// The line holds a secret: it is not shown.
    pub secret: bool,
}

impl Diagnostic {
    pub(crate) fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            stop: None,
            message: message.into(),
            hint: None,
            replacement: None,
            span: None,
            late: false,
            secret: false,
        }
    }

    pub(crate) fn general(message: impl Into<String>) -> Self {
        Self::new(Class::General, message)
    }

    pub(crate) fn notice(message: impl Into<String>) -> Self {
        Self::new(Class::Notice, message)
    }

    pub(crate) fn at(mut self, span: impl Into<Option<Span>>) -> Self {
        self.span = span.into();
        self
    }

    /// The place of a finding that is made after reading.
    pub(crate) fn about(self, span: impl Into<Option<Span>>) -> Self {
        Self { late: true, ..self.at(span) }
    }

    pub(crate) fn stopping(mut self, stop: Stop) -> Self {
        self.stop = Some(stop);
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn replace_by(mut self, replacement: Option<&str>) -> Self {
        self.replacement = replacement.map(str::to_owned);
        self
    }
}
