//! The processor time of a director with 250 virtual routers at 10 ms: 25,000 adverts a second.

use std::thread;
use std::time::Instant;

use testkit::beside::{Both, Programs, Report, Samples, name, say};
use testkit::lab::{Daemon, Program};

use crate::Settings;
use crate::pair::{Pair, Setup};

const SETUP: Setup = Setup {
    label: "processor time",
    instances: 250,
    interval: "0.01",
    addresses: 1,
    detail: false,
    adverts: false,
};

/// Percent of one processor.
struct Shares {
    master: f64,
    backup: f64,
}

/// Reports masters and backups of one kind, and our backup behind keepalived's master.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let alike = programs.take_turns(settings.runs, |program| run(program, program, settings));
    let shares =
        |of: fn(&Shares) -> f64| alike.map(|runs: &Vec<Shares>| Samples::new(runs.iter().map(of)));
    report.row("250 × 10 ms: master, % of a processor", &shares(|s| s.master), "≤ 0.3 ×");
    report.row("250 × 10 ms: backup, % of a processor", &shares(|s| s.backup), "≤ 0.3 ×");
    let behind = programs
        .take_turns(settings.runs, |program| run(&Program::Original, program, settings).backup);
    let behind: Both<Samples> = behind.map(|runs| Samples::new(runs.iter().copied()));
    report.row("the same behind keepalived's master: backup, %", &behind, "≤ 0.8 ×");
}

fn run(master: &Program, backup: &Program, settings: &Settings) -> Shares {
    let pair = Pair::start(master, backup, &SETUP);
    let (start, before) = (Instant::now(), [&pair.master, &pair.backup].map(spent));
    thread::sleep(settings.watch);
    let (time, after) = (start.elapsed().as_secs_f64(), [&pair.master, &pair.backup].map(spent));
    let shares = Shares {
        master: (after[0] - before[0]) / time * 100.0,
        backup: (after[1] - before[1]) / time * 100.0,
    };
    say(&format!(
        "250 × 10 ms, {} before {}: master {:.1} %, backup {:.1} %, {} flaps",
        name(master),
        name(backup),
        shares.master,
        shares.backup,
        pair.flaps()
    ));
    shares
}

fn spent(daemon: &Daemon) -> f64 {
    daemon.usage().cpu.as_secs_f64()
}
