//! Check scripts that take too long, start as failed, or run very often.

use std::fs;
use std::time::Duration;

use testkit::hang::Hanging;
use testkit::lab::Daemon;

use crate::support::{Alone, LIMIT, under_test, usual};

/// A tracked script; `more` are further lines of its block.
fn checked(script: &str, more: &str, weight: &str) -> String {
    let block = format!("vrrp_script chk {{\n  script \"{script}\"\n  {more}\n}}\n");
    let instance = usual(&format!("track_script {{\n    chk {weight}\n  }}"));
    format!("global_defs {{\n  script_user root\n}}\n{block}{instance}")
}

/// A master with a script of this body, which begins to hang when the file `hang` is there, and has
/// timed out.
fn until_it_hangs(scene: &Alone, body: &str) -> Daemon {
    let script = scene.host.script("check", body);
    let more = "interval 1\n  timeout 1";
    let configuration = checked(&script.display().to_string(), more, "weight -30");
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    fs::write(scene.host.file("hang"), "").expect("a directory of the host");
    daemon.wait_for_log("VRRP_Script(chk) timed_out", LIMIT);
    daemon
}

fn state_of(pid: &str) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn is_gone(pid: &str) -> bool {
    matches!(state_of(pid), None | Some('Z'))
}

#[test]
fn a_script_that_takes_too_long_has_failed_and_gets_sigterm() {
    let scene = Alone::new("timeout");
    let (hang, pids) = (scene.host.file("hang"), scene.host.file("pids"));
    let body = format!(
        "test -e {hang} || exit 0\nsleep 600 &\ntest -e {pids} || {{ echo $$ $! >{pids}.new; mv \
         {pids}.new {pids}; }}\nwait",
        hang = hang.display(),
        pids = pids.display()
    );
    let _daemon = until_it_hangs(&scene, &body);
    scene.wait_for_priority(70);
    let group = fs::read_to_string(&pids).unwrap();
    fs::remove_file(&hang).unwrap();
    scene.wait_for_priority(100);
    scene.lab.wait_until("the script and what it started to end", LIMIT, || {
        group.split_whitespace().all(is_gone)
    });
}

/// As on a disk that no longer answers.
#[test]
fn a_script_whose_start_hangs_has_timed_out_and_holds_no_other_up() {
    let scene = Alone::new("timeout-start");
    let (script, bad) = (scene.host.script("check", ""), scene.host.file("bad"));
    let other = scene.host.script("other", &format!("! test -e {}", bad.display()));
    let tracked = "weight -30\n    other weight 5";
    let first = checked(&script.display().to_string(), "interval 1\n  timeout 1", tracked);
    let second = format!(
        "vrrp_script other {{\n  script {}\n  interval 1\n  timeout 5\n}}\n",
        other.display()
    );
    let daemon = scene.start_master(&(second + &first), "192.0.2.51");
    scene.wait_for_priority(105);
    let hanging = Hanging::start_of(&script);
    daemon.wait_for_log("VRRP_Script(chk) timed_out", LIMIT);
    scene.wait_for_priority(75);
    fs::write(&bad, "").unwrap();
    daemon.wait_for_log("VRRP_Script(other) failed (exited with status 1)", LIMIT);
    drop(hanging);
    scene.wait_for_priority(100);
}

#[test]
fn a_script_that_ignores_sigterm_is_killed() {
    let scene = Alone::new("timeout-kill");
    let (hang, pids) = (scene.host.file("hang"), scene.host.file("pids"));
    let body = format!(
        "test -e {hang} || exit 0\ntrap '' TERM\nsleep 600 &\necho $$ $! >{pids}.new\nmv {pids}.new \
         {pids}\nwait",
        hang = hang.display(),
        pids = pids.display()
    );
    let daemon = until_it_hangs(&scene, &body);
    let group = fs::read_to_string(&pids).unwrap();
    scene.lab.wait_until("the script and what it started to end", LIMIT, || {
        group.split_whitespace().all(is_gone)
    });
    fs::remove_file(&hang).unwrap();
    scene.wait_for_priority(100);
    assert!(daemon.log().has("Track script chk is being timed out, expect idle - skipping run"));
}

