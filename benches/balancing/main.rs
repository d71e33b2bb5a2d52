//! How fast the kernel's table follows, and whether checks hold adverts up, measured beside
//! Debian's keepalived in the same run, turn by turn. What needs IPVS runs in guests with a kernel
//! of their own (User-Mode Linux, one processor); needs root and Debian's packages `keepalived`,
//! `ipvsadm`, `iproute2`, `nginx` and `user-mode-linux`. Asserts nothing about time, but fails
//! when a run could not be made.
//!
//! `cargo bench --bench balancing [-- PART…]`, where the parts are those of [`PARTS`].
//! `BENCH_RUNS` sets how often each is repeated.

mod adverts;
mod checking;
mod checks;
mod contention;
mod dying;
mod fresh;
mod large;
mod listeners;
mod many;
mod rack;
mod settings;
mod start;
mod table;
mod virtual_servers;

use std::env;
use std::path::Path;
use std::time::Duration;

use settings::Settings;
use testkit::beside::{Programs, Report, say};
use testkit::guest::{self, Guest};

type Measure = fn(&Programs, &Settings, &mut Report);

/// One part of the benchmark.
struct Part {
    /// On the command line.
    name: &'static str,
    measure: Measure,
    /// Whether it needs a kernel with IPVS.
    in_guest: bool,
}

const PARTS: [Part; 7] = [
    Part { name: "start", measure: start::measure, in_guest: true },
    Part { name: "large", measure: large::measure, in_guest: true },
    Part { name: "dying", measure: dying::measure, in_guest: true },
    Part { name: "checking", measure: checking::measure, in_guest: true },
    Part { name: "adverts", measure: adverts::measure, in_guest: true },
    Part { name: "contention", measure: contention::measure, in_guest: false },
    Part { name: "many", measure: many::measure, in_guest: false },
];

/// Generous: what takes longer does not end.
const LIMIT: Duration = Duration::from_secs(1_800);
const FILE: &str = "bench-balancing.md";

/// Some of what is measured beside is this program again.
fn be_a_part(arguments: &[String]) {
    let [word, what] = arguments else { return };
    match word.as_str() {
        checks::WORD => checks::run_for_ever(what),
        listeners::WORD => listeners::run_for_ever(what),
        _ => {}
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    be_a_part(&arguments);
    if !arguments.iter().any(|word| word == "--bench") {
        say("a benchmark takes minutes: run it with `cargo bench --bench balancing`");
        return;
    }
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    let programs = Programs::find(env!("CARGO_BIN_EXE_keepalived"));
    let settings = Settings::read();
    let title = format!(
        "{} runs of each program, turn by turn, mostly in a guest with IPVS",
        settings.runs
    );
    let mut report = Report::new(&programs, &title);
    for part in PARTS.iter().filter(|part| words.is_empty() || words.contains(&part.name)) {
        if part.in_guest && !guest::is_inside() {
            say(&format!("part {}, in a guest", part.name));
            let guest = Guest::new().limit(LIMIT);
            report.take(&guest.ask_program(&["--bench", part.name]));
        } else {
            (part.measure)(&programs, &settings, &mut report);
        }
    }
    if guest::is_inside() {
        report.hand_out();
    } else {
        report.publish(&Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(FILE));
    }
}
