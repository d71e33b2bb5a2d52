//! The first packets of a master, compared byte by byte with ones captured from keepalived 2.4.3.

use std::time::Duration;

use crate::support::{Alone, LIMIT, hex, instance};

/// Starts a host with this configuration and gives the hex of its first packets.
fn first_packets(scene: &Alone, configuration: &str, count: usize) -> Vec<String> {
    let _daemon = scene.start(configuration);
    scene.lab.wait_until(&format!("{count} adverts"), LIMIT, || scene.capture.counts().0 >= count);
    scene.capture.adverts_from("a").iter().take(count).map(|seen| hex(&seen.packet)).collect()
}

#[test]
fn a_v2_advert_without_authentication_is_the_known_one_and_its_identification_counts_from_one() {
    let scene = Alone::new("advert-v2");
    let packets = first_packets(&scene, &instance("VI_1", 51, "192.0.2.51", "advert_int 1"), 3);
    let pdu = "21 33 64 01 00 01 b8 96 c0 00 02 33 00 00 00 00 00 00 00 00";
    for (number, (packet, checksum)) in packets.iter().zip(["18 91", "18 90", "18 8f"]).enumerate()
    {
        let id = number + 1;
        let ip = format!("45 c0 00 28 00 {id:02x} 00 00 ff 70 {checksum} c0 00 02 01 e0 00 00 12");
        assert_eq!(packet, &format!("{ip} {pdu}"));
    }
}

#[test]
fn a_v2_advert_with_a_password_carries_its_eight_bytes() {
    let scene = Alone::new("advert-pass");
    let configuration = "vrrp_instance VI_1 {\n  state BACKUP\n  interface eth0\n  \
         virtual_router_id 52\n  priority 150\n  advert_int 2\n  \
         authentication {\n    auth_type PASS\n    auth_pass secret12\n  }\n  \
         virtual_ipaddress {\n    192.0.2.52\n    192.0.2.53\n  }\n}\n";
    assert_eq!(
        first_packets(&scene, configuration, 1),
        ["45 c0 00 2c 00 01 00 00 ff 70 18 8d c0 00 02 01 e0 00 00 12 \
          21 34 96 02 01 02 55 de c0 00 02 34 c0 00 02 35 73 65 63 72 65 74 31 32"]
    );
}

#[test]
fn a_v3_multicast_advert_carries_centiseconds_and_a_checksum_with_pseudo_header() {
    let scene = Alone::new("advert-v3");
    let configuration =
        instance("VI_1", 54, "192.0.2.55", "version 3\n  advert_int 0.5\n  priority 200");
    assert_eq!(
        first_packets(&scene, &configuration, 1),
        ["45 c0 00 20 00 01 00 00 ff 70 18 99 c0 00 02 01 e0 00 00 12 \
          31 36 c8 01 00 32 a1 cd c0 00 02 37"]
    );
}

#[test]
fn a_v3_unicast_advert_goes_to_the_peer_only() {
    let scene = Alone::new("advert-unicast");
    let _peer = scene.lab.host("b", "192.0.2.2/24");
    let configuration = instance(
        "VI_1",
        55,
        "192.0.2.56",
        "version 3\n  advert_int 1\n  priority 200\n  unicast_peer {\n    192.0.2.2\n  }",
    );
    let packets = first_packets(&scene, &configuration, 2);
    assert!(packets[0].starts_with("45 c0 00 20 00 01 00 00 ff 70"), "{packets:?}");
    assert!(packets[1].starts_with("45 c0 00 20 00 02 00 00 ff 70"), "{packets:?}");
    let end = "c0 00 02 01 c0 00 02 02 31 37 c8 01 00 64 bf a9 c0 00 02 38";
    assert!(packets.iter().all(|packet| packet.ends_with(end)), "{packets:?}");
}

#[test]
fn old_unicast_checksum_and_a_unicast_ttl_change_just_that() {
    let scene = Alone::new("advert-old-checksum");
    let _peer = scene.lab.host("b", "192.0.2.2/24");
    let configuration = instance(
        "VI_1",
        56,
        "192.0.2.57",
        "version 3\n  advert_int 1\n  priority 200\n  old_unicast_checksum\n  unicast_ttl 64\n  \
         unicast_peer {\n    192.0.2.2\n  }",
    );
    let packets = first_packets(&scene, &configuration, 1);
    assert!(packets[0].starts_with("45 c0 00 20 00 01 00 00 40 70"), "{packets:?}");
    assert!(packets[0].ends_with("31 38 c8 01 00 64 a1 97 c0 00 02 39"), "{packets:?}");
}

