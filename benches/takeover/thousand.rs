//! One instance with a thousand addresses: whether adverts wait for them. Flaps are changes of
//! state after the election, of either director, read from their logs.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use testkit::lab::{Program, Takeover};

use crate::pair::{BOUND_MS, LIMIT, Pair, Setup};
use crate::settings::Settings;
use testkit::beside::{self, Both, Programs, Report, Samples, milliseconds, say};

const ADDRESSES: usize = 1_000;
/// Often enough that a capture does not fill the memory when a pair flaps.
const CLEAR_EVERY: Duration = Duration::from_secs(1);
/// Enough for a few adverts of the old master to be in the capture.
const A_FEW_ADVERTS: Duration = Duration::from_millis(100);
const POLL_EVERY: Duration = Duration::from_millis(20);

/// One run.
struct Run {
    flaps: usize,
    /// Whether both directors were master when one was killed.
    two_masters: bool,
    /// `None` when the last of the addresses did not come.
    taken: Option<Takeover>,
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
    let mut row = |what: &str, target: &str, of: fn(&Takeover) -> Duration| {
        let samples = runs
            .map(|runs| Samples::of(runs.iter().map(|run| run.taken.as_ref().map_or(LIMIT, of))));
        report.row(&format!("{title}: {what}"), &samples, target);
    };
    row("silence on the wire", &format!("≤ {BOUND_MS} + a scheduling delay"), |taken| {
        taken.silence
    });
    row("first advert of the new master to the last of them announced", "", |taken| {
        taken.last_announcement.saturating_sub(taken.first_advert)
    });
    row("kill -9 to the last of them announced", "≤ 60", |taken| taken.last_announcement);
    let troubles = runs.map(|runs| {
        let two_masters = runs.iter().filter(|run| run.two_masters).count();
        let unfinished = runs.iter().filter(|run| run.taken.is_none()).count();
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
    let taken = await_takeover(&pair, killed);
    let told = taken.as_ref().map_or("not all announced".to_owned(), |taken| {
        format!("{:.1} ms", milliseconds(taken.last_announcement))
    });
    say(&format!(
        "1,000 addresses{}, {}: {flaps} changes of state in {} s, {told}",
        if detail { " with -D" } else { "" },
        beside::name(program),
        watch.as_secs()
    ));
    Run { flaps, two_masters, taken }
}

fn await_takeover(pair: &Pair, killed: SystemTime) -> Option<Takeover> {
    let start = Instant::now();
    loop {
        let taken = pair.capture.takeover("a", "b", killed, ADDRESSES);
        if taken.is_some() || start.elapsed() > LIMIT {
            return taken;
        }
        thread::sleep(POLL_EVERY);
    }
}
