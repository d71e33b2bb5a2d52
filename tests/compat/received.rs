//! What a router does with the adverts of another one, which here are made by hand.

use std::time::{Duration, Instant};

use testkit::lab::{Daemon, Forged, Host};

use crate::support::{Alone, LIMIT, instance, usual};

/// The usual instance at one advert per second, v2.
fn slow() -> String {
    instance("VI_1", 51, "192.0.2.51", "advert_int 1")
}

fn other(scene: &Alone) -> Host {
    scene.lab.host("b", "192.0.2.2/24")
}

fn advert(priority: u8) -> Forged {
    Forged::v3("192.0.2.2", 51, priority, "192.0.2.51")
}

/// Sends it every 90 ms for so long, as a master would.
fn keep_sending(from: &Host, advert: &Forged, time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        from.forge(advert);
        std::thread::sleep(Duration::from_millis(90));
    }
}

fn backup(scene: &Alone, configuration: &str) -> Daemon {
    let daemon = scene.start(configuration);
    daemon.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
    daemon
}

#[test]
fn a_backup_stays_backup_while_it_hears_a_better_or_an_equal_master() {
    for priority in [101, 100] {
        let scene = Alone::new("hears-better");
        let b = other(&scene);
        let daemon = backup(&scene, &usual(""));
        keep_sending(&b, &advert(priority), Duration::from_millis(1_500));
        assert!(!daemon.log().has("Entering MASTER STATE"), "{}", scene.lab.logs());
        assert!(scene.capture.adverts_from("a").is_empty());
        daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    }
}

#[test]
fn a_backup_does_not_listen_to_a_lower_priority_and_takes_over_in_time() {
    let scene = Alone::new("hears-lower");
    let b = other(&scene);
    let daemon = backup(&scene, &usual(""));
    keep_sending(&b, &advert(99), Duration::from_millis(700));
    daemon.log().expect_in_order(&[
        "(VI_1) received lower priority (99) advert from 192.0.2.2 - discarding",
        "(VI_1) Receive advertisement timeout",
        "(VI_1) Entering MASTER STATE",
    ]);
}

#[test]
fn with_nopreempt_a_backup_listens_to_a_lower_priority() {
    let scene = Alone::new("nopreempt");
    let b = other(&scene);
    let daemon = backup(&scene, &usual("nopreempt"));
    keep_sending(&b, &advert(50), Duration::from_millis(1_500));
    assert!(!daemon.log().has("Entering MASTER STATE"), "{}", scene.lab.logs());
}

#[test]
fn a_farewell_makes_a_backup_wait_only_for_its_skew() {
    let scene = Alone::new("farewell");
    let b = other(&scene);
    let daemon = backup(&scene, &slow());
    b.forge(&Forged::v2("192.0.2.2", 51, 200, "192.0.2.51"));
    std::thread::sleep(Duration::from_millis(200));
    let said = Instant::now();
    b.forge(&Forged::v2("192.0.2.2", 51, 0, "192.0.2.51"));
    scene.lab.wait_until("the first advert", LIMIT, || !scene.capture.adverts_from("a").is_empty());
    let waited = said.elapsed().as_millis();
    assert!((550..1_100).contains(&waited), "609 ms are due, {waited} ms passed");
    daemon.log().expect_in_order(&[
        "(VI_1) Backup received priority 0 advertisement",
        "(VI_1) Receive advertisement timeout",
        "(VI_1) Entering MASTER STATE",
    ]);
}

#[test]
fn a_master_answers_a_lower_priority_and_a_farewell_at_once() {
    let scene = Alone::new("master-lower");
    let b = other(&scene);
    let two_seconds = instance("VI_1", 51, "192.0.2.51", "advert_int 2");
    let daemon = scene.start_master(&two_seconds, "192.0.2.51");
    for priority in [50, 0] {
        let before = scene.capture.adverts_from("a").len();
        scene.lab.wait_until("the next advert", LIMIT, || {
            scene.capture.adverts_from("a").len() > before
        });
        let mut advert = Forged::v2("192.0.2.2", 51, priority, "192.0.2.51");
        advert.interval = 2;
        b.forge(&advert);
        let soon = Duration::from_millis(800);
        scene
            .lab
            .wait_until("the answer", soon, || scene.capture.adverts_from("a").len() > before + 1);
    }
    daemon.log().expect_in_order(&[
        "(VI_1) Received advert from 192.0.2.2 with lower priority 50, ours 100, forcing new election",
        "(VI_1) Master received priority 0 message",
    ]);
    assert!(scene.host.holds("192.0.2.51"));
}

#[test]
fn a_master_yields_to_a_higher_priority_without_a_farewell() {
    let scene = Alone::new("master-higher");
    let b = other(&scene);
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    b.forge(&advert(101));
    scene.wait_until_gone("192.0.2.51");
    assert!(scene.capture.adverts_from("a").iter().all(|advert| advert.priority == 100));
    daemon.log().expect_in_order(&[
        "(VI_1) Master received advert from 192.0.2.2 with higher priority 101, ours 100",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) removing VIPs.",
    ]);
    scene.wait_until_held("192.0.2.51");
}

#[test]
fn between_equal_masters_the_higher_address_wins() {
    let scene = Alone::new("master-equal");
    let b = other(&scene);
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    b.forge(&Forged::v3("192.0.1.255", 51, 100, "192.0.2.51"));
    let stays = "Received advert from 192.0.1.255 with lower priority 100, ours 100";
    daemon.wait_for_log(stays, LIMIT);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(daemon.log().count("Entering BACKUP STATE"), 1, "{}", scene.lab.logs());
    b.forge(&advert(100));
    scene.wait_until_gone("192.0.2.51");
    daemon.wait_for_log(
        "(VI_1) Master received advert from 192.0.2.2 with same priority 100 but higher IP address \
         than ours",
        LIMIT,
    );
}

#[test]
fn a_v3_backup_learns_the_interval_of_its_master() {
    let scene = Alone::new("learns");
    let b = other(&scene);
    let daemon = backup(&scene, &usual(""));
    b.forge(&Forged { interval: 100, ..advert(200) });
    let said = Instant::now();
    daemon.wait_for_log("advertisement interval updated from 100ms to 1000ms by master", LIMIT);
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    let waited = said.elapsed().as_millis();
    assert!((3_400..4_200).contains(&waited), "3609 ms are due, {waited} ms passed");
}
