//! What 2,000 checks a second cost a daemon, in a guest: beside Debian's keepalived.

use std::time::{Duration, Instant};

use testkit::beside::{self, Programs, Report, Samples, say};
use testkit::lab::Program;

use crate::rack::{CHECKS, Rack, SETTLED, SIZE};
use crate::settings::Settings;

const LOOKED: Duration = Duration::from_secs(10);
const MIB: f64 = 1024.0;

struct Run {
    percent: f64,
    mebibytes: f64,
}

/// Lets them check and reports what that takes.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let runs = programs.take_turns(settings.runs, run);
    let mut row = |what: &str, of: fn(&Run) -> f64| {
        let samples = runs.map(|runs| Samples::new(runs.iter().map(of)));
        report.row(&format!("2,000 checks a second: {what}"), &samples, "");
    };
    row("processor, % of the guest's", |run| run.percent);
    row("memory, MiB", |run| run.mebibytes);
}

fn run(program: &Program) -> Run {
    let rack = Rack::new("checking");
    let daemon = rack.director.daemon(program).start(&SIZE.with_checks(CHECKS));
    std::thread::sleep(SETTLED * 2);
    let (start, before) = (Instant::now(), daemon.usage());
    std::thread::sleep(LOOKED);
    let (time, after) = (start.elapsed().as_secs_f64(), daemon.usage());
    let percent = after.cpu.saturating_sub(before.cpu).as_secs_f64() / time * 100.0;
    let mebibytes = after.memory_kib as f64 / MIB;
    say(&format!("checking, {}: {percent:.1} %, {mebibytes:.1} MiB", beside::name(program)));
    Run { percent, mebibytes }
}
