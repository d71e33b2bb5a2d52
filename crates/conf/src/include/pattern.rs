//! Finds what a pattern of an include line means: brace lists, wildcards, plain names.
//!
//! Patterns are those of glob(3) with brace lists and without `~`, as seen on the original.
//! What is done about names that are missing is decided in the parent (compat 01 §8.1).

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

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

/// Whether there is a wildcard without a backslash before it.
fn is_wild(pattern: &str) -> bool {
    has(pattern, &['*', '?', '['])
}

fn opens_list(pattern: &str) -> bool {
    has(pattern, &['{'])
}

/// Whether one of these is there without a backslash before it.
fn has(pattern: &str, marks: &[char]) -> bool {
    let mut escaped = false;
    pattern.chars().any(|character| {
        let counts = !escaped && marks.contains(&character);
        escaped = !escaped && character == '\\';
        counts
    })
}

fn unescaped(pattern: &str) -> String {
    let mut name = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => name.extend(characters.next()),
            other => name.push(other),
        }
    }
    name
}

/// The classes of characters that configurations use, as ranges.
const CLASSES: [(&str, &str); 5] = [
    ("[:digit:]", "0-9"),
    ("[:lower:]", "a-z"),
    ("[:upper:]", "A-Z"),
    ("[:alpha:]", "a-zA-Z"),
    ("[:alnum:]", "a-zA-Z0-9"),
];

/// The pattern in the notation of the crate: no escapes, `!` for what is excluded, and no `**`.
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        rest = match character {
            '*' => {
                out.push('*');
                after.trim_start_matches('*')
            }
            '\\' => {
                let escaped = after.chars().next();
                out.extend(escaped.map(|c| glob::Pattern::escape(&c.to_string())));
                &after[escaped.map_or(0, char::len_utf8)..]
            }
            '[' => bracket(after, &mut out),
            other => {
                out.push(other);
                after
            }
        };
    }
    out
}

/// Translates what follows a `[`, and returns what comes after its `]`.
fn bracket<'p>(inner: &'p str, out: &mut String) -> &'p str {
    let (sign, body) = match inner.strip_prefix(['!', '^']) {
        Some(body) => ("[!", body),
        None => ("[", inner),
    };
    out.push_str(sign);
    let mut rest = body;
    while let Some(character) = rest.chars().next() {
        if character == ']' && rest.len() < body.len() {
            break;
        }
        if let Some((name, range)) = CLASSES.iter().find(|(name, _)| rest.starts_with(name)) {
            out.push_str(range);
            rest = &rest[name.len()..];
            continue;
        }
        rest = &rest[character.len_utf8()..];
        let literal = if character == '\\' { rest.chars().next() } else { Some(character) };
        out.extend(literal);
        if character == '\\' {
            rest = &rest[literal.map_or(0, char::len_utf8)..];
        }
    }
    rest
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

/// Where the first brace list lies, and its parts.
fn first_list(pattern: &str) -> Option<(usize, usize, Vec<String>)> {
    let (mut depth, mut start, mut parts, mut part) = (0_usize, 0, Vec::new(), String::new());
    let mut characters = pattern.char_indices();
    while let Some((at, character)) = characters.next() {
        match (character, depth) {
            ('\\', _) => {
                part.push(character);
                part.extend(characters.next().map(|(_, escaped)| escaped));
                continue;
            }
            ('{', 0) => {
                (depth, start) = (1, at);
                part.clear();
                continue;
            }
            ('}', 1) => {
                parts.push(part);
                return Some((start, at + 1, parts));
            }
            (',', 1) => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            ('{', 1..) => depth += 1,
            ('}', 2..) => depth -= 1,
            _ => {}
        }
        part.push(character);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brace_lists_are_written_out() {
        let rows: [(&str, &[&str]); 9] = [
            ("/e/{a,b{1,2}}.conf", &["/e/a.conf", "/e/b1.conf", "/e/b2.conf"]),
            ("/e/{a}.conf", &["/e/a.conf"]),
            ("/e/{a", &["/e/{a"]),
            ("a}", &["a}"]),
            ("{}", &[""]),
            ("x{a,}", &["xa", "x"]),
            ("x\\{1,2}", &["x\\{1,2}"]),
            ("{x\\,1,y}", &["x\\,1", "y"]),
            ("{a,b}{1,2}", &["a1", "a2", "b1", "b2"]),
        ];
        for (pattern, expected) in rows {
            assert_eq!(braces(pattern), expected, "{pattern}");
        }
        assert!(braces(&"{a,b}".repeat(100)).len() <= ALTERNATIVES + 1);
    }

    #[test]
    fn patterns_are_translated() {
        let rows = [
            ("**", "*"),
            ("a[^b]", "a[!b]"),
            ("a[!b]", "a[!b]"),
            ("x[]]", "x[]]"),
            ("x[[:digit:]_]", "x[0-9_]"),
            ("a\\*?", "a[*]?"),
            ("\\a*", "a*"),
            ("a[b", "a[b"),
            ("a[\\]b]", "a[]b]"),
            ("a\\", "a"),
        ];
        for (pattern, expected) in rows {
            assert_eq!(translated(pattern), expected, "{pattern}");
        }
        let odd = matcher("a[12").unwrap();
        assert!(odd.matches_with("a[12", OPTIONS) && !odd.matches_with("a1", OPTIONS));
        assert_eq!(unescaped("\\a\\\\b\\"), "a\\b");
        assert!(!is_wild("a\\*") && is_wild("a\\\\*"));
    }
}
