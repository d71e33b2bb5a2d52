//! A reload is an input: what did not change does not notice.

use std::time::Duration;

use testkit::segment::{Faults, Plan, Segment, router_on};
use vrrp::config::{Cast, Command, Device, Peer, Script, Tracked, Vmac};
use vrrp::{AdvertInterval, Name, Priority, Version, Weight};

use crate::group::grouped;

fn plan(position: u8, priority: u8) -> Plan {
    grouped(router_on(position).with_instance(1, priority, 100).with_instance(2, priority, 100))
}

fn settled() -> Segment {
    let mut segment = Segment::new(1, vec![plan(0, 100), plan(1, 200)], Faults::NONE);
    segment.advance(Duration::from_secs(10));
    segment
}

#[test]
fn the_same_configuration_has_no_effect_at_all() {
    let mut segment = settled();
    for at in 0..2 {
        let before = segment.nodes[at].effects;
        segment.reload(at, plan(0, [100, 200][at]).config);
        assert_eq!(segment.nodes[at].effects, before);
    }
}

#[test]
fn a_renamed_instance_is_the_same_virtual_router() {
    let mut segment = settled();
    let mut config = plan(1, 200).config;
    config.groups.clear();
    for instance in &mut config.instances {
        instance.name = Name::new(&format!("renamed {}", instance.name));
    }
    segment.reload(1, config);
    assert_eq!((segment.masters(0), segment.masters(1)), (vec![1], vec![1]));
}

#[test]
fn a_new_priority_counts_at_once_and_the_addresses_move_without_a_gap() {
    let mut segment = settled();
    let lower = plan(1, 200).each(|instance| {
        instance.priority = Priority::new(50).expect("a priority");
    });
    let before = segment.nodes[1].sent.len();
    segment.reload(1, lower.config);
    assert_eq!(segment.nodes[1].sent[before..], [50, 50], "one advert each, with the new value");
    segment.advance(Duration::from_secs(5));
    assert_eq!((segment.masters(0), segment.masters(1)), (vec![0], vec![0]));
}

#[test]
fn swapped_numbers_keep_every_address_installed() {
    let mut segment = settled();
    let mut config = plan(1, 200).config;
    let (first, second) = (config.instances[0].vrid, config.instances[1].vrid);
    config.instances[0].vrid = second;
    config.instances[1].vrid = first;
    let before = segment.nodes[1].kernel();
    segment.reload(1, config);
    segment.advance(Duration::from_secs(5));
    assert_eq!(segment.nodes[1].kernel(), before);
    assert_eq!((segment.masters(0), segment.masters(1)), (vec![1], vec![1]));
}

#[test]
fn what_nothing_acts_on_yet_does_not_disturb_a_master() {
    let mut segment = settled();
    let changed = plan(1, 200).each(|instance| {
        instance.options.receive_buffer = 65536;
        instance.options.later.refuses_packets = true;
        instance.device = Device::Vmac(Vmac::default());
    });
    let (before, told) = (segment.nodes[1].kernel(), segment.nodes[1].told.len());
    segment.reload(1, changed.config);
    segment.advance(Duration::from_secs(5));
    assert_eq!(segment.nodes[1].kernel(), before);
    assert_eq!(segment.nodes[1].told[told..], [] as [&str; 0]);
    assert_eq!((segment.masters(0), segment.masters(1)), (vec![1], vec![1]));
}

#[test]
fn a_check_that_is_new_does_not_disturb_a_master() {
    let mut segment = settled();
    let mut config = plan(1, 200).config;
    config.scripts.push(Script {
        name: Name::new("chk"),
        command: Command { argv: vec!["/chk".to_owned()], uid: 0, gid: 0 },
        interval: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
        rise: 1,
        fall: 1,
        fails_at_start: false,
    });
    let object = Name::new("chk");
    let tracked = Tracked { object, weight: Weight::FAULT, reverse: false };
    for instance in &mut config.instances {
        instance.tracked_scripts.push(tracked.clone());
    }
    let told = segment.nodes[1].told.len();
    segment.reload(1, config.clone());
    segment.advance(Duration::from_secs(10));
    // A run under way is ended, and its end is not that of the next one.
    config.scripts[0].fall = 2;
    segment.reload(1, config.clone());
    config.scripts[0].fall = 1;
    segment.reload(1, config);
    segment.advance(Duration::from_secs(10));
    assert_eq!(segment.nodes[1].told[told..], [] as [&str; 0]);
    assert_eq!((segment.masters(0), segment.masters(1)), (vec![1], vec![1]));
}

#[test]
fn a_longer_interval_counts_at_once() {
    let version = |instance: &mut vrrp::config::Instance| instance.version = Version::V2;
    let plans = vec![plan(0, 100).each(version), plan(1, 200).each(version)];
    let mut segment = Segment::new(1, plans, Faults::NONE);
    segment.advance(Duration::from_secs(10));
    let slower = plan(0, 100).each(version).each(|instance| {
        instance.advert_interval = AdvertInterval::from_secs(10).expect("an interval");
    });
    segment.reload(0, slower.config);
    // The adverts of the other, of another interval, are refused from now on.
    segment.advance(Duration::from_secs(30));
    assert_eq!(segment.masters(0), [1]);
    segment.advance(Duration::from_secs(1));
    assert_eq!(segment.masters(0), [0, 1]);
}

#[test]
fn unicast_instances_of_one_number_are_told_apart() {
    let to = |last: u8| {
        let address = std::net::Ipv4Addr::new(10, 0, 0, last).into();
        Cast::Unicast { peers: vec![Peer { address, min_ttl: 0, max_ttl: 255 }] }
    };
    let mut both = router_on(0).with_instance(1, 200, 100).with_instance(1, 100, 100);
    both.config.instances[1].name = Name::new("second");
    both.config.instances[1].addresses[0].address.ip = std::net::Ipv4Addr::new(10, 0, 1, 9).into();
    both.config.instances[0].cast = to(2);
    both.config.instances[1].cast = to(3);
    let peer = |position, priority| {
        router_on(position).with_instance(1, priority, 100).each(|instance| instance.cast = to(1))
    };
    let config = both.config.clone();
    let plans = vec![both, peer(1, 100), peer(2, 200)];
    let mut segment = Segment::new(1, plans, Faults::NONE);
    segment.advance(Duration::from_secs(10));
    let effects = segment.nodes[0].effects;
    segment.reload(0, config);
    assert_eq!(segment.nodes[0].effects, effects);
    assert!(segment.nodes[0].is_master(0), "the better one of the first pair");
    assert!(!segment.nodes[0].is_master(1), "the worse one of the second pair");
    segment.stop(0);
    segment.advance(Duration::from_secs(1));
    assert!(segment.nodes[0].stopped && segment.nodes[0].kernel().is_empty());
}

#[test]
fn a_removed_instance_releases_its_addresses() {
    let mut segment = settled();
    let mut config = plan(1, 200).config;
    config.groups.clear();
    config.instances.truncate(1);
    segment.reload(1, config);
    segment.advance(Duration::from_secs(5));
    assert_eq!(segment.nodes[1].kernel().len(), 1);
    assert_eq!(segment.masters(0), [1]);
}
