//! In which block each process of keepalived believes a line to be.
//!
//! It reads the file once for each of its parts. A part skips what stands at the top for another
//! one by counting braces, so after a brace too many or too few they are in different blocks, and
//! say different things of the same line (compat 01 §1, §9). Ours reads every block once.

use std::collections::BTreeMap;

use conf::{Block, Entry};

use super::pieces::Piece;

/// The processes, in the order in which a test runs them.
pub(super) const PROCESSES: [Process; 4] =
    [Process::Parent, Process::Checker, Process::Vrrp, Process::Bfd];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Process {
    Parent,
    Checker,
    Vrrp,
    Bfd,
}

impl Process {
    /// Whether it reads the block of this keyword, or skips it.
    fn reads(self, keyword: &str) -> bool {
        self == match keyword {
            "global_defs" => Self::Parent,
            "SSL" | "virtual_server" | "virtual_server_group" => Self::Checker,
            "track_file" | "vrrp_track_file" => return matches!(self, Self::Checker | Self::Vrrp),
            "bfd_instance" => Self::Bfd,
            _ => Self::Vrrp,
        }
    }
}

/// The blocks around each piece of each line that is read; the top has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct View(BTreeMap<usize, Vec<Place>>);

type Place = Vec<&'static str>;

impl View {
    /// What one process reads; `None` for ours, which reads everything.
    pub(super) fn new(pieces: &[(usize, Piece)], process: Option<Process>) -> Self {
        let mut walk = Walk { entries: &conf::reference(), process, open: Vec::new() };
        let mut view = Self::default();
        let mut left = pieces.iter().peekable();
        while let Some((line, piece)) = left.next() {
            let opens = matches!(left.peek(), Some((_, Piece::Open)));
            let step = walk.step(piece, opens);
            if let Some(place) = step.place {
                view.0.entry(*line).or_default().push(place);
            }
            if step.takes_open {
                left.next();
            }
        }
        view
    }

    /// Where the pieces of a line are; empty when they are skipped.
    pub(super) fn of(&self, line: usize) -> &[Place] {
        self.0.get(&line).map_or(&[], Vec::as_slice)
    }
}

/// A block that is open.
#[derive(Clone, Copy)]
enum Open {
    /// Of keywords.
    Keywords(&'static Block),
    /// Of values: a brace is one too.
    Values(&'static str),
    /// It is skipped; so many braces are open.
    Skipped(usize),
}

struct Walk<'w> {
    entries: &'w [Entry],
    process: Option<Process>,
    open: Vec<Open>,
}

#[derive(Default)]
struct Step {
    /// Where the piece is, unless it is skipped.
    place: Option<Place>,
    /// The next piece is the brace of the block that begins.
    takes_open: bool,
}

impl Walk<'_> {
    fn step(&mut self, piece: &Piece, opens: bool) -> Step {
        if let Some(Open::Skipped(depth)) = self.open.last_mut() {
            *depth = match piece {
                Piece::Open => *depth + 1,
                Piece::Close => *depth - 1,
                Piece::Statement(_) => *depth,
            };
            if *depth == 0 {
                self.open.pop();
            }
            return Step::default();
        }
        let place = self.place();
        match (piece, self.open.last()) {
            (Piece::Close, _) => drop(self.open.pop()),
            (Piece::Open, _) | (Piece::Statement(_), Some(Open::Values(_))) => {}
            (Piece::Statement(keyword), _) => return self.statement(keyword, place, opens),
        }
        Step { place: Some(place), takes_open: false }
    }

    fn statement(&mut self, keyword: &str, place: Place, opens: bool) -> Step {
        let around = match self.open.last() {
            None => "",
            Some(Open::Keywords(block)) => block.name,
            Some(Open::Values(_) | Open::Skipped(_)) => unreachable!("no keywords stand there"),
        };
        let block = Block::opened(around, keyword).filter(|block| !block.of_values);
        let row = self.entries.iter().find(|entry| entry.block == around && entry.name == keyword);
        let values = row.filter(|row| row.takes.is_some_and(|takes| takes.words.contains("{ ")));
        let begins = match (block, values) {
            (Some(block), _) => Open::Keywords(block),
            (None, Some(row)) => Open::Values(row.name),
            (None, None) => {
                // A setting at the top is the parent's; what nobody knows, everybody complains of.
                let foreign = self.process.is_some_and(|process| process != Process::Parent);
                let skipped = around.is_empty() && row.is_some() && foreign;
                return Step { place: (!skipped).then_some(place), takes_open: false };
            }
        };
        if around.is_empty() && !self.process.is_none_or(|process| process.reads(keyword)) {
            // Without its brace there is nothing that could be skipped.
            self.open.extend(opens.then_some(Open::Skipped(1)));
            return Step { place: None, takes_open: opens };
        }
        self.open.push(begins);
        Step { place: Some(place), takes_open: opens }
    }

    fn place(&self) -> Place {
        let name = |open: &Open| match open {
            Open::Keywords(block) => Some(block.name),
            Open::Values(name) => Some(*name),
            Open::Skipped(_) => None,
        };
        self.open.iter().filter_map(name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::pieces::pieces;
    use super::*;

    #[test]
    fn a_brace_too_many_divides_the_processes() {
        let text =
            "vrrp_instance A {\ntrack_script {\na\n{\n}\n}\nvirtual_server 192.0.2.1 80 {\n}\n";
        let pieces = pieces(text);
        let view = |process| View::new(&pieces, process);
        let (ours, vrrp) = (view(None), view(Some(Process::Vrrp)));
        assert_eq!(ours.of(3), [["vrrp_instance", "track_script"]]);
        assert_eq!(ours.of(6), [["vrrp_instance"]]);
        assert_eq!(vrrp.of(6), ours.of(6));
        assert!(view(Some(Process::Bfd)).of(6).is_empty());
        // The checkers have not seen the end of the first block yet.
        let checker = view(Some(Process::Checker));
        assert!(checker.of(8).is_empty());
        assert_eq!(ours.of(8), [["virtual_server"]]);
    }

    #[test]
    fn settings_at_the_top_are_read_by_the_parent() {
        let pieces = pieces("child_wait_time 5\nnosuch 5\n");
        let view = |process| View::new(&pieces, Some(process));
        assert_eq!(view(Process::Parent).of(1), [[""; 0]]);
        assert!(view(Process::Vrrp).of(1).is_empty());
        assert_eq!(view(Process::Vrrp).of(2), [[""; 0]]);
    }
}
