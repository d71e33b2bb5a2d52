//! `track_process`: which processes count, and when a change counts. The kernel tells of processes
//! only in the first network namespace: here the daemon begins there, and enters the host's.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use testkit::lab::Daemon;

use crate::dumps::dump;
use crate::support::{Alone, LIMIT, under_test, usual};

/// A program that sleeps, under a name that nothing else on the machine has.
struct Sleeper {
    path: PathBuf,
    name: String,
}

/// A running process, killed with its test and with the children that it made.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let group = i32::try_from(self.0.id()).map(Pid::from_raw);
        // Both fail only when it has ended already.
        let _ = killpg(group.expect("a number of a process"), Signal::SIGKILL);
        let _ = self.0.wait();
    }
}

impl Sleeper {
    fn new(scene: &Alone) -> Self {
        let unique = scene.host.namespace().split('-').skip(1).collect::<String>();
        let name = format!("p{}", &unique[unique.len().saturating_sub(12)..]);
        let path = scene.host.file(&name);
        std::fs::copy("/bin/sleep", &path).expect("a program can be copied");
        Self { path, name }
    }

    fn run(&self, arguments: &[&str]) -> Running {
        start(&self.path, arguments)
    }
}

fn start(program: &Path, arguments: &[&str]) -> Running {
    let mut command = Command::new(program);
    let child = command.args(arguments).stdin(Stdio::null()).process_group(0).spawn();
    Running(child.expect("it is a program"))
}

/// A tracked process of this name or command; `more` are further lines of its block.
fn tracked(command: &str, more: &str) -> String {
    let block = format!("vrrp_track_process p {{\n  process {command}\n  {more}\n}}\n");
    format!("{block}{}", usual("track_process {\n    p\n  }"))
}

/// Starts it, and waits until it listens.
fn watching(scene: &Alone, configuration: &str) -> Daemon {
    let daemon = scene.host.daemon(&under_test()).from_outside().start(configuration);
    daemon.wait_for_log("proc_events has confirmed it is configured", LIMIT);
    daemon.wait_for_log("Startup complete", LIMIT);
    daemon
}

#[test]
fn a_process_adds_its_weight_while_it_runs() {
    let scene = Alone::new("process-weight");
    let sleeper = Sleeper::new(&scene);
    let daemon = watching(&scene, &tracked(&sleeper.name, "weight 20"));
    scene.wait_until_held("192.0.2.51");
    scene.wait_for_priority(100);
    let running = sleeper.run(&["600"]);
    scene.wait_for_priority(120);
    drop(running);
    scene.wait_for_priority(100);
    daemon.log().expect_in_order(&[
        "Quorum gained for tracked process p",
        "(VI_1) Changing effective priority from 100 to 120",
        "Quorum lost for tracked process p",
        "(VI_1) Changing effective priority from 120 to 100",
    ]);
}

#[test]
fn a_process_without_weight_is_a_fault_while_it_does_not_run() {
    let scene = Alone::new("process-fault");
    let sleeper = Sleeper::new(&scene);
    let daemon = watching(&scene, &tracked(&sleeper.name, ""));
    let reason = "(VI_1) entering FAULT state (tracked process p quorum not achieved)";
    daemon.wait_for_log(reason, LIMIT);
    let running = sleeper.run(&["600"]);
    scene.wait_until_held("192.0.2.51");
    drop(running);
    scene.wait_until_gone("192.0.2.51");
    scene.wait_for_priority(0);
}

#[test]
fn a_process_that_runs_before_the_daemon_counts_and_a_dead_one_does_not() {
    let scene = Alone::new("process-before");
    let sleeper = Sleeper::new(&scene);
    let _running = sleeper.run(&["600"]);
    // Nobody buries it as long as the test runs: a zombie.
    let dead = start(&sleeper.path, &["0"]);
    let _daemon = watching(&scene, &tracked(&sleeper.name, "weight 20\n  quorum_max 1"));
    scene.wait_until_held("192.0.2.51");
    scene.wait_for_priority(120);
    drop(dead);
}

