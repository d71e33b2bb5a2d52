//! References: `$NAME` and `${NAME}` become what the name stands for (compat 01 §6.3).
//!
//! It finds them, looks their values up and puts the values in front of the text to come, so
//! that references inside values are found as well. What is no reference stays as it is.

use std::sync::Arc;

use super::budget::Refusal;
use super::definition::{self, Definition};
use super::generated::{Body, Generated};
use super::input::{self, Input};
use super::predefined::{self, Name};
use super::{Preprocessor, Scope};
use crate::diagnostic::{Class, Diagnostic, Stop};
use crate::include;
use crate::span::{Span, Via};
use crate::text::Text;

/// How deep values may refer to values.
const DEPTH: usize = 64;

/// A reference as written.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    name: String,
    parameters: Vec<String>,
    /// How many bytes it takes.
    length: usize,
}

/// What is expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// A line, up to its first brace.
    Piece,
    /// The same, in which nothing is replaced.
    Verbatim,
    /// Numbers: braces, comments and values of several lines have no meaning.
    Numbers,
}

/// How far an expansion came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// Its end.
    End,
    /// Its end, after something was replaced.
    Replaced,
    /// A value stands at the beginning of the piece: it may be a prefix.
    Prefix,
}

enum Value {
    Defined(Arc<Definition>),
    Predefined(Name, String),
}

/// Moves text to `out` with its references replaced, up to a brace or the end of the line.
pub(super) fn expand(
    state: &mut Preprocessor,
    input: &mut Input,
    out: &mut Text,
    extent: Extent,
    scope: &mut Scope<'_>,
) -> Reached {
    let (mut reached, mut comment) = (Reached::End, None);
    while let Some(byte) = input.peek() {
        if byte == b'$' && extent != Extent::Verbatim && replace(state, input, extent, scope) {
            reached = Reached::Replaced;
            if let Some(at) = comment {
                out.truncate(at);
                input.drop_comment(out);
            } else if input::is_blank(out) && extent == Extent::Piece {
                return Reached::Prefix;
            }
            continue;
        }
        let escaped = std::mem::take(&mut input.escaped);
        if matches!(byte, b'{' | b'}') && ends_piece(input, out, extent) {
            break;
        }
        match byte {
            b'"' => {
                input.quoted ^= !escaped;
                input.grouped ^= true;
            }
            b'\\' => input.escaped = !escaped,
            b'#' | b'!' if input.quoted || extent == Extent::Numbers => {}
            b'#' | b'!' if escaped && input.changed && out.as_str().ends_with('\\') => {
                out.truncate(out.len() - 1);
            }
            b'#' | b'!' if escaped => {}
            b'#' | b'!' if input.changed => {
                input.drop_comment(out);
                break;
            }
            // It was escaped; only a substitution makes it a comment (compat 01 §6.3).
            b'#' | b'!' => {
                comment.get_or_insert(out.len());
            }
            _ => {}
        }
        input.copy(input.ordinary().max(1), out);
    }
    input::trim_end(out);
    reached
}

/// A brace cuts a line, but not inside double quotes, the pattern of an include line or the value
/// of a name that was put together.
fn ends_piece(input: &Input, out: &Text, extent: Extent) -> bool {
    extent != Extent::Numbers
        && !input.grouped
        && include::directive(out.as_str()).is_none()
        && definition::head(out.as_str()).is_none()
}

/// Replaces the reference that comes next, if one does.
fn replace(
    state: &mut Preprocessor,
    input: &mut Input,
    extent: Extent,
    scope: &mut Scope<'_>,
) -> bool {
    let Some(reference) = find(input) else { return false };
    let Some(span) = input.span(reference.length) else { return false };
    let Some(value) = look_up(state, &reference, span, scope) else { return false };
    if let Value::Defined(definition) = &value
        && definition.lines.len() > 1
        && (extent != Extent::Piece || !input.ends_after(reference.length))
    {
        return false;
    }
    input.changed = true;
    // A reference whose first byte comes from a value belongs to that value.
    let within = input.span(1).and_then(|span| span.via);
    match admit(state, &reference.name, &value, within, scope) {
        Ok(via) => {
            input.consume(reference.length);
            insert(input, value, Span { via, ..span }, within, scope);
        }
        Err(complaint) => {
            input.consume(reference.length);
            scope.report.extend(complaint.map(|complaint| complaint.at(span)));
        }
    }
    true
}

fn insert(input: &mut Input, value: Value, span: Span, within: Option<Via>, scope: &mut Scope<'_>) {
    let text = match value {
        Value::Predefined(_, text) => text,
        Value::Defined(definition) => {
            let first = definition.lines.first().map(|line| line.text.clone());
            if definition.lines.len() > 1 {
                scope.made.push(Generated::Body(Body::after_first(definition, span, within)));
            }
            first.unwrap_or_default()
        }
    };
    input.push(Text::new(text, span, false));
}

