//! Ours beside Debian's `keepalived -t` on generated files: both say the same of each.
//!
//! `DIFFERENTIAL_FILES` says how many, `DIFFERENTIAL_SEED` with which number they begin. What may
//! differ is in `differential/classes.rs`; `DIFFERENTIAL_SHOW` shows each difference of the classes
//! whose reasons contain these words.

mod case;
mod classes;
mod found;
mod odd_words;
mod original;
mod pieces;
mod processes;
mod wording;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use conf::Environment;

use crate::generate::{Pieces, configuration};
use crate::verdict::{Difference, Verdict};
use crate::{cases, environment};
use case::Case;
use found::{FOUND, Found};

/// How many of the differences that nothing explains are shown.
const SHOWN: usize = 5;

#[test]
fn generated_files_are_judged_as_keepalived_does() {
    let (first, count) = (number("DIFFERENTIAL_SEED", 1), number("DIFFERENTIAL_FILES", 150));
    let pieces = Pieces::read(&cases());
    let texts: Vec<String> =
        (first..first + count).map(|seed| configuration(seed, &pieces)).collect();
    let tally = compare("generated", first, &texts);
    println!("{tally}");
    assert!(tally.agree * 2 > texts.len(), "most files have to agree in everything");
    assert!(tally.crashed * 20 <= texts.len(), "2.2.7 came to no end for {}", tally.crashed);
    assert!(tally.unexplained == 0, "{} files differ and nothing explains it", tally.unexplained);
}

/// `DIFFERENTIAL_WORDS` says how many of all statements, spread over them; each once more than that.
#[test]
fn odd_words_are_judged_as_keepalived_does() {
    let texts = sample(odd_words::all(&Pieces::read(&cases())));
    let tally = compare("words", 0, &texts);
    println!("{tally}");
    assert!(tally.unexplained == 0, "{} files differ and nothing explains it", tally.unexplained);
}

