//! 5,000 destinations: from the program's first moment to the last of them in the kernel, and from
//! the signal to an empty table and the end of the process. The kernel searches all destinations of
//! a service for each that is added: of one with 5,000 it takes some 150 ms, whoever adds them.

use std::time::Duration;

use testkit::beside::{self, Programs, Report, Samples, milliseconds, say};
use testkit::lab::Program;

use crate::fresh::{Fresh, Stop};
use crate::settings::Settings;
use crate::virtual_servers::Size;

const SIZES: [(Size, &str); 2] = [
    (Size { services: 1, servers: 5_000 }, "1 × 5,000 destinations"),
    (Size { services: 50, servers: 100 }, "50 × 100 destinations"),
];

struct Run {
    started: Duration,
    stop: Stop,
}

/// Starts and stops daemons and reports how long that takes.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    for (size, title) in SIZES {
        let runs = programs.take_turns(settings.runs, |program| run(program, size, title));
        let mut row = |what: &str, target: &str, of: fn(&Run) -> Duration| {
            let samples = runs.map(|runs| Samples::of(runs.iter().map(of)));
            report.row(&format!("{title}: {what}"), &samples, target);
        };
        row("exec to the last in the kernel", "≤ 0.33 ×", |run| run.started);
        row("TERM to an empty table", "", |run| run.stop.emptied.unwrap_or(run.stop.ended));
        row("TERM to the process ended", "≤ 0.33 ×", |run| run.stop.ended);
        let left = runs.map(|runs| runs.iter().map(|run| run.stop.left).max());
        let left = left.map(|left| left.unwrap_or_default().to_string());
        report.plain(&format!("{title}: left in the kernel, at most"), &left, "0");
    }
}

fn run(program: &Program, size: Size, title: &str) -> Run {
    let mut director = Fresh::start("start", program, size);
    let (started, stop) = (director.started, director.stop());
    say(&format!(
        "{title}, {}: start {:.0} ms, stop {:.0} ms, left {}",
        beside::name(program),
        milliseconds(started),
        milliseconds(stop.ended),
        stop.left
    ));
    Run { started, stop }
}
