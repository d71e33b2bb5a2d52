//! Settings of the daemon that instances without a word of their own follow, as the segment sees
//! them.

use std::time::Duration;

use testkit::lab::Forged;

use crate::support::{Alone, FAST, LIMIT, hex, instance, under_test, usual};

const VIP: &str = "192.0.2.51";

fn globally(keywords: &str, configuration: &str) -> String {
    format!("global_defs {{\n  {keywords}\n}}\n{configuration}")
}

fn advert(priority: u8) -> Forged {
    Forged::v3("192.0.2.2", 51, priority, VIP)
}

/// Rounds of announcements: how many belong together, and how long after the one before each
/// round came, in milliseconds.
fn rounds(scene: &Alone) -> Vec<(usize, u128)> {
    let mut rounds: Vec<(usize, u128)> = Vec::new();
    let mut last = None;
    for seen in scene.capture.announcements_of(VIP) {
        let at = seen.origin.at;
        let pause = last.map_or(0, |last| at.duration_since(last).unwrap_or_default().as_millis());
        last = Some(at);
        match rounds.last_mut() {
            Some((count, _)) if pause < 500 => *count += 1,
            _ => rounds.push((1, pause)),
        }
    }
    rounds
}

/// Three at once, three after a second, and two every two seconds, counted from the mastership on.
fn assert_paced(scene: &Alone) {
    scene.lab.wait_until("four rounds", LIMIT, || rounds(scene).len() > 4);
    let rounds = rounds(scene);
    let counts: Vec<_> = rounds[..4].iter().map(|(count, _)| *count).collect();
    assert_eq!(counts, [3, 3, 2, 2], "{rounds:?}");
    let due = [900..1_500, 500..1_500, 1_900..2_900];
    for ((_, pause), due) in rounds[1..4].iter().zip(due) {
        assert!(due.contains(pause), "{rounds:?}");
    }
}

#[test]
fn a_master_announces_at_the_daemons_pace() {
    let scene = Alone::new("global-garp");
    let keywords = "vrrp_garp_master_repeat 3\n  vrrp_garp_master_delay 1\n  \
                    vrrp_garp_master_refresh 2\n  vrrp_garp_master_refresh_repeat 2";
    let _daemon = scene.start_master(&globally(keywords, &usual("")), VIP);
    assert_paced(&scene);
}

#[test]
fn or_at_its_own() {
    let scene = Alone::new("own-garp");
    let keywords = "vrrp_garp_master_repeat 7\n  vrrp_garp_master_delay 9\n  \
                    vrrp_garp_master_refresh 9\n  vrrp_garp_master_refresh_repeat 9";
    let own = "garp_master_repeat 3\n  garp_master_delay 1\n  garp_master_refresh 2\n  \
               garp_master_refresh_repeat 2";
    let _daemon = scene.start_master(&globally(keywords, &usual(own)), VIP);
    assert_paced(&scene);
}

#[test]
fn version_and_group_of_all_instances() {
    let scene = Alone::new("global-group");
    let keywords = "vrrp_version 3\n  vrrp_mcast_group4 224.0.0.77";
    let configuration = instance("VI_1", 51, VIP, "advert_int 0.1");
    let _daemon = scene.start_master(&globally(keywords, &configuration), VIP);
    let advert = &scene.capture.adverts_from("a")[0];
    assert_eq!(advert.destination.to_string(), "224.0.0.77");
    assert!(hex(&advert.vrrp).starts_with("31 33 64 01 00 0a "), "{}", hex(&advert.vrrp));
}

#[test]
fn group_of_all_instances_over_ipv6() {
    let scene = Alone::new("global-group6");
    scene.host.enable_ipv6();
    let configuration = instance("VI_1", 51, "fe80::51", FAST);
    let keywords = "vrrp_mcast_group6 ff02::77";
    let _daemon = scene.start_master(&globally(keywords, &configuration), "fe80::51");
    let advert = &scene.capture.adverts_from("a")[0];
    assert_eq!(advert.destination.to_string(), "ff02::77");
    let members = scene.host.ok(["ip", "-6", "maddress", "show", "dev", "eth0"]);
    assert!(members.contains("ff02::77") && !members.contains("ff02::12"), "{members}");
}

/// An advert every five seconds, after the first one: what comes earlier is an answer.
const SLOW: &str = "version 3\n  advert_int 5";

fn slow(more: &str) -> String {
    instance("VI_1", 51, VIP, &format!("{SLOW}\n  {more}"))
}

#[test]
fn nobody_answers_a_worse_router_when_the_daemon_says_so() {
    let scene = Alone::new("global-no-answer");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let keywords = "vrrp_lower_prio_no_advert\n  vrrp_down_timer_adverts 1";
    let daemon = scene.start_master(&globally(keywords, &slow("")), VIP);
    b.forge(&Forged { interval: 500, ..advert(50) });
    daemon.wait_for_log("with lower priority 50, ours 100", LIMIT);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(scene.capture.adverts_from("a").len(), 1);
}

