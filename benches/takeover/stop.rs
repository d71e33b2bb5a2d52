//! An orderly stop of a master: when its address is gone, when its process has ended, and when
//! the backup has taken over. The address is looked for in the kernel's routing table, which is
//! read through another process of the namespace: that is fast enough to be polled.

use std::fs;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use testkit::lab::Program;

use crate::pair::{LIMIT, Pair, Setup};
use crate::settings::Settings;
use testkit::beside::{self, Programs, Report, Samples, milliseconds, say};

const SETUP: Setup = Setup { label: "stop", addresses: 1, detail: true };
/// The only address of the pair, as a leaf of the routing table.
const ADDRESS: &str = "|-- 10.99.0.1\n";
const POLL_EVERY: Duration = Duration::from_micros(200);

/// Times since the signal.
struct Stop {
    gone: Duration,
    ended: Duration,
    taken_over: Duration,
}

/// Stops masters and reports how long it takes.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let stops = programs.take_turns(settings.runs, stop_a_master);
    let mut row = |what: &str, target: &str, of: fn(&Stop) -> Duration| {
        let samples = stops.map(|runs| Samples::of(runs.iter().map(of)));
        report.row(what, &samples, target);
    };
    row("TERM to the address gone", "≤ 100", |stop| stop.gone);
    row("TERM to the process ended", "≤ 100", |stop| stop.ended);
    row("TERM to the address announced by the backup", "6.1 (skew time) + a moment", |stop| {
        stop.taken_over
    });
}

fn stop_a_master(program: &Program) -> Stop {
    let mut pair = Pair::start(program, SETUP);
    let witness = pair.a.spawn("witness", ["sleep", "1000"]);
    let table = format!("/proc/{}/net/fib_trie", witness.pid());
    let holds = || fs::read_to_string(&table).is_ok_and(|text| text.contains(ADDRESS));
    pair.lab.wait_until("the address to be seen on a", LIMIT, holds);
    let (at, start) = (SystemTime::now(), Instant::now());
    pair.master.term();
    let (mut gone, mut ended) = (None, None);
    while (gone.is_none() || ended.is_none()) && start.elapsed() < LIMIT {
        if gone.is_none() && !holds() {
            gone = Some(start.elapsed());
        }
        if ended.is_none() && !pair.master.process().is_running() {
            ended = Some(start.elapsed());
        }
        thread::sleep(POLL_EVERY);
    }
    let taken_over = pair.capture.all_announced("b", at, SETUP.addresses);
    let (Some(gone), Some(ended), Some(taken_over)) = (gone, ended, taken_over) else {
        pair.lab.fail("the master did not stop, or the backup did not take over")
    };
    say(&format!("stop, {}: {:.1} ms", beside::name(program), milliseconds(ended)));
    Stop { gone, ended, taken_over }
}
