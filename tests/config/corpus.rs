//! Configurations that people published: ours says of each what keepalived says, and prints what
//! it understood so that it is understood again.
//!
//! `KEEPALIVED_CORPUS` names a directory with `NNN-*.conf` and `expected/NNN.txt`, its exit
//! status and its output; `corpus/machine.rs` rebuilds the machine that these were made on, and
//! `corpus/excuses.rs` explains every difference.

mod excuses;
mod machine;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::reread::{assert_none, lost};
use crate::verdict::{Difference, Verdict};
use excuses::{EXCUSES, Excuse, What};
use machine::Machine;

const DID_NOT_RUN: &str = "*** KEEPALIVED_CORPUS is not set: the corpus part DID NOT RUN ***";

#[test]
fn published_files_are_judged_as_keepalived_does() {
    let Some(directory) = corpus() else {
        println!("{DID_NOT_RUN}");
        return;
    };
    let machine = Machine::new(&directory, "judged");
    let files = configurations(&directory);
    let mut used = BTreeSet::new();
    let mut unexplained = 0;
    for path in &files {
        let number = number(path);
        let report = conf::load(path, &machine.environment).report;
        assert!(!report.render(false).contains('\0'));
        let (ours, original) = (Verdict::ours(&report), expected(&directory, number));
        for found in ours.differences(&original) {
            match EXCUSES.iter().position(|excuse| covers(excuse, number, found)) {
                Some(at) => {
                    used.insert(at);
                }
                None => {
                    unexplained += 1;
                    println!("{}: {}", path.display(), describe(found, &ours, &original));
                }
            }
        }
    }
    let unused: Vec<_> = (0..EXCUSES.len()).filter(|at| !used.contains(at)).collect();
    let unused: Vec<_> = unused.into_iter().map(|at| &EXCUSES[at]).collect();
    assert!(EXCUSES.len() <= 15, "{} differences are too many to explain", EXCUSES.len());
    assert!(unused.is_empty(), "nothing differs any more: {unused:#?}");
    assert!(unexplained == 0, "{unexplained} differences without an explanation");
    println!("*** corpus: {} files, {} explained differences", files.len(), EXCUSES.len());
    for Excuse { file, why, .. } in EXCUSES {
        println!("    {file:03}: {why}");
    }
}

/// Reading enters no network namespace, so neither does this for the file that names one.
#[test]
fn what_is_printed_of_published_files_is_the_same_configuration() {
    let Some(directory) = corpus() else {
        println!("{DID_NOT_RUN}");
        return;
    };
    let machine = Machine::new(&directory, "printed");
    let files = configurations(&directory);
    let lost = files.iter().filter_map(|path| {
        let config = conf::load(path, &machine.environment).config;
        lost(&path.display().to_string(), &config, &machine.environment)
    });
    assert_none(&lost.collect::<Vec<_>>());
    println!("*** corpus: {} files are the same when they are printed and read again", files.len());
}

/// Where the published files are.
fn corpus() -> Option<PathBuf> {
    std::env::var_os("KEEPALIVED_CORPUS").map(PathBuf::from)
}

fn configurations(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory)
        .expect("the corpus can be listed")
        .map(|entry| entry.expect("the corpus can be listed").path());
    let is_configuration =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "conf");
    let mut files: Vec<_> = entries.filter(is_configuration).collect();
    files.sort();
    assert!(files.len() >= 72, "only {} files in {}", files.len(), directory.display());
    files
}

fn number(path: &Path) -> u16 {
    let name = path.file_name().expect("the corpus can be listed").to_string_lossy();
    name.split('-').next().and_then(|number| number.parse().ok()).expect("NNN-name.conf")
}

fn expected(directory: &Path, number: u16) -> Verdict {
    let path = directory.join(format!("expected/{number:03}.txt"));
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = String::from_utf8_lossy(&text);
    let (first, output) = text.split_once('\n').unwrap_or((&text, ""));
    let status = first.strip_prefix("exit status: ").and_then(|status| status.parse().ok());
    Verdict::original(status.expect("the first line is the exit status"), output)
}

fn covers(excuse: &Excuse, number: u16, found: Difference) -> bool {
    excuse.file == number
        && excuse.what.iter().any(|what| match (what, found) {
            (What::Status, Difference::Status { .. }) => true,
            (What::OnlyOurs(lines), Difference::OnlyOurs(line)) => lines.contains(&line),
            (What::OnlyOriginal(lines), Difference::OnlyOriginal(line)) => lines.contains(&line),
            (What::Status | What::OnlyOurs(_) | What::OnlyOriginal(_), _) => false,
        })
}

fn describe(found: Difference, ours: &Verdict, original: &Verdict) -> String {
    match found {
        Difference::Status { .. } => format!("{found:?}"),
        Difference::OnlyOurs(line) => format!("{found:?}: {}", ours.about(line)),
        Difference::OnlyOriginal(line) => format!("{found:?}: {}", original.about(line)),
    }
}
