//! What 2,000 failing checks do to adverts on the host's own kernel, which has no IPVS: the daemon
//! sends adverts and balances nothing, and the checks are made by this program on the same
//! processors, with the daemon's parts for that. So it shows whether adverts get the processor in
//! time; that threads of one process do not wait for each other is shown by `adverts`.

use std::env;
use std::ffi::OsString;
use std::time::Duration;

use testkit::beside::{Programs, Report};
use testkit::lab::{Process, Program};

use crate::adverts::{Lateness, say_of, tell};
use crate::checks;
use crate::rack::{CHECKS, Rack, SETTLED, SIZE, instance};
use crate::settings::Settings;

const TITLE: &str = "adverts beside checks";

/// Reports the lateness of adverts beside somebody who checks.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let runs = programs.take_turns(settings.runs, |program| run(program, settings.adverts));
    tell(TITLE, &runs, report);
}

fn run(program: &Program, time: Duration) -> Lateness {
    let mut rack = Rack::new("contention");
    let _daemon = rack.director.daemon(program).start(&instance());
    std::thread::sleep(SETTLED);
    let quiet = rack.lateness(time);
    let checks = start_checks(&rack);
    std::thread::sleep(SETTLED);
    let passing = rack.lateness(time);
    rack.servers.stop();
    let failing = rack.lateness(time);
    insist_on_orders(&rack, &checks);
    let lateness = Lateness { quiet, passing, failing };
    say_of(TITLE, program, &lateness);
    lateness
}

fn start_checks(rack: &Rack) -> Process {
    let configuration = rack.director.write("checks.conf", &SIZE.with_checks(CHECKS));
    let this = env::current_exe().unwrap_or_else(|error| panic!("no path of this: {error}"));
    let words: [OsString; 3] = [this.into(), checks::WORD.into(), configuration.into()];
    rack.director.spawn("checks", words)
}

/// That nothing was late says nothing unless all servers were found to be dead.
fn insist_on_orders(rack: &Rack, checks: &Process) {
    let text = checks.log().text();
    if text.lines().last() != Some(&format!("{}0", checks::LEFT)) {
        rack.lab.fail(&format!("the checks did not fail: {text}"));
    }
}
