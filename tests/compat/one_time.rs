//! The scripts of the daemon's own start and end: when they run, how long they may take, and what
//! is so while they run.

use std::path::Path;

use testkit::lab::Host;

use crate::support::{Alone, LIMIT, under_test, usual};

/// Tells that it runs, with its argument and the VIPs that are set; waits until there is a file
/// `go-on`; then tells that it ends, and ends with status 3.
fn waiting_script(host: &Host) -> String {
    let events = host.file("events");
    let (events, gate) = (events.display(), host.file("go-on"));
    let body = format!(
        "vip=$(ip -o addr show dev eth0 | grep -c 192.0.2.51)\necho \"$1 begins vip=$vip\" \
         >>{events}\nwhile [ ! -e {} ]; do sleep 0.05; done\necho \"$1 ends\" >>{events}\nexit 3",
        gate.display()
    );
    host.script("waiting", &body).display().to_string()
}

fn globals(lines: &str) -> String {
    format!("global_defs {{\n  script_user root\n  {lines}\n}}\n{}", usual(""))
}

fn events(scene: &Alone) -> Vec<String> {
    scene.host.read("events").lines().map(str::to_owned).collect()
}

fn wait_for_event(scene: &Alone, event: &str) {
    scene.lab.wait_until(event, LIMIT, || events(scene).iter().any(|line| line == event));
}

#[test]
fn nothing_begins_before_the_startup_script_has_ended() {
    let scene = Alone::new("startup-script");
    let script = waiting_script(&scene.host);
    let configuration =
        globals(&format!("startup_script \"{script} up\"\n  startup_script_timeout 60"));
    let daemon = scene.start(&configuration);
    wait_for_event(&scene, "up begins vip=0");
    // Time enough for an instance of 0.1 s to become master, if there were one.
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(daemon.pid_files()[0].exists());
    assert!(!daemon.log().has("STATE"), "{}", daemon.log().text());
    scene.host.write("go-on", "");
    scene.wait_until_held("192.0.2.51");
    assert_eq!(events(&scene), ["up begins vip=0", "up ends"]);
    let running = format!("Running startup script {}", scene.host.file("waiting").display());
    let failed = "startup script script failed, status 3";
    daemon.log().expect_in_order(&[&running, failed, "Startup complete"]);
}

#[test]
fn the_shutdown_script_runs_when_everything_has_ended_and_a_reload_may_change_it() {
    let scene = Alone::new("shutdown-script");
    let script = waiting_script(&scene.host);
    scene.host.write("go-on", "");
    let with = |up: &str, down: &str| {
        globals(&format!("startup_script \"{script} {up}\"\n  shutdown_script \"{script} {down}\""))
    };
    let mut daemon = scene.start_master(&with("up", "down"), "192.0.2.51");
    daemon.reload(&with("another-up", "another-down"));
    daemon.wait_for_log("Reload complete", LIMIT);
    std::fs::remove_file(scene.host.file("go-on")).expect("the gate");
    daemon.term();
    wait_for_event(&scene, "another-down begins vip=0");
    assert!(daemon.pid_files()[0].exists(), "it is waited for");
    scene.host.write("go-on", "");
    assert!(daemon.wait_exit().success());
    assert!(!daemon.pid_files()[0].exists());
    let expected = ["up begins vip=0", "up ends", "another-down begins vip=0", "another-down ends"];
    assert_eq!(events(&scene), expected);
    let running = format!("Running shutdown script {}", scene.host.file("waiting").display());
    daemon.log().expect_in_order(&[&running, "shutdown script script failed, status 3"]);
}

