//! Brings the next line: out of the files, of those they include, or of what is generated.
//!
//! What a line is cut into is decided in the parent (compat 01 §2, §8).

use super::cut::Plain;
use super::frame::Frame;
use super::{Reader, Rest};
use crate::diagnostic::{Class, Diagnostic};
use crate::include::{self, Opened};
use crate::lexer::{self, Marks};
use crate::preprocess::{self, Input};
use crate::report::Report;
use crate::span::Span;
use crate::text::Text;

/// What a file yields.
enum Physical {
    /// It has ended, or is no file.
    End,
    /// A line that cannot be read.
    Ignored,
    /// A line; the flag tells that a quote in it is not closed, which has been said.
    Line(Text, Marks, bool),
}

impl Reader {
    /// Makes the next line the current one; `None` when there is none.
    pub(super) fn next_line(&mut self, report: &mut Report) -> Option<()> {
        loop {
            if self.preprocessor.is_spent() {
                self.frames.drop_generated();
            }
            let (text, marks, unterminated) = match self.frames.last_mut() {
                None => {
                    let opened = self.waiting.pop_front()?;
                    self.enter(opened, 0, report);
                    continue;
                }
                Some(Frame::Generated(lines)) => {
                    let before = report.diagnostics().len();
                    let Some(text) = lines.next(&mut self.preprocessor, report) else {
                        self.frames.pop();
                        if self.secret {
                            report.conceal(before);
                        }
                        continue;
                    };
                    let marks = Marks::of(text.as_str());
                    (text, marks, true)
                }
                Some(Frame::File(_)) => match self.physical_line(report) {
                    Physical::End => {
                        self.checks =
                            self.frames.pop().map_or(self.checks, |file| file.checks_before);
                        continue;
                    }
                    Physical::Ignored => continue,
                    Physical::Line(text, marks, unterminated) => (text, marks, unterminated),
                },
            };
            self.rest = Some(if marks.concern_preprocessor() {
                Rest::Raw(Input::new(text, unterminated))
            } else {
                Rest::Plain(Plain::new(text))
            });
            return Some(());
        }
    }

    /// The next line of the innermost file, without its comment.
    fn physical_line(&mut self, report: &mut Report) -> Physical {
        let Some(Frame::File(frame)) = self.frames.last_mut() else { return Physical::End };
        let Some((line, next)) = report.sources.physical_line(frame.file, frame.at) else {
            return Physical::End;
        };
        let clean = lexer::clean(line);
        let start = frame.at + clean.offset;
        let length = if clean.exact { clean.text.len() } else { line.len() - clean.offset };
        let span = Span::new(frame.file, start, start + length);
        frame.at = next;
        if report.sources.shows_damage(frame.file, &clean.text) {
            let message = "Bytes that are no UTF-8 are read as U+FFFD";
            let found = Diagnostic::notice(message).at(span).hint("save the file as UTF-8");
            report.add(Diagnostic { secret: self.secret, ..found });
        }
        let text = Text::new(clean.text, span, clean.exact);
        if clean.marks.have_nul() {
            let message = "configuration appears to have embedded NULs - ignoring line";
            report.add(Diagnostic::general(message).at(span));
            return Physical::Ignored;
        }
        if clean.unterminated {
            self.unterminated(&text, report);
        }
        Physical::Line(text, clean.marks, clean.unterminated)
    }

    pub(super) fn unterminated(&self, text: &Text, report: &mut Report) {
        let message = format!("Unterminated quote '{}'", self.shown(text.as_str()));
        let span = text.span(0..text.len());
        let found = Diagnostic::new(Class::UnmatchedQuote, message).at(span);
        let hidden = text.as_str().contains("\\\"");
        let found =
            if hidden { found.hint("a backslash hides the quote behind it") } else { found };
        report.add(Diagnostic { secret: self.secret, ..found });
    }

    /// The lines of a definition, which only a file can continue.
    pub(super) fn continued(&mut self, first: Text, report: &mut Report) -> Vec<Text> {
        let (mut lines, mut line) = (Vec::new(), first);
        while let Some(part) = preprocess::continued(&line) {
            lines.push(part);
            line = loop {
                match self.physical_line(report) {
                    Physical::End => return lines,
                    Physical::Ignored => {}
                    Physical::Line(next, _, _) => break next,
                }
            };
        }
        lines.push(line);
        lines
    }

    fn enter(&mut self, opened: Opened, level: usize, report: &mut Report) {
        self.frames.enter(opened, self.checks, level, report);
    }

    pub(super) fn include_line(&mut self, text: &Text, report: &mut Report) {
        let Some((checks, pattern)) = include::directive(text.as_str()) else { return };
        let span = text.span(0..text.len());
        let refusal = if self.follow { self.frames.full() } else { Some("no files here") };
        if let Some(why) = refusal {
            let message = format!("Configuration file '{pattern}' is not read");
            report.add(Diagnostic::general(message).at(span).hint(why));
            return;
        }
        let Some(frame) = self.frames.file() else { return };
        let (level, checks) = (frame.level + 1, checks.union(self.checks));
        let (mut files, problems) = include::open(pattern, &frame.directory, checks);
        for problem in problems {
            report.add(problem.at(span));
        }
        files.retain(|opened| {
            let inside = self.frames.is_open(opened);
            if inside {
                let message = format!("Configuration file '{}' is not read", opened.name);
                report.add(Diagnostic::general(message).at(span).hint("it includes itself"));
            }
            !inside
        });
        // Each becomes the innermost file; the first must end up on top.
        for opened in files.into_iter().rev() {
            self.enter(opened, level, report);
        }
    }
}
