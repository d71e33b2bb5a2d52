//! The shape of a keyword row, and the walk that matches statements against a table of rows.
//!
//! The walk decides which block a piece belongs to, exactly as keepalived's reader does
//! (compat 01 §9); what a statement means is decided by its row.

use std::collections::HashSet;

use crate::Environment;
use crate::block::names::Directories;
use crate::diagnostic::{Class, Diagnostic};
use crate::fixed::{Fixed, FixedRow};
use crate::line::Line;
use crate::reader::{Piece, Reader, Statement};
use crate::reference;
use crate::report::Report;
use crate::span::Span;
use crate::suggest;

/// Reads one statement into a draft; `None` when the statement was refused, and said so.
pub(crate) type Parse<D> = fn(&mut D, &mut Line<'_, '_>) -> Option<()>;

/// One keyword of a block.
pub(crate) struct Keyword<D: 'static> {
    /// As it is written in the file.
    pub(crate) name: &'static str,
    /// What it is for, as one phrase.
    pub(crate) help: &'static str,
    /// Reads its words, and its block if it has one.
    pub(crate) parse: Parse<D>,
    /// Whether the daemon does what it says.
    pub(crate) effect: Effect,
    /// The words are split again by the rules for scripts, so a lone `"` may be right.
    pub(crate) script: bool,
    /// What stands after it, for manuals; `None` where the row does not say.
    pub(crate) takes: Option<Takes>,
}

/// What stands after a keyword, in the words of a manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takes {
    /// The words as a synopsis shows them: `SECS`, `[on|off]`, `{ NAME … }`; empty for a flag.
    pub words: &'static str,
    /// What is accepted; empty where the words say it all.
    pub accepts: &'static str,
    /// What is so without the keyword; empty where nothing is.
    pub default: &'static str,
}

/// Whether a keyword does what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    Now,
    /// It is only recognised, and its use is noted in the log.
    Later,
}

impl<D> Keyword<D> {
    /// A keyword that has its effect.
    pub(crate) const fn now(name: &'static str, help: &'static str, parse: Parse<D>) -> Self {
        Self { name, help, parse, effect: Effect::Now, script: false, takes: None }
    }

    /// A keyword that takes a script.
    pub(crate) const fn script(name: &'static str, help: &'static str, parse: Parse<D>) -> Self {
        Self { name, help, parse, effect: Effect::Now, script: true, takes: None }
    }

    /// A keyword that has no effect yet.
    pub(crate) const fn later(name: &'static str, help: &'static str, parse: Parse<D>) -> Self {
        Self { name, help, parse, effect: Effect::Later, script: false, takes: None }
    }

    /// Says for manuals what stands after the keyword: words, accepted values, default.
    pub(crate) const fn takes(
        self,
        words: &'static str,
        accepts: &'static str,
        default: &'static str,
    ) -> Self {
        Self { takes: Some(Takes { words, accepts, default }), ..self }
    }
}

/// Everything that reading needs at hand.
pub(crate) struct Context<'e> {
    pub(crate) environment: &'e Environment,
    pub(crate) reader: Reader,
    pub(crate) report: Report,
    /// What a reload must not change.
    pub(crate) fixed: Fixed,
    /// The scripts declared so far.
    pub(crate) declared_scripts: HashSet<String>,
    /// The tracked files, processes and BFD sessions declared so far.
    pub(crate) declared_files: HashSet<String>,
    pub(crate) declared_processes: HashSet<String>,
    pub(crate) declared_sessions: HashSet<String>,
    /// The link that some instance, or all of them, named for the synchronisation of IPVS.
    pub(crate) sync_link: Option<String>,
    /// Where names of tables and the like are looked up.
    pub(crate) names: Directories,
    /// The `}` of the block that was read last, where complaints about a whole block go.
    pub(crate) closed: Option<Span>,
    /// Inside a block that has no effect yet: its keywords are not noted one by one.
    inert_depth: usize,
}

impl<'e> Context<'e> {
    pub(crate) fn new(environment: &'e Environment, reader: Reader, report: Report) -> Self {
        Self {
            environment,
            reader,
            report,
            fixed: Fixed::default(),
            declared_scripts: HashSet::new(),
            declared_files: HashSet::new(),
            declared_processes: HashSet::new(),
            declared_sessions: HashSet::new(),
            sync_link: None,
            names: Directories::default(),
            closed: None,
            inert_depth: 0,
        }
    }

