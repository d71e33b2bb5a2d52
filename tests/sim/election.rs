//! One thing at a time: elections, handovers and takeovers at the moment the protocol says.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use testkit::segment::{Faults, Plan, Segment, router_on};
use vrrp::config::{Authentication, Initial, Preemption};
use vrrp::{StateKind, Version};

const TICK: Duration = Duration::from_millis(5);

fn plan(position: u8, priority: u8) -> Plan {
    router_on(position).with_instance(51, priority, 100)
}

fn segment(priorities: &[u8]) -> Segment {
    let plans = (0..).zip(priorities).map(|(position, priority)| plan(position, *priority));
    Segment::new(1, plans.collect(), Faults::NONE)
}

fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn the_highest_priority_is_elected_after_its_own_waiting_time() {
    let mut segment = segment(&[100, 200]);
    // 3 s and (256 - 200) / 256 of a second.
    segment.advance(millis(3_218));
    assert!(segment.masters(0).is_empty());
    segment.advance(TICK);
    assert_eq!(segment.masters(0), [1]);
    segment.advance(millis(60_000));
    assert_eq!(segment.masters(0), [1]);
    assert_eq!(segment.nodes[1].kernel(), segment.nodes[1].wanted());
    assert_eq!(segment.nodes[0].told, ["V51 BACKUP"]);
    assert_eq!(segment.nodes[1].told, ["V51 BACKUP", "V51 MASTER"]);
}

#[test]
fn equal_priorities_are_decided_by_the_higher_address() {
    let mut segment = segment(&[100, 100, 100]);
    segment.advance(millis(3_700));
    assert_eq!(segment.masters(0), [2]);
}

#[test]
fn a_silent_master_is_replaced_after_three_intervals_and_the_skew() {
    let mut segment = segment(&[100, 200]);
    segment.advance(millis(10_000));
    segment.kill(1);
    // The last advert was up to one interval ago.
    segment.advance(millis(2_600));
    assert!(segment.masters(0).is_empty());
    segment.advance(millis(1_020));
    assert_eq!(segment.masters(0), [0]);
}

#[test]
fn a_master_that_stops_hands_over_within_the_skew() {
    let mut segment = segment(&[100, 200]);
    segment.advance(millis(10_000));
    segment.stop(1);
    segment.advance(millis(605));
    assert!(segment.masters(0).is_empty());
    segment.advance(millis(10));
    assert_eq!(segment.masters(0), [0]);
    assert!(segment.nodes[1].kernel().is_empty());
    assert_eq!(segment.nodes[1].told.last().map(String::as_str), Some("V51 STOP"));
}

#[test]
fn a_better_router_that_returns_takes_over_unless_told_otherwise() {
    let never = |i: &mut vrrp::config::Instance| i.preemption = Preemption::Never;
    for (best, master) in [(plan(1, 200), 1), (plan(1, 200).each(never), 0)] {
        let mut segment = Segment::new(1, vec![plan(0, 100), best], Faults::NONE);
        segment.advance(millis(10_000));
        segment.kill(1);
        segment.advance(millis(10_000));
        assert_eq!(segment.masters(0), [0]);
        segment.start(1);
        segment.advance(millis(10_000));
        assert_eq!(segment.masters(0), [master]);
    }
}

#[test]
fn preemption_can_be_delayed() {
    let delayed = |i: &mut vrrp::config::Instance| {
        i.preemption = Preemption::Delayed(Duration::from_secs(20));
    };
    let plans = vec![plan(0, 100), plan(1, 200).each(delayed)];
    let mut segment = Segment::new(1, plans, Faults::NONE);
    segment.kill(1);
    segment.advance(millis(10_000));
    segment.start(1);
    segment.advance(millis(20_000));
    assert_eq!(segment.masters(0), [0]);
    segment.advance(millis(5_000));
    assert_eq!(segment.masters(0), [1]);
}

#[test]
fn an_address_owner_is_master_at_once() {
    let owner = plan(0, 255).each(|instance| instance.initial = Initial::Master);
    let mut segment = Segment::new(1, vec![owner, plan(1, 100)], Faults::NONE);
    segment.advance(millis(1));
    assert_eq!(segment.masters(0), [0]);
}

