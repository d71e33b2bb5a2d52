//! Sync groups: members change state together.

use std::time::Duration;

use testkit::segment::{Faults, Plan, Segment, router_on};
use vrrp::config::{Notify, SyncGroup, Watched};
use vrrp::{Name, StateKind};

pub(crate) fn grouped(mut plan: Plan) -> Plan {
    let members = plan.config.instances.iter().map(|instance| instance.name.clone()).collect();
    plan.config.groups.push(SyncGroup {
        name: Name::new("G"),
        members,
        tracked_links: Vec::new(),
        tracked_scripts: Vec::new(),
        watched: Watched::default(),
        weights_of_members: false,
        notify: Notify::default(),
    });
    plan
}

fn pair(position: u8, first: u8, second: u8) -> Plan {
    grouped(router_on(position).with_instance(1, first, 100).with_instance(2, second, 100))
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn members_become_master_together_and_the_group_is_told_last() {
    let mut segment = Segment::new(1, vec![pair(0, 100, 100), pair(1, 200, 200)], Faults::NONE);
    segment.advance(seconds(10));
    assert_eq!((segment.masters(0), segment.masters(1)), (vec![1], vec![1]));
    let told = ["G BACKUP", "V1 BACKUP", "V2 BACKUP", "V1 MASTER", "V2 MASTER", "G MASTER"];
    let mut seen = segment.nodes[1].told.clone();
    // Members settle in any order; the group comes first at the start, and last later.
    seen[1..3].sort();
    seen[3..5].sort();
    assert_eq!(seen, told);
}

#[test]
fn one_member_that_steps_back_takes_the_other_along() {
    // The first node is better for one member only: there must be no split.
    let mut segment = Segment::new(1, vec![pair(0, 210, 100), pair(1, 200, 200)], Faults::NONE);
    segment.advance(seconds(30));
    assert_eq!(segment.masters(0), segment.masters(1));
    assert_eq!(segment.masters(0).len(), 1);
}

#[test]
fn a_fault_of_one_member_is_a_fault_of_all() {
    let mut segment = Segment::new(1, vec![pair(0, 100, 100), pair(1, 200, 200)], Faults::NONE);
    segment.advance(seconds(10));
    segment.set_link(1, &crate::eth0(), false);
    assert_eq!(segment.nodes[1].state(0), Some(StateKind::Fault));
    assert_eq!(segment.nodes[1].state(1), Some(StateKind::Fault));
    segment.advance(seconds(5));
    assert_eq!((segment.masters(0), segment.masters(1)), (vec![0], vec![0]));
    segment.set_link(1, &crate::eth0(), true);
    segment.advance(seconds(10));
    assert_eq!((segment.masters(0), segment.masters(1)), (vec![1], vec![1]));
}