#[test]
fn an_advert_with_ah_carries_the_known_digest() {
    let scene = Alone::new("advert-ah");
    let configuration = instance(
        "VI_1",
        53,
        "192.0.2.54",
        "priority 150\n  advert_int 1\n  \
         authentication {\n    auth_type AH\n    auth_pass 1111\n  }",
    );
    assert_eq!(
        first_packets(&scene, &configuration, 1),
        ["45 c0 00 40 00 01 00 00 ff 33 18 b6 c0 00 02 01 e0 00 00 12 \
          70 04 00 00 c0 00 02 01 00 00 00 01 d9 9f ba 87 db 13 f3 e4 c3 71 a8 b3 \
          21 35 96 01 02 01 84 91 c0 00 02 36 00 00 00 00 00 00 00 00"]
    );
}

/// A scene with IPv6 and the hardware address that the known packets came from.
fn with_ipv6(label: &str) -> Alone {
    let scene = Alone::new(label);
    scene.host.ok(["ip", "link", "set", "dev", "eth0", "address", "02:00:00:00:00:0a"]);
    scene.host.enable_ipv6();
    scene.lab.wait_until("the link-local address", LIMIT, || scene.host.holds("fe80::ff:fe00:a"));
    scene
}

#[test]
fn an_ipv6_instance_adverts_from_its_link_local_address_and_announces_to_all_nodes() {
    let scene = with_ipv6("advert-ipv6");
    let configuration = instance(
        "VI_1",
        57,
        "fe80::57\n    2001:db8::57/64",
        "version 3\n  priority 120\n  advert_int 1",
    );
    let _daemon = scene.start_master(&configuration, "2001:db8::57");
    scene.lab.wait_until("the announcements", LIMIT, || scene.capture.counts().1 >= 10);
    let advert = &scene.capture.adverts()[0];
    assert_eq!(
        hex(&advert.vrrp),
        "31 39 78 02 00 64 2c 40 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 57 \
         20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 57"
    );
    assert_eq!((advert.ttl, advert.tos), (255, 0xc0));
    assert_eq!(advert.source.to_string(), "fe80::ff:fe00:a");
    assert_eq!(advert.destination.to_string(), "ff02::12");
    let announced = scene.capture.announcements_of("fe80::57");
    assert_eq!(
        hex(&announced[0].frame),
        "33 33 00 00 00 01 02 00 00 00 00 0a 86 dd 60 00 00 00 00 20 3a ff \
         fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 57 \
         ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01 \
         88 00 56 e6 20 00 00 00 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 57 \
         02 01 02 00 00 00 00 0a"
    );
}

#[test]
fn a_master_announces_its_address_five_times_and_five_seconds_later_five_times_more() {
    let scene = Alone::new("announcements");
    let configuration =
        instance("VI_1", 54, "192.0.2.55", "version 3\n  advert_int 0.5\n  priority 200");
    let _daemon = scene.start_master(&configuration, "192.0.2.55");
    scene.lab.wait_until("ten announcements", LIMIT, || scene.capture.counts().1 >= 10);
    std::thread::sleep(Duration::from_millis(300));
    let announcements = scene.capture.announcements_of("192.0.2.55");
    assert_eq!(announcements.len(), 10);
    let sent = |n: usize| announcements[n].origin.at;
    let between = |a: usize, b: usize| sent(b).duration_since(sent(a)).unwrap();
    assert!(
        between(0, 4) < Duration::from_millis(300) && between(5, 9) < Duration::from_millis(300)
    );
    let pause = between(4, 5).as_millis();
    assert!((4_900..5_300).contains(&pause), "the second burst came after {pause} ms");
    let mac = scene.host.mac().replace(':', " ");
    let frame = format!(
        "ff ff ff ff ff ff {mac} 08 06 00 01 08 00 06 04 00 01 {mac} c0 00 02 37 \
         ff ff ff ff ff ff c0 00 02 37"
    );
    for announcement in announcements {
        assert_eq!(hex(&announcement.frame), frame);
    }
}

#[test]
fn the_advert_comes_before_the_announcements_and_the_address_is_a_global_host_address() {
    let scene = Alone::new("order");
    let _daemon =
        scene.start_master(&instance("VI_1", 51, "192.0.2.51", "advert_int 1"), "192.0.2.51");
    scene.lab.wait_until("an announcement", LIMIT, || scene.capture.counts().1 > 0);
    let adverts = scene.capture.adverts();
    let announcements = scene.capture.announcements();
    assert!(adverts[0].origin.at <= announcements[0].origin.at);
    assert_eq!((adverts[0].ttl, adverts[0].tos), (255, 0xc0));
    let addresses = scene.host.addresses();
    let found = addresses.iter().find(|address| address.ip.to_string() == "192.0.2.51").unwrap();
    assert_eq!((found.prefix, &*found.scope, &*found.link), (32, "global", "eth0"));
}
