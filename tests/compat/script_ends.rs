//! How check scripts end that nobody waits for any more, and what becomes of those that cannot be
//! run at all.

use std::path::Path;

use nix::sys::signal::Signal;
use testkit::lab::Daemon;

use crate::support::{Alone, LIMIT, under_test, usual};

/// A check of ten minutes, which has a child; both numbers are in `pids`. With `first` the shell
/// begins.
fn lasting(scene: &Alone, first: &str) -> String {
    let pids = scene.host.file("pids");
    let body = format!(
        "{first}\nsleep 600 &\necho $$ $! >{0}.new\nmv {0}.new {0}\nwait\nsleep 600",
        pids.display()
    );
    tracked(&scene.host.script("lasting", &body).display().to_string())
}

pub(crate) fn tracked(script: &str) -> String {
    let block =
        format!("vrrp_script chk {{\n  script {script}\n  interval 600\n  timeout 600\n}}\n");
    let instance = usual("track_script {\n    chk weight 10\n  }");
    format!("{ROOT}{block}{instance}")
}

pub(crate) const ROOT: &str = "global_defs {\n  script_user root\n}\n";

fn start(scene: &Alone, configuration: &str) -> Daemon {
    let daemon = scene.start(configuration);
    scene.lab.wait_until("the check to run", LIMIT, || scene.host.file("pids").exists());
    daemon
}

fn wait_for_the_end(scene: &Alone) {
    let pids = scene.host.read("pids");
    let alive = |pid: &str| {
        let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    };
    scene.lab.wait_until("the check and its child to end", LIMIT, || {
        !pids.split_whitespace().any(alive)
    });
}

#[test]
fn a_check_that_a_reload_drops_ends_even_if_it_ignores_sigterm() {
    let scene = Alone::new("ends-reload");
    let daemon = start(&scene, &lasting(&scene, "trap '' TERM"));
    daemon.reload(&format!("{ROOT}{}", usual("")));
    wait_for_the_end(&scene);
    scene.wait_until_held("192.0.2.51");
}

#[test]
fn a_check_that_a_reload_changes_ends_and_begins_anew() {
    let scene = Alone::new("ends-changed");
    let configuration = lasting(&scene, "trap '' TERM");
    let daemon = start(&scene, &configuration);
    scene.host.script("new", &format!("echo new >{}", scene.host.file("seen").display()));
    daemon.reload(&configuration.replace("lasting", "new"));
    wait_for_the_end(&scene);
    scene.lab.wait_until("the other one", LIMIT, || scene.host.read("seen") == "new\n");
}

#[test]
fn a_check_that_runs_at_the_stop_ends_with_what_it_has_started() {
    let scene = Alone::new("ends-stop");
    let mut daemon = start(&scene, &lasting(&scene, ""));
    assert!(daemon.stop().success());
    wait_for_the_end(&scene);
}

#[test]
fn a_check_does_not_outlive_a_daemon_that_is_killed() {
    let scene = Alone::new("ends-killed");
    // Its child is its own affair.
    let first = "trap 'kill $!; exit' TERM";
    let daemon = start(&scene, &lasting(&scene, first));
    daemon.signal(Signal::SIGKILL);
    wait_for_the_end(&scene);
}

/// It counts as one that succeeds.
#[test]
fn a_check_that_cannot_be_run_is_named_and_keeps_nobody_from_being_master() {
    let scene = Alone::new("ends-never");
    let script = scene.host.script("odd", "");
    std::fs::write(&script, "#!/does/not/exist\n").expect("a script without an interpreter");
    let daemon = scene.start_master(&tracked(&script.display().to_string()), "192.0.2.51");
    if under_test().is_ours() {
        // 2.2.7 says so where nobody hears it.
        daemon.wait_for_log("Error exec-ing command of script chk: No such file", LIMIT);
    }
    scene.wait_for_priority(110);
}