#[test]
fn too_few_and_too_many_are_both_no_quorum() {
    let scene = Alone::new("process-quorum");
    let sleeper = Sleeper::new(&scene);
    let configuration = tracked(&sleeper.name, "weight 20\n  quorum 2\n  quorum_max 3");
    let _daemon = watching(&scene, &configuration);
    scene.wait_until_held("192.0.2.51");
    scene.wait_for_priority(100);
    let mut running = vec![sleeper.run(&["600"])];
    scene.lab.insist("one is too few", std::time::Duration::from_millis(300), || {
        scene.capture.adverts_from("a").last().is_some_and(|advert| advert.priority == 100)
    });
    running.push(sleeper.run(&["600"]));
    scene.wait_for_priority(120);
    running.push(sleeper.run(&["600"]));
    running.push(sleeper.run(&["600"]));
    scene.wait_for_priority(100);
    running.truncate(3);
    scene.wait_for_priority(120);
}

#[test]
fn parameters_are_part_of_what_is_watched() {
    let scene = Alone::new("process-parameters");
    let sleeper = Sleeper::new(&scene);
    let command = format!("{} 600 0", sleeper.path.display());
    let daemon = watching(&scene, &tracked(&command, "weight 20"));
    scene.wait_until_held("192.0.2.51");
    let _others = [sleeper.run(&["600"]), sleeper.run(&["600", "0", "0"])];
    let running = sleeper.run(&["600", "0"]);
    scene.wait_for_priority(120);
    drop(running);
    scene.wait_for_priority(100);
    assert_eq!(daemon.log().count("Quorum gained"), 1, "{}", scene.lab.logs());
}

#[test]
fn partial_and_initial_parameters_let_more_follow() {
    for (kind, fits, not) in [
        ("partial", &["600", "0", "7"][..], &["600", "05"][..]),
        ("initial", &["600", "05"][..], &["60", "0"][..]),
    ] {
        let scene = Alone::new(&format!("process-{kind}"));
        let sleeper = Sleeper::new(&scene);
        let command = format!("{} 600 0", sleeper.path.display());
        let more = format!("param_match {kind}\n  weight 20");
        let daemon = watching(&scene, &tracked(&command, &more));
        scene.wait_until_held("192.0.2.51");
        let _other = sleeper.run(not);
        let _running = sleeper.run(fits);
        scene.wait_for_priority(120);
        assert_eq!(daemon.log().count("Quorum gained"), 1, "{}", scene.lab.logs());
    }
}

#[test]
fn an_end_counts_only_when_the_process_stays_away() {
    let scene = Alone::new("process-delay");
    let sleeper = Sleeper::new(&scene);
    let first = sleeper.run(&["600"]);
    let configuration = tracked(&sleeper.name, "weight 20\n  terminate_delay 1.5");
    let daemon = watching(&scene, &configuration);
    scene.wait_until_held("192.0.2.51");
    scene.wait_for_priority(120);
    drop(first);
    let second = sleeper.run(&["600"]);
    scene.lab.insist("nothing has happened", std::time::Duration::from_secs(2), || {
        !daemon.log().has("Quorum lost")
    });
    drop(second);
    scene.wait_for_priority(100);
    assert_eq!(daemon.log().count("Quorum lost for tracked process p"), 1);
}

#[test]
fn a_process_that_changes_its_name_counts_at_once() {
    let scene = Alone::new("process-name");
    let name = Sleeper::new(&scene).name;
    let configuration = tracked(&name, "weight 20\n  delay 600");
    let _daemon = watching(&scene, &configuration);
    scene.wait_until_held("192.0.2.51");
    let go = scene.host.file("go");
    let script = format!(
        "printf {name} >/proc/self/comm; while [ ! -e {} ]; do sleep 0.05; done; \
         printf other >/proc/self/comm; sleep 600 & wait",
        go.display()
    );
    let _running = start(Path::new("/bin/sh"), &["-c", &script]);
    scene.wait_for_priority(120);
    std::fs::write(go, "").unwrap();
    scene.wait_for_priority(100);
}

