//! Duplicate address detection of the address that adverts are sent from (RFC 4862 section 5.4).
//! Only IPv6 has it; to the core one family is as good as the other.

use std::net::IpAddr;
use std::time::Duration;

use net::{Detection, Held, Link, LinkIndex, LinkName};

use super::solo::{HIGHER, OWN, Solo, instance, link, owner};
use super::together::{grouped, member};
use crate::config::{Cast, Config, Instance, Peer, Seat};
use crate::{Input, StateKind};

const SECOND: &str = "192.0.2.11";

fn found(ip: &str, detection: Detection) -> Held {
    Held { ip: ip.parse().unwrap(), detection }
}

/// The usual link, with its address in this condition.
fn with(detection: Detection) -> Link {
    Link { addresses: vec![found(OWN, detection)], ..link() }
}

fn starting(detection: Detection, config: Config) -> Solo {
    Solo::seeing(with(detection), config, Duration::ZERO)
}

fn one(instance: Instance) -> Config {
    Config { instances: vec![instance], ..Config::default() }
}

fn tentative(instance: Instance) -> Solo {
    starting(Detection::Tentative, one(instance))
}

fn turns(solo: &mut Solo, detection: Detection) {
    solo.input(Input::Link(with(detection)));
}

#[test]
fn a_takeover_waits_for_the_address_and_comes_at_once_then() {
    let mut solo = tentative(instance(100));
    let line = "Address 192.0.2.10 of interface eth0 cannot be used yet: duplicate address \
                detection is not over";
    assert_eq!((solo.count(line), solo.state()), (1, StateKind::Backup));
    solo.until(5_000);
    assert_eq!((solo.state(), solo.sent.len()), (StateKind::Backup, 0));
    assert_eq!(solo.told, ["BACKUP"]);
    turns(&mut solo, Detection::Unique);
    solo.until(5_000);
    assert_eq!((solo.state(), &solo.sent[..]), (StateKind::Master, &[(5_000, 100)][..]));
    assert_eq!(solo.count(line), 1);
}

#[test]
fn one_that_can_be_used_in_time_delays_nothing() {
    let mut solo = tentative(instance(100));
    solo.until(2_000);
    turns(&mut solo, Detection::Unique);
    solo.until(3_609);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(3_610);
    assert_eq!(solo.state(), StateKind::Master);
}

#[test]
fn a_master_that_is_heard_meanwhile_is_followed() {
    let mut solo = tentative(instance(100));
    solo.until(4_500);
    solo.hear(HIGHER, 200);
    turns(&mut solo, Detection::Unique);
    solo.until(4_500 + 3_609);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(4_500 + 3_610);
    assert_eq!(solo.state(), StateKind::Master);
}

#[test]
fn an_owner_waits_too_and_nobody_hears_of_it_before() {
    let mut solo = tentative(owner());
    solo.until(1_500);
    assert!(solo.ready && solo.sent.is_empty() && solo.told.is_empty());
    turns(&mut solo, Detection::Unique);
    solo.until(1_500);
    assert_eq!((solo.state(), &solo.sent[..]), (StateKind::Master, &[(1_500, 255)][..]));
    assert_eq!(solo.told, ["MASTER"]);
}

#[test]
fn a_group_waits_for_every_member() {
    let (first, mut second) = (member(1, 100), member(2, 100));
    let eth1 = LinkName::new("eth1").unwrap();
    second.seat = Seat::on(eth1.clone());
    let other = |detection| Link {
        name: eth1.clone(),
        index: LinkIndex(3),
        addresses: vec![found(SECOND, detection)],
        ..link()
    };
    let mut solo = Solo::with(Config::default());
    solo.input(Input::Link(other(Detection::Tentative)));
    solo.input(Input::Reconfigure(Box::new(grouped(vec![first, second]))));
    solo.until(6_000);
    assert!(!solo.has("MASTER"), "{:?}", solo.lines);
    solo.input(Input::Link(other(Detection::Unique)));
    solo.until(6_000);
    assert!(solo.router.views().all(|view| view.state == StateKind::Master), "{:?}", solo.lines);
}

