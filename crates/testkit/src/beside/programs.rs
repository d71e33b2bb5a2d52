//! The two programs that are compared, and the order in which they take turns.

use std::process::Command;

use crate::lab::Program;

/// Ours and Debian's.
#[derive(Clone, Debug)]
pub struct Programs {
    original: Program,
    ours: Program,
}

/// Something of each program.
#[derive(Clone, Debug)]
pub struct Both<T> {
    /// Of Debian's keepalived.
    pub original: T,
    /// Of ours.
    pub ours: T,
}

impl Programs {
    /// Finds both; ours is `built` unless the environment names another.
    ///
    /// # Panics
    /// When one is not there.
    pub fn find(built: &str) -> Self {
        let programs = Self { original: Program::Original, ours: Program::ours(built) };
        programs.original.path();
        programs.ours.path();
        programs
    }

    /// Does the same with each program `runs` times; who goes first changes with every turn.
    pub fn take_turns<T>(&self, runs: usize, mut run: impl FnMut(&Program) -> T) -> Both<Vec<T>> {
        let (mut original, mut ours) = (Vec::new(), Vec::new());
        for turn in 0..runs {
            if turn % 2 == 0 {
                original.push(run(&self.original));
                ours.push(run(&self.ours));
            } else {
                ours.push(run(&self.ours));
                original.push(run(&self.original));
            }
        }
        Both { original, ours }
    }

    /// What Debian's program calls itself: `keepalived 2.2.7`.
    pub fn original_version(&self) -> String {
        let output = Command::new(self.original.path()).arg("--version").output();
        let text = output.map(|output| [output.stderr, output.stdout].concat());
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        let mut words = text.split_whitespace();
        let version = words.find_map(|word| word.strip_prefix('v'));
        format!("keepalived {}", version.unwrap_or("of unknown version"))
    }
}

impl<T> Both<T> {
    /// Does the same to both.
    pub fn map<U>(&self, mut to: impl FnMut(&T) -> U) -> Both<U> {
        Both { original: to(&self.original), ours: to(&self.ours) }
    }
}

/// What a program is called in lines about a running measurement.
pub fn name(program: &Program) -> &'static str {
    if program.is_ours() { "ours" } else { "keepalived" }
}
