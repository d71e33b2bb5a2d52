//! Two directors on one segment, and who may disturb whom.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::Duration;

use testkit::lab::{Capture, Daemon, Host, Lab, Program};

/// Generous: what has not happened by then does not happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(25);
/// How long a settled pair is watched for a change of master.
pub(crate) const SETTLED: Duration = Duration::from_millis(1_500);

/// Held for reading by ordinary tests, for writing by those that need the machine for themselves.
static MACHINE: RwLock<()> = RwLock::new(());

/// Keeps tests away that would spoil a measurement.
pub(crate) fn alone_on_the_machine() -> RwLockWriteGuard<'static, ()> {
    MACHINE.write().unwrap_or_else(PoisonError::into_inner)
}

/// Allows other tests, but no measurement, at the same time.
pub(crate) fn beside_others() -> RwLockReadGuard<'static, ()> {
    MACHINE.read().unwrap_or_else(PoisonError::into_inner)
}

/// The program that this run is about.
pub(crate) fn under_test() -> Program {
    Program::under_test(env!("CARGO_BIN_EXE_keepalived"))
}

/// Says that a part of a test was left out, and why.
#[expect(clippy::print_stdout, reason = "no part is left out in silence")]
pub(crate) fn did_not_run(why: &str) {
    println!("*** {why}: this part DID NOT RUN ***");
}

/// Who is master and who backup in interop tests: each with the other, in both directions.
pub(crate) fn pairings() -> Vec<(Program, Program)> {
    let program = under_test();
    if program.is_ours() {
        vec![(program.clone(), Program::Original), (Program::Original, program)]
    } else {
        vec![(Program::Original, Program::Original)]
    }
}

/// Runs the test with all pairings at the same time, each in a lab of its own.
pub(crate) fn with_each_pairing(test: impl Fn(&Program, &Program) + Sync) {
    let _machine = beside_others();
    thread::scope(|scope| {
        for (master, backup) in pairings() {
            let test = &test;
            scope.spawn(move || test(&master, &backup));
        }
    });
}

/// Directors `a` (192.0.2.1) and `b` (192.0.2.2) on one segment.
pub(crate) struct Pair {
    pub(crate) lab: Lab,
    pub(crate) a: Host,
    pub(crate) b: Host,
    pub(crate) capture: Capture,
}

impl Pair {
    pub(crate) fn new(label: &str) -> Self {
        let lab = Lab::new(label);
        let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
        let capture = lab.capture();
        Self { lab, a, b, capture }
    }

    /// Starts a program on each; `b` when `a` is waiting already, so that `a` is the first master.
    pub(crate) fn start(&self, a: (&Program, &str), b: (&Program, &str)) -> (Daemon, Daemon) {
        let first = self.a.daemon(a.0).start(a.1);
        first.wait_for_log("STATE", LIMIT);
        (first, self.b.daemon(b.0).start(b.1))
    }

    /// Waits until `on` has all of these addresses and `off` has none.
    pub(crate) fn wait_until_on(&self, on: &Host, off: &Host, ips: &[&str]) {
        let what = format!("{ips:?} on {} only", on.name());
        self.lab.wait_until(&what, LIMIT, || holds_all(on, ips) && holds_none(off, ips));
    }

    /// Watches that the addresses stay where they are.
    pub(crate) fn insist_on(&self, on: &Host, off: &Host, ips: &[&str], time: Duration) {
        let what = format!("{ips:?} on {} only", on.name());
        self.lab.insist(&what, time, || holds_all(on, ips) && holds_none(off, ips));
    }
}

pub(crate) fn holds_all(host: &Host, ips: &[&str]) -> bool {
    let addresses = held(host);
    ips.iter().all(|ip| addresses.iter().any(|held| held == ip))
}

pub(crate) fn holds_none(host: &Host, ips: &[&str]) -> bool {
    let addresses = held(host);
    ips.iter().all(|ip| addresses.iter().all(|held| held != ip))
}

fn held(host: &Host) -> Vec<String> {
    host.addresses().iter().map(|address| address.ip.to_string()).collect()
}
