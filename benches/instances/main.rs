//! What many virtual routers on one director cost, and how fast all of them move, measured beside
//! Debian's keepalived in the same run, turn by turn. Needs root and Debian's packages
//! `keepalived` and `iproute2`. Asserts nothing about time, but fails when a run could not be made.
//!
//! `cargo bench --bench instances [-- PART…]`, where the parts are those of [`PARTS`].
//! `BENCH_RUNS` sets how often each is repeated, `BENCH_SECONDS` for how long processor time is
//! counted and adverts are timed.

mod cpu;
mod lateness;
mod pair;
mod takeover;

use std::env;
use std::path::Path;
use std::time::Duration;

use testkit::beside::{Programs, Report, from_environment, say};

/// Name of a part on the command line, and what measures it.
const PARTS: [(&str, Measure); 4] = [
    ("cpu", cpu::measure),
    ("takeover", takeover::fast),
    ("addresses", takeover::with_addresses),
    ("lateness", lateness::measure),
];

type Measure = fn(&Programs, &Settings, &mut Report);

/// How much is measured.
struct Settings {
    /// Runs of each program in each part; `BENCH_RUNS`.
    runs: usize,
    /// How long one run is watched; `BENCH_SECONDS`.
    watch: Duration,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if !arguments.iter().any(|word| word == "--bench") {
        say("a benchmark takes minutes: run it with `cargo bench --bench instances`");
        return;
    }
    let wanted: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let programs = Programs::find(env!("CARGO_BIN_EXE_keepalived"));
    let settings = Settings {
        runs: from_environment("BENCH_RUNS", 5),
        watch: Duration::from_secs(from_environment("BENCH_SECONDS", 10)),
    };
    let title = format!("{} runs of each program, turn by turn, VRRPv3", settings.runs);
    let mut report = Report::new(&programs, &title);
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| *word == name) {
            measure(&programs, &settings, &mut report);
        }
    }
    report.publish(&Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench-instances.md"));
}