/// Of what both complain about, both say the same.
#[test]
fn complaints_of_load_balancing_have_the_words_of_keepalived() {
    let mut used = BTreeSet::new();
    let mut texts = wording::whole_files(&cases());
    let whole = texts.len();
    let mut odd = odd_words::all(&Pieces::read(&cases()));
    odd.retain(|text| wording::is_compared(text));
    texts.extend(sample(odd));
    let mut different = Vec::new();
    for (at, (text, original)) in texts.iter().zip(original::judge("wording", &texts)).enumerate() {
        if original.status > 6 {
            continue;
        }
        let ours = Verdict::ours(&conf::load_text("t.conf", text.as_bytes(), &machine()).report);
        for found in wording::differences(text, &ours, &original) {
            match found.row() {
                Some(row) if at < whole => drop(used.insert(row.why)),
                Some(_) => {}
                None => different.push(found.to_string()),
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    let unused = wording::OTHERWISE.iter().filter(|row| !used.contains(row.why));
    let unused: Vec<_> = unused.map(|row| row.why).collect();
    assert!(unused.is_empty(), "these explain nothing any more: {unused:?}");
}

/// As many of them as are wanted, spread over all.
fn sample(all: Vec<String>) -> Vec<String> {
    let count = usize::try_from(number("DIFFERENTIAL_WORDS", 150)).unwrap_or(usize::MAX);
    let step = all.len().div_ceil(count.max(1)).max(1);
    all.into_iter().step_by(step).collect()
}

#[test]
fn what_was_found_is_explained_as_it_was() {
    let file = |found: &Found| format!("{}{}", odd_words::INSTANCE, found.text);
    let texts: Vec<String> = FOUND.iter().map(file).collect();
    let tally = compare("found", 0, &texts);
    println!("{tally}");
    assert!(tally.unexplained == 0, "{} files differ and nothing explains it", tally.unexplained);
    for class in FOUND.iter().filter_map(|found| found.class) {
        let used = tally.explained.keys().any(|why| why.contains(class));
        assert!(used, "`{class}` explains nothing any more");
    }
    let mended = FOUND.iter().filter(|found| found.class.is_none()).count();
    assert!(tally.agree == mended, "{} files agree, {mended} are to", tally.agree);
}

/// How many files there are of each kind, and what is to be said of single ones.
#[derive(Default)]
struct Tally {
    files: usize,
    agree: usize,
    unexplained: usize,
    crashed: usize,
    explained: BTreeMap<&'static str, usize>,
    shown: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, agree, crashed, .. } = self;
        self.shown.iter().try_for_each(|text| writeln!(f, "{text}"))?;
        writeln!(f, "*** differential: {files} files, {agree} without any difference")?;
        writeln!(f, "    {crashed:5} files at which 2.2.7 crashes or hangs")?;
        let mut explained = self.explained.iter();
        explained.try_for_each(|(class, times)| writeln!(f, "    {times:5} x {class}"))
    }
}

/// Judges each text by both.
fn compare(label: &str, first: u64, texts: &[String]) -> Tally {
    let shown = std::env::var("DIFFERENTIAL_SHOW");
    let mut tally = Tally { files: texts.len(), ..Tally::default() };
    for (seed, (text, original)) in (first..).zip(texts.iter().zip(original::judge(label, texts))) {
        // Nothing can be compared where it died.
        if original.status > 6 {
            tally.crashed += 1;
            continue;
        }
        let ours = Verdict::ours(&conf::load_text("t.conf", text.as_bytes(), &machine()).report);
        let mut case = Case::new(text, &ours, &original);
        let differences = case.explain();
        tally.agree += usize::from(differences.is_empty());
        let mut strange = Vec::new();
        for (found, class) in differences {
            let Some(class) = class else {
                strange.push(found);
                continue;
            };
            *tally.explained.entry(class).or_default() += 1;
            if shown.as_ref().is_ok_and(|words| class.contains(words)) {
                tally.shown.push(format!("seed {seed}: {} ({class})", describe(&case, found)));
            }
        }
        tally.unexplained += usize::from(!strange.is_empty());
        if (!strange.is_empty() && tally.unexplained <= SHOWN) || texts.len() == 1 {
            tally.shown.push(show(seed, &case));
        }
        for found in strange {
            tally.shown.push(format!("seed {seed}: {}", describe(&case, found)));
        }
    }
    tally
}

/// What the namespace of the original looks like; kernels without ipvlan and VRF exist.
fn machine() -> Environment {
    let processors = std::thread::available_parallelism().ok();
    let Environment { mut links, .. } = environment();
    links.retain(|link| !["ipv0", "ipv1", "vrf0"].contains(&link.name.as_str()));
    Environment {
        links,
        host_name: original::HOST_NAME.to_owned(),
        processors: processors.and_then(|count| u32::try_from(count.get()).ok()),
        ..environment()
    }
}

fn number(variable: &str, usual: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text}")))
}

/// The whole file, and what is said of no line.
fn show(seed: u64, case: &Case<'_>) -> String {
    let lines = (1..).zip(case.text.lines()).map(|(line, text)| format!("{line:4} {text}\n"));
    format!(
        "--- DIFFERENTIAL_SEED={seed} DIFFERENTIAL_FILES=1\n{}ours of the whole: {:?}\n\
         original of the whole: {:?}",
        lines.collect::<String>(),
        case.ours.unplaced,
        case.original.unplaced
    )
}

fn describe(case: &Case<'_>, found: Difference) -> String {
    match found {
        Difference::Status { .. } => {
            let stop = |verdict: &Verdict| {
                verdict.stops_at.map(|line| format!("{line} `{}`", case.line(line)))
            };
            let stops = (stop(case.ours), stop(case.original));
            format!("{found:?}, they stop at {stops:?}")
        }
        Difference::OnlyOurs(line) => {
            format!("{found:?} `{}` {}", case.line(line), case.ours.about(line))
        }
        Difference::OnlyOriginal(line) => {
            format!("{found:?} `{}` {}", case.line(line), case.original.about(line))
        }
    }
}