/// A shell under a name that nothing else has: it waits, makes a child of the same name, and both
/// wait again.
fn forking(scene: &Alone, name: &str) -> (Running, PathBuf) {
    let path = scene.host.file(name);
    std::fs::copy("/bin/sh", &path).expect("a program can be copied");
    let (go, end) = (scene.host.file("go"), scene.host.file("end"));
    scene.host.ok(["mkfifo".as_ref(), go.as_os_str(), end.as_os_str()]);
    let script = format!("read x <{}; (read y <{}) & wait", go.display(), end.display());
    (start(&path, &["-c", &script]), go)
}

#[test]
fn a_start_counts_only_when_the_process_stays() {
    let scene = Alone::new("process-fork");
    let name = Sleeper::new(&scene).name.replacen('p', "f", 1);
    let (_running, go) = forking(&scene, &name);
    let configuration = tracked(&name, "weight 20\n  quorum 2\n  fork_delay 2");
    let daemon = watching(&scene, &configuration);
    scene.wait_until_held("192.0.2.51");
    scene.wait_for_priority(100);
    let start = std::time::Instant::now();
    std::fs::write(go, "now\n").unwrap();
    scene.wait_for_priority(120);
    let waited = start.elapsed().as_millis();
    assert!(waited >= 1_900, "2 s are due, {waited} ms passed");
    assert_eq!(daemon.log().count("Quorum gained for tracked process p"), 1);
}

#[test]
fn the_name_of_the_command_line_may_be_another_than_that_of_the_process() {
    for (more, priority) in [("full_command\n  weight 20", 120), ("weight 20", 100)] {
        let scene = Alone::new("process-full");
        let sleeper = Sleeper::new(&scene);
        let called = sleeper.name.replacen('p', "c", 1);
        let exec = format!("exec -a {called} {} 600", sleeper.path.display());
        let _running = start(Path::new("/bin/bash"), &["-c", &exec]);
        let _daemon = watching(&scene, &tracked(&called, more));
        scene.wait_until_held("192.0.2.51");
        scene.wait_for_priority(priority);
    }
}

/// The original looks anew at what runs, and the wait is over.
#[test]
fn a_reload_does_not_end_the_wait_for_a_process_that_went() {
    let scene = Alone::new("process-reload");
    let sleeper = Sleeper::new(&scene);
    let running = sleeper.run(&["600"]);
    let configuration = tracked(&sleeper.name, "weight 20\n  terminate_delay 4");
    let daemon = watching(&scene, &configuration);
    scene.wait_until_held("192.0.2.51");
    scene.wait_for_priority(120);
    let start = std::time::Instant::now();
    drop(running);
    std::thread::sleep(std::time::Duration::from_millis(500));
    daemon.hup();
    scene.wait_for_priority(100);
    let waited = start.elapsed().as_millis();
    if under_test().is_ours() {
        assert!(waited >= 3_900, "4 s are due, {waited} ms passed");
    }
}

