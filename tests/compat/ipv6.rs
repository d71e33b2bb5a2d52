//! The same over IPv6: adverts, those of another router, wrong ones, a stop and a reload.

use std::thread;
use std::time::Duration;

use testkit::lab::{Daemon, Forged, Host};

use crate::support::{Alone, FAST, LIMIT, hex, instance, under_test};

pub(crate) const VIP: &str = "fe80::51";
pub(crate) const OTHER: &str = "fe80::ff:fe00:b";

/// A host whose link-local address follows from this hardware address.
fn usable(scene: &Alone, host: &Host, mac: &str, local: &str) {
    host.ok(["ip", "link", "set", "dev", "eth0", "address", mac]);
    host.enable_ipv6();
    scene.lab.wait_until("the link-local address", LIMIT, || host.holds(local));
}

pub(crate) fn alone(label: &str) -> Alone {
    let scene = Alone::new(label);
    usable(&scene, &scene.host, "02:00:00:00:00:0a", "fe80::ff:fe00:a");
    scene
}

pub(crate) fn other(scene: &Alone) -> Host {
    let b = scene.lab.host("b", "192.0.2.2/24");
    usable(scene, &b, "02:00:00:00:00:0b", OTHER);
    b
}

pub(crate) fn usual(more: &str) -> String {
    instance("VI_1", 51, VIP, &format!("{FAST}\n  {more}"))
}

fn master(scene: &Alone, more: &str) -> Daemon {
    scene.start_master(&usual(more), VIP)
}

pub(crate) fn advert(priority: u8) -> Forged {
    Forged::v3(OTHER, 51, priority, VIP)
}

#[test]
fn a_unicast_advert_goes_to_the_peer_only_and_excluded_addresses_are_of_any_family() {
    let scene = alone("v6-unicast");
    let b = other(&scene);
    b.ok(["ip", "address", "add", "2001:db8::2/64", "dev", "eth0", "nodad"]);
    scene.host.ok(["ip", "address", "add", "2001:db8::1/64", "dev", "eth0", "nodad"]);
    let lines = "version 3\n  advert_int 1\n  unicast_src_ip 2001:db8::1\n  \
                 unicast_peer {\n    2001:db8::2\n  }\n  \
                 virtual_ipaddress_excluded {\n    192.0.2.77\n    2001:db8::77\n  }";
    let _daemon = scene.start_master(&instance("VI_1", 51, VIP, lines), VIP);
    scene.wait_until_held("192.0.2.77");
    scene.wait_until_held("2001:db8::77");
    let adverts = scene.capture.adverts_from("a");
    let first = &adverts[0];
    let ends = (first.source.to_string(), first.destination.to_string());
    assert_eq!(ends, ("2001:db8::1".to_owned(), "2001:db8::2".to_owned()));
    let vrrp = hex(&first.vrrp);
    assert!(vrrp.starts_with("31 33 64 01 00 64 "), "{vrrp}");
    assert!(vrrp.ends_with(" fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 51"), "{vrrp}");
}

#[test]
fn a_master_yields_to_a_better_router_and_answers_a_worse_one_and_a_farewell() {
    let scene = alone("v6-received");
    let b = other(&scene);
    let daemon = master(&scene, "");
    b.forge(&advert(50));
    b.forge(&advert(0));
    daemon.wait_for_log(
        "(VI_1) Received advert from fe80::ff:fe00:b with lower priority 50, ours 100, \
         forcing new election",
        LIMIT,
    );
    daemon.wait_for_log("(VI_1) Master received priority 0 message", LIMIT);
    assert_eq!(daemon.log().count("Entering BACKUP STATE"), 1, "{}", scene.lab.logs());
    b.forge(&advert(100));
    scene.wait_until_gone(VIP);
    daemon.wait_for_log(
        "(VI_1) Master received advert from fe80::ff:fe00:b with same priority 100 but higher IP \
         address than ours",
        LIMIT,
    );
    scene.wait_until_held(VIP);
    b.forge(&advert(101));
    daemon.wait_for_log("with higher priority 101, ours 100", LIMIT);
    assert!(scene.capture.adverts_from("a").iter().all(|advert| advert.priority == 100));
}

#[test]
fn adverts_with_a_mistake_are_not_obeyed_and_the_mistake_is_logged() {
    let scene = alone("v6-rejected");
    let b = other(&scene);
    let daemon = master(&scene, "");
    let better = || advert(200);
    for (wrong, ours, original) in [
        (
            Forged { ttl: 254, ..better() },
            "(VI_1) invalid TTL/HL from fe80::ff:fe00:b. Received 254 and expect 255",
            "(VI_1) invalid TTL/HL. Received 254 and expect 255",
        ),
        (
            Forged { version_and_type: 0x32, ..better() },
            "(VI_1) Invalid packet type from fe80::ff:fe00:b. 2 and expect 1",
            "(VI_1) Invalid packet type. 2 and expect 1",
        ),
    ] {
        b.forge(&wrong);
        daemon.wait_for_log(if under_test().is_ours() { ours } else { original }, LIMIT);
        thread::sleep(Duration::from_millis(100));
        assert_eq!(daemon.log().count("Entering BACKUP STATE"), 1, "{}", scene.lab.logs());
    }
    // The kernel keeps a wrong checksum to itself.
    b.forge(&Forged { checksum_off_by: 1, ..better() });
    thread::sleep(Duration::from_millis(200));
    assert_eq!(daemon.log().count("Entering BACKUP STATE"), 1, "{}", scene.lab.logs());
    assert!(scene.host.holds(VIP));
    b.forge(&better());
    scene.wait_until_gone(VIP);
}

#[test]
fn a_stopped_master_says_so_and_leaves_nothing_behind() {
    let scene = alone("v6-stop");
    let mut daemon = master(&scene, "");
    assert!(daemon.stop().success());
    assert!(!scene.host.holds(VIP));
    let priorities: Vec<_> =
        scene.capture.adverts_from("a").iter().map(|advert| advert.priority).collect();
    assert_eq!(priorities.iter().filter(|priority| **priority == 0).count(), 1);
    assert_eq!(priorities.last(), Some(&0));
}

#[test]
fn a_reload_keeps_the_addresses_that_stay_and_announces_a_new_one() {
    let scene = alone("v6-reload");
    let daemon = master(&scene, "garp_master_delay 0");
    scene.lab.wait_until("the announcements", LIMIT, || scene.capture.counts().1 >= 5);
    daemon.hup();
    daemon.wait_for_log("Reload complete", LIMIT);
    assert_eq!(scene.capture.counts().1, 5, "nothing is announced again");
    let two = instance("VI_1", 51, "fe80::51\n    2001:db8::61/64", FAST);
    daemon.reload(&two);
    scene.wait_until_held("2001:db8::61");
    scene.lab.wait_until("its announcements", LIMIT, || {
        assert!(scene.host.holds(VIP), "the old address stays");
        scene.capture.announcements_of("2001:db8::61").len() >= 5
    });
    daemon.reload(&usual("priority 150"));
    scene.wait_until_gone("2001:db8::61");
    scene.wait_for_priority(150);
    assert!(scene.host.holds(VIP));
    assert!(scene.capture.adverts_from("a").iter().all(|advert| advert.priority != 0));
    assert_eq!(daemon.log().count("Entering MASTER STATE"), 1, "{}", scene.lab.logs());
}
