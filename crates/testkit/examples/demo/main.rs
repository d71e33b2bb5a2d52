//! The main job of the daemon, live: a pair of directors balances three services over three real
//! servers while clients ask; servers and directors fail and come back. What an operator would
//! look at is printed as it happens, and at the end whether everything held.
//!
//! `cargo run --release -p testkit --example demo [KEEPALIVED]`; without the argument it shows what
//! `KEEPALIVED_BIN` names, else the release build of this workspace. Needs root. Where this kernel
//! has no IPVS it runs in a guest that has it. Everything is gone when it ends, however it ends.
//! Its exit status is 0 when everything held, else 1.

mod acts;
mod clients;
mod stage;
mod table;
mod timeline;

use std::any::Any;
use std::env;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use testkit::guest::{self, Guest};
use testkit::lab::{Program, need};
use timeline::{Timeline, say};

/// What `cargo build --release` makes, seen from this crate.
const BUILT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/release/keepalived");
/// Said to the program in the guest, whose console always looks like a terminal.
const PLAIN: &str = "--plain";
/// For the boot and all acts; the guest is killed then.
const LIMIT: Duration = Duration::from_secs(150);

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let plain = words.iter().any(|word| word == PLAIN) || !timeline::is_colourful();
    let named = words.into_iter().find(|word| word != PLAIN);
    let program = named.map_or_else(|| Program::ours(BUILT), |path| Program::Ours(path.into()));
    need(&["ip", "ipvsadm", "unshare", "curl", "nginx"]);
    let held = if has_ipvs() { show(&program, plain) } else { show_in_guest(&program, plain) };
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether this kernel has IPVS, for everybody who has a network namespace.
fn has_ipvs() -> bool {
    let listed = Command::new("unshare").args(["--net", "ipvsadm", "-Ln"]).output();
    listed.is_ok_and(|output| output.status.success())
}

/// Runs this very program in a guest.
fn show_in_guest(program: &Program, plain: bool) -> bool {
    say("This kernel has no IPVS: booting one that has it, as an ordinary process.");
    let path = absolute(program);
    let mut words = vec![path.to_str().expect("a path that can be written down")];
    words.extend(plain.then_some(PLAIN));
    Guest::new().limit(LIMIT).run_program(&words) == 0
}

fn show(program: &Program, plain: bool) -> bool {
    let mut timeline =
        Timeline::start(if guest::is_inside() { uptime() } else { Duration::ZERO }, plain);
    // A lab that cannot go on panics, having said why; it is removed on the way.
    let shown = panic::catch_unwind(AssertUnwindSafe(|| {
        introduce(program, &timeline);
        acts::all(program, &mut timeline);
    }));
    if let Err(reason) = shown {
        timeline.check(false, &format!("it could not go on: {}", first_line(&*reason)));
    }
    timeline.summary()
}

fn introduce(program: &Program, timeline: &Timeline) {
    let version = Command::new(program.path()).arg("--version").output();
    let text = version.map(|output| [output.stderr, output.stdout].concat()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    timeline
        .heading("Clients, two directors and three real servers, each with a network of its own");
    timeline.tell("program", &absolute(program).display().to_string());
    timeline.tell("version", text.lines().next().unwrap_or_default());
    timeline.tell("kernel", &format!("Linux {}", kernel.trim()));
}

fn absolute(program: &Program) -> PathBuf {
    program.path().canonicalize().unwrap_or_else(|_| program.path().to_owned())
}

/// How long this kernel has been running.
fn uptime() -> Duration {
    let text = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = text.split(' ').next().and_then(|word| word.parse().ok());
    Duration::from_secs_f64(seconds.unwrap_or_default())
}

fn first_line(reason: &dyn Any) -> &str {
    let text = reason.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| reason.downcast_ref::<&str>().copied()).unwrap_or("no reason");
    text.lines().next().unwrap_or_default()
}