#[test]
fn a_yielding_master_has_a_last_word_when_the_daemon_says_so() {
    let scene = Alone::new("global-last-word");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let keywords = "vrrp_higher_prio_send_advert\n  vrrp_down_timer_adverts 1";
    let _daemon = scene.start_master(&globally(keywords, &slow("")), VIP);
    b.forge(&Forged { interval: 500, ..advert(200) });
    scene.wait_until_gone(VIP);
    let seen = scene.capture.adverts_from("a");
    assert_eq!(seen.iter().map(|advert| advert.priority).collect::<Vec<_>>(), [100, 100]);
}

#[test]
fn a_worse_master_is_answered_with_as_many_announcements_as_the_daemon_says() {
    let scene = Alone::new("global-garp-lower");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let keywords = "vrrp_garp_master_repeat 1\n  vrrp_garp_master_delay 0\n  \
                    vrrp_garp_lower_prio_repeat 3\n  vrrp_garp_lower_prio_delay 1";
    let daemon = scene.start_master(&globally(keywords, &usual("")), VIP);
    scene.lab.wait_until("the first", LIMIT, || !scene.capture.announcements().is_empty());
    std::thread::sleep(Duration::from_millis(600));
    b.forge(&advert(50));
    daemon.wait_for_log("with lower priority 50", LIMIT);
    scene
        .lab
        .wait_until("three and three", LIMIT, || scene.capture.announcements_of(VIP).len() >= 7);
    let counts: Vec<_> = rounds(&scene).into_iter().map(|(count, _)| count).collect();
    assert_eq!(counts, [1, 3, 3]);
}

#[test]
fn strangers_are_refused_by_unicast_instances_when_the_daemon_says_so() {
    let scene = Alone::new("global-src");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let c = scene.lab.host("c", "192.0.2.3/24");
    let peers = "unicast_src_ip 192.0.2.1\n  unicast_peer {\n    192.0.2.2\n  }";
    let configuration = globally("vrrp_check_unicast_src", &usual(peers));
    let daemon = scene.start_master(&configuration, VIP);
    let to_us = |source: [u8; 4]| Forged {
        source: source.into(),
        destination: [192, 0, 2, 1].into(),
        ..advert(200)
    };
    c.forge(&to_us([192, 0, 2, 3]));
    daemon.wait_for_log("(VI_1) unicast source address 192.0.2.3 not a unicast peer", LIMIT);
    assert!(scene.host.holds(VIP));
    b.forge(&to_us([192, 0, 2, 2]));
    scene.wait_until_gone(VIP);
}

/// Without it, anybody who knows the number is believed.
#[test]
fn and_believed_otherwise() {
    let scene = Alone::new("global-no-src");
    let c = scene.lab.host("c", "192.0.2.3/24");
    let peers = "unicast_src_ip 192.0.2.1\n  unicast_peer {\n    192.0.2.2\n  }";
    let _daemon = scene.start_master(&usual(peers), VIP);
    let destination = [192, 0, 2, 1].into();
    // From far away, too: nobody looks at the hops.
    c.forge(&Forged { source: [192, 0, 2, 3].into(), destination, ttl: 3, ..advert(200) });
    scene.wait_until_gone(VIP);
}

/// The addresses of a known master are not compared again: in 2.2.7 an advert that lacks one is
/// refused, since 2.3 it is named and believed.
#[test]
fn addresses_of_the_same_master_are_compared_once() {
    for (label, keyword, own) in [
        ("skip-global", "vrrp_skip_check_adv_addr", ""),
        ("skip-own", "", "skip_check_adv_addr on"),
        ("skip-not", "", ""),
    ] {
        let scene = Alone::new(label);
        let b = scene.lab.host("b", "192.0.2.2/24");
        let daemon = scene.start(&globally(keyword, &slow(own)));
        daemon.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
        let known = Forged { interval: 500, ..advert(200) };
        let other = Forged { addresses: vec![[192, 0, 2, 77].into()], ..known.clone() };
        b.forge(&known);
        // It has been heard when the addresses of an unknown master would be named.
        std::thread::sleep(Duration::from_millis(300));
        b.forge(&other);
        let line = match under_test().is_ours() {
            true => "not present in advert from 192.0.2.2",
            false => "not present in MASTER advert",
        };
        if label == "skip-not" {
            daemon.wait_for_log(line, LIMIT);
            continue;
        }
        std::thread::sleep(Duration::from_millis(1_000));
        assert!(!daemon.log().has(line), "{label}: {}", scene.lab.logs());
    }
}
