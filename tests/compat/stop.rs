//! An orderly stop: what goes over the wire, what is left behind, and how the process ends.

use testkit::lab::Signal;

use crate::support::{Alone, LIMIT, hex, instance, usual};

#[test]
fn a_stopped_master_gives_up_its_addresses_says_so_and_ends_with_status_0() {
    let scene = Alone::new("term");
    let mut daemon =
        scene.start_master(&instance("VI_1", 51, "192.0.2.51", "advert_int 1"), "192.0.2.51");
    assert!(daemon.stop().success());
    assert!(!scene.host.holds("192.0.2.51"));
    let adverts = scene.capture.adverts_from("a");
    let last = adverts.last().unwrap();
    assert_eq!(hex(&last.vrrp), "21 33 00 01 00 01 1c 97 c0 00 02 33 00 00 00 00 00 00 00 00");
    assert_eq!(adverts.iter().filter(|advert| advert.priority == 0).count(), 1);
    daemon.log().expect_in_order(&["Stopping", "(VI_1) sent 0 priority", "(VI_1) removing VIPs."]);
    assert!(daemon.log().texts().iter().any(|line| line.starts_with("Stopped Keepalived v")));
}

#[test]
fn an_interrupt_stops_it_like_a_term() {
    let scene = Alone::new("interrupt");
    let mut daemon = scene.start_master(&usual(""), "192.0.2.51");
    daemon.signal(Signal::SIGINT);
    assert!(daemon.wait_exit().success());
    assert!(!scene.host.holds("192.0.2.51"));
    assert_eq!(scene.capture.adverts_from("a").last().unwrap().priority, 0);
}

#[test]
fn a_stopped_backup_sends_nothing() {
    let scene = Alone::new("backup-term");
    let mut daemon = scene.start(&instance("VI_1", 51, "192.0.2.51", "advert_int 10"));
    daemon.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
    assert!(daemon.stop().success());
    assert_eq!(scene.capture.counts(), (0, 0));
}

#[test]
fn the_pid_files_are_there_while_it_runs_and_gone_afterwards() {
    let scene = Alone::new("pid-files");
    let mut daemon = scene.start_master(&usual(""), "192.0.2.51");
    let pid = std::fs::read_to_string(&daemon.pid_files()[0]).unwrap();
    assert_eq!(pid, format!("{}\n", daemon.pid()));
    assert!(daemon.pid_files()[1].exists(), "the VRRP pid file");
    assert!(daemon.stop().success());
    for file in daemon.pid_files() {
        assert!(!file.exists(), "{} is still there", file.display());
    }
}

#[test]
fn started_as_a_package_does_it_uses_the_default_files() {
    let scene = Alone::new("default-files");
    let mut daemon = scene.daemon().with_own_files().start(&usual(""));
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    scene.wait_until_held("192.0.2.51");
    let pid = scene.host.read("run/keepalived.pid");
    assert_eq!(pid, format!("{}\n", daemon.pid()));
    assert!(daemon.stop().success());
    assert!(!scene.host.file("run/keepalived.pid").exists());
}

#[test]
fn an_address_left_by_a_killed_daemon_is_removed_at_the_next_start() {
    let scene = Alone::new("left-over");
    let mut killed = scene.start_master(&usual(""), "192.0.2.51");
    killed.kill_9();
    assert!(scene.host.holds("192.0.2.51"));
    let slow = instance("VI_1", 51, "192.0.2.51", "advert_int 30");
    let next = scene.start(&slow);
    next.wait_for_log("(VI_1) Entering BACKUP STATE (init)", LIMIT);
    scene.wait_until_gone("192.0.2.51");
    assert!(!next.log().has("Entering MASTER STATE"));
}

#[test]
fn with_dont_release_vrrp_the_address_stays_and_no_farewell_is_sent() {
    let scene = Alone::new("dont-release");
    let mut daemon = scene.daemon().option("--dont-release-vrrp").start(&usual(""));
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    scene.wait_until_held("192.0.2.51");
    assert!(daemon.stop().success());
    assert!(scene.host.holds("192.0.2.51"));
    assert!(scene.capture.adverts().iter().all(|advert| advert.priority == 100));
}
