//! How evenly adverts come: by how much the time between two of them exceeds their interval,
//! stamped by the kernel as they enter the switch.

use std::thread;

use testkit::lab::{Advert, Program};

use crate::pair::{INTERVAL, Pair, Setup};
use crate::settings::Settings;
use testkit::beside::{self, Both, Programs, Report, Samples, milliseconds, say};

const SETUP: Setup = Setup { label: "lateness", addresses: 1, detail: true };
/// The time is split so that both programs see the same weather.
const TURNS: u8 = 4;

/// Thousandths, and what they are called.
const PERCENTILES: [(usize, &str); 4] =
    [(500, "p50"), (990, "p99"), (999, "p99.9"), (1_000, "worst")];

/// Reports the lateness of adverts in an idle pair.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let time = settings.lateness / u32::from(TURNS);
    let turns = programs.take_turns(usize::from(TURNS), |program| {
        let pair = Pair::start(program, SETUP);
        pair.capture.clear();
        thread::sleep(time);
        let lateness = lateness(&pair.capture.adverts_from("a"));
        tell(program, &lateness);
        lateness
    });
    let all = turns.map(|turns| Samples::new(turns.concat()));
    let count = turns.map(|turns| turns.iter().map(Vec::len).sum::<usize>().to_string());
    report.plain("adverts timed", &count, "");
    for (thousandths, name) in PERCENTILES {
        let value = Both {
            original: all.original.permille(thousandths),
            ours: all.ours.permille(thousandths),
        };
        report.values(&format!("lateness of an advert, {name}"), &value, "≤ 1 ×");
    }
}

fn tell(program: &Program, lateness: &[f64]) {
    let samples = Samples::new(lateness.iter().copied());
    let name = beside::name(program);
    say(&format!("lateness, {name}: p99 {:.3} ms", samples.permille(990)));
}

fn lateness(adverts: &[Advert]) -> Vec<f64> {
    let times = adverts.iter().map(|advert| advert.origin.at);
    let next = times.clone().skip(1);
    times
        .zip(next)
        .filter_map(|(one, next)| next.duration_since(one).ok())
        .map(|interval| milliseconds(interval) - milliseconds(INTERVAL))
        .collect()
}
