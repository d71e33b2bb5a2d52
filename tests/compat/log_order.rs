//! The lines of normal runs, in the order in which they are known to come.

use crate::support::{Alone, LIMIT, instance, under_test, usual};

#[test]
fn a_start_without_detail_logs_backup_then_master_and_no_detail() {
    let scene = Alone::new("log-plain");
    let daemon = scene.daemon().without_detail().start(&usual(""));
    daemon.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    scene.lab.wait_until("the announcements", LIMIT, || scene.capture.counts().1 >= 5);
    daemon
        .log()
        .expect_in_order(&["(VI_1) Entering BACKUP STATE (init)", "(VI_1) Entering MASTER STATE"]);
    for detail in ["Receive advertisement timeout", "setting VIPs", "gratuitous ARP"] {
        assert!(!daemon.log().has(detail), "{detail} is a detail\n{}", scene.lab.logs());
    }
    let texts = daemon.log().texts();
    assert!(texts[0].starts_with("Starting Keepalived v"), "{}", texts[0]);
    assert!(texts.iter().any(|line| line.starts_with("Configuration file ")));
}

#[test]
fn with_detail_a_takeover_is_logged_step_by_step() {
    let scene = Alone::new("log-detail");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    let announced = "Sending gratuitous ARP on eth0 for 192.0.2.51";
    daemon.wait_for_log_times(announced, 10, LIMIT);
    let queued = "(VI_1) Sending/queueing gratuitous ARPs on eth0 for 192.0.2.51";
    let mut lines = vec![
        "(VI_1) Entering BACKUP STATE (init)",
        "(VI_1) Receive advertisement timeout",
        "(VI_1) Entering MASTER STATE",
        "(VI_1) setting VIPs.",
    ];
    for _burst in 0..2 {
        lines.push(queued);
        lines.extend([announced; 5]);
    }
    daemon.log().expect_in_order(&lines);
}

#[test]
fn yielding_to_a_better_router_is_logged_with_both_priorities() {
    let scene = Alone::new("log-yield");
    let other = scene.lab.host("b", "192.0.2.2/24");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    let mut better = other.daemon(&under_test()).start(&usual("priority 200"));
    daemon.wait_for_log("(VI_1) removing VIPs.", LIMIT);
    scene.wait_until_gone("192.0.2.51");
    assert!(better.stop().success());
    scene.wait_until_held("192.0.2.51");
    daemon.log().expect_in_order(&[
        "(VI_1) Entering MASTER STATE",
        "(VI_1) Master received advert from 192.0.2.2 with higher priority 200, ours 100",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) removing VIPs.",
        "(VI_1) Backup received priority 0 advertisement",
        "(VI_1) Receive advertisement timeout",
        "(VI_1) Entering MASTER STATE",
    ]);
    better.log().expect_in_order(&[
        "(VI_1) Entering BACKUP STATE (init)",
        "(VI_1) received lower priority (100) advert from 192.0.2.1 - discarding",
        "(VI_1) Entering MASTER STATE",
    ]);
}

#[test]
fn a_slow_instance_waits_three_adverts_and_its_skew() {
    let scene = Alone::new("log-timing");
    let daemon = scene.start(&instance("VI_1", 51, "192.0.2.51", "advert_int 1"));
    daemon.wait_for_log("(VI_1) Entering BACKUP STATE (init)", LIMIT);
    let start = std::time::Instant::now();
    scene.lab.wait_until("the first advert", LIMIT, || scene.capture.counts().0 > 0);
    let waited = start.elapsed().as_millis();
    assert!((3_400..4_200).contains(&waited), "3609 ms are due, {waited} ms passed");
}
