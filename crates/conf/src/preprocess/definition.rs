//! Definitions: `$NAME=value` on one line or several, and the values that names have now.
//!
//! Values are kept as they were written; they are expanded where they are used
//! (compat 01 §6.1, §6.2).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::predefined;
use crate::span::Span;
use crate::text::Text;

/// What one definition gave a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    /// Told from every other definition, of the same name too.
    pub(super) id: u32,
    pub(super) name: Arc<str>,
    /// Never empty; several only of a definition that goes over several lines.
    pub(super) lines: Vec<Line>,
}

/// One line of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(super) text: String,
    pub(super) span: Span,
}

impl Line {
    /// The whole text as a line of a value.
    pub(super) fn of(text: &Text) -> Self {
        Self { text: text.as_str().to_owned(), span: text.span(0..text.len()) }
    }
}

/// The values that names have now.
#[derive(Debug)]
pub(super) struct Definitions {
    values: HashMap<Arc<str>, Arc<Definition>>,
    next: u32,
    /// Names of the main file that nothing has referred to yet, where they are defined first.
    unused: HashMap<Arc<str>, Span>,
    used: HashSet<Arc<str>>,
}

impl Definitions {
    pub(super) fn new() -> Self {
        let (values, unused) = (HashMap::new(), HashMap::new());
        Self { values, next: predefined::IDS, unused, used: HashSet::new() }
    }

    /// A number that no definition had before.
    pub(super) fn id(&mut self) -> u32 {
        self.next = self.next.saturating_add(1);
        self.next
    }

    pub(super) fn set(&mut self, definition: Definition) {
        self.values.insert(definition.name.clone(), Arc::new(definition));
    }

    /// The value of a name that is referred to.
    pub(super) fn get(&mut self, name: &str) -> Option<&Arc<Definition>> {
        let found = self.values.get(name)?;
        self.unused.remove(name);
        if !self.used.contains(name) {
            self.used.insert(found.name.clone());
        }
        Some(found)
    }

    /// Notes where a name is written, to be missed if nothing refers to it. Files that are
    /// included may define more than one needs.
    pub(super) fn expect_use(&mut self, name: &Arc<str>, at: Span) {
        let main = at.file == 0 && at.via.is_none();
        if main && !self.used.contains(name) {
            self.unused.entry(name.clone()).or_insert(at);
        }
    }

    /// The names that nothing refers to, in the order of the file.
    pub(super) fn unused(&self) -> Vec<(&str, Span)> {
        let mut unused: Vec<_> = self.unused.iter().map(|(name, at)| (&**name, *at)).collect();
        unused.sort_unstable_by_key(|(_, at)| at.start);
        unused
    }
}

/// The length of the name that the text starts with; 0 when there is none.
pub(super) fn name_length(text: &str) -> usize {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if starts { end } else { 0 }
}

/// The name that the text defines, and where its value begins.
pub(super) fn head(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix('$')?;
    let (name, after) = rest.split_at(name_length(rest));
    let value = after.strip_prefix('=').filter(|_| !name.is_empty())?;
    Some((name, text.len() - value.trim_start_matches([' ', '\t']).len()))
}

/// A line of a definition without the mark that the next line belongs to it too.
pub(crate) fn continued(line: &Text) -> Option<Text> {
    let text = line.as_str().strip_suffix('\\')?;
    Some(line.slice(0..text.trim_end_matches([' ', '\t']).len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_has_its_sign_right_after_the_name() {
        assert_eq!(head("$A=1"), Some(("A", 3)));
        assert_eq!(head("$_a9=  x y"), Some(("_a9", 7)));
        assert_eq!(head("$A="), Some(("A", 3)));
        for other in ["$A = 1", "$1=2", "$=2", "$A-B=3", "A=1", "$A", "${A}=1"] {
            assert_eq!(head(other), None, "{other}");
        }
    }

    #[test]
    fn a_backslash_at_the_end_continues() {
        let line = |text: &str| Text::new(text.to_owned(), Span::new(0, 0, text.len()), true);
        assert_eq!(
            continued(&line("a \\")).map(|line| line.as_str().to_owned()).as_deref(),
            Some("a")
        );
        assert_eq!(continued(&line("a")), None);
    }
}
