//! What is generated from the rows for people and editors: `docs/keywords.md`, the keyword part of
//! keepalived.conf(5), and syntax files for Vim and VS Code.
//!
//! The rows say what stands in a block, `conf::BLOCKS` where the blocks stand; how both are shown is
//! decided in a module per format.

mod man;
mod markdown;
mod vim;
mod vscode;

use std::fs;
use std::path::Path;

use conf::{Block, Entry, WordHelp};

use crate::generated::{self, Generated};

/// A block with its own rows.
pub(crate) struct Chapter {
    pub(crate) block: &'static Block,
    pub(crate) rows: Vec<Entry>,
    /// The options within its lines, where it is a block of values.
    pub(crate) words: Vec<WordHelp>,
}

impl Chapter {
    /// The names of every row, those that it shares included.
    fn keywords<'a>(&'a self, all: &'a [Self]) -> impl Iterator<Item = &'static str> + 'a {
        let shared = self.block.shares.into_iter().flat_map(move |shares| {
            let other = all.iter().find(|other| other.block.name == shares.block);
            let rows = other.map_or(&[][..], |other| &other.rows);
            rows.iter().map(|row| row.name).filter(move |name| shares.takes(name))
        });
        let mut names: Vec<_> = self.rows.iter().map(|row| row.name).chain(shared).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter()
    }

    /// The blocks that stand in it.
    fn inner(&self) -> impl Iterator<Item = &'static Block> {
        let inside = |block: &&'static Block| block.within.contains(&self.block.name);
        conf::BLOCKS.iter().filter(inside).filter(|block| !block.of_values)
    }

    /// What people call it.
    fn title(&self) -> &'static str {
        if self.block.name.is_empty() { "The top of a file" } else { self.block.name }
    }

    /// Where it stands and what else opens it, each as a sentence; `mark` sets keywords off.
    fn remarks(&self, mark: impl Fn(&str) -> String) -> Vec<String> {
        let mut all = Vec::new();
        let list =
            |words: &[&str]| words.iter().map(|word| mark(word)).collect::<Vec<_>>().join(", ");
        match self.block.within {
            [] => {}
            [""] => all.push("Stands at the top of a file.".to_owned()),
            within => all.push(format!("Stands in {}.", list(within))),
        }
        if self.block.of_values {
            all.push("These words stand within its lines.".to_owned());
        }
        if !self.block.aliases.is_empty() {
            all.push(format!("The same keywords stand in {}.", list(self.block.aliases)));
        }
        if let Some(shares) = self.block.shares {
            let of = mark(shares.block);
            all.push(match shares.only {
                None => format!("Has the keywords of {of} as well."),
                Some(only) => format!("Has these of {of} as well: {}.", list(only)),
            });
        }
        all
    }
}

fn chapters() -> Vec<Chapter> {
    let entries = conf::reference();
    let rows =
        |block: &Block| entries.iter().filter(|row| row.block == block.name).copied().collect();
    let words = |block: &Block| conf::words_of(block.name);
    let all =
        conf::BLOCKS.iter().map(|block| Chapter { block, rows: rows(block), words: words(block) });
    all.collect()
}

#[test]
fn what_is_generated_from_the_rows_is_up_to_date() {
    let chapters = chapters();
    let page = "docs/keepalived.conf.5";
    let frame = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let man = generated::splice(&frame, man::MARKERS, &man::keywords(&chapters));
    generated::compare(&[
        Generated { path: "docs/keywords.md", text: markdown::page(&chapters) },
        Generated { path: page, text: man.expect("both markers are in the manual") },
        Generated { path: "syntax/vim/keepalived.vim", text: vim::syntax(&chapters) },
        Generated { path: "syntax/vscode/package.json", text: vscode::package() },
        Generated {
            path: "syntax/vscode/syntaxes/keepalived.tmLanguage.json",
            text: vscode::grammar(&chapters),
        },
    ]);
}
