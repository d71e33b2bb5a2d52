//! What the members of a sync group do because of each other (compat 11 §6).

use std::time::{Duration, Instant};

use super::solo::{HIGHER, LOWER, Solo, advert, link, owner};
use crate::advert::tests::instance as any_instance;
use crate::config::{Command, Config, Instance, Notify, Script, SyncGroup, Tracked, Watched};
use crate::{Effect, Input, Name, OwnerId, Priority, Router, StateKind, Subject, Version, Weight};

fn member(number: u8, priority: u8) -> Instance {
    let name = Name::new(&format!("V{number}"));
    Instance { name, ..any_instance(50 + number, Version::V3, priority, &[50 + number]) }
}

fn group(members: &[Instance]) -> SyncGroup {
    SyncGroup {
        name: Name::new("G"),
        members: members.iter().map(|member| member.name.clone()).collect(),
        tracked_links: Vec::new(),
        tracked_scripts: Vec::new(),
        watched: Watched::default(),
        weights_of_members: false,
        notify: Notify::default(),
    }
}

fn grouped(instances: Vec<Instance>) -> Config {
    Config { groups: vec![group(&instances)], instances, ..Config::default() }
}

fn states(solo: &Solo) -> Vec<StateKind> {
    solo.router.views().map(|view| view.state).collect()
}

fn of_group(solo: &Solo) -> StateKind {
    solo.router.snapshot(solo.now).groups[0].state
}

const BACKUPS: [StateKind; 2] = [StateKind::Backup; 2];
const MASTERS: [StateKind; 2] = [StateKind::Master; 2];

/// Two that have become masters together.
fn masters(first: Instance, second: Instance) -> Solo {
    let mut solo = Solo::with(grouped(vec![first, second]));
    solo.until(4_000);
    assert_eq!((&states(&solo)[..], of_group(&solo)), (&MASTERS[..], StateKind::Master));
    solo
}

#[test]
fn a_member_that_hears_a_master_again_wishes_nothing_any_more() {
    let (first, second) = (member(1, 100), member(2, 100));
    let mut solo = Solo::with(grouped(vec![first.clone(), second.clone()]));
    let hear = |solo: &mut Solo, like: &Instance| solo.packet(&advert(like, HIGHER, 200));
    for second_heard in 1..=5 {
        solo.until(second_heard * 1_000);
        hear(&mut solo, &second);
    }
    assert!(solo.has("(V1) Receive advertisement timeout"), "it is held back");
    for first_heard in 5..=9 {
        solo.until(first_heard * 1_000);
        hear(&mut solo, &first);
    }
    assert!(solo.has("(V2) Receive advertisement timeout"));
    assert_eq!(states(&solo), BACKUPS);
}

#[test]
fn a_group_waits_for_the_scripts_of_all_its_members() {
    let mut second = member(2, 100);
    let name = Name::new("chk");
    let tracked = Tracked { object: name.clone(), weight: Weight::FAULT, reverse: false };
    second.tracked_scripts.push(tracked);
    let time = Duration::from_secs(1);
    let script = Script {
        name,
        command: Command { argv: vec!["/bin/true".into()], uid: 0, gid: 0 },
        interval: time,
        timeout: time,
        rise: 1,
        fall: 1,
        fails_at_start: false,
    };
    let config = Config { scripts: vec![script], ..grouped(vec![member(1, 100), second]) };
    let solo = Solo::with(config);
    assert_eq!(states(&solo), [StateKind::Fault; 2]);
    assert!(!solo.has("Entering BACKUP STATE"), "{:?}", solo.lines);
}

#[test]
fn all_members_announce_when_one_hears_a_worse_router() {
    let mut solo = masters(member(1, 100), member(2, 100));
    let before = solo.orders.len();
    solo.packet(&advert(&member(1, 100), LOWER, 50));
    let mut announcing: Vec<_> = solo.orders[before..].iter().map(|one| one.name.clone()).collect();
    announcing.sort();
    assert_eq!(announcing, [Name::new("V1"), Name::new("V2")]);
}

