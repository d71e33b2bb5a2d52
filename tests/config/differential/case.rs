//! A generated file, what ours and the original say of it, and what stands where in it.
//!
//! What of the difference is known is decided by `classes`.

use std::collections::BTreeSet;

use super::classes;
use super::pieces::{Piece, condition, pieces};
use super::processes::{PROCESSES, View};
use crate::verdict::{Difference, Verdict};

/// A file and what both say of it.
pub(super) struct Case<'c> {
    pub(super) text: &'c str,
    pub(super) ours: &'c Verdict,
    pub(super) original: &'c Verdict,
    /// What this machine reads of each line.
    pub(super) lines: Vec<&'c str>,
    /// Where ours, which reads everything, and each process of the original are in each line.
    pub(super) everything: View,
    pub(super) views: [View; 4],
    /// The lines in which a block ends.
    pub(super) ends: BTreeSet<usize>,
    /// The lines whose differences are explained.
    pub(super) explained: BTreeSet<usize>,
}

impl<'c> Case<'c> {
    pub(super) fn new(text: &'c str, ours: &'c Verdict, original: &'c Verdict) -> Self {
        let pieces = pieces(text);
        Self {
            text,
            ours,
            original,
            lines: text.split('\n').map(|line| condition(line).unwrap_or_default()).collect(),
            everything: View::new(&pieces, None),
            views: PROCESSES.map(|process| View::new(&pieces, Some(process))),
            ends: ends(&pieces),
            explained: BTreeSet::new(),
        }
    }

    /// What differs, each with the class that explains it; the status last, as the lines decide it.
    pub(super) fn explain(&mut self) -> Vec<(Difference, Option<&'static str>)> {
        let mut differences = self.ours.differences(self.original);
        differences.sort_by_key(|found| matches!(found, Difference::Status { .. }));
        let mut explained = Vec::new();
        for found in differences {
            let class = classes::all().find(|class| (class.covers)(self, found));
            if let (Difference::OnlyOurs(line) | Difference::OnlyOriginal(line), Some(_)) =
                (found, class)
            {
                self.explained.insert(line);
            }
            explained.push((found, class.map(|class| class.why)));
        }
        explained
    }

    pub(super) fn line(&self, number: usize) -> &str {
        self.lines.get(number - 1).copied().unwrap_or_default()
    }

    /// The head of the block at the top of the file that holds the line.
    pub(super) fn root(&self, number: usize) -> &str {
        let (mut depth, mut root) = (0_usize, "");
        for line in self.lines.iter().take(number) {
            if depth == 0 {
                root = line;
            }
            depth = (depth + line.matches('{').count()).saturating_sub(line.matches('}').count());
        }
        root
    }

    /// Whether the one that complains says this of the line, and nothing else but what is wrong
    /// with a number.
    pub(super) fn says(&self, found: Difference, words: &str) -> bool {
        self.says_of(found, &[words])
    }

    /// The same for several such words.
    fn says_of(&self, found: Difference, words: &[&str]) -> bool {
        let said = match found {
            Difference::Status { .. } => return false,
            Difference::OnlyOurs(line) => &self.ours.complaints[&line],
            Difference::OnlyOriginal(line) => &self.original.complaints[&line],
        };
        let about_number =
            |said: &str| said.starts_with("number '") || said.starts_with("invalid number '");
        let known = |said: &str| words.iter().any(|words| said.contains(words));
        said.iter().any(|said| known(said))
            && said.iter().all(|said| known(said) || about_number(said))
    }

    pub(super) fn only_ours_says(&self, found: Difference, words: &str) -> bool {
        matches!(found, Difference::OnlyOurs(_)) && self.says(found, words)
    }

    pub(super) fn only_original_says(&self, found: Difference, words: &str) -> bool {
        self.only_original_says_of(found, &[words])
    }

    pub(super) fn only_original_says_of(&self, found: Difference, words: &[&str]) -> bool {
        matches!(found, Difference::OnlyOriginal(_)) && self.says_of(found, words)
    }

    /// One of them says this of some line.
    pub(super) fn is_said(verdict: &Verdict, words: &str) -> bool {
        let said = verdict.complaints.values().chain(verdict.notices.values()).flatten();
        said.into_iter().any(|said| said.contains(words))
    }

