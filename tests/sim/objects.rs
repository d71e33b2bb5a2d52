//! What routers of random deployments track beside links and scripts: a BFD session, files and
//! processes. Decides what they hold on good days, and what may become of them.

use std::time::Duration;

use fastrand::Rng;
use testkit::segment::Segment;
use vrrp::config::{Config, Factor, ParameterMatch, TrackFile, TrackProcess, Tracked, Watched};
use vrrp::{Name, Weight};

/// The BFD session that a router may track.
const SESSION: &str = "b";
/// A file whose value is added to the priority, and one that is a fault while it is not 0.
const VALUE: &str = "value";
const FLAG: &str = "flag";
/// Each file is at the first of these places, until somebody moves it.
const PLACES: [&str; 2] = ["/here", "/there"];
/// What files hold on good days.
const GOOD_VALUE: i32 = 3;
const GOOD_FLAG: i32 = 0;
/// The process that a router may track, and how many there are on good days.
const PROCESS: &str = "p";
const COMMAND: &str = "/bin/p";
const GOOD_COUNT: u32 = 2;
/// As many processes there may be at most.
const MOST: u16 = 3;

/// What one instance tracks.
pub(crate) fn watched(random: &mut Rng) -> Watched {
    let mut watched = Watched::default();
    if random.bool() {
        let weight = Weight::new(number(random)).expect("a weight");
        watched.sessions.push(tracked(SESSION, weight));
    }
    if random.u8(0..3) == 0 {
        let steps = random.choice([-20, -1, 1, 20]).expect("a choice");
        watched.files.push(tracked(VALUE, factor(steps)));
    }
    if random.u8(0..3) == 0 {
        watched.files.push(tracked(FLAG, Factor::FAULT));
    }
    if random.u8(0..3) == 0 {
        watched.processes.push(tracked(PROCESS, factor(number(random))));
    }
    watched
}

/// What a group may track when none of its members does.
pub(crate) fn watched_by_group(random: &mut Rng) -> Watched {
    let flag = random.bool().then(|| tracked(FLAG, Factor::FAULT));
    let process = random.bool().then(|| tracked(PROCESS, Factor::FAULT));
    Watched {
        files: flag.into_iter().collect(),
        processes: process.into_iter().collect(),
        sessions: Vec::new(),
    }
}

fn number(random: &mut Rng) -> i16 {
    if random.bool() { 0 } else { random.i16(-60..60) }
}

fn factor(number: i16) -> Factor {
    Factor::new(number).expect("a weight of a file or a process")
}

fn tracked<W>(object: &str, weight: W) -> Tracked<Name, W> {
    Tracked { object: Name::new(object), weight, reverse: false }
}

/// How long a change of processes may have to last.
pub(crate) fn delay(interval: Duration) -> Duration {
    interval * 2
}

/// Declares everything that may be tracked.
pub(crate) fn declare(config: &mut Config, interval: Duration, random: &mut Rng) {
    let file = |name: &str| TrackFile {
        name: Name::new(name),
        path: path(PLACES[0], name),
        weight: Factor::ONE,
        reverse: false,
        initial: None,
    };
    config.files = [VALUE, FLAG].map(file).into();
    let mut choose = || random.choice([Duration::ZERO, delay(interval)]).expect("a choice");
    let (end_delay, start_delay) = (choose(), choose());
    config.processes = vec![TrackProcess {
        name: Name::new(PROCESS),
        command: vec![COMMAND.to_owned()],
        full_command: false,
        parameters: ParameterMatch::Ignored,
        weight: Factor::FAULT,
        reverse: false,
        quorum: random.u16(0..3),
        most: random.bool().then_some(MOST),
        end_delay,
        start_delay,
    }];
}

fn path(place: &str, name: &str) -> String {
    format!("{place}/{name}")
}

/// What an operator may change about them.
pub(crate) fn vary(config: &mut Config, random: &mut Rng) {
    for file in config.files.iter_mut().filter(|_| random.u8(0..4) == 0) {
        file.path = path(PLACES[1], &file.name.to_string());
    }
    for process in &mut config.processes {
        process.quorum = random.u16(0..3);
    }
}

/// One of them changes, for better or worse.
pub(crate) fn mishap(segment: &mut Segment, at: usize, random: &mut Rng) {
    let place = random.choice(PLACES).expect("a place");
    match random.u8(0..4) {
        0 => segment.set_session(at, SESSION, random.bool()),
        1 => segment.set_file(at, &path(place, VALUE), random.i32(-30..30)),
        2 => segment.set_file(at, &path(place, FLAG), random.i32(0..2)),
        _ => segment.set_processes(at, COMMAND, random.u32(0..5)),
    }
}

/// Everything is as on good days.
pub(crate) fn mend(segment: &mut Segment, at: usize) {
    segment.set_session(at, SESSION, true);
    for place in PLACES {
        segment.set_file(at, &path(place, VALUE), GOOD_VALUE);
        segment.set_file(at, &path(place, FLAG), GOOD_FLAG);
    }
    segment.set_processes(at, COMMAND, GOOD_COUNT);
}

/// What it adds to a priority on good days.
pub(crate) fn worth(watched: &Watched) -> i32 {
    let up = |weight: i16| i32::from(weight.max(0));
    let sessions = watched.sessions.iter().map(|tracked| up(tracked.weight.number()));
    let processes = watched.processes.iter().map(|tracked| up(tracked.weight.number()));
    let files = watched.files.iter().filter(|tracked| tracked.object == Name::new(VALUE));
    let files = files.map(|tracked| i32::from(tracked.weight.number()) * GOOD_VALUE);
    sessions.chain(processes).chain(files).sum()
}
