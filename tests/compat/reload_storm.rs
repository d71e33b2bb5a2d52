//! Many requests for a reload, and requests at bad moments: nothing is lost, least of all the
//! address.

use std::thread;
use std::time::Duration;

use crate::support::{Alone, LIMIT, under_test, usual};

fn long(configuration: &str) -> String {
    format!(
        "{configuration}{}",
        "! and nothing more to be said about this, at some length\n".repeat(400_000)
    )
}

#[test]
fn a_hundred_requests_never_lose_the_address_and_the_last_file_counts() {
    let scene = Alone::new("storm");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    for number in 0..100_u8 {
        daemon.reload(&usual(&format!("priority {}", 101 + number)));
        thread::sleep(Duration::from_millis(u64::from(number % 7)));
        assert!(scene.host.holds("192.0.2.51"));
    }
    scene.wait_for_priority(200);
    assert!(scene.host.holds("192.0.2.51"));
    assert!(scene.capture.adverts().iter().all(|advert| advert.priority >= 100));
    assert_eq!(daemon.log().count("Entering MASTER STATE"), 1, "{}", scene.lab.logs());
    daemon.wait_for_log("Reload complete", LIMIT);
}

#[test]
fn requests_during_a_reload_lead_to_one_more() {
    let scene = Alone::new("storm-queued");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    daemon.reload(&long(&usual("priority 150")));
    daemon.wait_for_log("Reloading ...", LIMIT);
    for _ in 0..20 {
        daemon.hup();
        thread::sleep(Duration::from_millis(1));
    }
    daemon.wait_for_log_times("Reload complete", 2, LIMIT);
    thread::sleep(Duration::from_millis(1_500));
    assert_eq!(daemon.log().count("Reload complete"), 2, "{}", scene.lab.logs());
    assert!(scene.host.holds("192.0.2.51"));
    if under_test().is_ours() {
        daemon.log().expect_in_order(&[
            "Reloading ...",
            "Reload already in progress, request queued",
            "Processing queued reload",
            "Reloading ...",
            "Reload complete",
        ]);
        assert_eq!(daemon.log().count("request queued"), 1);
    }
}

/// The original has read its file and goes on with it.
#[test]
fn a_request_during_the_start_does_no_harm_and_counts_for_ours() {
    let scene = Alone::new("storm-start");
    let daemon = scene.start(&long(&usual("")));
    daemon.wait_for_log("Starting Keepalived", LIMIT);
    thread::sleep(Duration::from_millis(20));
    daemon.reload(&usual("priority 150"));
    for _ in 0..50 {
        daemon.hup();
        thread::sleep(Duration::from_millis(2));
    }
    scene.wait_until_held("192.0.2.51");
    if under_test().is_ours() {
        scene.wait_for_priority(150);
    }
    assert_eq!(daemon.log().count("Entering MASTER STATE"), 1, "{}", scene.lab.logs());
}

#[test]
fn requests_during_the_stop_do_not_disturb_it() {
    let scene = Alone::new("storm-stop");
    let mut daemon = scene.start_master(&usual(""), "192.0.2.51");
    daemon.term();
    for _ in 0..20 {
        // It may be gone already; then there is nobody to disturb.
        scene.host.run(["kill", "-HUP", &daemon.pid().to_string()]);
    }
    assert!(daemon.wait_exit().success());
    assert!(!scene.host.holds("192.0.2.51"));
    assert_eq!(scene.capture.adverts().last().map(|advert| advert.priority), Some(0));
}
