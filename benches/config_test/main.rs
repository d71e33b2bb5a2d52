//! How long `-t` takes for a large configuration, and how much memory, measured beside Debian's
//! keepalived in the same run, turn by turn. Needs Debian's package `keepalived`. Asserts nothing
//! about time, but fails when a run could not be made.
//!
//! `cargo bench --bench config_test`; `BENCH_RUNS` sets how often each is repeated,
//! `BENCH_SERVICES` how many virtual servers of ten real servers are configured.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use nix::sys::resource::{UsageWho, getrusage};
use testkit::beside::{self, Programs, Report, Samples, from_environment, milliseconds, say};
use testkit::lab::Program;

/// With this word the benchmark runs one test only, as the sole parent of it.
const WORD: &str = "run-one";
const FILE: &str = "bench-config_test.md";

/// What one test took.
struct Run {
    time: Duration,
    /// Its peak, in KiB.
    memory: u64,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [word, program, file] = arguments.as_slice()
        && word == WORD
    {
        return run_one(program, file);
    }
    if !arguments.iter().any(|word| word == "--bench") {
        say("a benchmark takes time: run it with `cargo bench --bench config_test`");
        return;
    }
    let programs = Programs::find(env!("CARGO_BIN_EXE_keepalived"));
    let (runs, services) =
        (from_environment("BENCH_RUNS", 5), from_environment("BENCH_SERVICES", 10_000));
    let (file, lines) = write(services);
    let title = format!("`-t` on {lines} lines, {runs} runs of each program, turn by turn");
    let mut report = Report::new(&programs, &title);
    let taken = programs.take_turns(runs, |program| run(program, &file));
    let time = taken.map(|runs| Samples::of(runs.iter().map(|run| run.time)));
    report.row("exec to the end (ms)", &time, "≤ 1 ×");
    let mebibytes = |run: &Run| Duration::from_millis(run.memory).as_secs_f64() * 1_000.0 / 1_024.0;
    let memory = taken.map(|runs| Samples::new(runs.iter().map(mebibytes)));
    report.row("peak memory (MiB)", &memory, "≤ 2 ×");
    let _ = fs::remove_file(&file);
    report.publish(&Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(FILE));
}

/// Writes so many virtual servers with a TCP check for each real server.
fn write(services: u32) -> (PathBuf, usize) {
    let mut text = String::new();
    for service in 0..services {
        let [_, high, middle, low] = service.to_be_bytes();
        let _ = write!(
            text,
            "virtual_server 10.{high}.{middle}.{low} 80 {{\n    delay_loop 6\n    lb_algo rr\n    \
             lb_kind NAT\n    protocol TCP\n"
        );
        for server in 1..=10 {
            let _ = write!(
                text,
                "    real_server 192.168.{low}.{server} 80 {{\n        weight 1\n        TCP_CHECK \
                 {{\n            connect_timeout 3\n            retry 2\n            connect_port \
                 80\n        }}\n    }}\n"
            );
        }
        text.push_str("}\n");
    }
    let file = env::temp_dir().join(format!("bench-config_test-{}.conf", std::process::id()));
    fs::write(&file, &text).expect("the configuration can be written");
    (file, text.lines().count())
}

/// Runs a test by a process of its own: what a child has used at most is only known of all
/// children together.
fn run(program: &Program, file: &Path) -> Run {
    let own = env::current_exe().expect("the benchmark has a path");
    let done = Command::new(own).arg(WORD).arg(program.path()).arg(file).output();
    let done = done.expect("the benchmark runs itself");
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [micros, memory] = numbers[..] else {
        panic!("{} was not measured: {text}", program.path().display());
    };
    let run = Run { time: Duration::from_micros(micros), memory };
    let milliseconds = milliseconds(run.time);
    say(&format!("-t, {}: {milliseconds:.0} ms, {memory} KiB", beside::name(program)));
    run
}

fn run_one(program: &str, file: &str) {
    let started = Instant::now();
    let mut command = Command::new(program);
    command.args(["-t", "-f", file]).stdin(Stdio::null()).stdout(Stdio::null());
    let status = command.stderr(Stdio::null()).status().expect("the program can be run");
    let time = started.elapsed().as_micros();
    assert!(status.success(), "{program} -t: {status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel tells what was used");
    say(&format!("{time} {}", usage.max_rss()));
}