#[test]
fn a_lost_link_is_a_fault_and_priority_zero_is_tried_first() {
    let mut segment = segment(&[100, 200]);
    segment.advance(millis(10_000));
    segment.set_link(1, &crate::eth0(), false);
    assert_eq!(segment.nodes[1].state(0), Some(StateKind::Fault));
    assert_eq!(segment.nodes[1].sent.last(), Some(&0));
    // Nothing gets through: the other one has to wait.
    segment.advance(millis(3_620));
    assert_eq!(segment.masters(0), [0]);
    segment.set_link(1, &crate::eth0(), true);
    segment.advance(millis(10_000));
    assert_eq!(segment.masters(0), [1]);
    let told = ["V51 BACKUP", "V51 MASTER", "V51 FAULT", "V51 BACKUP", "V51 MASTER"];
    assert_eq!(segment.nodes[1].told, told);
}

#[test]
fn a_router_that_was_held_up_listens_before_it_takes_over() {
    let mut segment = segment(&[100, 200]);
    segment.advance(millis(10_000));
    segment.pause(0);
    segment.advance(millis(20_000));
    segment.resume(0);
    segment.advance(millis(20_000));
    assert_eq!(segment.nodes[0].told, ["V51 BACKUP"], "it never was master");
}

/// Their timers end together, so each has its own number when it hears the other's, which is the
/// same.
#[test]
fn two_masters_under_ah_that_began_at_the_same_moment_hear_each_other() {
    let under_ah = |instance: &mut vrrp::config::Instance| {
        instance.version = Version::V2;
        instance.authentication = Authentication::Ah(*b"password");
    };
    let plans = vec![plan(0, 100).each(under_ah), plan(1, 100).each(under_ah)];
    let mut segment = Segment::new(1, plans, Faults::NONE);
    segment.advance(millis(3_610));
    assert_eq!(segment.masters(0), [1]);
}

#[test]
fn who_does_not_hear_the_better_master_is_one_beside_it_and_yields_once_it_does() {
    let mut segment = segment(&[100, 200]);
    segment.advance(millis(10_000));
    segment.set_faults(Faults { unheard: vec![(1, 0)], ..Faults::NONE });
    segment.advance(millis(60_000));
    assert_eq!(segment.masters(0), [0, 1]);
    assert_eq!(segment.nodes[0].told, ["V51 BACKUP", "V51 MASTER"], "nobody flaps");
    segment.set_faults(Faults::NONE);
    segment.advance(millis(1_001));
    assert_eq!(segment.masters(0), [1]);
    // The worse one cannot be heard: it hears, and that is enough.
    segment.set_faults(Faults { unheard: vec![(0, 1)], ..Faults::NONE });
    let told = segment.nodes[0].told.len();
    segment.advance(millis(60_000));
    assert_eq!(segment.masters(0), [1]);
    assert_eq!(segment.nodes[0].told.len(), told);
}

#[test]
fn a_clock_that_is_set_changes_nothing_unless_adverts_carry_the_time() {
    let hmac = |instance: &mut vrrp::config::Instance| instance.hmac = Some(crate::random::hmac());
    for (pair, masters) in [
        ([plan(0, 100), plan(1, 200)], vec![1]),
        // Beyond the window nothing from the other side is fresh.
        ([plan(0, 100).each(hmac), plan(1, 200).each(hmac)], vec![0, 1]),
    ] {
        let mut segment = Segment::new(1, pair.to_vec(), Faults::NONE);
        segment.advance(millis(10_000));
        for (ahead, right) in [(4_000, true), (-4_000, true), (60_000, false), (-60_000, false)] {
            segment.set_clock(1, ahead);
            segment.advance(millis(20_000));
            let expected = if right { &[1][..] } else { &masters };
            assert_eq!(segment.masters(0), expected, "{ahead} ms");
            segment.set_clock(1, 0);
            segment.advance(millis(20_000));
            assert_eq!(segment.masters(0), [1], "after {ahead} ms");
        }
    }
}

#[test]
fn a_short_mastership_leaves_no_address_behind() {
    let mut faults = Faults::NONE;
    faults.order_delay = millis(30_000);
    let mut segment = Segment::new(7, vec![plan(0, 100), plan(1, 200)], faults);
    segment.kill(1);
    for _ in 0..20 {
        segment.advance(millis(4_000));
        segment.start(1);
        segment.advance(millis(4_000));
        segment.kill(1);
    }
    segment.start(1);
    segment.advance(millis(60_000));
    assert_eq!(segment.masters(0), [1]);
    assert!(segment.nodes[0].kernel().is_empty());
    assert_eq!(segment.nodes[1].kernel(), [IpAddr::V4(Ipv4Addr::new(10, 0, 1, 51))]);
}
