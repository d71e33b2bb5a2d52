//! What a reader says of a file, ours and the original's in one shape: an exit status, and
//! messages by line.
//!
//! Which differences are right is decided where files are compared.

use std::collections::{BTreeMap, BTreeSet};

use conf::{Class, Report};

/// What one of the two says of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Exit status of `-t`.
    pub(crate) status: u8,
    /// What is complained about, by line.
    pub(crate) complaints: BTreeMap<usize, BTreeSet<String>>,
    /// What is said of a line without raising the status.
    pub(crate) notices: BTreeMap<usize, BTreeSet<String>>,
    /// Complaints about the whole configuration.
    pub(crate) unplaced: BTreeSet<String>,
    /// The first line that lacks a parameter, at which the original stops.
    pub(crate) stops_at: Option<usize>,
}

/// How the message of a keyword without its parameter begins.
const STOPS: &str = "*** Configuration line starting";

impl Verdict {
    /// Ours.
    pub(crate) fn ours(report: &Report) -> Self {
        let mut verdict = Self { status: report.test_exit_code(), ..Self::default() };
        for found in report.diagnostics() {
            let line = found.span.map(|span| report.sources().position(span).line);
            match (line, found.class) {
                (Some(line), Class::Notice) if !found.late => {
                    verdict.notices.entry(line).or_default().insert(found.message.clone());
                }
                (_, Class::Notice) => {}
                (Some(line), _) if !found.late => verdict.complain(line, &found.message),
                (_, _) => {
                    verdict.unplaced.insert(found.message.clone());
                }
            }
        }
        verdict
    }

    /// The original's, from its exit status and its output.
    pub(crate) fn original(status: u8, output: &str) -> Self {
        let mut verdict = Self { status, ..Self::default() };
        for text in output.lines().filter(|text| !text.is_empty()) {
            match placed(text) {
                // A plain include may find nothing.
                Some((line, message)) if message.starts_with("Config files missing") => {
                    verdict.notices.entry(line).or_default().insert(message.to_owned());
                }
                Some((line, message)) => verdict.complain(line, message),
                None => {
                    verdict.unplaced.insert(text.to_owned());
                }
            }
        }
        verdict
    }

    fn complain(&mut self, line: usize, message: &str) {
        if message.starts_with(STOPS) {
            self.stops_at = Some(self.stops_at.map_or(line, |first| first.min(line)));
        }
        self.complaints.entry(line).or_default().insert(message.to_owned());
    }

    /// What differs from the original's. What the original does not read counts for nothing.
    pub(crate) fn differences(&self, original: &Self) -> Vec<Difference> {
        let end = original.stops_at.unwrap_or(usize::MAX);
        let said_too = |line: &usize| {
            let notices = self.notices.get(line);
            notices.is_some_and(|said| !said.is_disjoint(&original.complaints[line]))
        };
        let ours = self.complaints.keys().filter(|line| **line <= end);
        let ours = ours.filter(|line| !original.complaints.contains_key(line));
        let theirs = original.complaints.keys().filter(|line| **line <= end);
        let theirs = theirs.filter(|line| !self.complaints.contains_key(line) && !said_too(line));
        let status = (self.status != original.status)
            .then_some(Difference::Status { ours: self.status, original: original.status });
        let lines = ours.map(|line| Difference::OnlyOurs(*line));
        let lines = lines.chain(theirs.map(|line| Difference::OnlyOriginal(*line)));
        status.into_iter().chain(lines).collect()
    }

    /// What it says of a line, for people.
    pub(crate) fn about(&self, line: usize) -> String {
        let said = self.complaints.get(&line).into_iter().flatten();
        said.map(String::as_str).collect::<Vec<_>>().join("; ")
    }
}

/// One difference between two verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    /// The exit status.
    Status {
        /// Of ours.
        ours: u8,
        /// Of keepalived.
        original: u8,
    },
    /// Only ours complains about this line.
    OnlyOurs(usize),
    /// Only keepalived does.
    OnlyOriginal(usize),
}

/// The line and the words of `(Line N) WORDS` or `(FILE: Line N) WORDS`.
fn placed(text: &str) -> Option<(usize, &str)> {
    let (place, message) = text.strip_prefix('(')?.split_once(") ")?;
    let number = place.strip_prefix("Line ").or_else(|| Some(place.rsplit_once(": Line ")?.1))?;
    Some((number.parse().ok()?, message))
}
