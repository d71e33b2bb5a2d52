//! All findings of one load: decides exit statuses and shows the findings to people.
//!
//! It never prints; the caller does. Lines that hold secrets are not shown.

use std::collections::{HashMap, HashSet};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use crate::diagnostic::{Class, Diagnostic, Stop};
use crate::source::Sources;
use crate::span::Span;

/// The findings in the order they were made, with the text they are about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    pub(crate) sources: Sources,
    noticed: HashSet<(u32, &'static str)>,
    /// What was said about generated text, for each place.
    generated: HashMap<(u32, u32), HashSet<String>>,
}

/// How many findings about generated text are kept for one place.
const SAME_PLACE: usize = 100;

/// How many of the definitions behind a text are named.
const NOTES: usize = 3;

impl Report {
    /// Every finding.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The files that were read.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The exit status of a daemon that must not start with this configuration: 2 or 6
    /// (compat 03 §3.1).
    #[must_use]
    pub fn is_fatal(&self) -> Option<u8> {
        let status = |stop| match stop {
            Stop::Unusable | Stop::MissingParameter => 2,
            Stop::NoFile | Stop::IncludeCheck => 6,
        };
        self.diagnostics.iter().filter_map(|found| found.stop.map(status)).max()
    }

    /// The exit status of `-t` (compat 03 §3.2).
    #[must_use]
    pub fn test_exit_code(&self) -> u8 {
        let stops = |stop| self.diagnostics.iter().any(|found| found.stop == Some(stop));
        if stops(Stop::IncludeCheck) {
            return 6;
        }
        if stops(Stop::MissingParameter) {
            return 2;
        }
        match self.diagnostics.iter().map(|found| found.class).max().unwrap_or(Class::Notice) {
            Class::Notice => 0,
            Class::FileNotFound | Class::BadInterface | Class::Fatal => 4,
            Class::Security => 6,
            Class::MultipleFiles
            | Class::UnknownKeyword
            | Class::UnexpectedOpen
            | Class::MissingOpen
            | Class::UnexpectedClose
            | Class::MissingClose
            | Class::UnmatchedQuote
            | Class::MissingParameter
            | Class::InvalidNumber
            | Class::General
            | Class::Warning
            | Class::Deprecated => 5,
        }
    }

