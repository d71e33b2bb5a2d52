//! How evenly the adverts of 4,000 virtual routers come, stamped by the kernel as they enter the
//! switch: by how much the time between two of one router exceeds their interval.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, SystemTime};

use testkit::beside::{Both, Programs, Report, Samples, milliseconds, name, say};
use testkit::lab::{Advert, Program};

use crate::Settings;
use crate::pair::{Pair, Setup};

const SETUP: Setup = Setup {
    label: "4,000 routers",
    instances: 4_000,
    interval: "1",
    addresses: 1,
    detail: false,
    adverts: true,
};
const INTERVAL: Duration = Duration::from_secs(1);
const PERCENTILES: [(usize, &str, &str); 3] =
    [(500, "p50", ""), (990, "p99", ""), (999, "p99.9", "≤ 10 ms")];

/// Reports the lateness of a master's adverts.
pub(crate) fn measure(programs: &Programs, settings: &Settings, report: &mut Report) {
    let turns = programs.take_turns(1, |program| watch(program, settings));
    let all = turns.map(|turns| Samples::new(turns.concat()));
    for (thousandths, name, target) in PERCENTILES {
        let value = Both {
            original: all.original.permille(thousandths),
            ours: all.ours.permille(thousandths),
        };
        report.values(&format!("4,000 × 1 s on 16 links: lateness, {name} (ms)"), &value, target);
    }
}

fn watch(program: &Program, settings: &Settings) -> Vec<f64> {
    let pair = Pair::start(program, program, &SETUP);
    thread::sleep(settings.watch);
    let lateness: Vec<f64> =
        pair.captures.iter().flat_map(|capture| lateness(&capture.adverts_from("a"))).collect();
    say(&format!(
        "4,000 × 1 s, {}: {} adverts timed, p99.9 {:.3} ms, {} flaps",
        name(program),
        lateness.len(),
        Samples::new(lateness.iter().copied()).permille(999),
        pair.flaps()
    ));
    lateness
}

/// Of the routers on one segment.
fn lateness(adverts: &[Advert]) -> Vec<f64> {
    let mut last: HashMap<u8, SystemTime> = HashMap::new();
    let mut late = Vec::new();
    for advert in adverts {
        let at = advert.origin.at;
        let before = last.insert(advert.vrid, at);
        let interval = before.and_then(|before| at.duration_since(before).ok());
        late.extend(interval.map(|interval| milliseconds(interval) - milliseconds(INTERVAL)));
    }
    late
}
