//! Keywords of instances and of the daemon whose effect shows on the wire or in the log.

use std::time::{Duration, Instant};

use testkit::lab::Forged;

use crate::support::{Alone, LIMIT, instance, under_test, usual};

const VIP: &str = "192.0.2.51";

fn advert(priority: u8) -> Forged {
    Forged::v3("192.0.2.2", 51, priority, VIP)
}

fn with_global(keyword: &str, configuration: &str) -> String {
    format!("global_defs {{\n  {keyword}\n}}\n{configuration}")
}

#[test]
fn nobody_listens_or_takes_over_before_the_startup_delay_is_over() {
    let scene = Alone::new("startup-delay");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let start = Instant::now();
    let daemon = scene.start(&with_global("vrrp_startup_delay 2.5", &usual("")));
    daemon.wait_for_log("(VI_1) Entering BACKUP STATE (init)", LIMIT);
    b.forge(&advert(200));
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    let waited = start.elapsed().as_millis();
    assert!(waited >= 2_850, "2.861 s are due at the earliest, {waited} ms passed");
    assert!(!daemon.log().has("master set to"));
    daemon.log().expect_in_order(&[
        "Delaying startup for 2.5 seconds",
        "(VI_1) Entering BACKUP STATE (init)",
        "(VI_1) Entering MASTER STATE",
    ]);
    // 2.2.7 does not say that it is over.
    assert_eq!(daemon.log().has("Delayed start completed"), under_test().is_ours());
}

#[test]
fn an_owner_waits_for_the_startup_delay_too() {
    let scene = Alone::new("startup-owner");
    let start = Instant::now();
    let _daemon =
        scene.start(&with_global("vrrp_startup_delay 1.5", &usual("priority 255\n  state MASTER")));
    scene.lab.wait_until("the first advert", LIMIT, || !scene.capture.adverts().is_empty());
    assert!(start.elapsed() >= Duration::from_millis(1_450), "{:?}", start.elapsed());
}

#[test]
fn adverts_of_unknown_virtual_routers_are_logged_when_asked_for() {
    let scene = Alone::new("unknown-vrid");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let daemon = scene.start(&with_global("log_unknown_vrids", &usual("")));
    daemon.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
    b.forge(&Forged { vrid: 77, ..advert(200) });
    daemon.wait_for_log("Unknown VRID(77) received on interface(eth0). ignoring...", LIMIT);
}

/// Beside an instance that waits as usual, and that would come first otherwise.
#[test]
fn down_timer_adverts_shortens_the_wait() {
    let scene = Alone::new("down-timer");
    let usual = instance("VI_2", 52, "192.0.2.52", "version 3\n  advert_int 1");
    let short = "version 3\n  advert_int 1\n  down_timer_adverts 1";
    let start = Instant::now();
    let daemon = scene.start(&format!("{usual}{}", instance("VI_1", 51, VIP, short)));
    daemon.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    let waited = start.elapsed().as_millis();
    assert!(waited >= 1_600, "1.609 s are due at the earliest, {waited} ms passed");
    daemon.wait_for_log("(VI_2) Entering MASTER STATE", LIMIT);
    daemon.log().expect_in_order(&["(VI_1) Entering MASTER STATE", "(VI_2) Entering MASTER STATE"]);
}

/// Whether it answers a worse router, and whether it has a last word for a better one. Its own
/// next advert is far away.
#[test]
fn a_master_may_keep_silent_to_a_worse_router_and_say_a_last_word_to_a_better_one() {
    let scene = Alone::new("answers");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let slow = instance(
        "VI_1",
        51,
        VIP,
        "version 3\n  advert_int 5\n  down_timer_adverts 1\n  \
         lower_prio_no_advert\n  higher_prio_send_advert",
    );
    let daemon = scene.start_master(&slow, VIP);
    let heard = |priority| b.forge(&Forged { interval: 500, ..advert(priority) });
    heard(50);
    daemon.wait_for_log("Received advert from 192.0.2.2 with lower priority 50, ours 100", LIMIT);
    assert!(!daemon.log().has("forcing new election"));
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(scene.capture.adverts_from("a").len(), 1);
    heard(200);
    scene.wait_until_gone(VIP);
    let seen = scene.capture.adverts_from("a");
    assert_eq!(seen.iter().map(|advert| advert.priority).collect::<Vec<_>>(), [100, 100]);
}

