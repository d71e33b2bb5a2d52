//! Names that iproute2 gives to numbers: tables, protocols, scopes, types of service, realms and
//! link groups.
//!
//! The well-known ones are known here; others are looked up in the files of the system.

use std::fs;
use std::path::PathBuf;

/// A kind of name.
pub(crate) struct Names {
    /// The file under the directories of iproute2.
    file: &'static str,
    /// Those that need no file.
    known: &'static [(&'static str, u32)],
}

/// Routing tables.
pub(crate) const TABLES: Names =
    Names { file: "rt_tables", known: &[("default", 253), ("main", 254), ("local", 255)] };

/// Makers of routes.
pub(crate) const PROTOCOLS: Names = Names {
    file: "rt_protos",
    known: &[
        ("unspec", 0),
        ("redirect", 1),
        ("kernel", 2),
        ("boot", 3),
        ("static", 4),
        ("ra", 9),
        ("keepalived", 18),
    ],
};

/// Scopes.
pub(crate) const SCOPES: Names = Names {
    file: "rt_scopes",
    known: &[("global", 0), ("site", 200), ("link", 253), ("host", 254), ("nowhere", 255)],
};

/// Types of service.
pub(crate) const SERVICES: Names = Names { file: "rt_dsfield", known: &[("default", 0)] };

/// Realms.
pub(crate) const REALMS: Names = Names { file: "rt_realms", known: &[("cosmos", 0)] };

/// The largest number of a link group.
pub(crate) const GROUP: u32 = 0x7fff_ffff;

/// Groups of links.
pub(crate) const GROUPS: Names = Names { file: "group", known: &[("default", 0)] };

/// Where iproute2 keeps its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directories {
    /// What this machine calls things: counts before the other one (`iproute_etc_dir`).
    pub(crate) own: PathBuf,
    /// What iproute2 brings (`iproute_usr_dir`).
    pub(crate) shipped: PathBuf,
}

impl Default for Directories {
    fn default() -> Self {
        Self { own: "/etc/iproute2".into(), shipped: "/usr/share/iproute2".into() }
    }
}

impl Names {
    /// The number that a text means: a number of any base, or a name.
    pub(crate) fn number(&self, text: &str, most: u32, directories: &Directories) -> Option<u32> {
        let number = match unsigned(text) {
            Some(number) => u32::try_from(number).ok(),
            None => self.known(text).or_else(|| self.filed(text, directories)),
        };
        number.filter(|number| *number <= most)
    }

    fn known(&self, text: &str) -> Option<u32> {
        self.known.iter().find(|(name, _)| *name == text).map(|(_, number)| *number)
    }

    fn filed(&self, text: &str, directories: &Directories) -> Option<u32> {
        [&directories.own, &directories.shipped].into_iter().find_map(|directory| {
            let further = fs::read_dir(directory.join(format!("{}.d", self.file)));
            let mut paths = vec![directory.join(self.file)];
            paths.extend(further.into_iter().flatten().flatten().map(|entry| entry.path()));
            paths.iter().find_map(|path| find(&fs::read_to_string(path).ok()?, text))
        })
    }
}

/// The number of a name in the text of a file.
fn find(file: &str, name: &str) -> Option<u32> {
    file.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut words = line.split_whitespace();
        let number = unsigned(words.next()?)?;
        words.next().filter(|found| *found == name).and_then(|_| u32::try_from(number).ok())
    })
}

/// A whole number: decimal, octal after `0`, hexadecimal after `0x`.
pub(crate) fn unsigned(text: &str) -> Option<u64> {
    let parse = |digits: &str, base| {
        let plain = !digits.is_empty() && !digits.starts_with(['+', '-']);
        plain.then(|| u64::from_str_radix(digits, base).ok()).flatten()
    };
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return parse(digits, 16);
    }
    match text.strip_prefix('0') {
        Some(digits) if !digits.is_empty() => parse(digits, 8),
        _ => parse(text, 10),
    }
}

/// The same where no name may stand: an empty word is 0 there (compat 01 §10.1).
pub(crate) fn unsigned_or_empty(text: &str) -> Option<u64> {
    if text.is_empty() { Some(0) } else { unsigned(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_in_three_bases_and_names_from_files() {
        assert_eq!(
            (unsigned("0x10"), unsigned("010"), unsigned("10")),
            (Some(16), Some(8), Some(10))
        );
        assert_eq!((unsigned(""), unsigned("-1"), unsigned("x")), (None, None, None));
        assert_eq!(find("# 1\tone\n0x28\tAF11\n", "AF11"), Some(40));
        let usual = Directories::default();
        assert_eq!(TABLES.number("main", u32::MAX, &usual), Some(254));
        assert_eq!(PROTOCOLS.number("256", 255, &usual), None);
    }
}