/// The lines of the dump about the tracked process, without their indentation.
fn dumped(scene: &Alone, daemon: &Daemon) -> Vec<String> {
    let text = dump(scene, daemon, "DATA", "keepalived.data");
    let begin = text.lines().skip_while(|line| !line.contains("Track process = p"));
    begin.take_while(|line| !line.starts_with('-')).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn the_dump_shows_what_is_counted_and_what_waits() {
    let scene = Alone::new("process-dump");
    let sleeper = Sleeper::new(&scene);
    let command = format!("{} 600 1 2", sleeper.path.display());
    let more =
        "param_match exact\n  weight 20\n  quorum_max 3\n  terminate_delay 900\n  fork_delay 0";
    let daemon = watching(&scene, &tracked(&command, more));
    scene.wait_until_held("192.0.2.51");
    let expected = |count: u8, enough: bool, waits: bool| {
        vec![
            "VRRP Track process = p".to_owned(),
            format!("Process = {}", sleeper.path.display()),
            "Parameters = 600 1 2".to_owned(),
            "Param match".to_owned(),
            "Min processes = 1".to_owned(),
            "Max processes = 3".to_owned(),
            format!("Current processes = {count}"),
            format!("Have quorum = {enough}"),
            "Weight = 20".to_owned(),
            "Terminate delay = 900.000000s".to_owned(),
            "Fork delay = 0.000000s".to_owned(),
            "Fork delay timer not running".to_owned(),
            format!("Terminate delay timer {}", if waits { "running" } else { "not running" }),
            "Full command = true".to_owned(),
            "Tracking instances :".to_owned(),
            "VI_1, weight 20".to_owned(),
        ]
    };
    assert_eq!(dumped(&scene, &daemon), expected(0, false, false));
    let json = dump(&scene, &daemon, "JSON", "keepalived.json");
    // 2.2.7 does not name them.
    let named = under_test().is_ours();
    assert!(!named || json.contains(",\"track_process\":[\"p\"],\"auth_type\":0"), "{json}");
    let running = sleeper.run(&["600", "1", "2"]);
    scene.wait_for_priority(120);
    assert_eq!(dumped(&scene, &daemon), expected(1, true, false));
    drop(running);
    let mut last = Vec::new();
    scene.lab.wait_until("the end to be known", LIMIT, || {
        last = dumped(&scene, &daemon);
        last == expected(0, true, true)
    });
}

#[test]
fn the_dump_shows_a_start_that_has_to_last() {
    let scene = Alone::new("process-dump-fork");
    let name = Sleeper::new(&scene).name.replacen('p', "d", 1);
    let (_running, go) = forking(&scene, &name);
    let daemon = watching(&scene, &tracked(&name, "weight 20\n  quorum 2\n  fork_delay 900"));
    scene.wait_until_held("192.0.2.51");
    std::fs::write(go, "now\n").unwrap();
    let wanted = ["Fork delay timer running", "Terminate delay timer not running"];
    scene.lab.wait_until("the second one to be known", LIMIT, || {
        let lines = dumped(&scene, &daemon);
        let counted = lines.contains(&"Current processes = 2".to_owned());
        counted && wanted.iter().all(|wanted| lines.iter().any(|line| line == wanted))
    });
}

/// 2.2.7 has one layout only.
#[test]
fn json_has_the_processes_in_its_second_layout_since_2_4() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    let scene = Alone::new("process-json");
    let sleeper = Sleeper::new(&scene);
    let more = "weight 20 reverse\n  quorum_max 3\n  terminate_delay 0.5\n  fork_delay 2";
    let layout = "global_defs {\n  json_version 2\n}\n";
    let configuration = format!("{layout}{}", tracked(&sleeper.name, more));
    let daemon = watching(&scene, &configuration);
    scene.wait_until_held("192.0.2.51");
    let json = dump(&scene, &daemon, "JSON", "keepalived.json");
    let (_, processes) = json.split_once("}],\"track_process\":").expect("a second member");
    let expected = format!(
        "[{{\"process\":\"{}\",\"param_match\":\"none\",\"min_processes\":1,\
         \"max_processes\":3,\"current_processes\":0,\"have_quorum\":false,\"weight\":-20,\
         \"terminate_delay\":0.5,\"fork_delay\":2,\"fork_delay_timer_running\":false,\
         \"terminate_delay_timer_running\":false,\"full_command\":false}}]}}\n",
        sleeper.name
    );
    assert_eq!(processes, expected);
    daemon.reload(&format!("{layout}{}", usual("")));
    daemon.wait_for_log("Reload complete", LIMIT);
    let json = dump(&scene, &daemon, "JSON", "keepalived.json");
    assert!(!json.contains("track_process"), "{json}");
}
