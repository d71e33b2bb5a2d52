//! What becomes of processes that scripts start and leave behind: the daemon adopts them, and buries
//! them when they have ended, whoever of it has started the script.

use crate::script_ends::tracked;
use crate::support::{Alone, LIMIT, usual};

/// A script that leaves a process behind, whose number is in `pid` then, until there is a file `go`.
fn leaving(scene: &Alone) -> String {
    let (pid, go) = (scene.host.file("pid"), scene.host.file("go"));
    let body = format!(
        "(while [ ! -e {} ]; do sleep 0.1; done) &\necho $! >{1}.new; mv {1}.new {1}",
        go.display(),
        pid.display()
    );
    scene.host.script("leaves", &body).display().to_string()
}

/// The number of the process that a script has left.
fn left(scene: &Alone) -> String {
    scene.lab.wait_until("the script", LIMIT, || scene.host.file("pid").exists());
    scene.host.read("pid").trim().to_owned()
}

fn parent_of(process: &str) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    line.and_then(|parent| parent.trim().parse().ok())
}

/// Waits until what was left has been adopted, and then buried.
fn expect_burial(scene: &Alone, daemon: u32) {
    let left = left(scene);
    scene.lab.wait_until("it to be adopted", LIMIT, || parent_of(&left) == Some(daemon));
    scene.host.write("go", "");
    scene.lab.wait_until("it to be buried", LIMIT, || parent_of(&left).is_none());
}

#[test]
fn what_a_check_leaves_behind_goes_to_the_daemon() {
    let scene = Alone::new("orphan-check");
    let daemon = scene.start_master(&tracked(&leaving(&scene)), "192.0.2.51");
    expect_burial(&scene, daemon.pid());
}

/// 2.2.7 adopts nobody before its parts run.
#[test]
fn what_the_startup_script_leaves_behind_goes_to_the_daemon() {
    let scene = Alone::new("orphan-startup");
    let words = format!("startup_script {}\n  startup_script_timeout 60", leaving(&scene));
    let configuration = format!("global_defs {{\n  script_user root\n  {words}\n}}\n{}", usual(""));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    if daemon.is_ours() {
        expect_burial(&scene, daemon.pid());
    } else {
        assert!(parent_of(&left(&scene)).is_some_and(|parent| parent != daemon.pid()));
    }
}
