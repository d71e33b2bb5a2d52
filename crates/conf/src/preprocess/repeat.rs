//! Lines that start with `~SEQ` or `~LST`: from the head to the lines it asks for.
//!
//! The heads are read in `sequence` and `list`; the lines are handed out by `generated`
//! (compat 01 §7).

use std::sync::Arc;

use super::generated::{Generated, Repeated, Values};
use super::input::Input;
use super::reference::{self, Extent};
use super::sequence::{self, Sequence};
use super::{Preprocessor, Scope, definition, list};
use crate::diagnostic::Diagnostic;
use crate::text::Text;

impl Preprocessor {
    /// Prepares a line that starts with `~SEQ` or `~LST`.
    pub(super) fn repeat(&mut self, line: &Text, scope: &mut Scope<'_>) {
        let text = line.as_str();
        let found = if text.starts_with("~SEQ") {
            self.sequence(line, scope)
        } else {
            list::head(text)
                .map_err(|invalid| (invalid.message(shown(text)), invalid.hint()))
                .map(|head| (head.names, Values::List(head.list), head.end))
        };
        let whole = line.span(0..shown(text).len());
        let (names, values, end) = match found {
            Ok(found) => found,
            Err((message, hint)) => {
                scope.report.add(Diagnostic::general(message).at(whole).hint(hint));
                return;
            }
        };
        let variables: Vec<(u32, Arc<str>)> =
            names.iter().map(|name| (self.definitions.id(), Arc::from(name.as_str()))).collect();
        for name in names.iter().filter(|name| definition::name_length(name) != name.len()) {
            let message = format!("No reference can mean '{name}'");
            scope.report.add(Diagnostic::notice(message).at(whole));
        }
        let rest = &text[end..];
        let start = text.len() - rest.trim_start_matches([' ', '\t']).len();
        if let Err(complaint) = self.pay(text.len(), || shown(text).to_owned()) {
            scope.report.extend(complaint.map(|complaint| complaint.at(whole)));
            return;
        }
        let head = line.span(0..end);
        let (name, id) = (variables.first().map(|(_, name)| name.clone()), self.definitions.id());
        let via = self.step((id, 0, head.via), name.unwrap_or_default(), Some(head), scope.report);
        let text = line.slice(start..line.len()).generated_by(via);
        scope.made.push(Generated::Repeated(Repeated { values, variables, text, head }));
    }

    fn sequence(
        &mut self,
        line: &Text,
        scope: &mut Scope<'_>,
    ) -> Result<(Vec<String>, Values, usize), (String, &'static str)> {
        let text = line.as_str();
        let refuse = |invalid: sequence::Invalid| (invalid.message(shown(text)), invalid.hint());
        let head = sequence::head(text).map_err(refuse)?;
        let (start, end) = head.numbers;
        let mut input = Input::new(line.slice(start..end), true);
        let mut numbers = Text::new(String::new(), line.span(start..end), false);
        reference::expand(self, &mut input, &mut numbers, Extent::Numbers, scope);
        let sequence = Sequence::read(numbers.as_str(), head.hexadecimal).map_err(refuse)?;
        Ok((vec![head.name.to_owned()], Values::Sequence(sequence), end + 1))
    }
}

/// Of a sequence or list only its head is shown: the rest may hold anything.
fn shown(text: &str) -> &str {
    match text.find(')') {
        Some(end) => &text[..=end],
        None => text.split([' ', '\t']).next().unwrap_or(text),
    }
}