    /// The lines below this one, up to one that begins so.
    pub(super) fn below<'s>(
        &'s self,
        line: usize,
        end: &'s str,
    ) -> impl Iterator<Item = (usize, &'c str)> {
        let below = (line + 1..).zip(self.lines.iter().skip(line).copied());
        below.take_while(move |(_, below)| !below.starts_with(end))
    }

    /// Ours leaves out the real server that the line is in: it says so where the server ends, or
    /// of a second server of that address, or it has no group to belong to.
    pub(super) fn is_left_out(&self, line: usize) -> bool {
        let said_below = self
            .below(line, "real_server")
            .any(|(at, _)| self.ours.about(at).contains("skipping real server"));
        let head = self.lines.iter().take(line).rfind(|line| line.starts_with("real_server "));
        let address = head.and_then(|head| head.split_whitespace().nth(1));
        let twice = |said: &String| {
            address.is_some_and(|address| said.contains(&format!("[{address}]")))
                && said.contains("is duplicated")
        };
        said_below
            || self.ours.unplaced.iter().any(twice)
            || self.root(line).starts_with("virtual_server group")
    }

    /// The lines that begin with one of these words.
    pub(super) fn lines_of<'s>(&'s self, words: &'s [&str]) -> impl Iterator<Item = usize> + 's {
        let numbered = (1..).zip(&self.lines);
        let begins =
            |line: &str| line.split_whitespace().next().is_some_and(|word| words.contains(&word));
        numbered.filter(move |(_, line)| begins(line)).map(|(number, _)| number)
    }

    /// There are scripts of real servers, all of them there, and none of virtual servers that exists.
    pub(super) fn runs_scripts_only_where(&self, there: impl Fn(usize) -> bool) -> bool {
        let mut scripts = self.lines_of(&["misc_path", "notify_up", "notify_down"]).peekable();
        let mut of_services = self.lines_of(&["quorum_up", "quorum_down"]);
        scripts.peek().is_some()
            && scripts.all(there)
            && of_services.all(|line| self.line(line).contains("/nonexistent/"))
    }

    /// There are such lines, and no process of the original reads one of them where ours does.
    pub(super) fn reads_none(&self, words: &[&str]) -> bool {
        let mut lines = self.lines_of(words).peekable();
        lines.peek().is_some() && lines.all(|line| self.is_read_by_none(line))
    }

    /// One of the two says this of the whole file, and the other does not.
    pub(super) fn one_says_of_the_whole(&self, words: &str) -> bool {
        let says = |verdict: &Verdict| verdict.unplaced.iter().any(|text| text.contains(words));
        says(self.ours) != says(self.original)
    }

    /// The last `script` line above the `}` names a user.
    pub(super) fn has_script_with_account(&self, found: Difference) -> bool {
        let Difference::OnlyOriginal(end) = found else { return false };
        let above = self.lines.iter().take(end).rfind(|line| line.starts_with("script "));
        above
            .is_some_and(|line| line.rsplit('"').next().is_some_and(|rest| !rest.trim().is_empty()))
    }

    /// The lines below this one that ours reads in the same block at the top.
    pub(super) fn of_the_same_root(&self, line: usize) -> impl Iterator<Item = usize> + '_ {
        let top = |at: &usize| self.everything.of(*at).iter().any(Vec::is_empty);
        (line + 1..=self.lines.len()).take_while(move |at| !top(at))
    }

    /// Every line that a verdict complains about is explained.
    pub(super) fn explains_all_lines(&self, verdict: &Verdict) -> bool {
        verdict.complaints.keys().all(|line| self.explained.contains(line))
    }

    /// The line of the `}` after this line.
    pub(super) fn list_end(&self, line: usize) -> usize {
        self.ends.range(line + 1..).next().copied().unwrap_or_default()
    }

    /// The block at the top that the line is in had a `group` that was refused, and closed.
    pub(super) fn is_after_a_second_group(&self, line: usize) -> bool {
        let refused = |said: &String| said.starts_with("Group list already specified");
        let above = self.ours.complaints.range(..line);
        let group =
            above.filter(|(_, said)| said.iter().any(refused)).map(|(line, _)| *line).next();
        let top = |at| self.everything.of(at).iter().any(Vec::is_empty);
        group.is_some_and(|group| (group..line).skip(1).all(|between| !top(between)))
    }

    /// A process of the original reads the line elsewhere than ours does.
    pub(super) fn is_divided(&self, line: usize) -> bool {
        let ours = self.everything.of(line);
        self.views.iter().any(|view| !view.of(line).is_empty() && view.of(line) != ours)
    }

    /// No process of the original reads the line where ours does.
    pub(super) fn is_read_by_none(&self, line: usize) -> bool {
        self.views.iter().all(|view| view.of(line) != self.everything.of(line))
    }

    /// No process of the original reads the line before one of them stops at a missing parameter.
    pub(super) fn comes_after_the_stop(&self, line: usize) -> bool {
        let Some(stop) = self.original.stops_at else { return false };
        let stopper = self.views.iter().position(|view| !view.of(stop).is_empty());
        let before = self.views.iter().take(stopper.map_or(0, |at| at + 1));
        before.into_iter().all(|view| view.of(line).is_empty())
    }
}

fn ends(pieces: &[(usize, Piece)]) -> BTreeSet<usize> {
    let closing = pieces.iter().filter(|(_, piece)| *piece == Piece::Close);
    closing.map(|(line, _)| *line).collect()
}