#[test]
fn garp_lower_prio_repeat_announces_as_often_when_a_worse_master_is_heard() {
    let scene = Alone::new("garp-lower");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let more = "garp_master_repeat 1\n  garp_master_delay 0\n  garp_lower_prio_repeat 3\n  \
                garp_lower_prio_delay 1";
    let daemon = scene.start_master(&usual(more), VIP);
    scene.lab.wait_until("the first", LIMIT, || !scene.capture.announcements().is_empty());
    b.forge(&advert(50));
    daemon.wait_for_log("with lower priority 50", LIMIT);
    scene
        .lab
        .wait_until("three and three", LIMIT, || scene.capture.announcements_of(VIP).len() >= 7);
    let seen = scene.capture.announcements_of(VIP);
    let pause = seen[4].origin.at.duration_since(seen[1].origin.at).unwrap().as_millis();
    assert!(pause >= 900, "{pause} ms between the bursts");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(scene.capture.announcements_of(VIP).len(), 7);
}

#[test]
fn the_group_and_the_source_of_adverts_can_be_chosen() {
    let scene = Alone::new("own-group");
    let more = "mcast_src_ip 192.0.2.99\n  mcast_dst_ip 224.0.0.77";
    scene.host.add_address("eth0", "192.0.2.99/24");
    let _daemon = scene.start_master(&usual(more), VIP);
    let advert = &scene.capture.adverts_from("a")[0];
    assert_eq!(advert.source.to_string(), "192.0.2.99");
    assert_eq!(advert.destination.to_string(), "224.0.0.77");
}

/// 2.2.7 does so for unicast instances only, and does not return when the address appears.
#[test]
fn a_missing_source_address_that_is_tracked_is_a_fault() {
    let scene = Alone::new("track-src");
    let more = "unicast_src_ip 192.0.2.99\n  track_src_ip\n  unicast_peer {\n    192.0.2.2\n  }";
    let daemon = scene.start(&usual(more));
    daemon.wait_for_log("(VI_1): entering FAULT state (src address not configured)", LIMIT);
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    if under_test().is_ours() {
        scene.host.add_address("eth0", "192.0.2.99/24");
        scene.wait_until_held(VIP);
        scene.host.remove_address("eth0", "192.0.2.99/24");
        daemon.wait_for_log_times("(VI_1) Entering FAULT STATE", 2, LIMIT);
        scene.wait_until_gone(VIP);
    }
}

#[test]
fn a_unicast_instance_without_peers_stays_in_fault() {
    let scene = Alone::new("no-peers");
    let more = "unicast_src_ip 192.0.2.1\n  unicast_fault_no_peer";
    let daemon = scene.start(&usual(more));
    daemon.wait_for_log("(VI_1) Cannot use unicast without any peers - going to fault", LIMIT);
    daemon.wait_for_log("Startup complete", LIMIT);
    std::thread::sleep(Duration::from_millis(1_000));
    assert!(!scene.host.holds(VIP) && scene.capture.adverts().is_empty());
}

/// The checksum without the pseudo header; since 2.2.8.
#[test]
fn v3_checksum_as_v2_leaves_the_pseudo_header_out() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    let scene = Alone::new("checksum-as-v2");
    let _daemon = scene.start_master(&usual("v3_checksum_as_v2"), VIP);
    let advert = &scene.capture.adverts_from("a")[0];
    let words = advert.vrrp.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let sum: u32 = words.sum();
    assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff);
}