#[test]
fn a_script_leads_its_own_group_and_runs_as_its_user() {
    let scene = Alone::new("script-user");
    let seen = scene.host.file("seen");
    fs::write(&seen, "").unwrap();
    std::os::unix::fs::chown(&seen, Some(65534), Some(65534)).unwrap();
    for directory in seen.ancestors().skip(1).take_while(|path| path.starts_with("/tmp/")) {
        scene.host.ok(["chmod", "a+rx", &directory.display().to_string()]);
    }
    let body = format!("echo $(id -u) $(ps -o pgid= -p $$) $$ $(id -G) >{}", seen.display());
    let script = scene.host.script("check", &body);
    let more = "interval 1\n  user nobody nogroup";
    let configuration = checked(&script.display().to_string(), more, "");
    let _daemon = scene.start_master(&configuration, "192.0.2.51");
    let text = fs::read_to_string(&seen).unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    assert_eq!((words[0], words[1]), ("65534", words[2]), "{text}");
    assert_eq!(words[3..], ["65534"], "its group, and no other: {text}");
}

/// keepalived forgets `init_fail` as soon as something tracks the script; its manual promises more.
#[test]
fn a_script_may_start_as_failed_until_it_has_risen() {
    let scene = Alone::new("init-fail");
    let runs = scene.host.file("runs");
    let script = scene.host.script("check", &format!("echo run >>{}", runs.display()));
    let more = "interval 1\n  init_fail\n  rise 3";
    let configuration = checked(&script.display().to_string(), more, "");
    let daemon = scene.start(&configuration);
    daemon.wait_for_log("VRRP_Script(chk) succeeded", LIMIT);
    let needed = fs::read_to_string(&runs).unwrap().lines().count();
    scene.wait_until_held("192.0.2.51");
    if under_test().is_ours() {
        assert!(needed >= 3, "good after {needed} runs\n{}", scene.lab.logs());
        daemon.log().expect_in_order(&[
            "(VI_1): entering FAULT state due to script chk",
            "(VI_1) Entering FAULT STATE (init)",
            "VRRP_Script(chk) succeeded",
            "(VI_1) Entering BACKUP STATE",
        ]);
    } else {
        assert_eq!(needed, 1, "2.2.7 believes the first run");
    }
}

/// What a daemon holds: descriptors, threads, and children that have ended unburied.
#[derive(Debug)]
struct Held {
    files: usize,
    threads: usize,
    dead: usize,
}

impl Held {
    fn by(pid: u32) -> Self {
        let entries = |what: &str| {
            let entries = fs::read_dir(format!("/proc/{pid}/{what}")).into_iter().flatten();
            entries.filter_map(Result::ok).collect::<Vec<_>>()
        };
        let tasks = entries("task");
        let children = tasks.iter().map(|task| fs::read_to_string(task.path().join("children")));
        let children = children.filter_map(Result::ok).collect::<String>();
        let dead = children.split_whitespace().filter(|child| state_of(child) == Some('Z'));
        Self { files: entries("fd").len(), threads: tasks.len(), dead: dead.count() }
    }
}

/// Runs and their leftovers that are under way at any moment.
const UNDER_WAY: usize = 10;

/// Fractions of a second as intervals came after 2.2.7, which would need an hour here.
#[test]
fn thousands_of_runs_leave_nothing_behind() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    let scene = Alone::new("many-runs");
    let (runs, stop) = (scene.host.file("runs"), scene.host.file("stop"));
    // Each leaves a child behind that ends later, and a line.
    let body =
        format!("test -e {} && exit\nsleep 0.01 & echo >>{}", stop.display(), runs.display());
    let script = scene.host.script("check", &body);
    let more = "interval 0.001\n  timeout 60";
    let configuration = checked(&script.display().to_string(), more, "weight 20");
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    let done = || fs::metadata(&runs).map_or(0, |file| file.len());
    let long = Duration::from_secs(300);
    scene.lab.wait_until("the first runs", long, || done() > 200);
    let before = Held::by(daemon.pid());
    scene.lab.wait_until("thousands of runs", long, || done() > 3_000);
    fs::write(&stop, "").unwrap();
    let mut now = Held::by(daemon.pid());
    scene.lab.wait_until("the daemon to hold no more than before", LIMIT, || {
        now = Held::by(daemon.pid());
        eprintln!("{before:?} then, {now:?} now");
        now.files < before.files + UNDER_WAY
            && now.threads < before.threads + UNDER_WAY
            && now.dead < UNDER_WAY
    });
    assert!(scene.host.holds("192.0.2.51"));
}
