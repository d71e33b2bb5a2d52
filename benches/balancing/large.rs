//! 36,432 destinations: start, a reload that changes one weight, stop, and what they cost while
//! nothing happens, when ours looks now and then whether somebody changed them.

use std::thread;
use std::time::{Duration, Instant};

use testkit::beside::{self, Programs, Report, Samples, milliseconds, say};
use testkit::lab::Program;

use crate::fresh::{Fresh, LIMIT, Stop};
use crate::settings::Settings;
use crate::table;
use crate::virtual_servers::Size;

const SIZE: Size = Size { services: 2_277, servers: 16 };
const TITLE: &str = "2,277 × 16 destinations";
const OTHER_WEIGHT: u32 = 77;
/// Each takes long, and more would say nothing new.
const MOST_RUNS: usize = 3;
/// Enough for what a start leaves to be done.
const SETTLED: Duration = Duration::from_secs(2);
/// Ours looks at a part of the table in this time.
const REST: Duration = Duration::from_secs(30);

struct Run {
    started: Duration,
    reloaded: Duration,
    stop: Stop,
}

/// Starts, changes and stops daemons and reports how long that takes.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let runs = programs.take_turns(settings.runs.min(MOST_RUNS), run);
    let mut row = |what: &str, target: &str, of: fn(&Run) -> Duration| {
        let samples = runs.map(|runs| Samples::of(runs.iter().map(of)));
        report.row(&format!("{TITLE}: {what}"), &samples, target);
    };
    row("exec to the last in the kernel", "≤ 0.33 ×", |run| run.started);
    row("HUP to one changed weight in the kernel", "≤ 0.5 ×", |run| run.reloaded);
    row("TERM to the process ended", "≤ 1,000", |run| run.stop.ended);
    let left = runs.map(|runs| runs.iter().map(|run| run.stop.left).max());
    let left = left.map(|left| left.unwrap_or_default().to_string());
    report.plain(&format!("{TITLE}: left in the kernel, at most"), &left, "0");
    let writes = programs.take_turns(1, writes_of_a_reload).map(|writes| writes[0].to_string());
    report.plain(&format!("{TITLE}: writes of the reload"), &writes, "1");
    let rest = programs.take_turns(1, at_rest).map(|costs| Samples::of(costs.iter().copied()));
    report.row(&format!("{TITLE}: processor time of 30 s at rest"), &rest, "≤ 300");
}

fn run(program: &Program) -> Run {
    let mut director = Fresh::start("large", program, SIZE);
    let reloaded = change_a_weight(&director);
    let (started, stop) = (director.started, director.stop());
    say(&format!(
        "{TITLE}, {}: start {:.0} ms, reload {:.0} ms, stop {:.0} ms, left {}",
        beside::name(program),
        milliseconds(started),
        milliseconds(reloaded),
        milliseconds(stop.ended),
        stop.left
    ));
    Run { started, reloaded, stop }
}

/// In the service that the kernel lists first, so that looking for it is cheap.
fn change_a_weight(director: &Fresh) -> Duration {
    let Some(vip) = director.table.first_service() else { director.lab.fail("no service") };
    director.daemon.rewrite(&SIZE.with_weight(vip, OTHER_WEIGHT));
    let start = Instant::now();
    director.daemon.hup();
    let seen = director.table.wait(start, LIMIT, |page| table::has_weight(page, OTHER_WEIGHT));
    seen.unwrap_or_else(|| director.lab.fail("the changed weight was not seen"))
}

/// Counted apart from the times: the kernel copies every message for it.
fn writes_of_a_reload(program: &Program) -> usize {
    let director = Fresh::start("writes", program, SIZE);
    let writes = director.host.ipvs_writes();
    change_a_weight(&director);
    writes.take().len()
}

/// What the daemon costs when everything is as it shall be.
fn at_rest(program: &Program) -> Duration {
    let director = Fresh::start("rest", program, SIZE);
    thread::sleep(SETTLED);
    let before = director.daemon.usage().cpu;
    thread::sleep(REST);
    director.daemon.usage().cpu.saturating_sub(before)
}