    /// One line per finding as keepalived logs it, with our advice after it.
    pub fn log_lines(&self) -> impl Iterator<Item = String> + '_ {
        self.diagnostics.iter().map(|found| {
            let place = found.span.map(|span| self.sources.position(span));
            let (before, mut after) = match place {
                None => (String::new(), Vec::new()),
                Some(at) if found.late => {
                    (String::new(), vec![format!("{}: line {}", at.file, at.line)])
                }
                Some(at) => (format!("({}: Line {}) ", at.file, at.line), Vec::new()),
            };
            after.extend(found.hint.clone());
            after.extend(self.origins(found.span));
            let after =
                if after.is_empty() { String::new() } else { format!(" ({})", after.join(", ")) };
            printable(&format!("{before}{}{after}", found.message))
        })
    }

    /// The findings with the lines they are about, for a terminal.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let shown = self.diagnostics.iter().map(|found| renderer.render(&self.groups(found)));
        shown.map(|text| text + "\n\n").collect()
    }

    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        let generated = diagnostic.span.filter(|span| span.via.is_some());
        if !generated.is_some_and(|span| self.is_enough(span, &diagnostic)) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// A finding about this place would be shown: it is worth a suggestion.
    pub(crate) fn shows(&self, span: Span, message: &str) -> bool {
        let said = self.generated.get(&(span.file, span.start)).filter(|_| span.via.is_some());
        said.is_none_or(|said| said.len() <= SAME_PLACE && !said.contains(message))
    }

    /// A sequence can repeat a mistake a million times: each is said once, and not more than a
    /// hundred in one place. What decides exit statuses is kept.
    fn is_enough(&mut self, span: Span, found: &Diagnostic) -> bool {
        let said = self.generated.entry((span.file, span.start)).or_default();
        if said.contains(&found.message) {
            return true;
        }
        if said.len() > SAME_PLACE {
            let stops = |other: &Diagnostic| found.stop.is_some() && other.stop != found.stop;
            let decides = |other: &Diagnostic| other.class < found.class || stops(other);
            return !self.diagnostics.iter().all(decides);
        }
        said.insert(found.message.clone());
        if said.len() > SAME_PLACE {
            let message = "Further findings about this text are not shown";
            self.diagnostics.push(Diagnostic::notice(message).at(span));
            return true;
        }
        false
    }

    /// What is behind a generated text, unless it stands in the same line.
    fn origins(&self, span: Option<Span>) -> Vec<String> {
        let Some(span) = span else { return Vec::new() };
        let here = self.sources.position(span);
        let named = self.sources.origins.chain(span.via).filter_map(|origin| {
            let at = self.sources.position(origin.place?);
            let elsewhere = (at.file, at.line) != (here.file, here.line);
            elsewhere.then(|| format!("`${}` is defined at {}:{}", origin.name, at.file, at.line))
        });
        named.take(NOTES).collect()
    }

    /// Says once per file that a keyword has no effect yet.
    pub(crate) fn no_effect_yet(&mut self, keyword: &'static str, span: Span) {
        if self.noticed.insert((span.file, keyword)) {
            let message = format!("`{keyword}` has no effect yet");
            self.add(Diagnostic::notice(message).at(span));
        }
    }

    /// Adds what was found, if anything was.
    pub(crate) fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in diagnostics {
            self.add(diagnostic);
        }
    }

    /// What was found from this number on is about lines that hold secrets.
    pub(crate) fn conceal(&mut self, from: usize) {
        for diagnostic in self.diagnostics.iter_mut().skip(from) {
            diagnostic.secret = true;
        }
    }

    fn groups<'r>(&'r self, found: &'r Diagnostic) -> Vec<Group<'r>> {
        let level = if found.class == Class::Notice {
            Level::NOTE
        } else if matches!(found.class, Class::Warning | Class::Deprecated) {
            Level::WARNING
        } else {
            Level::ERROR
        };
        let mut main = Group::with_title(level.primary_title(printable(&found.message)));
        let shown = found.span.filter(|_| !found.secret);
        if let Some(span) = shown {
            main = self.shown(main, span);
        } else if let Some(span) = found.span {
            let at = self.sources.position(span);
            let place = annotate_snippets::Origin::path(at.file).line(at.line);
            main = main.element(place.char_column(at.column));
        }
        for note in self.origins(found.span) {
            main = main.element(Level::NOTE.message(printable(&note)));
        }
        let Some(hint) = &found.hint else {
            return vec![main];
        };
        // What is generated cannot be put right where the reference stands.
        match (&found.replacement, shown.filter(|span| span.via.is_none())) {
            (Some(replacement), Some(span)) => vec![main, self.patch(span, hint, replacement)],
            _ => vec![main.element(Level::HELP.message(printable(hint)))],
        }
    }

    /// The line in question; of a very long one what is around the words.
    fn shown<'r>(&'r self, main: Group<'r>, span: Span) -> Group<'r> {
        let at = self.sources.position(span);
        let part = self.sources.line(span);
        let snippet = Snippet::source(part.text).line_start(at.line);
        let snippet = snippet.annotation(AnnotationKind::Primary.span(part.range));
        if part.from_start {
            return main.element(snippet.path(at.file));
        }
        // The column in the part is not that in the line.
        let place = annotate_snippets::Origin::path(at.file).line(at.line);
        main.element(place.char_column(at.column)).element(snippet)
    }

    fn patch<'r>(&'r self, span: Span, hint: &'r str, replacement: &'r str) -> Group<'r> {
        let at = self.sources.position(span);
        let part = self.sources.line(span);
        Group::with_title(Level::HELP.secondary_title(printable(hint))).element(
            Snippet::source(part.text)
                .path(at.file)
                .line_start(at.line)
                .patch(Patch::new(part.range, replacement)),
        )
    }
}

/// The most characters of a finding's text that are shown, and how many of its end.
const SHOWN: usize = 1000;
const END: usize = 200;

/// Control characters never reach a terminal or a log, nor do texts without end.
fn printable(text: &str) -> String {
    let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    if text.len() <= SHOWN || text.chars().count() <= SHOWN {
        return text.chars().map(visible).collect();
    }
    let end: Vec<char> = text.chars().rev().take(END).collect();
    let begin = text.chars().take(SHOWN - END).chain(['…']);
    begin.chain(end.into_iter().rev()).map(visible).collect()
}
