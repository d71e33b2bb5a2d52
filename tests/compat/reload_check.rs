//! `reload_check_config`, and the keywords that a reload cannot change: the whole reload is
//! refused, and nothing that runs is lost.

use std::thread;
use std::time::Duration;

use testkit::lab::Daemon;

use crate::support::{Alone, LIMIT, under_test, usual};

/// Long enough for a reload, and for what it should not do.
const A_WHILE: Duration = Duration::from_millis(1_500);

fn checked(settings: &str, more: &str) -> String {
    format!("global_defs {{\n  {settings}\n}}\n{}", usual(more))
}

/// Neither the address nor the priority has changed, and nobody was told otherwise.
fn insist_on_the_old(scene: &Alone, daemon: &Daemon) {
    scene.lab.insist("a with its address", A_WHILE, || scene.host.holds("192.0.2.51"));
    assert!(scene.capture.adverts().iter().all(|advert| advert.priority == 100));
    assert_eq!(daemon.log().count("Reload complete"), 0, "{}", scene.lab.logs());
}

#[test]
fn a_mistake_refuses_a_checked_reload_and_is_named_in_the_log_file() {
    let scene = Alone::new("reload-check");
    let findings = scene.host.file("findings");
    let setting = format!("reload_check_config {}", findings.display());
    let daemon = scene.start_master(&checked(&setting, ""), "192.0.2.51");
    assert!(!findings.exists(), "the start is not checked");
    daemon.reload(&checked(&setting, "priority 150\n  preemtp_delay 5"));
    daemon.wait_for_log("validate conf before Reload", LIMIT);
    let refused = format!("New config failed validation, see {} for details", findings.display());
    daemon.wait_for_log(&refused, LIMIT);
    insist_on_the_old(&scene, &daemon);
    assert_eq!(daemon.log().count("Reloading ..."), 0, "{}", scene.lab.logs());
    assert!(scene.host.read("findings").contains("Unknown keyword 'preemtp_delay'"));

    daemon.reload(&checked(&setting, "priority 150"));
    scene.wait_for_priority(150);
    daemon.wait_for_log("Reload complete", LIMIT);
    assert_eq!(scene.host.read("findings"), "", "the last findings are not the new ones");
    let asked = "validate conf before Reload";
    daemon.log().expect_in_order(&[asked, asked, "Reloading ...", "Reload complete"]);
}

#[test]
fn the_running_file_decides_whether_the_new_one_is_checked() {
    let scene = Alone::new("reload-check-running");
    let daemon = scene.start_master(&checked("reload_check_config", ""), "192.0.2.51");
    daemon.reload(&usual("priority 150\n  preemtp_delay 5"));
    daemon.wait_for_log("New config failed validation", LIMIT);
    insist_on_the_old(&scene, &daemon);
    // Nor does it lose its interface.
    daemon.reload(&usual("").replace("eth0", "eth9"));
    daemon.wait_for_log_times("New config failed validation", 2, LIMIT);
    insist_on_the_old(&scene, &daemon);
}

/// The original's VRRP process ends with a permanent error and takes the daemon with it.
#[test]
fn a_new_file_that_asks_for_checks_is_checked_only_by_ours() {
    let scene = Alone::new("reload-check-new");
    let mut daemon = scene.start_master(&usual(""), "192.0.2.51");
    daemon.reload(&checked("reload_check_config", "priority 150\n  preemtp_delay 5"));
    if under_test().is_ours() {
        daemon.wait_for_log("New config failed validation", LIMIT);
        insist_on_the_old(&scene, &daemon);
    } else {
        assert_eq!(daemon.wait_exit().code(), Some(2));
    }
}

#[test]
fn what_a_reload_cannot_change_refuses_it_as_a_whole() {
    let scene = Alone::new("reload-fixed");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    let directory = scene.host.directory().display().to_string();
    let cases = [
        ("net_namespace another", "", "network namespace"),
        ("net_namespace_ipvs another", "", "IPVS network namespace"),
        ("instance another", "", "instance name"),
        ("", "nftables another", "nftables table name"),
        ("", "nftables_ipvs", "IPVS nftables table name"),
        ("", &format!("tmp_config_directory {directory}"), "config_directory"),
        ("", "disable_local_igmp", "disable_local_igmp"),
    ];
    for (root, global, name) in cases {
        daemon.reload(&format!("{root}\n{}", checked(global, "priority 150")));
        let said = format!("Cannot change {name} at a reload - please restart keepalived");
        daemon.wait_for_log(&said, LIMIT);
    }
    insist_on_the_old(&scene, &daemon);
    // 2.2.7 reads nothing any more once it has refused a tmp_config_directory.
    if under_test().is_ours() {
        daemon.reload(&usual("priority 150"));
        scene.wait_for_priority(150);
    }
}

#[test]
fn pid_files_stay_where_they_are() {
    let scene = Alone::new("reload-pid-dir");
    let daemon = scene.daemon().with_own_files().start(&usual(""));
    scene.wait_until_held("192.0.2.51");
    daemon.reload(&format!("use_pid_dir\n{}", usual("priority 150")));
    scene.wait_for_priority(150);
    thread::sleep(Duration::from_millis(300));
    assert!(daemon.pid_files()[0].exists() && daemon.pid_files()[1].exists());
}
