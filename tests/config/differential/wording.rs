//! In which words both complain about load balancing: the same ones, but for what is listed here.
//!
//! What only one of the two complains about is decided in `classes`.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use crate::verdict::Verdict;

/// Words that differ for a reason; an empty text where one of the two says nothing more.
pub(super) struct Otherwise {
    ours: &'static str,
    original: &'static str,
    pub(super) why: &'static str,
}

pub(super) static OTHERWISE: &[Otherwise] = &[
    Otherwise {
        ours: "invalid - ignoring",
        original: "",
        why: "that a value which is no number is ignored is said of every keyword",
    },
    Otherwise { ours: "connection value", original: "", why: "the same of keywords of checks" },
    Otherwise {
        ours: "only applies to mh scheduler",
        original: "only applies to sh scheduler",
        why: "flags of mh belong to mh",
    },
    Otherwise {
        ours: "persistence_name too long, ignoring",
        original: "persistence_name too long, truncating",
        why: "a name that is too long is ignored",
    },
    Otherwise {
        ours: "must be in [1, 4294967295]",
        original: "must be in [0, 4294967295]",
        why: "there is no mark 0",
    },
    Otherwise {
        ours: "script already specified",
        original: "((null)) ",
        why: "2.2.7 has a name for groups only",
    },
    Otherwise {
        ours: "Invalid real server ip address/port",
        original: "/(null) - skipping",
        why: "a port that is not there is not shown",
    },
    Otherwise {
        ours: "are not of the same family",
        original: "are not of the same family",
        why: "both addresses are shown",
    },
    Otherwise {
        ours: "fwmark '0' must be in",
        original: "unknown - ignoring",
        why: "nor with a family",
    },
];

/// What only one of the two says of something that both complain about.
pub(super) struct Found<'t> {
    line: &'t str,
    ours: Vec<&'t str>,
    original: Vec<&'t str>,
}

impl<'t> Found<'t> {
    fn new(
        line: &'t str,
        ours: &'t BTreeSet<String>,
        original: &'t BTreeSet<String>,
        notices: Option<&BTreeSet<String>>,
    ) -> Self {
        let noticed = |said: &&String| notices.is_some_and(|notices| notices.contains(*said));
        Self {
            line,
            ours: ours.difference(original).map(String::as_str).collect(),
            original: original
                .difference(ours)
                .filter(|said| !noticed(said))
                .map(String::as_str)
                .collect(),
        }
    }

    /// Of what has no line, these are the only complaints that both make of the same files.
    fn only_of_ports(mut self) -> Self {
        for said in [&mut self.ours, &mut self.original] {
            said.retain(|said| said.starts_with("WARNING - "));
        }
        self
    }

    fn is_any(&self) -> bool {
        !self.ours.is_empty() || !self.original.is_empty()
    }

    /// The row that explains all of it.
    pub(super) fn row(&self) -> Option<&'static Otherwise> {
        let fits = |said: &[&str], words: &str| {
            said.is_empty() == words.is_empty() && said.iter().all(|said| said.contains(words))
        };
        OTHERWISE
            .iter()
            .find(|row| fits(&self.ours, row.ours) && fits(&self.original, row.original))
    }
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, ours, original } = self;
        write!(f, "`{line}`\n  ours:     {}\n  original: {}", ours.join("; "), original.join("; "))
    }
}

/// Whether a file with one odd line has it in a block of load balancing.
pub(super) fn is_compared(text: &str) -> bool {
    const HEADS: [&str; 7] = [
        "\nvirtual_server",
        "\nSSL ",
        "}\ntrack_file N {",
        "}\nbfd_instance N {",
        "global_defs {\nlvs_",
        "global_defs {\nchecker_log",
        "global_defs {\nnftables_ipvs",
    ];
    HEADS.iter().any(|head| text.contains(head))
}

/// The cases about load balancing.
pub(super) fn whole_files(cases: &Path) -> Vec<String> {
    let names = fs::read_dir(cases).expect("the cases can be listed").flatten();
    let names = names.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".conf") && (name.starts_with("lvs-") || name.starts_with("kw-lvs-"))
    });
    names.map(|path| fs::read_to_string(path).expect("a case can be read")).collect()
}

/// Each line that both complain about in words that differ, and what is said of ports in the end.
pub(super) fn differences<'t>(
    text: &'t str,
    ours: &'t Verdict,
    original: &'t Verdict,
) -> Vec<Found<'t>> {
    let lines = ours.complaints.iter().filter_map(|(number, said)| {
        let theirs = original.complaints.get(number).filter(|said| !is_newer(said))?;
        let line = text.lines().nth(number - 1).unwrap_or_default();
        // What a quote without its partner leads to is a matter of its own.
        if line.matches('"').count() % 2 == 1 {
            return None;
        }
        Some(Found::new(line, said, theirs, ours.notices.get(number)))
    });
    let whole = Found::new("of the whole", &ours.unplaced, &original.unplaced, None);
    lines.chain([whole.only_of_ports()]).filter(Found::is_any).collect()
}

/// A keyword that 2.2.7 does not have.
fn is_newer(said: &BTreeSet<String>) -> bool {
    said.iter().any(|said| said.starts_with("Unknown keyword"))
}
