//! What an instance says, counts and remembers at each step, and when it takes the next one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use net::{Link, LinkName};

use super::solo::{HIGHER, LOWER, OWN, Solo, advert, held, instance, link, owner};
use crate::advert::tests::instance as any_instance;
use crate::config::{
    Command, Config, Factor, Initial, Instance, LinkDelay, LinkSettings, Preemption, Script,
    TrackFile, Tracked,
};
use crate::units::Run;
use crate::{
    AdvertInterval, Effect, Input, Name, OwnerId, Priority, Router, ScriptOutcome, StateKind,
    Version, Weight,
};

fn master(config: Instance) -> Solo {
    let mut solo = Solo::new(config);
    solo.until(4_000);
    assert_eq!(solo.state(), StateKind::Master);
    solo
}

fn on_own_link(config: Instance) -> Instance {
    let own = Tracked { object: link().name, weight: Weight::FAULT, reverse: false };
    Instance { tracked_links: vec![own], ..config }
}

fn reconfigured(config: Instance) -> Input<'static> {
    Input::Reconfigure(Box::new(Config { instances: vec![config], ..Config::default() }))
}

#[test]
fn a_delay_of_preemption_stops_when_the_master_is_no_longer_worse() {
    let preemption = Preemption::Delayed(Duration::from_secs(30));
    let mut solo = Solo::new(Instance { preemption, ..instance(100) });
    solo.hear(LOWER, 50);
    assert!(solo.has("(V) start preempt delay (30.000000)"));
    solo.hear(HIGHER, 200);
    assert_eq!(solo.count("(V) stop preempt delay"), 1);
    solo.hear(HIGHER, 200);
    assert_eq!(solo.count("(V) stop preempt delay"), 1);
    solo.hear(LOWER, 50);
    assert_eq!(solo.count("(V) start preempt delay"), 2);
}

#[test]
fn the_last_router_that_was_taken_for_the_master_is_remembered() {
    let mut solo = Solo::new(instance(100));
    let of = |ip: &str, priority| Some((ip.parse().unwrap(), Priority::new(priority).unwrap()));
    solo.hear(HIGHER, 200);
    assert_eq!(solo.view().master, of(HIGHER, 200));
    solo.until(5_000);
    assert_eq!((solo.state(), solo.view().master), (StateKind::Master, of(HIGHER, 200)));
    solo.hear(LOWER, 150);
    assert_eq!((solo.state(), solo.view().master), (StateKind::Backup, of(LOWER, 150)));
}

/// Its next advert is due at the very moment when the late one leaves.
#[test]
fn a_master_that_is_late_by_one_interval_sends_one_advert() {
    let mut solo = Solo::new(instance(128));
    solo.until(4_000);
    assert_eq!(solo.sent, [(3_500, 128)]);
    solo.sleep_until(5_500, &[]);
    solo.until(6_499);
    assert_eq!(solo.sent, [(3_500, 128), (5_500, 128)]);
}

#[test]
fn a_master_answers_another_one_that_gives_up() {
    let mut solo = master(instance(100));
    let before = solo.sent.len();
    solo.hear(HIGHER, 0);
    assert!(solo.has("(V) Master received priority 0 message"));
    assert_eq!((solo.state(), solo.sent.len()), (StateKind::Master, before + 1));
    solo.until(4_999);
    assert_eq!(solo.sent.len(), before + 1, "the next one is due a whole interval later");
    solo.until(5_000);
    assert_eq!(solo.sent.len(), before + 2);
}

#[test]
fn the_outside_hears_of_a_router_of_lower_priority_and_of_changes_of_its_own() {
    let mut config = instance(100);
    config.options.tells_priority = true;
    let eth1 = LinkName::new("eth1").unwrap();
    let weight = Weight::new(-10).unwrap();
    config.tracked_links.push(Tracked { object: eth1.clone(), weight, reverse: false });
    let mut solo = Solo::new(config);
    let seen = |up| Link { name: eth1.clone(), index: net::LinkIndex(3), up, ..link() };
    solo.input(Input::Link(seen(true)));
    assert_eq!(solo.told.last(), Some(&"BACKUP_PRIORITY"));
    solo.until(4_000);
    solo.hear(LOWER, 50);
    assert_eq!(solo.told.last(), Some(&"MASTER_RX_LOWER_PRI"));
    solo.input(Input::Link(seen(false)));
    assert_eq!(solo.told.last(), Some(&"MASTER_PRIORITY"));
}

