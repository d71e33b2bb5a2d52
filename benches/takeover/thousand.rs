//! One instance with a thousand addresses: whether adverts wait for them. Flaps are changes of
//! state after the election, of either director, read from their logs.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use testkit::lab::Program;

use crate::pair::{LIMIT, Pair, Setup};
use crate::programs::{self, Both, Programs};
use crate::report::{Report, say};
use crate::samples::{Samples, milliseconds};
use crate::settings::Settings;

const ADDRESSES: usize = 1_000;
/// Often enough that a capture does not fill the memory when a pair flaps.
const CLEAR_EVERY: Duration = Duration::from_secs(1);
/// Enough for a few adverts of the old master to be in the capture.
const A_FEW_ADVERTS: Duration = Duration::from_millis(100);

/// One run.
struct Run {
    flaps: usize,
    /// Whether both directors were master when one was killed.
    two_masters: bool,
    /// From the kill to the last of the addresses; `None` when that did not come.
    last: Option<Duration>,
}

/// Measures with `-D`, which a Debian service file has, and without.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    for (detail, title) in [(true, "1,000 addresses with -D"), (false, "1,000 addresses")] {
        let mut watched = programs.take_turns(1, |program| run(program, detail, settings.watch));
        let short = Duration::from_secs(1);
        let more = programs.take_turns(settings.runs - 1, |program| run(program, detail, short));
        let seconds = settings.watch.as_secs();
        let flaps = watched.map(|runs| runs[0].flaps.to_string());
        report.plain(&format!("{title}: changes of state in {seconds} s"), &flaps, "0");
        watched.original.extend(more.original);
        watched.ours.extend(more.ours);
        tell_kills(title, &watched, report);
    }
}

fn tell_kills(title: &str, runs: &Both<Vec<Run>>, report: &mut Report) {
    let what = format!("{title}: kill -9 to the last of them announced");
    let samples = runs.map(|runs| Samples::of(runs.iter().map(|run| run.last.unwrap_or(LIMIT))));
    report.times(&what, &samples, "≤ 60");
    let troubles = runs.map(|runs| {
        let two_masters = runs.iter().filter(|run| run.two_masters).count();
        let unfinished = runs.iter().filter(|run| run.last.is_none()).count();
        format!("{two_masters} / {unfinished} of {}", runs.len())
    });
    let what = format!("{title}: killed with two masters / not all announced within 30 s");
    report.plain(&what, &troubles, "0 / 0");
}

fn run(program: &Program, detail: bool, watch: Duration) -> Run {
    let setup = Setup { label: "thousand", addresses: ADDRESSES, detail };
    let mut pair = Pair::start(program, setup);
    let before = pair.state_changes();
    let start = Instant::now();
    while start.elapsed() < watch {
        thread::sleep(CLEAR_EVERY);
        pair.capture.clear();
    }
    let flaps = pair.state_changes() - before;
    thread::sleep(A_FEW_ADVERTS);
    let two_masters = pair.has_two_masters();
    let killed = pair.master.kill_9();
    let last = await_announcements(&pair, killed);
    let told =
        last.map_or("not all announced".to_owned(), |last| format!("{:.1} ms", milliseconds(last)));
    say(&format!(
        "1,000 addresses{}, {}: {flaps} changes of state in {} s, {told}",
        if detail { " with -D" } else { "" },
        programs::name(program),
        watch.as_secs()
    ));
    Run { flaps, two_masters, last }
}

fn await_announcements(pair: &Pair, killed: SystemTime) -> Option<Duration> {
    let start = Instant::now();
    loop {
        let last = pair.capture.all_announced("b", killed, ADDRESSES);
        if last.is_some() || start.elapsed() > LIMIT {
            return last;
        }
        thread::sleep(CLEAR_EVERY / 50);
    }
}
