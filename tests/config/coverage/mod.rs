//! Every keyword of every table stands in a golden with a good, a boundary and a bad value.
//!
//! The marks of `cases/kw-*.conf` are compared with what the reader really says about their lines,
//! and counted for each row. `coverage.txt` lists the result and every hole.

mod marks;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use conf::{Class, Diagnostic, Entry};
use marks::{Kind, Mark};

use crate::generated::{self, Generated};

/// Rows without a value that passes in silence: what they lack, and why.
const EXEMPT: &[(&str, &str, &[&str], &str)] = &[(
    "global_defs",
    "vrrp_iptables",
    &["good", "boundary"],
    "an error whatever stands behind it: iptables is not supported, as where keepalived lacks it",
)];

/// The marks that each row has; a row is named by its block and its keyword.
type Covered = BTreeMap<(&'static str, &'static str), BTreeSet<Kind>>;

#[test]
fn every_keyword_has_its_goldens() {
    let entries = conf::reference();
    let mut covered = Covered::new();
    let mut wrong = Vec::new();
    for path in files() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap_or_default().display().to_string();
        match marks::read(&text) {
            Ok(marks) => wrong.extend(
                check(&path, &marks, &entries, &mut covered).map(|why| format!("{name} {why}")),
            ),
            Err(why) => wrong.push(format!("{name} {why}")),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let (list, holes) = list(&entries, &covered);
    generated::compare(&[Generated { path: "tests/config/coverage.txt", text: list }]);
    assert!(holes.is_empty(), "give them marks in cases/kw-*.conf:\n{}", holes.join("\n"));
}

#[test]
fn every_exemption_has_its_row_and_its_reason() {
    let entries = conf::reference();
    for (block, name, _, why) in EXEMPT {
        let is_row = |entry: &&Entry| (entry.block, entry.name) == (*block, *name);
        assert!(entries.iter().find(is_row).is_some() && !why.is_empty(), "{block} {name}");
    }
}

fn files() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/cases");
    let paths =
        fs::read_dir(directory).expect("the cases").map(|entry| entry.expect("a case").path());
    let of_rows = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("kw-") && name.ends_with(".conf")
    };
    let mut files: Vec<_> = paths.filter(of_rows).collect();
    files.sort();
    files
}

/// Counts the marks of a file, and returns those that are not so.
fn check<'m>(
    path: &Path,
    marks: &'m [Mark],
    entries: &'m [Entry],
    covered: &'m mut Covered,
) -> impl Iterator<Item = String> + 'm {
    let loaded = conf::load(path, &crate::environment());
    let main = path.to_string_lossy().into_owned();
    let mut said: BTreeMap<usize, Vec<Diagnostic>> = BTreeMap::new();
    for found in loaded.report.diagnostics() {
        let Some(at) = found.span.map(|span| loaded.report.sources().position(span)) else {
            continue;
        };
        if at.file == main {
            said.entry(at.line).or_default().push(found.clone());
        }
    }
    marks.iter().filter_map(move |mark| {
        let on = |line: usize| said.get(&line).into_iter().flatten();
        // What a block lacks is said at its end; a brace too many is another matter.
        let at_end = mark.closed.into_iter().flat_map(on);
        let at_end = at_end.filter(|found| found.class != Class::UnexpectedClose);
        let here: Vec<_> = on(mark.line).chain(at_end).collect();
        let why = match mark.block.row(entries, &mark.keyword) {
            Some(entry) => {
                covered.entry((entry.block, entry.name)).or_default().insert(mark.kind);
                disagreement(mark.kind, &here)?
            }
            // That it does not belong here is what the mark is about.
            None if mark.kind == Kind::Bad && !here.is_empty() => return None,
            None => format!("`{}` is no keyword of `{}`", mark.keyword, mark.block.name),
        };
        Some(format!("line {}, marked {:?}: {why}", mark.line, mark.kind))
    })
}

/// What is not so about a mark.
fn disagreement(kind: Kind, said: &[&Diagnostic]) -> Option<String> {
    // That a spelling is old is said about every value.
    let of_the_word = |found: &Diagnostic| found.class == Class::Deprecated;
    match kind {
        Kind::Good | Kind::Boundary | Kind::Flag => {
            let harmless = |found: &Diagnostic| found.class == Class::Notice || of_the_word(found);
            said.iter().find(|found| !harmless(found)).map(|found| found.message.clone())
        }
        Kind::Bad => {
            let counts = |found: &&&Diagnostic| {
                !of_the_word(found) && !found.message.contains("has no effect yet")
            };
            let none = said.iter().find(counts).is_none();
            none.then(|| "nothing is said about the value".to_owned())
        }
    }
}

/// How many rows of each block are covered, and what the others lack; and every hole of all.
fn list(entries: &[Entry], covered: &Covered) -> (String, Vec<String>) {
    let (mut all, mut whole, mut body, mut holes) = (0, 0, String::new(), Vec::new());
    for block in conf::BLOCKS {
        let rows: Vec<_> = entries.iter().filter(|entry| entry.block == block.name).collect();
        if rows.is_empty() {
            continue;
        }
        let here: Vec<_> = rows.iter().filter_map(|row| hole(row, covered)).collect();
        all += rows.len();
        whole += rows.len() - here.len();
        let name = if block.name.is_empty() { "the top of a file" } else { block.name };
        // Writing to a string cannot fail.
        let _ = writeln!(body, "\n{name} {}/{}", rows.len() - here.len(), rows.len());
        here.iter().for_each(|hole| body.extend(["  ", hole, "\n"]));
        let of_block = EXEMPT.iter().filter(|(exempt, ..)| *exempt == block.name);
        for (_, keyword, without, why) in of_block {
            let _ = writeln!(body, "  {keyword} without {}: {why}", without.join(", "));
        }
        holes.extend(here.iter().map(|hole| format!("{name}, {hole}")));
    }
    let text = format!("{HEAD}\nall {whole}/{all}\n{body}");
    (text, holes)
}

const HEAD: &str = "\
Generated by `UPDATE_GOLDENS=1 cargo test --test config`: rows with a flag mark, or with good, boundary
and bad marks, in cases/kw-*.conf. What a row lacks stands below its block.
";

/// What a row lacks and is not exempt from, or is exempt from and does not lack.
fn hole(row: &Entry, covered: &Covered) -> Option<String> {
    let lacks = lacks(covered.get(&(row.block, row.name)));
    let exempt = EXEMPT.iter().find(|(block, name, ..)| (*block, *name) == (row.block, row.name));
    let without = exempt.map_or(&[][..], |(_, _, without, _)| without);
    if lacks == without {
        return None;
    }
    let needed = without.iter().all(|kind| lacks.contains(kind));
    let why = if needed { "" } else { " (its exemption is not needed)" };
    Some(format!("{}: {}{why}", row.name, lacks.join(", ")))
}

/// What a row lacks.
fn lacks(marks: Option<&BTreeSet<Kind>>) -> Vec<&'static str> {
    let has = |kind| marks.is_some_and(|marks| marks.contains(&kind));
    if has(Kind::Flag) {
        return Vec::new();
    }
    let values = [(Kind::Good, "good"), (Kind::Boundary, "boundary"), (Kind::Bad, "bad")];
    values.into_iter().filter_map(|(kind, name)| (!has(kind)).then_some(name)).collect()
}
