//! Finds and opens the files that a name or pattern means, and says which are left out.
//!
//! Which lines are include lines, and the order of reading, is decided in `reader`
//! (compat 01 §8).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Class, Diagnostic, Stop};

/// Which problems of include lines are errors (compat 01 §8, §11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checks {
    /// A matched file must be a regular, non-executable, readable file.
    pub(crate) readable: bool,
    /// A name without wildcards must exist.
    pub(crate) matching: bool,
    /// A wildcard must match something.
    pub(crate) wildcard: bool,
    /// Each alternative of a brace list must match.
    pub(crate) brace: bool,
}

impl Checks {
    pub(crate) const ALL: Self =
        Self { readable: true, matching: true, wildcard: true, brace: true };

    pub(crate) const fn union(self, other: Self) -> Self {
        Self {
            readable: self.readable || other.readable,
            matching: self.matching || other.matching,
            wildcard: self.wildcard || other.wildcard,
            brace: self.brace || other.brace,
        }
    }
}

/// The checks and the pattern of an include line; `None` for any other line.
pub(crate) fn directive(text: &str) -> Option<(Checks, &str)> {
    let (word, rest) = text.split_once([' ', '\t'])?;
    let none = Checks::default();
    let readable = Checks { readable: true, ..none };
    let checks = match word {
        "include" => none,
        "includer" => readable,
        "includem" => Checks { matching: true, ..readable },
        "includew" => Checks { matching: true, wildcard: true, ..readable },
        "includeb" => Checks { brace: true, ..readable },
        "includea" => Checks::ALL,
        _ => return None,
    };
    Some((checks, rest.trim_matches([' ', '\t'])))
}

/// A file that was opened.
pub(crate) struct Opened {
    /// Its name as written or matched.
    pub(crate) name: String,
    /// The directory that relative names inside it start from.
    pub(crate) directory: PathBuf,
    /// Where it really is; `None` for text that is in no file.
    pub(crate) path: Option<PathBuf>,
    /// What it holds.
    pub(crate) bytes: Vec<u8>,
}

/// Opens what the pattern matches, in order, with a finding for everything that is left out.
pub(crate) fn open(pattern: &str, base: &Path, checks: Checks) -> (Vec<Opened>, Vec<Diagnostic>) {
    let (names, mut found) = expand(pattern, base, checks);
    if found.iter().any(|problem| problem.stop.is_some()) {
        return (Vec::new(), found);
    }
    let mut opened = Vec::new();
    for name in names {
        match read(&name, base) {
            Ok(file) => opened.push(file),
            Err(message) => found.push(refusal(message, checks.readable)),
        }
    }
    (opened, found)
}

fn refusal(message: String, checked: bool) -> Diagnostic {
    if checked {
        Diagnostic::new(Class::FileNotFound, message).stopping(Stop::IncludeCheck)
    } else {
        Diagnostic::notice(message)
    }
}

fn expand(pattern: &str, base: &Path, checks: Checks) -> (Vec<String>, Vec<Diagnostic>) {
    let alternatives = braces(pattern);
    let several = alternatives.len() > 1;
    let (mut names, mut found) = (Vec::new(), Vec::new());
    for alternative in alternatives {
        let matched = matches(&alternative, base);
        if matched.is_empty() {
            let wild = alternative.contains(['*', '?', '[']);
            let (message, checked) = match (several, wild) {
                (true, _) => {
                    (format!("Some config files missing: \"{alternative}\"."), checks.brace)
                }
                (false, true) => {
                    (format!("No config files matched '{alternative}'."), checks.wildcard)
                }
                (false, false) => {
                    (format!("Config files missing '{alternative}'."), checks.matching)
                }
            };
            found.push(refusal(message, checked));
        }
        names.extend(matched);
    }
    (names, found)
}

fn matches(pattern: &str, base: &Path) -> Vec<String> {
    if !pattern.contains(['*', '?', '[']) {
        return if base.join(pattern).exists() { vec![pattern.to_owned()] } else { Vec::new() };
    }
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let escaped = glob::Pattern::escape(&base.to_string_lossy());
    let absolute = Path::new(&escaped).join(pattern);
    let Ok(paths) = glob::glob_with(&absolute.to_string_lossy(), options) else {
        return Vec::new();
    };
    let shown = |path: PathBuf| {
        let relative = path.strip_prefix(base).map(Path::to_path_buf).unwrap_or(path);
        relative.to_string_lossy().into_owned()
    };
    paths.filter_map(Result::ok).map(shown).collect()
}

fn read(name: &str, base: &Path) -> Result<Opened, String> {
    let path = base.join(name);
    let problem = |error: &std::io::Error| {
        format!("Configuration file '{name}' open problem ({error}) - skipping")
    };
    let about = fs::metadata(&path).map_err(|error| problem(&error))?;
    if about.is_dir() {
        let name = name.trim_end_matches('/');
        return Err(format!("Configuration file '{name}/' is a directory - skipping"));
    }
    if !about.is_file() || about.permissions().mode() & 0o111 != 0 {
        return Err(format!(
            "Configuration file '{name}' is not a regular non-executable file - skipping"
        ));
    }
    let bytes = fs::read(&path).map_err(|error| problem(&error))?;
    let directory = if name.contains('/') {
        path.parent().map(Path::to_path_buf).unwrap_or_default()
    } else {
        base.to_path_buf()
    };
    Ok(Opened { name: name.to_owned(), directory, path: fs::canonicalize(&path).ok(), bytes })
}

/// The most alternatives that one pattern may have.
const ALTERNATIVES: usize = 1024;

/// Brace lists written out: `a{b,c}` is `ab` and `ac`; lists may be nested.
fn braces(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut waiting = vec![pattern.to_owned()];
    while let Some(next) = waiting.pop() {
        match (first_list(&next), done.len() + waiting.len() < ALTERNATIVES) {
            (Some((start, end, parts)), true) => {
                let whole = |part: &String| format!("{}{part}{}", &next[..start], &next[end..]);
                waiting.extend(parts.iter().rev().map(whole));
            }
            _ => done.push(next),
        }
    }
    done
}

fn first_list(pattern: &str) -> Option<(usize, usize, Vec<String>)> {
    let start = pattern.find('{')?;
    let (mut depth, mut parts, mut part) = (0_usize, Vec::new(), String::new());
    for (at, character) in pattern.char_indices().skip_while(|(at, _)| *at < start) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match (character, depth) {
            ('{', 1) => {}
            ('}', 0) => {
                parts.push(part);
                return (parts.len() > 1).then_some((start, at + 1, parts));
            }
            (',', 1) => parts.push(std::mem::take(&mut part)),
            _ => part.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_family_of_include_is_a_directive() {
        assert_eq!(directive("include /a b").map(|found| found.1), Some("/a b"));
        assert_eq!(directive("includea x").map(|found| found.0), Some(Checks::ALL));
        assert!(directive("includez x").is_none());
        assert!(directive("include").is_none());
    }

    #[test]
    fn brace_lists_are_written_out() {
        assert_eq!(braces("/e/{a,b{1,2}}.conf"), ["/e/a.conf", "/e/b1.conf", "/e/b2.conf"]);
        assert_eq!(braces("/e/{a}.conf"), ["/e/{a}.conf"]);
        assert_eq!(braces("/e/{a"), ["/e/{a"]);
    }
}