    pub(crate) fn next(&mut self) -> Option<Piece> {
        self.reader.next(&mut self.report)
    }

    pub(crate) fn peek(&mut self) -> Option<&Piece> {
        self.reader.peek(&mut self.report)
    }

    /// Takes the next piece if it is `{`.
    pub(crate) fn take_open(&mut self) -> bool {
        let open = matches!(self.peek(), Some(Piece::Open(_)));
        if open {
            self.next();
        }
        open
    }

    /// Reads the whole file.
    pub(crate) fn walk_root<D>(&mut self, table: &'static [Keyword<D>], draft: &mut D) {
        while let Some(span) = self.walk(&[table], draft) {
            let message = "Unknown keyword '}'";
            self.report.add(Diagnostic::new(Class::UnknownKeyword, message).at(span));
        }
    }

    /// Reads one block up to its `}`, and returns where that is; `None` at the end of the file.
    /// A block may have its rows in several tables.
    pub(crate) fn walk<D>(
        &mut self,
        tables: &[&'static [Keyword<D>]],
        draft: &mut D,
    ) -> Option<Span> {
        loop {
            let Some(piece) = self.next() else {
                self.closed = None;
                return None;
            };
            match piece {
                Piece::Close(span) => {
                    self.closed = Some(span);
                    return Some(span);
                }
                Piece::Open(span) => self.unexpected_open(span),
                Piece::Statement(statement) => self.statement(tables, draft, statement),
            }
        }
    }

    fn statement<D>(&mut self, tables: &[&'static [Keyword<D>]], draft: &mut D, found: Statement) {
        let mut rows = tables.iter().flat_map(|table| table.iter());
        let row = found.words.first().and_then(|word| rows.find(|row| row.name == word.text));
        let excused = row.is_some_and(|row| row.script) && found.words.len() >= 2;
        if found.unmatched && !excused {
            let message = format!("Unmatched quote: '{}'", self.reader.shown(&found.text));
            let finding = Diagnostic::new(Class::UnmatchedQuote, message).at(found.span);
            self.report.add(Diagnostic { secret: self.reader.secret, ..finding });
        }
        match row {
            Some(row) => self.apply(row, draft, found),
            None => self.unknown(tables, &found),
        }
    }

    fn apply<D>(&mut self, row: &Keyword<D>, draft: &mut D, found: Statement) {
        let inert = row.effect == Effect::Later;
        if inert && self.inert_depth == 0 {
            let span = found.words.first().map_or(found.span, |word| word.span);
            self.report.no_effect_yet(row.name, span);
        }
        self.inert_depth += usize::from(inert);
        let fixed = FixedRow::of(row.name).map(|row| (row, found.words.get(1).cloned()));
        // A refusal has been reported by the row; there is nothing left to do about it.
        let accepted = (row.parse)(draft, &mut Line { cx: self, statement: found }).is_some();
        if let Some((row, word)) = fixed.filter(|_| accepted) {
            self.fixed.keep(row, word);
        }
        self.inert_depth -= usize::from(inert);
    }

    fn unexpected_open(&mut self, span: Span) {
        let message = "Unexpected '{' - ignoring";
        self.report.add(Diagnostic::new(Class::UnexpectedOpen, message).at(span));
    }

    fn unknown<D>(&mut self, tables: &[&'static [Keyword<D>]], found: &Statement) {
        let Some(word) = found.words.first() else {
            return;
        };
        let message = format!("Unknown keyword '{}'", word.text);
        if !self.report.shows(word.span, &message) {
            self.report.add(Diagnostic::new(Class::UnknownKeyword, message).at(word.span));
            return;
        }
        let names = tables.iter().flat_map(|table| table.iter()).map(|row| row.name);
        let meant = suggest::closest(&word.text, names);
        let mut finding = Diagnostic::new(Class::UnknownKeyword, message).at(word.span);
        finding.hint = match meant {
            Some(name) => Some(format!("did you mean `{name}`?")),
            None => reference::advice(&word.text),
        };
        let finding = finding.replace_by(meant);
        self.report.add(Diagnostic { secret: self.reader.secret, ..finding });
    }
}