#[test]
fn an_address_that_somebody_else_has_is_a_fault_until_it_is_put_there_anew() {
    let fault = "(V) entering FAULT state (address 192.0.2.10 is in use by another host)";
    let mut solo = tentative(instance(100));
    turns(&mut solo, Detection::Duplicate);
    assert_eq!((solo.state(), solo.count(fault)), (StateKind::Fault, 1));
    assert!(solo.has("of interface eth0 cannot be used: duplicate address detection found it on"));
    solo.until(10_000);
    assert_eq!((solo.state(), solo.sent.len()), (StateKind::Fault, 0));
    solo.input(Input::Link(Link { addresses: Vec::new(), ..link() }));
    turns(&mut solo, Detection::Tentative);
    assert_eq!(solo.state(), StateKind::Backup);
    turns(&mut solo, Detection::Unique);
    solo.until(13_609);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(13_610);
    assert_eq!(solo.state(), StateKind::Master);
    assert_eq!(solo.told, ["BACKUP", "FAULT", "BACKUP", "MASTER"]);

    let at_start = starting(Detection::Duplicate, one(instance(100)));
    assert_eq!((at_start.state(), at_start.count(fault)), (StateKind::Fault, 1));
}

#[test]
fn what_was_found_is_said_in_fault_too() {
    let mut solo =
        Solo::seeing(Link { addresses: Vec::new(), ..link() }, one(instance(100)), Duration::ZERO);
    assert_eq!(solo.state(), StateKind::Fault);
    turns(&mut solo, Detection::Duplicate);
    assert_eq!(solo.state(), StateKind::Fault);
    assert!(solo.has("duplicate address detection found it on another host"));
}

#[test]
fn another_address_of_the_link_takes_the_place_of_one_that_is_taken() {
    let two = [found(OWN, Detection::Duplicate), found(SECOND, Detection::Unique)];
    let link = Link { addresses: two.into(), ..link() };
    let solo = Solo::seeing(link, one(instance(100)), Duration::ZERO);
    assert_eq!(solo.state(), StateKind::Backup);
    assert_eq!(solo.view().source, Some(SECOND.parse::<IpAddr>().unwrap()));
}

#[test]
fn a_configured_address_is_no_exception() {
    let source = Some(OWN.parse().unwrap());
    let seat = Seat::Link { link: link().name, source };
    let mut solo = tentative(Instance { seat, ..instance(100) });
    solo.until(5_000);
    assert_eq!(solo.state(), StateKind::Backup);
    turns(&mut solo, Detection::Duplicate);
    assert_eq!(solo.state(), StateKind::Fault);
    turns(&mut solo, Detection::Unique);
    solo.until(9_000);
    assert_eq!(solo.state(), StateKind::Master);
}

/// Somebody has removed the address and put it back between two looks.
#[test]
fn a_master_whose_address_is_looked_for_again_keeps_silent_until_it_can_be_used() {
    let mut solo = Solo::new(instance(100));
    solo.until(4_000);
    let before = solo.sent.len();
    turns(&mut solo, Detection::Tentative);
    solo.until(6_000);
    assert_eq!((solo.state(), solo.sent.len()), (StateKind::Master, before));
    turns(&mut solo, Detection::Unique);
    solo.until(8_000);
    assert_eq!(solo.sent.len(), before + 2);
}

/// The kernel asks nobody there, and only whoever does not track the link takes part.
#[test]
fn on_a_link_that_is_down_nobody_waits() {
    let mut config = instance(100);
    config.tracked_links.clear();
    let down = Link { up: false, ..with(Detection::Tentative) };
    let mut solo = Solo::seeing(down, one(config), Duration::ZERO);
    solo.until(4_000);
    assert_eq!(solo.state(), StateKind::Master);
}

#[test]
fn a_unicast_router_says_where_it_is_once_it_may() {
    let peer = Peer { address: HIGHER.parse().unwrap(), min_ttl: 0, max_ttl: 255 };
    let cast = Cast::Unicast { peers: vec![peer] };
    let mut solo = tentative(Instance { cast, ..instance(100) });
    let announced = |solo: &Solo| solo.orders.last().unwrap().own.count;
    solo.until(1_000);
    assert_eq!(announced(&solo), 0);
    turns(&mut solo, Detection::Unique);
    assert_eq!(announced(&solo), 1);
}
