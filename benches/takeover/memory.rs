//! What one instance costs in memory: proportional set size, summed over all processes.

use std::thread;
use std::time::Duration;

use testkit::lab::{Program, Usage};

use crate::pair::{Pair, Setup};
use crate::settings::Settings;
use testkit::beside::{self, Programs, Report, Samples, say};

const SETUP: Setup = Setup { label: "memory", addresses: 1, detail: true };
/// Long enough for everything that happens once to have happened.
const SETTLED: Duration = Duration::from_secs(3);
/// More would only repeat the same number.
const MOST_RUNS: usize = 3;

/// Reports what the master of a pair has in memory.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let used = programs.take_turns(settings.runs.min(MOST_RUNS), weigh_a_master);
    let memory = used.map(|runs| Samples::new(runs.iter().map(mebibytes)));
    report.row("memory of one instance, all processes (PSS, MiB)", &memory, "≤ 6");
    let processes = used.map(|runs| runs[0].processes.to_string());
    report.plain("processes of one instance", &processes, "1");
}

fn weigh_a_master(program: &Program) -> Usage {
    let pair = Pair::start(program, SETUP);
    thread::sleep(SETTLED);
    let usage = pair.master.usage();
    assert!(usage.memory_kib > 0, "no memory of {program:?} could be read");
    say(&format!("memory, {}: {} KiB", beside::name(program), usage.memory_kib));
    usage
}

fn mebibytes(usage: &Usage) -> f64 {
    Duration::from_millis(usage.memory_kib).as_secs_f64() * 1_000.0 / 1_024.0
}
