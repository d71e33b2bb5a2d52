//! 2,000 real servers that die together: from their death to the last of them out of the table.

use std::time::{Duration, Instant};

use testkit::beside::{self, Programs, Report, Samples, milliseconds, say};
use testkit::lab::Program;

use crate::fresh::LIMIT;
use crate::rack::{CHECKS, Rack, SETTLED, SIZE};
use crate::settings::Settings;

/// Kills them and reports how long they stay.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let runs = programs.take_turns(settings.runs, run);
    let samples = runs.map(|runs| Samples::of(runs.iter().copied()));
    let bound = format!("≤ {},000 (delay_loop + retry × delay_before_retry + 1 s)", CHECKS.bound());
    report.row("2,000 servers die: to the last out of the table", &samples, &bound);
}

fn run(program: &Program) -> Duration {
    let mut rack = Rack::new("dying");
    let table = rack.table();
    let start = Instant::now();
    let _daemon = rack.director.daemon(program).start(&SIZE.with_checks(CHECKS));
    if table.fill(SIZE, start, LIMIT).is_none() {
        rack.lab.fail("the table was not filled");
    }
    std::thread::sleep(SETTLED);
    if table.destinations() != SIZE.destinations() {
        rack.lab.fail("healthy servers left the table");
    }
    let start = Instant::now();
    rack.servers.stop();
    let Some(took) = table.drain(start, LIMIT) else { rack.lab.fail("dead servers stayed") };
    say(&format!("dying, {}: {:.0} ms", beside::name(program), milliseconds(took)));
    took
}
