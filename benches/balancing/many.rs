//! 50,000 checks every six seconds: what they cost, and how soon the deaths of 2,000 servers are
//! known. On the machine's own kernel, which has no IPVS: the checks are made by this program with
//! the daemon's parts for that, on one processor, and its orders are counted. Keepalived makes no
//! checks without IPVS; `checking` has both, in a guest.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use testkit::beside::{Both, Programs, Report, Samples, milliseconds, say};
use testkit::lab::{Host, Lab, Process, Usage};

use crate::checks;
use crate::listeners::{self, taken};
use crate::settings::Settings;
use crate::virtual_servers::{Checks, ROUTE};

const ADDRESSES: u32 = 50;
const PORTS: u16 = 1_000;
const FIRST_PORT: u16 = 10_000;
/// Of each address, which makes 2,000 servers.
const DYING: u16 = 40;
const CHECKS: Checks = Checks { delay: 6, retries: 1, before_retry: 1, timeout: 2 };
/// The first round is spread over the time between two; the second one is under way then.
const SETTLED: Duration = Duration::from_secs(10);
const LOOKED: Duration = Duration::from_secs(30);
const LIMIT: Duration = Duration::from_secs(60);
const MOST_RUNS: usize = 3;
const MIB: f64 = 1024.0;

struct Run {
    a_second: f64,
    percent: f64,
    mebibytes: f64,
    died: Duration,
}

/// Makes the checks and reports what that takes.
pub(crate) fn measure(_: &Programs, settings: &Settings, report: &mut Report) {
    let runs: Vec<Run> = (0..settings.runs.min(MOST_RUNS)).map(|_| run()).collect();
    let mut row = |what: &str, target: &str, of: fn(&Run) -> f64| {
        let ours = Samples::new(runs.iter().map(of)).range();
        let texts = Both { original: "makes no checks without IPVS".to_owned(), ours };
        report.plain(&format!("50,000 checks every 6 s: {what}"), &texts, target);
    };
    row("connections a second, as the servers count", "≥ 8,200", |run| run.a_second);
    row("processor, % of one", "≤ 100", |run| run.percent);
    row("memory, MiB", "≤ 286 (300 MB)", |run| run.mebibytes);
    let bound = format!("≤ {},000 (delay_loop + retry × delay_before_retry + 1 s)", CHECKS.bound());
    row("2,000 servers die: to the last one ordered out", &bound, |run| milliseconds(run.died));
}

fn run() -> Run {
    let lab = Lab::new("many");
    let director = lab.host("a", "192.0.2.1/24");
    let servers = lab.host("servers", "192.0.2.2/24");
    director.ok(["ip", "route", "add", ROUTE, "via", "192.0.2.2"]);
    servers.ok(["ip", "route", "add", "local", ROUTE, "dev", "lo"]);
    let lasting = listen(&servers, FIRST_PORT, PORTS - DYING);
    let mut dying = listen(&servers, FIRST_PORT + PORTS - DYING, DYING);
    lab.wait_until("all servers", LIMIT, || {
        [&lasting, &dying].iter().all(|process| taken(process).is_some())
    });
    let checks = this_program(&director, "1", [checks::WORD.into(), configured(&director)]);
    lab.wait_until("the first order", LIMIT, || left(&checks) == all());
    std::thread::sleep(SETTLED);

    let count = || taken(&lasting).unwrap_or_default() + taken(&dying).unwrap_or_default();
    let (start, before, used) = (Instant::now(), count(), checks.usage());
    std::thread::sleep(LOOKED);
    let (time, after, usage) = (start.elapsed().as_secs_f64(), count(), checks.usage());
    assert_eq!(left(&checks), all(), "healthy servers were ordered out");

    let start = Instant::now();
    dying.kill_9();
    let living = usize::from(PORTS - DYING) * ADDRESSES as usize;
    lab.wait_until("the last order", LIMIT, || left(&checks) == living);
    let run = Run {
        a_second: (after - before) as f64 / time,
        percent: used_since(&usage, &used).as_secs_f64() / time * 100.0,
        mebibytes: usage.memory_kib as f64 / MIB,
        died: start.elapsed(),
    };
    say(&format!(
        "50,000 checks: {:.0} a second, {:.0} % of a processor, {:.0} MiB, 2,000 dead after {:.0} ms",
        run.a_second,
        run.percent,
        run.mebibytes,
        milliseconds(run.died)
    ));
    run
}

fn all() -> usize {
    usize::from(PORTS) * ADDRESSES as usize
}

fn used_since(now: &Usage, before: &Usage) -> Duration {
    now.cpu.saturating_sub(before.cpu)
}

/// The other processor is theirs.
fn listen(host: &Host, first: u16, count: u16) -> Process {
    this_program(host, "0", [listeners::WORD.into(), OsString::from(format!("{first}:{count}"))])
}

fn this_program(host: &Host, processor: &str, words: [OsString; 2]) -> Process {
    let this = env::current_exe().unwrap_or_else(|error| panic!("no path of this: {error}"));
    let title = words[0].to_string_lossy().into_owned();
    let pinned = ["taskset", "-c", processor].map(OsString::from);
    host.spawn(&title, pinned.into_iter().chain([this.into()]).chain(words))
}

/// How many destinations the orders have left.
fn left(checks: &Process) -> usize {
    let text = checks.log().text();
    let last = text.lines().rev().find_map(|line| line.strip_prefix(checks::LEFT)?.parse().ok());
    last.unwrap_or_default()
}

/// A virtual server for each address, with a real server at each port of it.
fn configured(host: &Host) -> OsString {
    let mut text = String::new();
    for number in 1..=ADDRESSES {
        let head = "lvs_sched rr\n  lvs_method NAT\n  protocol TCP";
        // Writing into a string cannot fail.
        let _ = writeln!(text, "virtual_server 198.19.0.{number} 80 {{\n  {head}");
        for port in FIRST_PORT..FIRST_PORT + PORTS {
            let _ = writeln!(
                text,
                "  real_server 198.18.0.{number} {port} {{\n    {}  }}",
                CHECKS.block()
            );
        }
        text.push_str("}\n");
    }
    host.write("checks.conf", &text).into_os_string()
}
