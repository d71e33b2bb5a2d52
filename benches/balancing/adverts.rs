//! Whether the failures of 2,000 checks hold up the adverts of the same daemon, in a guest, whose
//! clock is coarser and whose processor slower than a machine's: the columns compare, and
//! `contention` has the absolute figures.

use std::time::Duration;

use testkit::beside::{self, Both, Programs, Report, Samples, say};
use testkit::lab::Program;

use crate::rack::{CHECKS, IDLE, Rack, SETTLED, SIZE, instance};
use crate::settings::Settings;

/// The guest's kernel counts processor time in ticks of 10 ms, so that ordinary threads take turns
/// as coarsely as that, whoever they are; only priorities of real time are kept to at once.
const REAL_TIME: &str = "global_defs {\n  vrrp_rt_priority 50\n}\n";

/// Thousandths, and what they are called.
const PERCENTILES: [(usize, &str); 4] =
    [(500, "p50"), (990, "p99"), (999, "p99.9"), (1_000, "worst")];

/// By how much adverts exceeded their interval, in milliseconds.
#[derive(Default)]
pub(crate) struct Lateness {
    /// While nothing was checked.
    pub(crate) quiet: Vec<f64>,
    /// While all checks passed.
    pub(crate) passing: Vec<f64>,
    /// While all failed.
    pub(crate) failing: Vec<f64>,
}

/// Reports the lateness of the adverts of a director that has checks to make.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let runs = programs.take_turns(settings.runs, |program| run(program, settings.adverts));
    tell("adverts of a guest", &runs, report);
}

fn run(program: &Program, time: Duration) -> Lateness {
    let mut lateness = Lateness::default();
    for checks in [IDLE, CHECKS] {
        let mut rack = Rack::new("adverts");
        let configuration = REAL_TIME.to_owned() + &instance() + &SIZE.with_checks(checks);
        let _daemon = rack.director.daemon(program).start(&configuration);
        std::thread::sleep(SETTLED * 2);
        if checks.delay == IDLE.delay {
            lateness.quiet = rack.lateness(time);
        } else {
            lateness.passing = rack.lateness(time);
            rack.servers.stop();
            lateness.failing = rack.lateness(time);
        }
    }
    say_of("adverts of a guest", program, &lateness);
    lateness
}

/// Shows that something goes on.
pub(crate) fn say_of(title: &str, program: &Program, lateness: &Lateness) {
    let p99 = |values: &Vec<f64>| Samples::new(values.iter().copied()).permille(990);
    say(&format!(
        "{title}, {}: p99 {:.2} ms quiet, {:.2} passing, {:.2} failing",
        beside::name(program),
        p99(&lateness.quiet),
        p99(&lateness.passing),
        p99(&lateness.failing)
    ));
}

/// One row for each percentile of each state.
pub(crate) fn tell(title: &str, runs: &Both<Vec<Lateness>>, report: &mut Report) {
    type Of = fn(&Lateness) -> &Vec<f64>;
    let states: [(&str, Of); 3] = [
        ("nothing checked", |run| &run.quiet),
        ("2,000 checks a second pass", |run| &run.passing),
        ("2,000 servers fail", |run| &run.failing),
    ];
    for (state, of) in states {
        let all = runs.map(|runs| Samples::new(runs.iter().flat_map(of).copied()));
        let count = runs.map(|runs| runs.iter().map(|run| of(run).len()).sum::<usize>());
        let count = count.map(ToString::to_string);
        report.plain(&format!("{title}, {state}: adverts timed"), &count, "");
        for (thousandths, name) in PERCENTILES {
            let values = all.map(|all| all.permille(thousandths));
            let target = match (state, name) {
                ("2,000 servers fail", "p99.9") => "≤ nothing checked + 1",
                _ => "",
            };
            report.values(&format!("{title}, {state}: late by, {name}"), &values, target);
        }
    }
}