/// Decides whether a value may be put here; the complaint is `None` when it has been made.
fn admit(
    state: &mut Preprocessor,
    name: &str,
    value: &Value,
    within: Option<Via>,
    scope: &mut Scope<'_>,
) -> Result<Option<Via>, Option<Diagnostic>> {
    let (id, length) = match value {
        Value::Defined(definition) => {
            (definition.id, definition.lines.first().map_or(0, |line| line.text.len()))
        }
        Value::Predefined(name, text) => (name.id(), text.len()),
    };
    let chain = || scope.report.sources.origins.chain(within);
    if id >= predefined::IDS && chain().any(|origin| origin.definition == id) {
        let message = format!("Definition ${name} refers to itself");
        return Err(Some(Diagnostic::general(message).hint("the reference is left out")));
    }
    if chain().nth(DEPTH).is_some() {
        let message = format!("Definition ${name} is nested more than {DEPTH} deep");
        return Err(Some(Diagnostic::general(message).hint("the reference is left out")));
    }
    state.pay(length, || format!("Definition ${name}"))?;
    Ok(match value {
        Value::Defined(definition) => state.origin(definition, 0, within, scope.report),
        Value::Predefined(predefined, _) => {
            state.step((predefined.id(), 0, within), name.into(), None, scope.report)
        }
    })
}

fn look_up(
    state: &mut Preprocessor,
    reference: &Reference,
    span: Span,
    scope: &mut Scope<'_>,
) -> Option<Value> {
    if let Some(definition) = state.definitions.get(&reference.name) {
        return reference.parameters.is_empty().then(|| Value::Defined(definition.clone()));
    }
    let name = Name::of(&reference.name)?;
    let mut surroundings = state.surroundings(scope.directory);
    let found = predefined::value(name, &reference.name, &reference.parameters, &mut surroundings);
    let (value, complaint) = match found {
        Ok(value) => (Some(Value::Predefined(name, value.text)), value.complaint),
        Err(complaint) => (None, Some(complaint)),
    };
    scope.report.extend(complaint.map(|complaint| Diagnostic::general(complaint).at(span)));
    value
}

/// The reference that the text to come starts with.
fn find(input: &Input) -> Option<Reference> {
    let mut bytes = input.bytes().skip(1).peekable();
    let braced = bytes.next_if_eq(&b'{').is_some();
    let mut name = String::new();
    while let Some(byte) = bytes.next_if(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        name.push(char::from(byte));
    }
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let mut length = 1 + name.len();
    let mut parameters = Vec::new();
    if !braced {
        let ends = matches!(bytes.next(), None | Some(b' ' | b'\t' | b',' | b')'));
        return ends.then_some(Reference { name, parameters, length });
    }
    length += 2;
    while let Some(byte) = bytes.next() {
        match byte {
            b'}' => return Some(Reference { name, parameters, length }),
            b' ' | b'\t' => length += 1,
            _ => return None,
        }
        while bytes.next_if(|byte| matches!(byte, b' ' | b'\t')).is_some() {
            length += 1;
        }
        let mut word = String::new();
        let belongs = |byte: &u8| byte.is_ascii_graphic() && !b"{}$\"".contains(byte);
        while let Some(byte) = bytes.next_if(belongs) {
            word.push(char::from(byte));
        }
        if word.is_empty() {
            return None;
        }
        length += word.len();
        parameters.push(word);
    }
    None
}

/// The finding about text that will not be generated.
pub(super) fn too_much(complaint: String) -> Diagnostic {
    Diagnostic::new(Class::General, complaint)
        .stopping(Stop::Unusable)
        .hint("nothing more is generated, and the configuration cannot be used")
}

impl Preprocessor {
    /// Pays for text that is generated.
    pub(super) fn pay(
        &mut self,
        bytes: usize,
        what: impl FnOnce() -> String,
    ) -> Result<(), Option<Diagnostic>> {
        self.budget.charge(bytes).map_err(|refusal| match refusal {
            Refusal::First => Some(too_much(self.budget.complaint(&what()))),
            Refusal::Repeated => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(String, Vec<String>, usize)> {
        let span = Span::new(0, 0, text.len());
        let input = Input::new(Text::new(text.to_owned(), span, true), false);
        find(&input).map(|found| (found.name, found.parameters, found.length))
    }

    #[test]
    fn references_are_told_from_other_dollars() {
        let plain = |text, name: &str, length| {
            assert_eq!(found(text), Some((name.to_owned(), Vec::new(), length)), "{text}");
        };
        plain("$A", "A", 2);
        plain("$A_1,x", "A_1", 4);
        plain("$A)", "A", 2);
        plain("${A}x", "A", 4);
        for other in ["$A.x", "$A\"", "$", "$1", "${A", "${A }", "${ A}", "$$A", "${}", "$A=1"] {
            assert_eq!(found(other), None, "{other}");
        }
    }

    #[test]
    fn parameters_stand_in_braces() {
        let two = vec!["5".to_owned(), "9".to_owned()];
        assert_eq!(found("${_RANDOM  5 9} x"), Some(("_RANDOM".to_owned(), two, 15)));
        assert_eq!(found("${_RANDOM 5 }"), None);
        assert_eq!(found("$_RANDOM 5").map(|found| found.1.len()), Some(0));
    }
}
