//! Packets for nobody.

use super::solo::{LOWER, Solo, advert, instance};
use crate::advert::tests::instance as any_instance;
use crate::config::{Cast, Instance, Peer, Settings};
use crate::{StateKind, Version};

#[test]
fn adverts_of_unknown_virtual_routers_are_named_when_asked_for_and_not_per_packet() {
    let foreign = any_instance(77, Version::V3, 200, &[77]);
    let mut solo = Solo::new(instance(100));
    solo.packet(&advert(&foreign, LOWER, 200));
    assert!(!solo.has("VRID(77)"));
    let settings = Settings { names_unknown: true, ..Settings::default() };
    let mut solo = Solo::with_settings(instance(100), settings);
    for _ in 0..10 {
        solo.packet(&advert(&foreign, LOWER, 200));
    }
    let unicast = Instance { cast: unicast(&["192.0.2.10"]), ..foreign.clone() };
    solo.packet(&advert(&unicast, "192.0.2.3", 200));
    let named: Vec<_> = solo.lines.iter().filter(|line| line.contains("VRID")).collect();
    assert_eq!(
        named,
        [
            "Unknown VRID(77) received on interface(eth0). ignoring...",
            "Unknown VRID(77) received on interface(eth0) from 192.0.2.3. ignoring...",
        ]
    );
    solo.until(60_000);
    solo.packet(&advert(&foreign, LOWER, 200));
    assert!(solo.has("interface(eth0). ignoring... (and 9 more like it)"));
}

#[test]
fn short_packets_are_a_line_a_minute() {
    let mut solo = Solo::new(instance(100));
    let packet = advert(&instance(100), LOWER, 200);
    for _ in 0..100 {
        solo.packet(&packet[..24]);
    }
    assert_eq!(solo.count("IPv4 VRRP packet too short - 24 bytes"), 1);
    solo.until(60_000);
    let mut under_ah = packet[..24].to_vec();
    under_ah[9] = 51;
    solo.packet(&under_ah);
    let line = "IPv4 VRRP packet with AH too short - 24 bytes (and 99 more like it)";
    assert!(solo.has(line), "{:?}", solo.lines.last());
}

fn unicast(peers: &[&str]) -> Cast {
    let peer = |ip: &&str| Peer { address: ip.parse().unwrap(), min_ttl: 0, max_ttl: 255 };
    Cast::Unicast { peers: peers.iter().map(peer).collect() }
}

/// compat 11 §3: unicast instances may share number and address when their peers differ.
#[test]
fn of_unicast_instances_with_one_number_the_sender_decides() {
    let with = |peer: &str| Instance { cast: unicast(&[peer]), ..instance(100) };
    let config = crate::config::Config {
        instances: vec![with("192.0.2.2"), with("192.0.2.3")],
        settings: Settings { names_unknown: true, ..Settings::default() },
        ..crate::config::Config::default()
    };
    let mut solo = Solo::with(config);
    solo.packet(&advert(&with("192.0.2.10"), "192.0.2.3", 200));
    let heard: Vec<_> = solo.router.views().map(|view| view.stats.advert_rcvd).collect();
    assert_eq!(heard, [0, 1]);
    solo.packet(&advert(&with("192.0.2.10"), "192.0.2.4", 200));
    assert!(solo.has("Unknown VRID(51) received on interface(eth0) from 192.0.2.4"));
    assert_eq!(solo.state(), StateKind::Backup);
}
