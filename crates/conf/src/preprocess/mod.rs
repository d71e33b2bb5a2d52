//! Conditions (`@`), definitions (`$`) and sequences (`~`): the steps between lines and keywords.
//!
//! It decides in which order the steps are taken and holds what they know of each other. Where
//! lines come from, and what is done with the lines that are left, is decided in `reader`
//! (compat 01 §5 to §7).

mod budget;
mod condition;
mod definition;
mod generated;
mod input;
mod list;
mod predefined;
mod reference;
mod repeat;
mod sequence;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::Environment;
use crate::diagnostic::Diagnostic;
use crate::origin::Origin;
use crate::report::Report;
use crate::span::{Span, Via};
use crate::text::Text;
use budget::Budget;
pub(crate) use definition::continued;
use definition::{Definition, Definitions, Line};
pub(crate) use generated::Generated;
pub(crate) use input::Input;
use predefined::Random;
use reference::{Extent, Reached};

/// What is known while lines are prepared.
#[derive(Debug)]
pub(crate) struct Preprocessor {
    config_id: String,
    variables: BTreeMap<String, String>,
    definitions: Definitions,
    random: Random,
    budget: Budget,
    /// Steps of generation that were made before: definition, line of its value, what it is in.
    steps: HashMap<(u32, usize, Option<Via>), Option<Via>>,
}

/// What goes beyond the line at hand.
pub(crate) struct Scope<'r> {
    pub(crate) report: &'r mut Report,
    /// Lines that come after this one; the last ones first.
    pub(crate) made: &'r mut Vec<Generated>,
    /// The directory of the file that is read; `None` without files.
    pub(crate) directory: Option<&'r Path>,
}

/// What predefined names look at.
pub(super) struct Surroundings<'s> {
    config_id: &'s str,
    variables: &'s BTreeMap<String, String>,
    random: &'s mut Random,
    directory: Option<&'s Path>,
}

impl Surroundings<'_> {
    fn directory(&self) -> String {
        let Some(directory) = self.directory else { return String::new() };
        let named = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let whole = fs::canonicalize(named);
        whole.as_deref().unwrap_or(named).to_string_lossy().into_owned()
    }
}

/// What became of a piece of a line.
#[derive(Debug)]
pub(crate) enum Prepared {
    /// Nothing is left of it.
    Nothing,
    /// Text for the keywords, up to a brace or the end of the line; it may be empty. The flag
    /// tells that a value brought a quote that is not closed.
    Text(Text, bool),
    /// The beginning of a definition, to be handed to [`Preprocessor::define`] with the lines
    /// that continue it, and where it begins.
    Definition(Arc<str>, Text, Span),
}

impl Preprocessor {
    pub(crate) fn new(environment: &Environment) -> Self {
        let host = environment.host_name.split('.').next().unwrap_or_default();
        Self {
            config_id: environment.config_id.clone().unwrap_or_else(|| host.to_owned()),
            variables: environment.variables.clone(),
            definitions: Definitions::new(),
            random: Random::new(environment.seed),
            budget: Budget::new(environment.generated_limit),
            steps: HashMap::new(),
        }
    }

    /// `random_seed`: the numbers from here on are the same each time.
    pub(crate) fn seed(&mut self, seed: u64) {
        self.random = Random::new(seed);
    }

    /// Nothing more will be generated: too much was asked for.
    pub(crate) fn is_spent(&self) -> bool {
        self.budget.is_spent()
    }

    /// Takes the next piece off a line; it does not start with a brace.
    pub(crate) fn prepare(&mut self, input: &mut Input, scope: &mut Scope<'_>) -> Prepared {
        let first = !std::mem::replace(&mut input.begun, true);
        let mut fresh = true;
        loop {
            input.skip_blanks();
            let Some(start) = input.span(1) else { return Prepared::Nothing };
            if let (true, Some(b'@' | b'$' | b'~')) = (fresh, input.peek()) {
                if self.flatten(input, scope).is_none() {
                    return Prepared::Nothing;
                }
                if let Some(done) = self.prefix(input, start, scope) {
                    return done;
                }
            }
            // What a line that starts with `~` refers to is left alone (compat 01 §6.3).
            let verbatim = first && input.peek() == Some(b'~');
            let extent = if verbatim { Extent::Verbatim } else { Extent::Piece };
            let quotes = input.quotes();
            let mut out = Text::new(String::new(), start, false);
            fresh = match reference::expand(self, input, &mut out, extent, scope) {
                Reached::Prefix => true,
                // What stands before a reference may be one, now that something else follows it.
                Reached::Replaced if out.as_str().contains('$') => {
                    if let Err(complaint) = self.pay(out.len(), || "The line".to_owned()) {
                        scope.report.extend(complaint.map(|complaint| complaint.at(start)));
                        return Prepared::Text(out, false);
                    }
                    input.again(out, quotes);
                    false
                }
                Reached::Replaced | Reached::End => {
                    // A name may have been put together: `$X${N}=value`.
                    return match definition::head(out.as_str()) {
                        Some((name, value)) => {
                            let mut text = out.slice(value..out.len());
                            input::trim_end(&mut text);
                            Prepared::Definition(name.into(), text, start)
                        }
                        None => Prepared::Text(out, unterminated(input)),
                    };
                }
            };
        }
    }