#[test]
fn a_script_that_takes_too_long_is_killed_and_life_goes_on() {
    let scene = Alone::new("one-time-timeouts");
    let pids = scene.host.file("pids");
    // What it has started goes with it.
    let body = format!(
        "trap '' TERM\n(trap '' TERM; sleep 600) &\necho $$ $! >>{}\nsleep 600\nsleep 600",
        pids.display()
    );
    let script = scene.host.script("stubborn", &body).display().to_string();
    let configuration = globals(&format!(
        "startup_script {script}\n  startup_script_timeout 1\n  shutdown_script {script}\n  \
         shutdown_script_timeout 1"
    ));
    let mut daemon = scene.start_master(&configuration, "192.0.2.51");
    daemon.log().expect_in_order(&["startup script timed out", "Startup complete"]);
    assert!(daemon.stop().success());
    assert!(daemon.log().has("shutdown script timed out"));
    let pids = scene.host.read("pids");
    let alive = |pid: &&str| {
        let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    };
    assert_eq!(pids.lines().count(), 2);
    scene.lab.wait_until("all of them to end", LIMIT, || {
        pids.split_whitespace().filter(alive).count() == 0
    });
}

#[test]
fn a_script_that_succeeds_or_dies_or_cannot_be_run_does_not_keep_the_daemon_from_its_work() {
    let scene = Alone::new("one-time-ends");
    let dies = scene.host.script("dies", "kill -KILL $$\nsleep 600").display().to_string();
    let scripts = format!("startup_script {dies}\n  shutdown_script /usr/bin/true");
    let mut daemon = scene.start_master(&globals(&scripts), "192.0.2.51");
    assert!(daemon.stop().success());
    daemon.log().expect_in_order(&[
        "Running shutdown script /usr/bin/true",
        "shutdown script script succeeded",
    ]);
    let odd = scene.host.script("odd", "");
    std::fs::write(&odd, "#!/does/not/exist\n").expect("a script without an interpreter");
    let scripts = format!("startup_script {}", odd.display());
    let mut daemon = scene.start_master(&globals(&scripts), "192.0.2.51");
    assert!(daemon.stop().success());
}

/// keepalived 2.2.7 runs the shutdown script beside it, and then starts what it was told to stop.
#[test]
fn a_stop_during_the_startup_script_ends_both() {
    if !under_test().is_ours() {
        println!("*** broken in the original: this part DID NOT RUN ***");
        return;
    }
    let scene = Alone::new("startup-stop");
    let waiting = waiting_script(&scene.host);
    let down = format!("echo down >>{}", scene.host.file("events").display());
    let down = scene.host.script("down", &down).display().to_string();
    let scripts = format!(
        "startup_script \"{waiting} up\"\n  startup_script_timeout 600\n  shutdown_script {down}"
    );
    let mut daemon = scene.start(&globals(&scripts));
    wait_for_event(&scene, "up begins vip=0");
    assert!(daemon.stop().success());
    assert_eq!(events(&scene), ["up begins vip=0", "down"]);
    assert!(!daemon.log().has("STATE"), "{}", daemon.log().text());
    assert!(daemon.pid_files().iter().all(|file| !file.exists()));
}

/// keepalived 2.2.7 begins at once then, in the middle of the script.
#[test]
fn a_reload_and_a_dump_during_the_startup_script_wait_for_its_end() {
    if !under_test().is_ours() {
        println!("*** broken in the original: this part DID NOT RUN ***");
        return;
    }
    let scene = Alone::new("startup-reload");
    let waiting = waiting_script(&scene.host);
    let scripts = format!("startup_script \"{waiting} up\"\n  startup_script_timeout 600");
    let daemon = scene.start(&globals(&scripts));
    wait_for_event(&scene, "up begins vip=0");
    daemon.reload(&globals(&scripts).replace("192.0.2.51", "192.0.2.52"));
    daemon.request("DATA");
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(!daemon.log().has("STATE"), "{}", daemon.log().text());
    scene.host.write("go-on", "");
    scene.wait_until_held("192.0.2.52");
    daemon.wait_for_log("Printing VRRP data for process(", LIMIT);
    assert_eq!(events(&scene), ["up begins vip=0", "up ends"]);
}
