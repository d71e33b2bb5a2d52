//! Tracked scripts and interfaces: what they do to the priority and the state, and what is logged.

use std::path::Path;

use crate::support::{Alone, LIMIT, usual};

/// A script that succeeds while `down` does not exist on the host.
fn checked(scene: &Alone, more: &str) -> String {
    let down = scene.host.file("down");
    let script = scene.host.script("check", &format!("test ! -e {}", down.display()));
    format!(
        "global_defs {{\n  script_user root\n}}\nvrrp_script chk {{\n  script {}\n  interval 1\n  \
         {more}\n}}\n",
        script.display()
    )
}

fn touch(path: &Path) {
    std::fs::write(path, "").expect("the file can be made");
}

fn remove(path: &Path) {
    std::fs::remove_file(path).expect("the file is there");
}

const TRACKED: &str = "track_script {\n    chk\n  }";

#[test]
fn a_failing_script_of_negative_weight_lowers_the_priority_until_it_succeeds() {
    let scene = Alone::new("weight-minus");
    let configuration = format!("{}{}", checked(&scene, "weight -30"), usual(TRACKED));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.wait_for_priority(100);
    assert!(!daemon.log().has("now returning 0"), "{}", scene.lab.logs());
    touch(&scene.host.file("down"));
    scene.wait_for_priority(70);
    remove(&scene.host.file("down"));
    scene.wait_for_priority(100);
    assert!(scene.host.holds("192.0.2.51"));
    daemon.log().expect_in_order(&[
        "VRRP_Script(chk) succeeded",
        "(VI_1) Entering MASTER STATE",
        "Script `chk` now returning 1",
        "VRRP_Script(chk) failed (exited with status 1)",
        "(VI_1) Changing effective priority from 100 to 70",
        "Script `chk` now returning 0",
        "VRRP_Script(chk) succeeded",
        "(VI_1) Changing effective priority from 70 to 100",
    ]);
}

#[test]
fn a_succeeding_script_of_positive_weight_raises_the_priority() {
    let scene = Alone::new("weight-plus");
    let configuration = format!("{}{}", checked(&scene, "weight 20"), usual(TRACKED));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.wait_for_priority(120);
    touch(&scene.host.file("down"));
    scene.wait_for_priority(100);
    daemon.log().expect_in_order(&[
        "(VI_1) Changing effective priority from 100 to 120",
        "(VI_1) Changing effective priority from 120 to 100",
    ]);
}

#[test]
fn fall_and_rise_count_results_before_they_believe_them() {
    let scene = Alone::new("fall-rise");
    let configuration =
        format!("{}{}", checked(&scene, "weight -30\n  fall 2\n  rise 2"), usual(TRACKED));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    touch(&scene.host.file("down"));
    daemon.wait_for_log("Script `chk` now returning 1", LIMIT);
    assert!(!daemon.log().has("VRRP_Script(chk) failed"));
    scene.wait_for_priority(70);
    remove(&scene.host.file("down"));
    daemon.wait_for_log("Script `chk` now returning 0", LIMIT);
    assert_eq!(daemon.log().count("VRRP_Script(chk) succeeded"), 1);
    scene.wait_for_priority(100);
    assert_eq!(daemon.log().count("VRRP_Script(chk) succeeded"), 2);
}

#[test]
fn a_failing_script_without_weight_puts_the_instance_into_fault() {
    let scene = Alone::new("script-fault");
    let configuration = format!("{}{}", checked(&scene, ""), usual(TRACKED));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    touch(&scene.host.file("down"));
    scene.wait_for_priority(0);
    scene.wait_until_gone("192.0.2.51");
    remove(&scene.host.file("down"));
    scene.wait_until_held("192.0.2.51");
    daemon.log().expect_in_order(&[
        "VRRP_Script(chk) succeeded",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) Entering MASTER STATE",
        "VRRP_Script(chk) failed (exited with status 1)",
        "(VI_1) Entering FAULT STATE",
        "VRRP_Script(chk) succeeded",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) Entering MASTER STATE",
    ]);
}

#[test]
fn an_instance_whose_script_fails_from_the_start_waits_until_it_succeeds() {
    let scene = Alone::new("script-fault-start");
    touch(&scene.host.file("down"));
    let configuration = format!("{}{}", checked(&scene, ""), usual(TRACKED));
    let daemon = scene.start(&configuration);
    daemon.wait_for_log("VRRP_Script(chk) failed (exited with status 1)", LIMIT);
    scene.lab.insist("a without its address", std::time::Duration::from_millis(1_500), || {
        !scene.host.holds("192.0.2.51")
    });
    assert_eq!(scene.capture.counts(), (0, 0));
    assert!(!daemon.log().has("Entering BACKUP STATE"));
    remove(&scene.host.file("down"));
    scene.wait_until_held("192.0.2.51");
    daemon.log().expect_in_order(&[
        "VRRP_Script(chk) failed (exited with status 1)",
        "VRRP_Script(chk) succeeded",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) Entering MASTER STATE",
    ]);
}

#[test]
fn the_own_interface_going_down_is_a_fault_and_coming_back_ends_it() {
    let scene = Alone::new("own-link");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    scene.host.unplug();
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    scene.wait_until_gone("192.0.2.51");
    scene.host.plug();
    scene.wait_until_held("192.0.2.51");
    daemon.log().expect_in_order(&[
        "Netlink reports eth0 down",
        "(VI_1) Entering FAULT STATE",
        "Netlink reports eth0 up",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) Entering MASTER STATE",
    ]);
}

#[test]
fn a_tracked_interface_without_weight_is_a_fault_when_it_goes_down() {
    let scene = Alone::new("other-link");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let daemon = scene.start_master(&usual("track_interface {\n    eth1\n  }"), "192.0.2.51");
    scene.host.unplug_link("eth1");
    scene.wait_for_priority(0);
    scene.wait_until_gone("192.0.2.51");
    scene.host.plug_link("eth1");
    scene.wait_until_held("192.0.2.51");
    daemon.log().expect_in_order(&[
        "Netlink reports eth1 down",
        "(VI_1) Entering FAULT STATE",
        "Netlink reports eth1 up",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) Entering MASTER STATE",
    ]);
}

#[test]
fn a_tracked_interface_with_a_weight_changes_the_priority() {
    let scene = Alone::new("other-link-weight");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let configuration = usual("track_interface {\n    eth1 weight -40\n  }");
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.host.unplug_link("eth1");
    scene.wait_for_priority(60);
    scene.host.plug_link("eth1");
    scene.wait_for_priority(100);
    daemon.log().expect_in_order(&[
        "(VI_1) Changing effective priority from 100 to 60",
        "(VI_1) Changing effective priority from 60 to 100",
    ]);
}
