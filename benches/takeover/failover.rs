//! One instance with one address: from the kill of the master to its backup's first words.

use testkit::lab::{Program, Takeover};

use crate::pair::{BOUND_MS, LIMIT, Pair, Setup};
use crate::settings::Settings;
use testkit::beside::{self, Programs, Report, Samples, milliseconds, say};

const SETUP: Setup = Setup { label: "failover", addresses: 1, detail: true };

/// Kills masters and reports who speaks when.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let taken = programs.take_turns(settings.runs, kill_a_master);
    let bound = format!("≤ {BOUND_MS} + a scheduling delay (protocol)");
    let mut row = |what: &str, target: &str, of: fn(&Takeover) -> std::time::Duration| {
        let samples = taken.map(|runs| Samples::of(runs.iter().map(of)));
        report.row(what, &samples, target);
    };
    row(
        "silence on the wire: last advert of the old to first of the new master",
        &bound,
        |taken| taken.silence,
    );
    row("kill -9 to first advert of the new master", "26.1 to 36.1 (protocol)", |taken| {
        taken.first_advert
    });
    row("kill -9 to last address announced", "≤ 60", |taken| taken.last_announcement);
}

fn kill_a_master(program: &Program) -> Takeover {
    let mut pair = Pair::start(program, SETUP);
    let killed = pair.master.kill_9();
    let mut taken = None;
    pair.lab.wait_until("b to announce the address", LIMIT, || {
        taken = pair.capture.takeover("a", "b", killed, SETUP.addresses);
        taken.is_some()
    });
    let taken = taken.unwrap_or_else(|| pair.lab.fail("no takeover"));
    say(&format!(
        "failover, {}: silence {:.1} ms",
        beside::name(program),
        milliseconds(taken.silence)
    ));
    taken
}