#[test]
fn a_master_that_is_grouped_with_a_backup_lets_go() {
    let (first, second) = (member(1, 100), member(2, 100));
    let instances = vec![first.clone(), second.clone()];
    let mut solo = Solo::with(Config { instances: instances.clone(), ..Config::default() });
    solo.until(3_000);
    solo.packet(&advert(&second, HIGHER, 200));
    solo.until(4_000);
    assert_eq!(states(&solo), [StateKind::Master, StateKind::Backup]);
    solo.input(Input::Reconfigure(Box::new(grouped(instances))));
    assert_eq!(states(&solo), BACKUPS);
    assert_eq!(solo.sent.last(), Some(&(4_000, 0)));
}

#[test]
fn the_group_is_told_of_each_state_once() {
    let mut solo = masters(member(1, 100), member(2, 100));
    let count = |solo: &Solo, word| solo.told.iter().filter(|told| **told == word).count();
    assert_eq!((count(&solo, "BACKUP"), count(&solo, "MASTER")), (3, 3));
    solo.packet(&advert(&member(1, 100), HIGHER, 200));
    assert_eq!((states(&solo), of_group(&solo)), (BACKUPS.to_vec(), StateKind::Backup));
    assert_eq!(count(&solo, "BACKUP"), 6);
}

#[test]
fn an_owner_waits_for_members_that_are_none() {
    let first = Instance { name: Name::new("V1"), ..owner() };
    let mut solo = Solo::with(grouped(vec![first, member(2, 100)]));
    solo.until(1_003);
    assert_eq!(states(&solo), BACKUPS);
    solo.until(4_000);
    assert_eq!(states(&solo), MASTERS);
}

#[test]
fn the_group_follows_a_member_that_was_held_up() {
    let mut first = member(1, 100);
    first.options.steps_down_for = Priority::new(254);
    let mut solo = masters(first, member(2, 100));
    solo.sleep_until(15_000, &[]);
    assert_eq!(states(&solo), BACKUPS);
    assert!(solo.has("VRRP_Group(G) Syncing instances to BACKUP state"));
}

#[test]
fn a_group_of_other_members_begins_anew() {
    let mut solo = masters(member(1, 100), member(2, 100));
    let others = vec![member(3, 100), member(4, 100)];
    solo.input(Input::Reconfigure(Box::new(grouped(others))));
    assert_eq!((states(&solo), of_group(&solo)), (BACKUPS.to_vec(), StateKind::Backup));
}

/// Its notice comes after those of its members, which wait for their addresses.
#[test]
fn the_group_is_told_when_the_kernel_has_what_all_members_want() {
    let start = Instant::now();
    let mut router =
        Router::new(grouped(vec![member(1, 100), member(2, 100)]), vec![link()], start);
    let drain = |router: &mut Router| {
        let (mut orders, mut told) = (Vec::new(), Vec::new());
        while let Some(effect) = router.poll_effect() {
            match effect {
                Effect::Order(order) => orders.push((order.owner, order.generation)),
                Effect::Notify(notice) => match notice.subject {
                    Subject::Instance(name) | Subject::Group(name) => {
                        told.push(format!("{name} {}", notice.state.word()));
                    }
                },
                Effect::Report(_) | Effect::Ready | Effect::Stopped => {}
                Effect::Run { .. } | Effect::Signal { .. } => {}
            }
        }
        (orders, told)
    };
    let settle = |router: &mut Router, now, orders: Vec<(OwnerId, crate::Generation)>| {
        orders
            .into_iter()
            .flat_map(|(owner, generation)| {
                router.handle(now, Input::Settled { owner, generation });
                drain(router).1
            })
            .collect::<Vec<_>>()
    };
    let (orders, _) = drain(&mut router);
    settle(&mut router, start, orders);
    let now = start + Duration::from_millis(3_610);
    router.handle(now, Input::Timeout);
    let (orders, told) = drain(&mut router);
    assert_eq!((orders.len(), told.len()), (2, 0));
    let told = settle(&mut router, now, orders);
    assert_eq!(told.last().map(String::as_str), Some("G MASTER"));
    assert_eq!(told.len(), 3);
}
