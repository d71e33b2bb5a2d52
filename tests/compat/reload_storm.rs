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

/// Another configuration in the place of the old one, at once.
fn replace(scene: &Alone, configuration: &str) {
    let new = scene.host.write("new.conf", configuration);
    std::fs::rename(new, scene.host.file("keepalived.conf")).expect("a file can be renamed");
}

#[test]
fn a_hundred_requests_never_lose_the_address_and_the_last_file_counts() {
    let scene = Alone::new("storm");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    for number in 0..100_u8 {
        replace(&scene, &usual(&format!("priority {}", 101 + number)));
        daemon.hup();
        thread::sleep(Duration::from_millis(u64::from(number % 7)));
        assert!(scene.host.holds("192.0.2.51"));
    }
    scene.wait_for_priority(200);
    assert!(scene.host.holds("192.0.2.51"));
    assert!(scene.capture.adverts().iter().all(|advert| advert.priority >= 100));
    assert_eq!(daemon.log().count("Entering MASTER STATE"), 1, "{}", scene.lab.logs());
    daemon.wait_for_log("Reload complete", LIMIT);
}

/// Whoever writes a file empties it first, and somebody may ask for a reload just then.
#[test]
fn an_emptied_file_takes_the_address_from_the_original_only() {
    let scene = Alone::new("storm-empty");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    daemon.reload("");
    if under_test().is_ours() {
        daemon.wait_for_log("The new configuration is empty - keeping the running", LIMIT);
        thread::sleep(Duration::from_millis(500));
        assert!(scene.host.holds("192.0.2.51"));
        // A comment says that it is meant.
        daemon.reload("# nothing\n");
    }
    scene.wait_until_gone("192.0.2.51");
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

/// Whether one of these sets of signals of a process (as `/proc` names them) holds SIGHUP.
fn has_hangup(pid: u32, sets: [&str; 2]) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let masks =
        status.lines().filter_map(|line| sets.iter().find_map(|set| line.strip_prefix(set)));
    masks.filter_map(|mask| u64::from_str_radix(mask.trim(), 16).ok()).any(|mask| mask & 1 != 0)
}

/// The original goes on with the file that it has read, or does not come to its address at all.
#[test]
fn a_request_during_the_start_does_no_harm_and_counts_for_ours() {
    let scene = Alone::new("storm-start");
    let daemon = scene.start(&long(&long(&usual(""))));
    // Kept, not only survived.
    let sets = if under_test().is_ours() { ["SigBlk:"; 2] } else { ["SigIgn:", "SigCgt:"] };
    scene.lab.wait_until("requests to be harmless", LIMIT, || has_hangup(daemon.pid(), sets));
    thread::sleep(Duration::from_millis(100));
    replace(&scene, &usual("priority 150"));
    daemon.hup();
    if under_test().is_ours() {
        scene.wait_until_held("192.0.2.51");
        scene.wait_for_priority(150);
        daemon.wait_for_log("Reloading ...", LIMIT);
        assert_eq!(daemon.log().count("Entering MASTER STATE"), 1, "{}", scene.lab.logs());
    }
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
