//! From the kill of a master of 250 virtual routers until the last of their addresses is announced.

use std::time::Duration;

use testkit::beside::{Both, Programs, Report, Samples, milliseconds, name, say};
use testkit::lab::Program;

use crate::Settings;
use crate::pair::{LIMIT, Pair, Setup};

const FAST: Setup = Setup {
    label: "takeover of 250",
    instances: 250,
    interval: "0.01",
    addresses: 1,
    detail: false,
    adverts: false,
};
const WITH_ADDRESSES: Setup =
    Setup { label: "takeover of 1,000 addresses", interval: "0.1", addresses: 4, ..FAST };

/// 10 ms adverts, one address each.
pub(crate) fn fast(programs: &Programs, settings: &Settings, report: &mut Report) {
    let taken = kill(&FAST, programs, settings);
    report.row("250 × 10 ms: kill -9 to last announced (bound 36)", &taken, "≤ 60");
}

/// 100 ms adverts, four addresses each, without and with `-D`.
pub(crate) fn with_addresses(programs: &Programs, settings: &Settings, report: &mut Report) {
    let what = "250 × 100 ms × 4: kill -9 to last announced (bound 361)";
    report.row(what, &kill(&WITH_ADDRESSES, programs, settings), "≤ 380");
    let detailed = Setup { detail: true, ..WITH_ADDRESSES };
    report.row(&format!("{what}, -D"), &kill(&detailed, programs, settings), "≤ 380");
}

fn kill(setup: &Setup, programs: &Programs, settings: &Settings) -> Both<Samples> {
    let taken = programs.take_turns(settings.runs, |program| run(program, setup));
    taken.map(|runs| Samples::of(runs.iter().copied()))
}

fn run(program: &Program, setup: &Setup) -> Duration {
    let mut pair = Pair::start(program, program, setup);
    let flaps = pair.flaps();
    let killed = pair.master.kill_9();
    let mut last = None;
    pair.lab.wait_until("b to announce all addresses", LIMIT, || {
        last = pair.captures[0].all_announced("b", killed, setup.total());
        last.is_some()
    });
    let last = last.unwrap_or_else(|| pair.lab.fail("no takeover"));
    let told = milliseconds(last);
    say(&format!("{}, {}: {told:.1} ms, {flaps} flaps before", setup.label, name(program)));
    last
}
