//! Finds and opens the files that a name or pattern means, and says which are left out.
//!
//! Which lines are include lines, and the order of reading, is decided in `reader`
//! (compat 01 §8).

mod pattern;
mod spelling;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Class, Diagnostic, Stop};
use crate::lexer::is_space;
use pattern::Found;

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
    let (word, rest) = text.split_once(is_space)?;
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
    Some((checks, rest.trim_matches(is_space)))
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
    let found = pattern::search(pattern, base);
    let mut problems: Vec<_> = incomplete(pattern, &found, checks).into_iter().collect();
    if problems.iter().any(|problem| problem.stop.is_some()) {
        return (Vec::new(), problems);
    }
    let mut opened = Vec::new();
    for name in found.names {
        match read(&name, base) {
            Ok(file) => opened.push(file),
            Err((message, hint)) => {
                let problem = refusal(message, checks.readable);
                problems.push(Diagnostic { hint, ..problem });
            }
        }
    }
    (opened, problems)
}

fn refusal(message: String, checked: bool) -> Diagnostic {
    if checked {
        Diagnostic::new(Class::FileNotFound, message).stopping(Stop::IncludeCheck)
    } else {
        Diagnostic::notice(message)
    }
}

/// How many missing names are told of.
const HINTED: usize = 3;

/// What there is to say about names that were not found. A wildcard that matches nothing is
/// usual, so it is only spoken of when the check for it is on.
fn incomplete(pattern: &str, found: &Found, checks: Checks) -> Option<Diagnostic> {
    let nothing = found.names.is_empty();
    if found.missing.is_empty() && found.closed.is_empty() {
        let message = format!("No config files matched '{pattern}'.");
        return (nothing && checks.wildcard).then(|| refusal(message, true));
    }
    let message = match nothing {
        true => format!("Config files missing '{pattern}'."),
        false => format!("Some config files missing: \"{pattern}\"."),
    };
    let checked = if found.listed || !nothing { checks.brace } else { checks.matching };
    let mut hints = found.closed.clone();
    if found.missing.iter().any(|name| name != pattern) {
        let shown: Vec<&str> = found.missing.iter().take(HINTED).map(String::as_str).collect();
        hints.push(format!("there is no `{}`", shown.join("`, no `")));
    }
    let problem = refusal(message, checked);
    Some(if hints.is_empty() { problem } else { problem.hint(hints.join(", ")) })
}

/// Opens one file; otherwise why it is skipped, and what is behind that.
fn read(name: &str, base: &Path) -> Result<Opened, (String, Option<String>)> {
    let path = base.join(name);
    let irregular =
        || format!("Configuration file '{name}' is not a regular non-executable file - skipping");
    let about = fs::metadata(&path).map_err(|error| (irregular(), Some(reason(&error))))?;
    if about.is_dir() {
        let name = name.trim_end_matches('/');
        return Err((format!("Configuration file '{name}/' is a directory - skipping"), None));
    }
    if !about.is_file() {
        return Err((irregular(), None));
    }
    if about.permissions().mode() & 0o111 != 0 {
        return Err((irregular(), Some(format!("try: chmod a-x {name}"))));
    }
    let bytes = fs::read(&path).map_err(|error| {
        let why = reason(&error);
        (format!("Configuration file '{name}' open problem ({why}) - skipping"), None)
    })?;
    let directory = pattern::directory(name, &path, base);
    Ok(Opened { name: name.to_owned(), directory, path: fs::canonicalize(&path).ok(), bytes })
}

/// The words of an error of the system, without its number.
fn reason(error: &std::io::Error) -> String {
    let whole = error.to_string();
    whole.split(" (os error").next().unwrap_or_default().to_owned()
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
        // Whatever separates words, as seen on the original.
        assert_eq!(directive("include\u{b}\tx\r").map(|found| found.1), Some("x"));
    }
}
