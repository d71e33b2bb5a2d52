//! SIGHUP: what changes, what must not, and what a broken file does.

use std::thread;
use std::time::Duration;

use crate::support::{Alone, LIMIT, instance, under_test, usual};

/// Long enough for a reload, and for adverts to be missed or sent in excess.
const A_WHILE: Duration = Duration::from_millis(1_500);

#[test]
fn a_reload_of_the_same_file_keeps_the_address_and_announces_nothing() {
    let scene = Alone::new("reload-same");
    let configuration = usual("garp_master_delay 0");
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    thread::sleep(A_WHILE);
    let (_, announced) = scene.capture.counts();
    daemon.hup();
    scene.lab.insist("a with its address", A_WHILE, || scene.host.holds("192.0.2.51"));
    daemon.wait_for_log("Reload complete", LIMIT);
    assert_eq!(scene.capture.counts().1, announced, "no announcement");
    assert!(scene.capture.adverts().iter().all(|advert| advert.priority == 100));
    assert_eq!(daemon.log().count("Entering MASTER STATE"), 1, "{}", scene.lab.logs());
    daemon.log().expect_in_order(&["Reloading ...", "Reload complete"]);
}

/// The original sends one advert with the old values and one with the new; ours sends none.
#[test]
fn a_reload_of_the_same_file_disturbs_the_rhythm_of_adverts_only_in_the_original() {
    let scene = Alone::new("reload-rhythm");
    let daemon =
        scene.start_master(&instance("VI_1", 51, "192.0.2.51", "advert_int 2"), "192.0.2.51");
    scene.lab.wait_until("an advert after the first", LIMIT, || scene.capture.counts().0 >= 2);
    thread::sleep(Duration::from_millis(500));
    let before = scene.capture.counts().0;
    daemon.hup();
    daemon.wait_for_log("Reload complete", LIMIT);
    thread::sleep(Duration::from_millis(300));
    let extra = scene.capture.counts().0 - before;
    let ids =
        || scene.capture.adverts().iter().map(|advert| advert.identification).collect::<Vec<_>>();
    if under_test().is_ours() {
        assert_eq!(extra, 0, "a reload that changes nothing sends nothing");
        scene.lab.wait_until("the next advert", LIMIT, || scene.capture.counts().0 > before);
        assert_eq!(ids(), [1, 2, 3], "the counter goes on");
    } else {
        assert_eq!(extra, 2, "one before the reload and one after it");
        assert_eq!(ids(), [1, 2, 3, 1], "the counter starts again");
    }
}

#[test]
fn a_changed_priority_is_advertised_without_leaving_the_state() {
    let scene = Alone::new("reload-priority");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    daemon.reload(&usual("priority 150"));
    scene.wait_for_priority(150);
    assert!(scene.host.holds("192.0.2.51"));
    assert!(scene.capture.adverts().iter().all(|advert| advert.priority != 0));
    assert_eq!(daemon.log().count("Entering MASTER STATE"), 1);
}

#[test]
fn an_added_address_is_set_and_announced_and_the_old_one_stays() {
    let scene = Alone::new("reload-add");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    let two = instance("VI_1", 51, "192.0.2.51\n    192.0.2.61", crate::support::FAST);
    daemon.reload(&two);
    scene.lab.wait_until("the new address", LIMIT, || {
        assert!(scene.host.holds("192.0.2.51"), "the old address stays");
        scene.host.holds("192.0.2.61")
    });
    scene.lab.wait_until("its announcements", LIMIT, || {
        scene.capture.announcements_of("192.0.2.61").len() >= 5
    });
    scene.lab.wait_until("an advert with both", LIMIT, || {
        scene.capture.adverts().last().is_some_and(|advert| advert.vrrp[3] == 2)
    });
}

#[test]
fn a_removed_address_goes_and_the_other_stays() {
    let scene = Alone::new("reload-remove");
    let two = instance("VI_1", 51, "192.0.2.51\n    192.0.2.61", crate::support::FAST);
    let daemon = scene.start_master(&two, "192.0.2.61");
    daemon.reload(&usual(""));
    scene.wait_until_gone("192.0.2.61");
    assert!(scene.host.holds("192.0.2.51"));
    daemon.wait_for_log("(VI_1) ip address 192.0.2.61/32 dev eth0, no longer exist", LIMIT);
    assert!(scene.capture.adverts().iter().all(|advert| advert.priority == 100));
}

#[test]
fn a_removed_instance_gives_up_and_an_added_one_starts() {
    let scene = Alone::new("reload-instances");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    daemon.reload(&instance("VI_2", 52, "192.0.2.52", crate::support::FAST));
    scene.wait_until_gone("192.0.2.51");
    scene.wait_until_held("192.0.2.52");
    let adverts = scene.capture.adverts();
    let last = adverts.iter().rev().find(|advert| advert.vrid == 51).unwrap();
    assert_eq!(last.priority, 0);
    daemon.wait_for_log("(VI_2) Entering MASTER STATE", LIMIT);
}

/// The original's VRRP process ends with a permanent error and takes the daemon with it.
#[test]
fn a_file_naming_a_missing_interface_ends_the_original_and_changes_nothing_for_ours() {
    let scene = Alone::new("reload-bad");
    let mut daemon = scene.start_master(&usual(""), "192.0.2.51");
    daemon.reload(&usual("").replace("eth0", "eth9"));
    if under_test().is_ours() {
        scene.lab.insist("a with its address", A_WHILE, || scene.host.holds("192.0.2.51"));
        assert!(daemon.log().has("eth9"), "the log says why\n{}", scene.lab.logs());
        assert!(scene.capture.adverts().iter().all(|advert| advert.priority == 100));
        daemon.reload(&usual("priority 150"));
        scene.wait_for_priority(150);
    } else {
        assert_eq!(daemon.wait_exit().code(), Some(2));
    }
}

/// keepalived drops what it does not know and goes on with the rest.
#[test]
fn a_file_with_an_unknown_keyword_is_used_without_it_and_the_line_is_named() {
    let scene = Alone::new("reload-unknown");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    daemon.reload(&usual("priority 150\n  preemtp_delay 5"));
    scene.wait_for_priority(150);
    assert!(daemon.log().has("preemtp_delay"), "{}", scene.lab.logs());
    assert!(scene.host.holds("192.0.2.51"));
}