#[test]
fn whoever_yields_waits_for_the_other_one_as_long_as_that_one_is_slow() {
    let mut solo = master(instance(100));
    let slow = AdvertInterval::from_secs(3).unwrap();
    solo.packet(&advert(&Instance { advert_interval: slow, ..instance(100) }, HIGHER, 200));
    assert_eq!(solo.state(), StateKind::Backup);
    // Three intervals and a skew of 156/256 of one.
    solo.until(4_000 + 9_000 + 1_828);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(4_000 + 9_000 + 1_829);
    assert_eq!(solo.state(), StateKind::Master);
}

#[test]
fn states_and_farewells_are_counted() {
    let mut solo = master(instance(100));
    solo.hear(HIGHER, 200);
    solo.hear(HIGHER, 0);
    let stats = solo.view().stats;
    assert_eq!((stats.become_master, stats.release_master), (1, 1));
    assert_eq!((stats.advert_rcvd, stats.pri_zero_rcvd, stats.pri_zero_sent), (2, 1, 0));
    solo.until(5_000);
    solo.input(Input::Stop);
    let stats = solo.view().stats;
    assert_eq!((stats.become_master, stats.release_master, stats.pri_zero_sent), (2, 2, 1));
    assert_eq!(stats.advert_sent, u32::try_from(solo.sent.len()).unwrap());
}

#[test]
fn a_reload_announces_what_is_new_and_tells_the_peers_of_new_values_at_once() {
    let two = || any_instance(51, Version::V3, 100, &[51, 52]);
    let mut solo = master(two());
    let announced = solo.announced();
    solo.input(reconfigured(instance(100)));
    assert_eq!(solo.announced(), announced, "what has gone is not announced");
    solo.input(reconfigured(two()));
    assert_eq!(solo.announced().0, announced.0 + 1);
    let before = solo.sent.len();
    solo.input(reconfigured(any_instance(51, Version::V3, 120, &[51, 52])));
    assert_eq!(solo.sent[before..], [(4_000, 120)]);
}

#[test]
fn a_delay_of_its_link_is_as_long_as_an_instance_can_fail_to_send() {
    let long = Duration::from_secs(60);
    let delays = vec![LinkDelay { link: link().name, down: long, up: long }];
    let links = LinkSettings { delays, ..LinkSettings::default() };
    let instances = vec![on_own_link(instance(100))];
    let mut solo = Solo::with(Config { instances, links, ..Config::default() });
    assert!(solo.has("V: interface eth0 debounce timer(s) not less that 2 * advert_int"));
    solo.until(4_000);
    solo.input(Input::Link(Link { up: false, flags: 0x1003, ..link() }));
    assert!(solo.has("delay by 1996094"), "{:?}", solo.lines);
    solo.until(4_000 + 1_996);
    assert_eq!(solo.state(), StateKind::Master);
    solo.until(4_000 + 1_997);
    assert_eq!(solo.state(), StateKind::Fault);
}

#[test]
fn whoever_loses_its_address_says_so_with_the_old_one() {
    let mut solo = master(instance(100));
    solo.input(Input::Link(Link { addresses: Vec::new(), ..link() }));
    assert_eq!((solo.state(), solo.sent.last()), (StateKind::Fault, Some(&(4_000, 0))));
}

#[test]
fn an_address_that_moves_is_none_to_send_from() {
    let moving = "192.0.2.51";
    let mut solo = Solo::new(instance(100));
    let addresses = held(&[moving, OWN]);
    solo.input(Input::Link(Link { addresses, ..link() }));
    assert_eq!(solo.view().source, Some(OWN.parse().unwrap()));
    solo.input(Input::Link(Link { addresses: held(&[moving]), ..link() }));
    assert_eq!((solo.state(), solo.view().source), (StateKind::Fault, None));
}

/// The kernel would fill in a number for 0.
#[test]
fn the_identification_of_a_packet_is_never_0() {
    let advert_interval = AdvertInterval::from_centis(1).unwrap();
    let mut solo = Solo::new(Instance { advert_interval, ..instance(100) });
    solo.until(700_000);
    let number = |packet: &Vec<u8>| u16::from_be_bytes([packet[4], packet[5]]);
    let numbers: Vec<u16> = solo.packets.iter().map(number).collect();
    assert!(numbers.len() > 65_536);
    assert_eq!((numbers[0], numbers[65_534], numbers[65_535]), (1, 65_535, 1));
}

#[test]
fn an_owner_is_master_at_once_only_if_it_wishes_and_waits_one_interval_after_a_fault() {
    let mut modest = Solo::new(Instance { initial: Initial::Backup, ..owner() });
    modest.until(3_003);
    assert_eq!(modest.state(), StateKind::Backup);
    modest.until(3_004);
    assert_eq!(modest.state(), StateKind::Master);
    let mut solo = Solo::new(on_own_link(owner()));
    solo.until(2_000);
    assert_eq!((solo.state(), solo.sent[0]), (StateKind::Master, (0, 255)));
    solo.input(Input::Link(Link { up: false, ..link() }));
    assert_eq!(solo.state(), StateKind::Fault);
    solo.input(Input::Link(link()));
    solo.until(2_000 + 1_003);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(2_000 + 1_004);
    assert_eq!(solo.state(), StateKind::Master);
}

