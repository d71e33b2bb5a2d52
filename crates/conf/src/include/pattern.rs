//! Finds what a pattern of an include line means: brace lists, wildcards, plain names.
//!
//! Patterns are those of glob(3) with brace lists and without `~`, as seen on the original.
//! What is done about names that are missing is decided in the parent (compat 01 §8.1).

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::spelling::{braces, is_wild, opens_list, translated, unescaped};

/// What was found for a pattern.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The names, in the order in which they are read.
    pub(super) names: Vec<String>,
    /// Names that had to exist and do not.
    pub(super) missing: Vec<String>,
    /// Directories that had to be looked into and could not be, with the reason.
    pub(super) closed: Vec<String>,
    /// A brace list is begun in the pattern.
    pub(super) listed: bool,
}

/// Looks for everything that the pattern means; relative names start from `base`.
pub(super) fn search(pattern: &str, base: &Path) -> Found {
    let mut found = Found { listed: opens_list(pattern), ..Found::default() };
    for alternative in braces(pattern) {
        if is_wild(&alternative) {
            found.wild(&alternative, base);
        } else {
            found.plain(&alternative, base);
        }
    }
    found
}

impl Found {
    fn plain(&mut self, pattern: &str, base: &Path) {
        let name = unescaped(pattern);
        let named = match name.trim_end_matches('/') {
            "" => name.as_str(),
            named => named,
        };
        if named.is_empty() {
            return;
        }
        // A link that leads nowhere is there all the same.
        if base.join(named).symlink_metadata().is_ok() {
            self.names.push(named.to_owned());
        } else if !pattern.contains('\\') {
            // To the original a backslash makes it a pattern, which may match nothing.
            self.missing.push(name);
        }
    }

    fn wild(&mut self, pattern: &str, base: &Path) {
        let start = if pattern.starts_with('/') { "/" } else { "" };
        let (mut names, mut fixed) = (vec![start.to_owned()], true);
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            let below = |name: &String| match is_wild(part) {
                true => self.matches(name, part, base, fixed),
                false => self.entry(name, &unescaped(part), base, fixed),
            };
            names = names.iter().flat_map(below).collect();
            fixed &= !is_wild(part);
        }
        if pattern.ends_with('/') {
            names.retain(|name| base.join(name).is_dir());
        }
        self.names.append(&mut names);
    }

    /// An entry of a directory. That one of many is no directory is nothing to speak of, unless
    /// its name is fixed.
    fn entry(&mut self, directory: &str, name: &str, base: &Path, fixed: bool) -> Vec<String> {
        let name = joined(directory, name);
        let Err(error) = base.join(&name).symlink_metadata() else { return vec![name] };
        if fixed || error.kind() != ErrorKind::NotADirectory {
            self.missing.push(name);
        }
        Vec::new()
    }

    /// The entries of a directory that match.
    fn matches(&mut self, directory: &str, part: &str, base: &Path, fixed: bool) -> Vec<String> {
        let here = base.join(if directory.is_empty() { "." } else { directory });
        let mut names = match entries(&here) {
            Ok(names) => names,
            Err(error) => {
                if fixed || error.kind() != ErrorKind::NotADirectory {
                    let why = super::reason(&error);
                    self.closed.push(format!("{} cannot be read: {why}", here.display()));
                }
                return Vec::new();
            }
        };
        let Some(matcher) = matcher(part) else { return Vec::new() };
        names.retain(|name| matcher.matches_with(name, OPTIONS));
        names.sort_unstable();
        names.iter().map(|name| joined(directory, name)).collect()
    }
}

fn joined(directory: &str, name: &str) -> String {
    match directory.is_empty() || directory.ends_with('/') {
        true => format!("{directory}{name}"),
        false => format!("{directory}/{name}"),
    }
}

/// The names in a directory; one that is no text is not found again, and then reported.
fn entries(directory: &Path) -> std::io::Result<Vec<String>> {
    let names = fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name()));
    names.map(|name| name.map(|name| name.to_string_lossy().into_owned())).collect()
}

const OPTIONS: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// A bracket that is never closed stands for itself.
fn matcher(part: &str) -> Option<glob::Pattern> {
    let itself = |_| glob::Pattern::new(&glob::Pattern::escape(&unescaped(part)));
    glob::Pattern::new(&translated(part)).or_else(itself).ok()
}

/// The directory that names inside this file are relative to.
pub(super) fn directory(name: &str, path: &Path, base: &Path) -> PathBuf {
    if name.contains('/') {
        path.parent().map(Path::to_path_buf).unwrap_or_default()
    } else {
        base.to_path_buf()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bracket_that_is_never_closed_stands_for_itself() {
        let odd = matcher("a[12").unwrap();
        assert!(odd.matches_with("a[12", OPTIONS) && !odd.matches_with("a1", OPTIONS));
    }

    proptest::proptest! {
        #[test]
        fn any_pattern_is_searched_to_its_end(pattern in r"a?[ab*?\[\]{},^!\\ \-é]{0,10}(/[a*\[{\\]{1,3}){0,2}") {
            let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
            let found = search(&pattern, &base);
            proptest::prop_assert!(found.names.iter().all(|name| !name.is_empty()));
            braces(&pattern).iter().for_each(|one| drop(translated(one)));
        }
    }
}
