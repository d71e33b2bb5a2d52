//! What the switches of an instance change, one by one (compat 10).

use std::time::Duration;

use super::solo::{HIGHER, LOWER, Solo, advert, held, instance, link};
use crate::advert::tests::instance as any_instance;
use crate::config::{Cast, Config, Instance, Obstacle, Seat};
use crate::{Input, Name, StateKind, Version};

fn master(config: Instance) -> Solo {
    let mut solo = Solo::new(config);
    solo.until(4_000);
    assert_eq!(solo.state(), StateKind::Master);
    solo
}

#[test]
fn down_timer_adverts_is_how_many_adverts_may_be_missed() {
    for adverts in [1, 2, 7] {
        let mut solo = Solo::new(Instance { down_timer_adverts: adverts, ..instance(100) });
        let due = u64::from(adverts) * 1_000 + 609;
        solo.until(due);
        assert_eq!(solo.state(), StateKind::Backup, "{adverts}");
        solo.until(due + 1);
        assert_eq!(solo.state(), StateKind::Master, "{adverts}");
    }
}

#[test]
fn lower_prio_no_advert_leaves_the_advert_to_its_time() {
    let mut plain = master(instance(100));
    let before = plain.sent.len();
    plain.hear(LOWER, 50);
    assert_eq!(plain.sent.len(), before + 1);
    assert!(plain.has("with lower priority 50, ours 100, forcing new election"));
    let mut config = instance(100);
    config.options.lower_priority_no_advert = true;
    let mut quiet = master(config);
    let before = quiet.sent.len();
    quiet.hear(LOWER, 50);
    assert_eq!(quiet.sent.len(), before);
    assert!(!quiet.has("forcing new election"));
    quiet.until(4_609);
    quiet.until(4_610);
    assert_eq!(quiet.sent.last(), Some(&(4_609, 100)), "its pace is the old one");
}

#[test]
fn higher_prio_send_advert_is_one_advert_before_yielding() {
    for (sends, more) in [(false, 0), (true, 1)] {
        let mut config = instance(100);
        config.options.higher_priority_send_advert = sends;
        let mut solo = master(config);
        let before = solo.sent.len();
        solo.hear(HIGHER, 200);
        assert_eq!(solo.state(), StateKind::Backup);
        assert_eq!(solo.sent.len(), before + more);
        assert!(solo.sent.iter().all(|(_, priority)| *priority == 100));
    }
}

#[test]
fn garp_lower_prio_says_how_often_and_when_again() {
    let mut config = instance(100);
    config.announcement.lower_priority_repeat = 3;
    config.announcement.lower_priority_delay = Duration::from_secs(2);
    config.announcement.delay = Duration::ZERO;
    let mut solo = master(config.clone());
    assert_eq!(solo.announced(), (1, 5));
    solo.hear(LOWER, 50);
    assert_eq!(solo.announced(), (2, 3));
    solo.until(5_999);
    assert_eq!(solo.announced().0, 2);
    solo.until(6_000);
    assert_eq!(solo.announced(), (3, 3));
    config.announcement.lower_priority_repeat = 0;
    let mut never = master(config);
    never.hear(LOWER, 50);
    never.until(20_000);
    assert_eq!(never.announced(), (1, 5));
}

#[test]
fn skip_check_adv_addr_compares_the_addresses_of_each_master_once() {
    let other = any_instance(51, Version::V3, 200, &[99]);
    for (skips, counted) in [(false, 3), (true, 1)] {
        let mut config = instance(100);
        config.options.skip_address_check = skips;
        let mut solo = Solo::new(config);
        for _ in 0..3 {
            solo.packet(&advert(&other, HIGHER, 200));
        }
        assert_eq!(solo.view().stats.addr_list_err, counted, "{skips}");
        assert_eq!(solo.view().stats.advert_rcvd, 3, "they are obeyed all the same");
    }
}

#[test]
fn check_unicast_src_takes_adverts_of_peers_only() {
    let peer = crate::config::Peer { address: LOWER.parse().unwrap(), min_ttl: 0, max_ttl: 255 };
    for (checks, state) in [(false, StateKind::Backup), (true, StateKind::Master)] {
        let mut config = Instance { cast: Cast::Unicast { peers: vec![peer] }, ..instance(100) };
        config.options.check_unicast_source = checks;
        let mut solo = master(config);
        solo.hear(HIGHER, 200);
        assert_eq!(solo.state(), state);
        assert_eq!(
            solo.count("unicast source address 192.0.2.20 not a unicast peer"),
            checks.into()
        );
        solo.hear(LOWER, 200);
        assert_eq!(solo.state(), StateKind::Backup);
    }
}

