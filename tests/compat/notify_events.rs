//! Scripts for what is no change of state: a worse router heard, an instance gone from the file.

use std::time::Duration;

use testkit::lab::{Daemon, Forged, Host};

use crate::support::{Alone, FAST, LIMIT, instance, usual};

fn recorder(host: &Host) -> String {
    let body = format!("echo \"$*\" >>{}", host.file("events").display());
    host.script("record", &body).display().to_string()
}

fn wait_for(scene: &Alone, line: &str) {
    scene.lab.wait_until(&format!("{line:?}, told"), LIMIT, || {
        scene.host.read("events").lines().any(|one| one == line)
    });
}

fn as_root(configuration: &str) -> String {
    format!("global_defs {{\n  script_user root\n}}\n{configuration}")
}

#[test]
fn a_master_tells_of_a_worse_router() {
    let scene = Alone::new("notify-lower");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let script = recorder(&scene.host);
    let own = format!("notify_master_rx_lower_pri \"{script} worse\"\n  notify {script}");
    let _daemon = scene.start_master(&as_root(&usual(&own)), "192.0.2.51");
    wait_for(&scene, "INSTANCE VI_1 MASTER 100");
    b.forge(&Forged::v3("192.0.2.2", 51, 50, "192.0.2.51"));
    wait_for(&scene, "worse");
    std::thread::sleep(Duration::from_millis(300));
    assert!(!scene.host.read("events").contains("MASTER_RX"), "it is no state");
}

/// Two instances, and then only the first.
fn removed(label: &str, own: &str) -> (Alone, Daemon) {
    let scene = Alone::new(label);
    let script = recorder(&scene.host);
    let second = |more: &str| instance("VI_2", 52, "192.0.2.52", &format!("{FAST}\n  {more}"));
    let own = format!("notify {script}\n  {}", own.replace("SCRIPT", &script));
    let both = format!("{}{}", usual(""), second(&own));
    let daemon = scene.start_master(&as_root(&both), "192.0.2.52");
    wait_for(&scene, "INSTANCE VI_2 MASTER 100");
    daemon.reload(&as_root(&usual("")));
    scene.wait_until_gone("192.0.2.52");
    (scene, daemon)
}

#[test]
fn an_instance_that_is_removed_tells_of_a_fault() {
    let (scene, _daemon) = removed("notify-removed", "");
    wait_for(&scene, "INSTANCE VI_2 FAULT 100");
}

#[test]
fn one_that_was_in_fault_has_nothing_new_to_tell() {
    let scene = Alone::new("notify-gone-faulty");
    scene.host.add_link("eth1", "198.51.100.1/24");
    scene.host.unplug_link("eth1");
    let script = recorder(&scene.host);
    let lines = format!("{FAST}\n  notify {script}\n  track_interface {{\n    eth1\n  }}");
    let both = format!("{}{}", usual(""), instance("VI_2", 52, "192.0.2.52", &lines));
    let daemon = scene.start_master(&as_root(&both), "192.0.2.51");
    wait_for(&scene, "INSTANCE VI_2 FAULT 100");
    daemon.reload(&as_root(&usual(&format!("notify {script}"))));
    daemon.wait_for_log("Reload complete", LIMIT);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(scene.host.read("events").matches("FAULT").count(), 1, "{}", scene.lab.logs());
}

#[test]
fn or_that_it_is_deleted_where_that_is_wanted() {
    let (scene, _daemon) = removed("notify-deleted", "notify_deleted");
    wait_for(&scene, "INSTANCE VI_2 DELETED 100");
    std::thread::sleep(Duration::from_millis(300));
    assert!(!scene.host.read("events").contains("FAULT"), "{}", scene.host.read("events"));
}

#[test]
fn by_a_script_of_its_own() {
    let (scene, _daemon) = removed("notify-deleted-own", "notify_deleted \"SCRIPT gone\"");
    wait_for(&scene, "gone");
}
