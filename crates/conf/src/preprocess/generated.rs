//! Lines that stand in no file: those of a value of several lines, and those that a sequence or
//! a list asks for.
//!
//! They are handed out one by one as if they were typed where the reference or the sequence
//! stands, and go through the preprocessor like any other line (compat 01 §6.2, §7).

use std::sync::Arc;

use super::Preprocessor;
use super::definition::{Definition, Line};
use super::list::List;
use super::sequence::Sequence;
use crate::diagnostic::Diagnostic;
use crate::report::Report;
use crate::span::{Span, Via};
use crate::text::Text;

/// Where lines come from.
#[derive(Debug)]
pub(crate) enum Generated {
    /// A value of several lines.
    Body(Body),
    /// One line again and again.
    Repeated(Repeated),
}

/// The lines of a value that are still to be handed out.
#[derive(Debug)]
pub(crate) struct Body {
    definition: Arc<Definition>,
    next: usize,
    span: Span,
    within: Option<Via>,
}

/// A line that is handed out once for each set of values of its variables.
#[derive(Debug)]
pub(crate) struct Repeated {
    pub(super) values: Values,
    /// The variables: the number and the name of each.
    pub(super) variables: Vec<(u32, Arc<str>)>,
    /// The line.
    pub(super) text: Text,
    /// `~SEQ(...)`
    pub(super) head: Span,
}

/// What the variables become.
#[derive(Debug)]
pub(super) enum Values {
    Sequence(Sequence),
    List(List),
}

impl Generated {
    /// The next line; `None` after the last.
    pub(crate) fn next(&mut self, state: &mut Preprocessor, report: &mut Report) -> Option<Text> {
        let (line, span, what) = match self {
            Self::Body(body) => {
                let line = body.next(state, report)?;
                (line, body.span, format!("Definition ${}", body.definition.name))
            }
            Self::Repeated(repeated) => {
                let line = repeated.next(state)?;
                (line, repeated.head, repeated.what())
            }
        };
        match state.pay(line.len(), || what) {
            Ok(()) => Some(line),
            Err(complaint) => {
                report.extend(complaint.map(|complaint: Diagnostic| complaint.at(span)));
                None
            }
        }
    }
}

impl Body {
    /// What follows the first line, which takes the place of the reference.
    pub(super) fn after_first(
        definition: Arc<Definition>,
        span: Span,
        within: Option<Via>,
    ) -> Self {
        Self { definition, next: 1, span, within }
    }

    fn next(&mut self, state: &mut Preprocessor, report: &mut Report) -> Option<Text> {
        let text = self.definition.lines.get(self.next)?.text.clone();
        let via = state.origin(&self.definition, self.next, self.within, report);
        self.next += 1;
        Some(Text::new(text, Span { via, ..self.span }, false))
    }
}

impl Repeated {
    fn next(&mut self, state: &mut Preprocessor) -> Option<Text> {
        let values = match &mut self.values {
            Values::Sequence(sequence) => vec![sequence.next()?],
            Values::List(list) => list.next()?,
        };
        for ((id, name), text) in self.variables.iter().zip(values) {
            let lines = vec![Line { text, span: self.head }];
            state.definitions.set(Definition { id: *id, name: name.clone(), lines });
        }
        Some(self.text.clone())
    }

    fn what(&self) -> String {
        match self.values {
            Values::Sequence(_) => "~SEQ".to_owned(),
            Values::List(_) => "~LST".to_owned(),
        }
    }
}
