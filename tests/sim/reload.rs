//! A reload is an input: what did not change does not notice.

use std::time::Duration;

use testkit::segment::{Faults, Plan, Segment, router_on};
use vrrp::Priority;

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
        instance.name = vrrp::Name::new(&format!("renamed {}", instance.name));
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
    segment.reload(1, lower.config);
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
