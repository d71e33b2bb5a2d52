//! What leaves when, on a clock of the test's own.

use std::time::Duration;

use vrrp::InstanceId;
use vrrp::config::{LinkSettings, Pace};

use super::*;

const MS: Duration = Duration::from_millis(1);

fn link(name: &str) -> LinkName {
    LinkName::new(name).unwrap()
}

/// Addresses as `eth0:1`: a link and the last octet; `eth0::1` is one of IPv6.
fn burst(owner: u32, count: u64, rounds: u32, targets: &[&str]) -> Burst {
    let targets = targets.iter().map(|text| {
        let (name, last) = text.split_once(':').unwrap();
        let ip = match last.strip_prefix(':') {
            Some(last) => format!("fe80::{last}"),
            None => format!("192.0.2.{last}"),
        };
        let mac = MacAddress([2, 0, 0, 0, 0, 1]);
        Target { index: LinkIndex(1), link: link(name), mac, ip: ip.parse().unwrap() }
    });
    Burst::new((OwnerId::Instance(InstanceId(owner)), count), rounds, targets.collect())
}

/// Every packet that leaves from now on: when, in milliseconds, and for which address.
fn all(queue: &mut Queue) -> Vec<(u128, String)> {
    let start = Instant::now();
    let (mut now, mut left) = (start, Vec::new());
    for _ in 0..1_000 {
        match queue.turn(now) {
            Turn::Idle => return left,
            Turn::Wait(until) => now = until,
            Turn::Send(burst) => {
                let piece = burst.piece();
                let at = (now - start).as_millis();
                let text = |target: &Target| (at, format!("{}:{}", target.link, target.ip));
                left.extend(piece.iter().map(text));
                let count = piece.len();
                queue.sent(burst, count, now);
            }
        }
    }
    panic!("it never ends: {left:?}");
}

fn at(times: &[(u128, String)], of: &str) -> Vec<u128> {
    times.iter().filter(|(_, who)| who == of).map(|(at, _)| *at).collect()
}

#[test]
fn without_limits_everything_leaves_at_once_and_in_rounds() {
    let mut queue = Queue::default();
    queue.push(burst(1, 1, 2, &["eth0:1", "eth0:2"]));
    let order = all(&mut queue);
    let both = ["eth0:192.0.2.1", "eth0:192.0.2.2"];
    let expected = both.iter().chain(&both).map(|who| (0, (*who).to_owned()));
    assert_eq!(order, expected.collect::<Vec<_>>());
}

#[test]
fn each_link_and_family_keeps_the_daemon_wide_pause_by_itself() {
    let mut queue = Queue::default();
    let settings = LinkSettings { arp_interval: Some(10 * MS), ..LinkSettings::default() };
    queue.set_paces(Paces::new(&settings));
    queue.push(burst(1, 1, 2, &["eth0:1", "eth0:2", "eth1:3", "eth0::4"]));
    let left = all(&mut queue);
    assert_eq!(at(&left, "eth0:192.0.2.1"), [0, 20]);
    assert_eq!(at(&left, "eth0:192.0.2.2"), [10, 30]);
    assert_eq!(at(&left, "eth1:192.0.2.3"), [0, 10]);
    assert_eq!(at(&left, "eth0:fe80::4"), [0, 0], "neighbour adverts have no limit here");
}

#[test]
fn the_links_of_a_group_share_its_pause_and_no_other_counts_for_them() {
    let mut queue = Queue::default();
    let links = vec![link("eth0"), link("eth1")];
    let pace = Pace { links, arp: Some(5 * MS), neighbor: Some(7 * MS) };
    let settings =
        LinkSettings { paces: vec![pace], arp_interval: Some(100 * MS), ..LinkSettings::default() };
    queue.set_paces(Paces::new(&settings));
    queue.push(burst(1, 1, 1, &["eth0:1", "eth1:2", "eth0::3", "eth1::4"]));
    let left = all(&mut queue);
    assert_eq!((at(&left, "eth0:192.0.2.1"), at(&left, "eth1:192.0.2.2")), (vec![0], vec![5]));
    assert_eq!((at(&left, "eth0:fe80::3"), at(&left, "eth1:fe80::4")), (vec![0], vec![7]));
}

#[test]
fn owners_take_turns_under_a_limit_and_a_newer_burst_replaces_an_older_one() {
    let mut queue = Queue::default();
    let settings = LinkSettings { arp_interval: Some(10 * MS), ..LinkSettings::default() };
    queue.set_paces(Paces::new(&settings));
    queue.push(burst(1, 1, 9, &["eth0:1"]));
    queue.push(burst(2, 1, 2, &["eth0:2"]));
    queue.push(burst(1, 2, 2, &["eth0:1"]));
    let left = all(&mut queue);
    assert_eq!(at(&left, "eth0:192.0.2.2"), [0, 20]);
    assert_eq!(at(&left, "eth0:192.0.2.1"), [10, 30]);
    queue.push(burst(2, 2, 5, &["eth0:2"]));
    queue.cancel(OwnerId::Instance(InstanceId(2)));
    assert!(matches!(queue.turn(Instant::now() + 1_000 * MS), Turn::Idle));
}

#[test]
fn other_limits_count_for_what_is_under_way() {
    let mut queue = Queue::default();
    queue.push(burst(1, 1, 1, &["eth0:1", "eth0:2", "eth0:3"]));
    let settings = LinkSettings { arp_interval: Some(10 * MS), ..LinkSettings::default() };
    queue.set_paces(Paces::new(&settings));
    let left = all(&mut queue);
    assert_eq!(at(&left, "eth0:192.0.2.3"), [20]);
}
