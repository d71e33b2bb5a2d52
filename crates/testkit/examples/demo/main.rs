//! A pair of directors and a client, live: who has the addresses, what the client sees, and how
//! long a takeover takes beside what the protocol allows.
//!
//! `cargo run --release -p testkit --example demo [KEEPALIVED]`; without the argument it shows what
//! `KEEPALIVED_BIN` names, else the release build of this workspace. Needs root: the three hosts
//! are network namespaces, which are gone when it ends, however it ends. Its exit status is 0
//! when everything went as it should, else 1.

mod acts;
mod site;
mod timeline;
mod visitor;

use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use testkit::lab::Program;
use timeline::Timeline;

/// What `cargo build --release` makes, seen from this crate.
const BUILT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/release/keepalived");

fn main() -> ExitCode {
    let program = env::args_os()
        .nth(1)
        .map_or_else(|| Program::ours(BUILT), |path| Program::Ours(PathBuf::from(path)));
    let mut timeline = Timeline::start();
    // A lab that cannot go on panics, having said why; it is removed on the way.
    let shown = panic::catch_unwind(AssertUnwindSafe(|| {
        introduce(&program, &timeline);
        acts::pair(&program, &mut timeline);
        acts::fast_pair(&program, &mut timeline);
    }));
    if shown.is_ok() && timeline.summary() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn introduce(program: &Program, timeline: &Timeline) {
    let version = Command::new(program.path()).arg("--version").output();
    let text = version.map(|output| [output.stderr, output.stdout].concat()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    timeline.heading("Two directors and a client, each in a network namespace of its own");
    let path = program.path().canonicalize().unwrap_or_else(|_| program.path().to_owned());
    timeline.tell("program", &path.display().to_string());
    timeline.tell("version", text.lines().next().unwrap_or_default());
}
