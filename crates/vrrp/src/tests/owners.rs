//! Two address owners on one segment (compat 11 §4.7; since 2.3.3).

use super::solo::{HIGHER, LOWER, Solo, advert, instance, owner};
use crate::config::{Config, Instance};
use crate::{AdvertInterval, Input, StateKind};

const CONFLICT: &str = "are both configured as address owner, please resolve";
const YIELDS: &str =
    "(V) 192.0.2.2 is still advertising as address owner, please resolve - reducing our priority";

#[test]
fn an_owner_steps_back_before_another_of_a_higher_address() {
    let mut solo = Solo::new(owner());
    assert_eq!(solo.state(), StateKind::Master);
    solo.hear(HIGHER, 255);
    assert!(solo.has(&format!("(V) CONFIGURATION ERROR: local instance and {HIGHER} {CONFLICT}")));
    assert_eq!(solo.state(), StateKind::Backup);
}

#[test]
fn an_owner_that_is_not_heard_gives_way_in_the_end_and_returns_when_the_other_is_gone() {
    let mut solo = Solo::new(owner());
    for second in 1..=2 {
        solo.until(1_000 * second);
        solo.hear(LOWER, 255);
    }
    assert_eq!((solo.count(CONFLICT), solo.count(YIELDS)), (1, 1), "{:?}", solo.lines);
    assert_eq!((solo.state(), solo.view().priority.number()), (StateKind::Master, 254));
    assert_eq!(solo.sent.last(), Some(&(2_000, 254)), "others hear of it");
    solo.hear(LOWER, 255);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(2_500);
    solo.hear(LOWER, 255);
    assert_eq!(solo.view().priority.number(), 254);
    // 3 s and 1/256 s after the last word of the other one.
    solo.until(5_503);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(5_504);
    assert!(
        solo.has("(V) Restoring our priority to 255 since other address owner has disappeared")
    );
    assert_eq!((solo.state(), solo.view().priority.number()), (StateKind::Master, 255));
    assert_eq!(solo.sent.last(), Some(&(5_503, 254)));
    solo.until(6_600);
    assert_eq!(solo.sent.last(), Some(&(6_503, 255)));
}

#[test]
fn an_owner_that_hears_the_other_stop_says_so() {
    let mut solo = Solo::new(owner());
    solo.until(500);
    solo.hear(LOWER, 255);
    // Two adverts later it listens for 1.2 s.
    solo.until(2_699);
    assert!(!solo.has("rogue address owner"));
    solo.until(4_000);
    assert!(solo.has("(V): rogue address owner appears to have stopped advertising"));
    assert_eq!((solo.state(), solo.view().priority.number()), (StateKind::Master, 255));
}

#[test]
fn an_owner_that_gave_way_claims_its_priority_again_when_the_other_one_lowers_its_own() {
    let mut solo = Solo::new(owner());
    for second in 1..=2 {
        solo.until(1_000 * second);
        solo.hear(LOWER, 255);
    }
    solo.hear(LOWER, 255);
    assert_eq!((solo.state(), solo.view().priority.number()), (StateKind::Backup, 254));
    solo.until(2_500);
    solo.hear(LOWER, 100);
    assert!(
        solo.has("(V) Restoring our priority to 255 since received advert with lower priority")
    );
    assert!(solo.has("(V) received lower priority (100) advert from 192.0.2.2 - discarding"));
    solo.until(10_000);
    assert_eq!((solo.state(), solo.view().priority.number()), (StateKind::Master, 255));
}

#[test]
fn an_owner_that_ignores_adverts_has_no_quarrel() {
    let mut config = owner();
    config.options.owner_ignores_adverts = true;
    let mut solo = Solo::new(config);
    for second in 1..=5 {
        solo.until(1_000 * second);
        solo.hear(HIGHER, 255);
    }
    assert_eq!(solo.state(), StateKind::Master);
    assert_eq!(solo.count("(V) Dropping packet(s) from 192.0.2.20 since we are address owner"), 1);
    assert_eq!(solo.view().stats.advert_rcvd, 0);
}

#[test]
fn who_is_no_owner_has_no_quarrel_with_one() {
    let mut solo = Solo::new(instance(100));
    solo.until(4_000);
    solo.hear(LOWER, 255);
    assert_eq!(solo.state(), StateKind::Backup);
    assert!(!solo.has(CONFLICT));
}

/// One that gives way, still as master.
fn giving_way() -> Solo {
    let mut solo = Solo::new(owner());
    for second in 1..=2 {
        solo.until(1_000 * second);
        solo.hear(LOWER, 255);
    }
    assert_eq!(solo.view().priority.number(), 254);
    solo
}

#[test]
fn an_owner_that_a_reload_makes_none_has_the_priority_of_its_file() {
    let mut solo = giving_way();
    for (config, priority) in [(instance(200), 200), (owner(), 255)] {
        let instances = vec![config];
        let all = Config { instances, ..Config::default() };
        solo.input(Input::Reconfigure(Box::new(all)));
        assert_eq!(solo.view().priority.number(), priority);
    }
}

#[test]
fn another_owner_than_the_one_that_it_gave_way_to_is_a_new_quarrel() {
    let mut solo = giving_way();
    solo.hear(LOWER, 255);
    assert_eq!((solo.state(), solo.view().priority.number()), (StateKind::Backup, 254));
    solo.hear(HIGHER, 255);
    assert_eq!(solo.view().priority.number(), 255);
}

#[test]
fn a_slow_owner_is_listened_to_for_longer() {
    let mut solo = Solo::new(owner());
    solo.until(500);
    let advert_interval = AdvertInterval::from_secs(3).unwrap();
    solo.packet(&advert(&Instance { advert_interval, ..owner() }, LOWER, 255));
    // Two adverts later it listens for 3.6 s.
    solo.until(5_099);
    assert!(!solo.has("rogue address owner"));
    solo.until(5_100);
    assert!(solo.has("(V): rogue address owner appears to have stopped advertising"));
}