#[test]
fn peers_may_be_held_to_a_range_of_ttls() {
    let peer = crate::config::Peer { address: LOWER.parse().unwrap(), min_ttl: 200, max_ttl: 254 };
    let mut config = Instance { cast: Cast::Unicast { peers: vec![peer] }, ..instance(100) };
    config.options.check_unicast_source = true;
    let mut solo = master(config.clone());
    solo.hear(LOWER, 200);
    assert_eq!(solo.state(), StateKind::Master);
    assert!(solo.has("TTL/HL 255 from 192.0.2.2 not in range [200, 254]"));
    assert_eq!(solo.view().stats.ip_ttl_err, 1);
    config.ttl = 200;
    solo.packet(&advert(&config, LOWER, 200));
    assert_eq!(solo.state(), StateKind::Backup);
}

#[test]
fn without_peers_it_stays_in_fault() {
    let mut solo =
        Solo::new(Instance { cast: Cast::Unicast { peers: Vec::new() }, ..instance(100) });
    assert!(solo.has("(V) Cannot use unicast without any peers - going to fault state"));
    solo.until(60_000);
    assert_eq!((solo.state(), solo.sent.len()), (StateKind::Fault, 0));
    assert_eq!(solo.told, ["FAULT"]);
}

#[test]
fn what_the_configuration_keeps_from_taking_part_stays_in_fault() {
    let obstacle = Some(Obstacle::NoMulticast);
    let mut solo = Solo::new(Instance { obstacle, ..instance(100) });
    assert!(solo.has("(V) entering FAULT state (interface does not support multicast)"));
    assert!(solo.router.wanted_endpoints().is_empty(), "no socket could be opened");
    solo.until(60_000);
    assert_eq!((solo.state(), solo.sent.len()), (StateKind::Fault, 0));
    assert_eq!(solo.told, ["FAULT"]);
}

#[test]
fn of_two_of_one_number_the_one_that_waits_hears_nothing() {
    let waiting = Instance { obstacle: Some(Obstacle::SameNumber), ..instance(100) };
    let running = Instance { name: Name::new("W"), ..instance(100) };
    let mut solo = Solo::with(Config { instances: vec![waiting, running], ..Config::default() });
    solo.until(3_000);
    solo.hear(LOWER, 200);
    solo.until(4_000);
    assert!(!solo.has("(W) Entering MASTER STATE"), "it hears the master: {:?}", solo.lines);
    solo.until(60_000);
    assert!(solo.has("(W) Entering MASTER STATE"));
    assert!(!solo.has("(V) Entering MASTER STATE"));
}

#[test]
fn track_src_ip_is_a_fault_while_the_source_address_is_missing() {
    let source = Some("192.0.2.77".parse().unwrap());
    let mut config = Instance { seat: Seat::Link { link: link().name, source }, ..instance(100) };
    let mut untracked = Solo::new(config.clone());
    untracked.until(5_000);
    assert_eq!(untracked.state(), StateKind::Master);
    config.options.tracks_source = true;
    let mut solo = Solo::new(config);
    assert!(solo.has("(V): entering FAULT state (src address not configured)"));
    assert_eq!(solo.state(), StateKind::Fault);
    let mut up = link();
    up.addresses.extend(held(&["192.0.2.77"]));
    solo.input(Input::Link(up));
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(5_000);
    assert_eq!(solo.state(), StateKind::Master);
    solo.input(Input::Link(link()));
    assert_eq!(solo.state(), StateKind::Fault);
    assert_eq!(solo.sent.last(), Some(&(5_000, 0)), "the peers need not wait");
}

#[test]
fn further_links_are_asked_for_one_address_each() {
    let on = |name: &str, last: u8| {
        let ip = std::net::IpAddr::from([192, 0, 2, last]);
        let link = net::LinkName::new(name).unwrap();
        crate::config::VirtualAddress::new(net::Address::new(link, ip, 32))
    };
    let mut config = instance(100);
    config.addresses.extend([on("eth1", 61), on("eth1", 62)]);
    config.excluded.push(on("eth2", 63));
    let every = Duration::from_secs(10);
    config.announcement.extra_links = Some(crate::config::ExtraLinks { all: true, every });
    let mut solo = master(config);
    solo.until(3_609 + 10_000);
    assert_eq!(solo.orders.last().unwrap().extra.count, 0);
    solo.until(3_610 + 10_000);
    let extra = &solo.orders.last().unwrap().extra;
    let ips: Vec<_> = extra.addresses.iter().map(|key| key.ip.to_string()).collect();
    assert_eq!((extra.count, ips), (1, vec!["192.0.2.61".to_owned(), "192.0.2.63".to_owned()]));
}
