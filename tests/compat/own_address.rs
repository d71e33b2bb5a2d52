//! A unicast router that comes out of FAULT tells the segment where it is: its neighbours may have
//! forgotten it, or know it by another port.

use std::time::Duration;

use testkit::lab::Daemon;

use crate::support::{Alone, LIMIT, usual};

const UNICAST: &str = "unicast_src_ip 192.0.2.1\n  unicast_peer {\n    192.0.2.2\n  }";

fn unicast(more: &str) -> String {
    usual(&format!("{UNICAST}\n  {more}"))
}

fn announced(scene: &Alone) -> usize {
    scene.capture.announcements_of("192.0.2.1").len()
}

/// Lets it fail with its link and come back.
fn flap(scene: &Alone, daemon: &Daemon) {
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    scene.host.unplug();
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    assert_eq!(announced(scene), 0, "{}", scene.lab.logs());
    scene.host.plug();
    daemon.wait_for_log_times("(VI_1) Entering MASTER STATE", 2, LIMIT);
}

#[test]
fn a_unicast_router_that_leaves_fault_announces_its_own_address_once() {
    let scene = Alone::new("own-address");
    let daemon = scene.start(&unicast(""));
    flap(&scene, &daemon);
    scene.lab.wait_until("an announcement", LIMIT, || announced(&scene) > 0);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(announced(&scene), 1, "{}", scene.lab.logs());
    daemon.log().expect_in_order(&[
        "(VI_1) Entering FAULT STATE",
        "(VI_1) Entering BACKUP STATE",
        "VI_1: sending gratuitous ARP for 192.0.2.1",
        "Sending gratuitous ARP on eth0 for 192.0.2.1",
    ]);
}

/// It is in FAULT, too, while it waits for the first answer of a check.
#[test]
fn so_does_one_whose_check_has_answered_for_the_first_time() {
    let scene = Alone::new("own-address-check");
    let check = scene.host.script("check", "sleep 1");
    let script = format!("vrrp_script chk {{\n  script {}\n  interval 3\n}}\n", check.display());
    let daemon = scene.start(&(script + &unicast("track_script {\n    chk\n  }")));
    daemon.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    scene.lab.wait_until("an announcement", LIMIT, || announced(&scene) > 0);
}

#[test]
fn over_ipv6_it_sends_a_neighbour_advert() {
    let scene = Alone::new("own-address-v6");
    scene.host.enable_ipv6();
    scene.host.add_address("eth0", "2001:db8::1/64");
    let lines = "unicast_src_ip 2001:db8::1\n  unicast_peer {\n    2001:db8::2\n  }";
    let instance = crate::support::instance(
        "VI_1",
        51,
        "fe80::51",
        &format!("{}\n  {lines}", crate::support::FAST),
    );
    let daemon = scene.start(&instance);
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    scene.host.unplug();
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    scene.host.plug();
    scene.lab.wait_until("a neighbour advert", LIMIT, || {
        !scene.capture.announcements_of("2001:db8::1").is_empty()
    });
    daemon.wait_for_log("VI_1: sending gratuitous NA for 2001:db8::1", LIMIT);
}

#[test]
fn a_multicast_router_does_not() {
    let scene = Alone::new("own-address-group");
    let daemon = scene.start(&usual(""));
    flap(&scene, &daemon);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(announced(&scene), 0, "{}", scene.lab.logs());
}
