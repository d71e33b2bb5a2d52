//! How fast announcements follow each other, and those of further links.

use std::time::Duration;

use crate::support::{Alone, LIMIT, instance, under_test, usual};

/// How many announcements two rounds of two addresses are under a limit: the original forgets that
/// an address that waits has another round to go.
fn two_rounds_of_two() -> usize {
    if under_test().is_ours() { 4 } else { 3 }
}

/// The pauses between the first announcements of `eth0`, in milliseconds.
fn pauses(scene: &Alone, count: usize) -> Vec<u128> {
    scene
        .lab
        .wait_until("the announcements", LIMIT, || scene.capture.announcements().len() >= count);
    let seen = scene.capture.announcements();
    let at = |n: usize| seen[n].origin.at;
    let pause = |n: usize| at(n).duration_since(at(n - 1)).unwrap_or_default().as_millis();
    (1..count).map(pause).collect()
}

fn two_addresses(global: &str, group: &str) -> String {
    let more = "version 3\n  advert_int 0.1\n  garp_master_repeat 2\n  garp_master_delay 0";
    let instance = instance("VI_1", 51, "192.0.2.51\n    192.0.2.52", more);
    format!("global_defs {{\n  {global}\n}}\n{group}\n{instance}")
}

#[test]
fn a_daemon_wide_pause_holds_between_all_announcements_of_a_link() {
    let scene = Alone::new("pace-global");
    let _daemon = scene.start(&two_addresses("vrrp_garp_interval 0.3", ""));
    let pauses = pauses(&scene, two_rounds_of_two());
    assert!(pauses.iter().all(|pause| (270..700).contains(pause)), "{pauses:?}");
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(scene.capture.announcements().len(), two_rounds_of_two());
}

#[test]
fn a_garp_group_has_a_pause_of_its_own() {
    let scene = Alone::new("pace-group");
    let group = "garp_group {\n  garp_interval 0.25\n  interface eth0\n}";
    let _daemon = scene.start(&two_addresses("vrrp_garp_interval 5", group));
    let pauses = pauses(&scene, two_rounds_of_two());
    assert!(pauses.iter().all(|pause| (220..700).contains(pause)), "{pauses:?}");
}

#[test]
fn what_waits_for_its_turn_is_forgotten_when_the_mastership_is_lost() {
    let scene = Alone::new("pace-lost");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let _daemon = scene.start(&two_addresses("vrrp_garp_interval 0.5", ""));
    scene.lab.wait_until("the first", LIMIT, || !scene.capture.announcements().is_empty());
    let mut better = testkit::lab::Forged::v3("192.0.2.2", 51, 200, "192.0.2.51");
    better.addresses.push([192, 0, 2, 52].into());
    b.forge(&better);
    scene.wait_until_gone("192.0.2.51");
    std::thread::sleep(Duration::from_millis(300));
    let before = scene.capture.announcements().len();
    assert!(before <= 2, "{before} have left");
}

#[test]
fn one_address_of_a_further_link_is_announced_again_and_again() {
    let scene = Alone::new("pace-extra");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let on_eth1 = "192.0.2.51\n    198.51.100.61 dev eth1\n    198.51.100.62 dev eth1";
    let more = "version 3\n  advert_int 0.1\n  garp_master_repeat 1\n  garp_master_delay 1\n  \
                garp_extra_if all 2";
    let _daemon = scene.start_master(&instance("VI_1", 51, on_eth1, more), "198.51.100.61");
    scene.lab.wait_until("two more", LIMIT, || {
        scene.capture.announcements_of("198.51.100.61").len() >= 4
    });
    let seen = scene.capture.announcements_of("198.51.100.61");
    let pause = |n: usize| seen[n].origin.at.duration_since(seen[n - 1].origin.at).unwrap();
    let (second, third, fourth) =
        (pause(1).as_millis(), pause(2).as_millis(), pause(3).as_millis());
    assert!((900..1_500).contains(&second), "{second} ms");
    // The first comes one interval after the mastership, whatever the delay of the burst.
    assert!((900..1_500).contains(&third), "{third} ms");
    assert!((1_900..2_500).contains(&fourth), "{fourth} ms");
    for other in ["198.51.100.62", "192.0.2.51"] {
        assert_eq!(scene.capture.announcements_of(other).len(), 2, "{other}");
    }
}

#[test]
fn vrrp_min_garp_announces_once() {
    let scene = Alone::new("pace-once");
    let configuration = format!("global_defs {{\n  vrrp_min_garp\n}}\n{}", usual(""));
    let _daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.lab.wait_until("the announcement", LIMIT, || !scene.capture.announcements().is_empty());
    std::thread::sleep(Duration::from_millis(5_500));
    assert_eq!(scene.capture.announcements_of("192.0.2.51").len(), 1);
}

#[test]
fn unsolicited_neighbour_adverts_have_a_pause_of_their_own() {
    for (global, group) in [
        ("vrrp_gna_interval 0.3\n  vrrp_garp_interval 5", ""),
        ("vrrp_gna_interval 5", "garp_group {\n  gna_interval 0.3\n  interface eth0\n}\n"),
    ] {
        let scene = Alone::new("pace-neighbour");
        scene.host.enable_ipv6();
        let more = "version 3\n  advert_int 0.1\n  garp_master_repeat 2\n  garp_master_delay 0";
        let instance = instance("VI_1", 51, "fe80::51\n    fe80::52", more);
        let _daemon = scene.start(&format!("global_defs {{\n  {global}\n}}\n{group}{instance}"));
        let pauses = pauses(&scene, two_rounds_of_two());
        assert!(pauses.iter().all(|pause| (270..1_500).contains(pause)), "{pauses:?}");
        std::thread::sleep(Duration::from_millis(900));
        assert_eq!(scene.capture.announcements().len(), two_rounds_of_two());
    }
}

#[test]
fn further_links_are_announced_on_when_the_daemon_says_so_and_only_with_all() {
    for (label, keyword, again) in [
        ("pace-all", "vrrp_garp_extra_if all 1", true),
        ("pace-vmacs", "vrrp_garp_extra_if 1", false),
    ] {
        let scene = Alone::new(label);
        scene.host.add_link("eth1", "198.51.100.1/24");
        let more = "version 3\n  advert_int 0.1\n  garp_master_repeat 1\n  garp_master_delay 0";
        let on_eth1 = "192.0.2.51\n    198.51.100.61 dev eth1";
        let configuration = instance("VI_1", 51, on_eth1, more);
        let configuration = format!("global_defs {{\n  {keyword}\n}}\n{configuration}");
        let _daemon = scene.start_master(&configuration, "198.51.100.61");
        let count = || scene.capture.announcements_of("198.51.100.61").len();
        if again {
            scene.lab.wait_until("more of them", LIMIT, || count() >= 4);
        } else {
            scene.lab.wait_until("the first", LIMIT, || count() >= 1);
            std::thread::sleep(Duration::from_millis(2_500));
            assert_eq!(count(), 1);
        }
        assert_eq!(scene.capture.announcements_of("192.0.2.51").len(), 1);
    }
}