fn scripted(weight: i16) -> Solo {
    let name = Name::new("chk");
    let weight = Weight::new(weight).unwrap();
    let tracked_scripts = vec![Tracked { object: name.clone(), weight, reverse: false }];
    let second = Duration::from_secs(1);
    let script = Script {
        name,
        command: Command { argv: vec!["/bin/true".into()], uid: 0, gid: 0 },
        interval: second,
        timeout: second,
        rise: 1,
        fall: 1,
        fails_at_start: false,
    };
    let instances = vec![Instance { tracked_scripts, ..instance(100) }];
    let mut solo = Solo::with(Config { instances, scripts: vec![script], ..Config::default() });
    solo.until(0);
    solo
}

fn ended(run: u64, status: i32) -> Input<'static> {
    let (script, outcome) = (Name::new("chk"), ScriptOutcome::Exited(status));
    Input::ScriptEnded { script, run: Run(run), outcome }
}

#[test]
fn only_a_script_that_could_mean_a_fault_is_waited_for_and_only_its_newest_run_counts() {
    assert_eq!(scripted(10).state(), StateKind::Backup);
    let mut solo = scripted(0);
    assert!(solo.view().awaiting);
    solo.input(ended(7, 1));
    assert!(solo.view().awaiting && !solo.has("now returning"));
    solo.input(ended(1, 0));
    assert_eq!(solo.state(), StateKind::Backup);
}

#[test]
fn a_file_counts_when_its_value_changes() {
    let name = Name::new("f");
    let file = TrackFile {
        name: name.clone(),
        path: "/f".to_owned(),
        weight: Factor::ONE,
        reverse: false,
        initial: None,
    };
    let mut config = instance(100);
    let tracked = Tracked { object: name.clone(), weight: Factor::ONE, reverse: false };
    config.watched.files.push(tracked);
    let all = Config { instances: vec![config], files: vec![file], ..Config::default() };
    let mut solo = Solo::with(all);
    for value in [5, 7] {
        solo.input(Input::File { file: name.clone(), value });
    }
    assert_eq!(solo.view().priority.number(), 107);
}

/// The kernel's word is waited for, at the start and at the end.
#[test]
fn it_is_ready_and_stopped_when_the_kernel_is() {
    let now = Instant::now();
    let config = Config { instances: vec![instance(100)], ..Config::default() };
    let mut router = Router::new(config, vec![link()], now);
    let drain = |router: &mut Router| {
        let mut orders = BTreeMap::new();
        let (mut ready, mut stopped) = (false, false);
        while let Some(effect) = router.poll_effect() {
            match effect {
                Effect::Order(order) => drop(orders.insert(order.owner, order.generation)),
                Effect::Ready => ready = true,
                Effect::Stopped => stopped = true,
                Effect::Report(_) | Effect::Notify(_) => {}
                Effect::Run { .. } | Effect::Signal { .. } => {}
            }
        }
        (orders, ready, stopped)
    };
    let settle = |router: &mut Router, orders: BTreeMap<OwnerId, crate::Generation>| {
        for (owner, generation) in orders {
            router.handle(now, Input::Settled { owner, generation });
        }
    };
    let (orders, ready, _) = drain(&mut router);
    assert!(!ready);
    settle(&mut router, orders);
    assert!(drain(&mut router).1);
    router.handle(now, Input::Stop);
    let (orders, _, stopped) = drain(&mut router);
    assert!(!stopped);
    settle(&mut router, orders);
    assert!(drain(&mut router).2);
}

#[test]
fn over_ipv6_it_sends_from_a_link_local_address() {
    let ip = |text: &str| text.parse::<std::net::IpAddr>().unwrap();
    let address = net::Address::new(link().name, ip("fe80::51"), 64);
    let config = Instance {
        family: net::Family::V6,
        cast: crate::config::Cast::Multicast { group: ip("ff02::12") },
        addresses: vec![crate::config::VirtualAddress::new(address)],
        ..instance(100)
    };
    let mut solo = Solo::new(config);
    assert_eq!((solo.state(), solo.view().source), (StateKind::Fault, None));
    let addresses = held(&["192.0.2.10", "2001:db8::a", "fe80::51", "fe80::a"]);
    solo.input(Input::Link(Link { addresses, ..link() }));
    assert_eq!((solo.state(), solo.view().source), (StateKind::Backup, Some(ip("fe80::a"))));
    assert!(solo.has("Assigned address fe80::a for interface eth0"), "{:?}", solo.lines);
}
