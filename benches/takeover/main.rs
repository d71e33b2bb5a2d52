//! How fast addresses move, measured beside Debian's keepalived in the same run, turn by turn.
//! Both ends of every pair run the same program, in network namespaces; needs root and Debian's
//! packages `keepalived` and `iproute2`. Asserts nothing about time, but fails when a run could
//! not be made.
//!
//! `cargo bench --bench takeover [-- PART…]`, where the parts are those of [`PARTS`].
//! `BENCH_RUNS` sets how often each is repeated, `BENCH_WATCH` for how many seconds a pair with a
//! thousand addresses is watched for flaps, `BENCH_LATENESS` for how many adverts are timed.

mod failover;
mod lateness;
mod memory;
mod pair;
mod settings;
mod stop;
mod thousand;

use std::env;
use std::path::Path;

use settings::Settings;
use testkit::beside::{Programs, Report, say};

/// Name of a part on the command line, and what measures it.
const PARTS: [(&str, Measure); 5] = [
    ("failover", failover::measure),
    ("thousand", thousand::measure),
    ("stop", stop::measure),
    ("memory", memory::measure),
    ("lateness", lateness::measure),
];

type Measure = fn(&Programs, &Settings, &mut Report);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if !arguments.iter().any(|word| word == "--bench") {
        say("a benchmark takes minutes: run it with `cargo bench --bench takeover`");
        return;
    }
    let wanted: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let programs = Programs::find(env!("CARGO_BIN_EXE_keepalived"));
    let settings = Settings::read();
    let title =
        format!("{} runs of each program, turn by turn, 10 ms adverts, VRRPv3", settings.runs);
    let mut report = Report::new(&programs, &title);
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| *word == name) {
            measure(&programs, &settings, &mut report);
        }
    }
    report.publish(&Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench-takeover.md"));
}
