//! What the members of a sync group do because of each other (compat 11 §6).

use std::time::{Duration, Instant};

use super::solo::{HIGHER, LOWER, Solo, advert, link, owner};
use crate::advert::tests::instance as any_instance;
use crate::config::{
    Cast, Command, Config, Instance, Notify, Peer, Script, SyncGroup, Tracked, Watched,
};
use crate::{
    Effect, Generation, Input, Name, OwnerId, Priority, Router, StateKind, Subject, Version, Weight,
};

pub(super) fn member(number: u8, priority: u8) -> Instance {
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

pub(super) fn grouped(instances: Vec<Instance>) -> Config {
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
    assert!(!solo.has("Entering MASTER STATE"), "{:?}", solo.lines);
}

/// The group is master already: nobody has to wait for the other one.
#[test]
fn members_that_a_reload_adds_to_masters_follow_the_first_of_them() {
    let first = member(1, 100);
    let mut solo = Solo::with(grouped(vec![first.clone()]));
    solo.until(4_000);
    let all = grouped(vec![first, member(2, 200), member(3, 100)]);
    solo.input(Input::Reconfigure(Box::new(all)));
    // The skew of priority 200 is 218.75 ms.
    solo.until(4_000 + 3_218);
    assert_eq!(states(&solo), [StateKind::Master, StateKind::Backup, StateKind::Backup]);
    solo.until(4_000 + 3_219);
    assert_eq!(states(&solo), [StateKind::Master; 3]);
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

/// Otherwise the group would stay divided between two routers.
#[test]
fn one_that_a_reload_adds_to_masters_takes_over_from_a_worse_router() {
    let (first, second) = (member(1, 100), member(2, 100));
    let mut solo = Solo::with(grouped(vec![first.clone()]));
    solo.until(4_000);
    solo.input(Input::Reconfigure(Box::new(grouped(vec![first, second.clone()]))));
    // Nobody who is alone would take over from an equal router.
    solo.packet(&advert(&second, LOWER, 100));
    assert_eq!(states(&solo), MASTERS);
}

#[test]
fn masters_step_back_when_one_that_a_reload_adds_hears_a_better_router() {
    let (first, second) = (member(1, 100), member(2, 100));
    let mut solo = Solo::with(grouped(vec![first.clone()]));
    solo.until(4_000);
    solo.input(Input::Reconfigure(Box::new(grouped(vec![first, second.clone()]))));
    solo.packet(&advert(&second, HIGHER, 100));
    assert_eq!((&states(&solo)[..], of_group(&solo)), (&BACKUPS[..], StateKind::Backup));
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

/// What a core asks for and tells.
fn drain(router: &mut Router) -> (Vec<(OwnerId, Generation)>, Vec<String>) {
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
}

/// The kernel has what was asked for; what is told then.
fn settle(router: &mut Router, now: Instant, orders: Vec<(OwnerId, Generation)>) -> Vec<String> {
    let settled = orders.into_iter().flat_map(|(owner, generation)| {
        router.handle(now, Input::Settled { owner, generation });
        drain(router).1
    });
    settled.collect()
}

/// Two that are about to be masters, what they ask for, and when.
fn taking_over() -> (Router, Instant, Vec<(OwnerId, Generation)>) {
    let start = Instant::now();
    let config = grouped(vec![member(1, 100), member(2, 100)]);
    let mut router = Router::new(config, vec![link()], start);
    let (orders, _) = drain(&mut router);
    settle(&mut router, start, orders);
    let now = start + Duration::from_millis(3_610);
    router.handle(now, Input::Timeout);
    let (orders, told) = drain(&mut router);
    assert_eq!((orders.len(), told.len()), (2, 0));
    (router, now, orders)
}

/// Its notice comes after those of its members, which wait for their addresses.
#[test]
fn the_group_is_told_when_the_kernel_has_what_all_members_want() {
    let (mut router, now, orders) = taking_over();
    let told = settle(&mut router, now, orders);
    assert_eq!(told.last().map(String::as_str), Some("G MASTER"));
    assert_eq!(told.len(), 3);
}

#[test]
fn what_the_group_still_owes_is_told_after_a_reload_too() {
    let (mut router, now, orders) = taking_over();
    let mut config = grouped(vec![member(1, 100), member(2, 100)]);
    config.groups[0].weights_of_members = true;
    router.handle(now, Input::Reconfigure(Box::new(config)));
    assert_eq!(drain(&mut router).1, Vec::<String>::new());
    let told = settle(&mut router, now, orders);
    assert_eq!(told.last().map(String::as_str), Some("G MASTER"));
}

/// Unicast routers of one number may share a link and an address: their peers tell them apart.
#[test]
fn a_reload_knows_by_their_names_who_is_who_among_those_that_look_the_same() {
    let to = |name: &str, peer: &str| {
        let peer = Peer { address: peer.parse().unwrap(), min_ttl: 0, max_ttl: 255 };
        let cast = Cast::Unicast { peers: vec![peer] };
        Instance { name: Name::new(name), cast, ..member(1, 100) }
    };
    let (first, second) = (to("A", LOWER), to("B", HIGHER));
    let instances = vec![first.clone(), second.clone()];
    let mut solo = Solo::with(Config { instances, ..Config::default() });
    solo.until(3_000);
    solo.packet(&advert(&second, HIGHER, 200));
    solo.until(4_000);
    let of = |solo: &Solo, name: &str| {
        let view = solo.router.views().find(|view| view.config.name == Name::new(name));
        view.map(|view| view.state)
    };
    let both = |solo: &Solo| (of(solo, "A"), of(solo, "B"));
    let expected = (Some(StateKind::Master), Some(StateKind::Backup));
    assert_eq!(both(&solo), expected);
    let instances = vec![second, first];
    solo.input(Input::Reconfigure(Box::new(Config { instances, ..Config::default() })));
    assert_eq!(both(&solo), expected);
}
