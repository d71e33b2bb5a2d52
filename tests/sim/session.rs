//! BFD sessions that instances and groups track.

use std::time::Duration;

use testkit::segment::{Faults, Plan, Segment, router_on};
use vrrp::config::Tracked;
use vrrp::{Name, StateKind, Weight};

use crate::group::grouped;

fn tracked(weight: i16, reverse: bool) -> Tracked<Name> {
    let weight = Weight::new(weight).expect("a weight in range");
    Tracked { object: Name::new("b1"), weight, reverse }
}

fn watching(plan: Plan, weight: i16, reverse: bool) -> Plan {
    plan.each(|instance| instance.watched.sessions.push(tracked(weight, reverse)))
}

fn one(weight: i16, reverse: bool) -> Segment {
    let plan = watching(router_on(0).with_instance(1, 100, 100), weight, reverse);
    Segment::new(1, vec![plan], Faults::NONE)
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn without_weight_it_is_a_fault_from_the_start_until_the_session_is_up() {
    let mut segment = one(0, false);
    segment.advance(seconds(10));
    assert_eq!(segment.nodes[0].state(0), Some(StateKind::Fault));
    assert_eq!(segment.nodes[0].told, ["V1 FAULT"]);
    segment.set_session(0, "other", true);
    assert_eq!(segment.nodes[0].state(0), Some(StateKind::Fault));
    segment.set_session(0, "b1", true);
    segment.advance(seconds(10));
    assert_eq!(segment.masters(0), [0]);
    segment.set_session(0, "b1", false);
    assert_eq!(segment.nodes[0].state(0), Some(StateKind::Fault));
    assert_eq!(segment.nodes[0].sent.last(), Some(&0), "it says that it gives up");
}

#[test]
fn reversed_and_without_weight_a_session_that_is_up_is_the_fault() {
    let mut segment = one(0, true);
    segment.advance(seconds(10));
    assert_eq!(segment.masters(0), [0]);
    segment.set_session(0, "b1", true);
    assert_eq!(segment.nodes[0].state(0), Some(StateKind::Fault));
}

#[test]
fn weights_change_the_priority_and_saying_it_twice_changes_nothing() {
    for (weight, reverse, down, up) in
        [(-20, false, 80, 100), (20, false, 100, 120), (20, true, 100, 80), (-20, true, 120, 100)]
    {
        let mut segment = one(weight, reverse);
        segment.advance(seconds(10));
        for (is_up, priority) in [(false, down), (true, up), (true, up), (false, down)] {
            segment.set_session(0, "b1", is_up);
            segment.advance(seconds(3));
            assert_eq!(segment.nodes[0].sent.last(), Some(&priority), "{weight} {reverse}");
        }
    }
}

#[test]
fn a_session_of_the_group_concerns_all_members() {
    let mut plan = grouped(router_on(0).with_instance(1, 100, 100).with_instance(2, 100, 100));
    plan.config.groups[0].watched.sessions.push(tracked(0, false));
    let mut segment = Segment::new(1, vec![plan], Faults::NONE);
    segment.advance(seconds(10));
    assert_eq!((segment.masters(0).len(), segment.masters(1).len()), (0, 0));
    segment.set_session(0, "b1", true);
    segment.advance(seconds(10));
    assert_eq!((segment.masters(0), segment.masters(1)), (vec![0], vec![0]));
    segment.set_session(0, "b1", false);
    assert_eq!(segment.nodes[0].state(0), Some(StateKind::Fault));
    assert_eq!(segment.nodes[0].state(1), Some(StateKind::Fault));
}

#[test]
fn a_reload_keeps_what_is_known_of_a_session() {
    let mut segment = one(0, false);
    segment.set_session(0, "b1", true);
    segment.advance(seconds(10));
    let plan = watching(router_on(0).with_instance(1, 110, 100), 0, false);
    segment.reload(0, plan.config);
    segment.advance(seconds(10));
    assert_eq!(segment.masters(0), [0]);
    assert_eq!(segment.nodes[0].told, ["V1 FAULT", "V1 BACKUP", "V1 MASTER"]);
}