    /// Says which names were defined for nothing.
    pub(crate) fn finish(&self, report: &mut Report) {
        for (name, at) in self.definitions.unused() {
            let found = Diagnostic::notice(format!("${name} is defined and never used")).at(at);
            let found = found.hint(format!("refer to it as ${{{name}}}, or remove it"));
            // Its value may be a password: nobody knows what it was meant for.
            report.add(Diagnostic { secret: true, ..found });
        }
    }

    /// Gives a name its value. Lines without text are left out, but one remains.
    pub(crate) fn define(&mut self, name: Arc<str>, values: &[Text], at: Span) {
        self.definitions.expect_use(&name, at);
        let mut lines: Vec<Line> = values.iter().map(Line::of).collect();
        if lines.iter().any(|line| !line.text.is_empty()) {
            lines.retain(|line| !line.text.is_empty());
        } else {
            lines.truncate(1);
        }
        let id = self.definitions.id();
        self.definitions.set(Definition { id, name, lines });
    }

    /// The steps that only the beginning of a piece can ask for, each at most once.
    fn prefix(
        &mut self,
        input: &mut Input,
        start: Span,
        scope: &mut Scope<'_>,
    ) -> Option<Prepared> {
        if input.peek() == Some(b'@') {
            let Some(length) = condition::admits(input.text(), &self.config_id) else {
                input.clear();
                return Some(Prepared::Nothing);
            };
            input.consume(length);
        }
        if let Some((name, value)) = definition::head(input.text()) {
            let name = Arc::from(name);
            input.consume(value);
            let nothing = || Text::new(String::new(), Span::new(0, 0, 0), false);
            let value = input.take_rest().unwrap_or_else(nothing);
            return Some(Prepared::Definition(name, value, start));
        }
        if input.text().starts_with("~SEQ") || input.text().starts_with("~LST") {
            if let Some(line) = input.take_rest() {
                self.repeat(&line, scope);
            }
            return Some(Prepared::Nothing);
        }
        None
    }

    fn flatten(&mut self, input: &mut Input, scope: &mut Scope<'_>) -> Option<()> {
        let bytes = input.to_flatten();
        if bytes > 0 {
            let span = input.span(1);
            if let Err(complaint) = self.pay(bytes, || "The line".to_owned()) {
                scope.report.extend(complaint.map(|complaint| complaint.at(span)));
                input.clear();
                return None;
            }
            input.flatten();
        }
        Some(())
    }

    fn surroundings<'s>(&'s mut self, directory: Option<&'s Path>) -> Surroundings<'s> {
        Surroundings {
            config_id: &self.config_id,
            variables: &self.variables,
            random: &mut self.random,
            directory,
        }
    }

    /// The step that puts a line of a value into what is `within`.
    fn origin(
        &mut self,
        definition: &Definition,
        line: usize,
        within: Option<Via>,
        report: &mut Report,
    ) -> Option<Via> {
        let place = definition.lines.get(line).map(|line| line.span);
        self.step((definition.id, line, within), definition.name.clone(), place, report)
    }

    fn step(
        &mut self,
        key: (u32, usize, Option<Via>),
        name: Arc<str>,
        place: Option<Span>,
        report: &mut Report,
    ) -> Option<Via> {
        let (definition, _, within) = key;
        *self.steps.entry(key).or_insert_with(|| {
            report.sources.origins.add(Origin { name, definition, place, within })
        })
    }
}

/// The line has ended inside a quote, and a value brought that about.
fn unterminated(input: &mut Input) -> bool {
    let ended = input.peek().is_none();
    let new = ended && input.quoted && input.changed && !input.unterminated;
    input.unterminated |= new;
    new
}

#[cfg(test)]
mod tests;
