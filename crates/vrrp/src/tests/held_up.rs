//! A master that did not get to run: stopped, paused, or on a machine without time for it.

use super::solo::{HIGHER, LOWER, Solo, advert, instance};
use crate::config::{Instance, Preemption};
use crate::{Priority, StateKind};

const LINE: &str = "did not get to run until 7.001 seconds after an advert was due";

/// Master since 3.609 s, with the next advert due at 10.609 s.
fn master(config: Instance) -> Solo {
    let mut solo = Solo::new(config);
    solo.until(10_000);
    assert_eq!(solo.state(), StateKind::Master);
    solo
}

#[test]
fn it_listens_before_it_sends_and_announces_again_when_it_stays() {
    let mut solo = master(instance(100));
    let (before, sent) = (solo.announced(), solo.sent.len());
    solo.sleep_until(17_610, &[]);
    assert!(solo.has(LINE), "{:?}", solo.lines);
    assert_eq!(solo.state(), StateKind::Master);
    assert_eq!(solo.sent.len(), sent + 1);
    assert_eq!(solo.announced(), (before.0 + 1, 5));
}

#[test]
fn it_yields_to_a_better_one_without_a_word() {
    let mut solo = master(instance(100));
    let sent = solo.sent.len();
    solo.sleep_until(17_610, &[advert(&instance(100), HIGHER, 100)]);
    assert_eq!(solo.state(), StateKind::Backup);
    assert_eq!(solo.sent.len(), sent);
}

#[test]
fn it_answers_a_worse_one_that_took_over_meanwhile() {
    let mut solo = master(instance(100));
    let before = solo.announced();
    solo.sleep_until(17_610, &[advert(&instance(100), LOWER, 90)]);
    assert_eq!(solo.state(), StateKind::Master);
    assert!(solo.announced().0 > before.0);
}

#[test]
fn a_delay_in_which_nobody_can_have_taken_over_is_no_news() {
    let mut solo = master(instance(100));
    let before = solo.announced();
    // Two intervals, and the skew of priority 254 is 7.8 ms.
    solo.sleep_until(12_610, &[]);
    assert!(!solo.has("did not get to run"));
    assert_eq!(solo.announced(), before);
    solo.sleep_until(15_640, &[]);
    assert!(solo.has("did not get to run"));
}

#[test]
fn it_is_said_once_a_minute_at_most() {
    let mut solo = master(instance(100));
    for round in 1..=10 {
        solo.sleep_until(10_000 + 5_000 * round, &[]);
    }
    assert_eq!(solo.count("did not get to run"), 1);
    solo.sleep_until(90_000, &[]);
    assert_eq!(solo.count("did not get to run"), 2);
}

/// compat 11 §4.10, since 2.2.8.
#[test]
fn with_timer_expired_backup_it_takes_for_granted_that_it_was_replaced() {
    let mut config = Instance { preemption: Preemption::Never, ..instance(100) };
    config.options.steps_down_for = Priority::new(128);
    let mut solo = master(config);
    let sent = solo.sent.len();
    // 2 s, and the skew of priority 128 is half a second: 13.109 s at the earliest.
    solo.sleep_until(13_100, &[]);
    assert_eq!(solo.state(), StateKind::Master);
    let due = 14_100;
    solo.sleep_until(due + 2_600, &[]);
    assert!(solo.has("VRRP thread timer expired 2.600"), "{:?}", solo.lines);
    assert_eq!(solo.state(), StateKind::Backup);
    assert_eq!(solo.sent.len(), sent + 1, "no farewell");
    assert_eq!(solo.told, ["BACKUP", "MASTER", "BACKUP"]);
    solo.until(due + 2_600 + 3_609);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(due + 2_600 + 3_610);
    assert_eq!(solo.state(), StateKind::Master);
}
