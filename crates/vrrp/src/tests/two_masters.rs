//! Two masters at once, and what each does when they meet: the addresses were announced by both,
//! and whoever stays master has to say so.

use super::solo::{HIGHER, LOWER, Solo, instance, owner};
use crate::StateKind;
use crate::config::Instance;

/// It has followed a better router until that fell silent, and is master since.
fn bereaved(config: Instance) -> Solo {
    let mut solo = Solo::new(config);
    solo.hear(HIGHER, 200);
    solo.until(5_000);
    assert_eq!(solo.state(), StateKind::Master);
    solo
}

/// What it sent at the moment at which it hears this router.
fn last_words(solo: &mut Solo, from: &str, priority: u8) -> Vec<u8> {
    let before = solo.sent.len();
    solo.hear(from, priority);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.sent[before..].iter().map(|(_, priority)| *priority).collect()
}

#[test]
fn whoever_finds_the_master_that_it_thought_lost_says_a_last_word() {
    let mut solo = bereaved(instance(100));
    assert_eq!(last_words(&mut solo, HIGHER, 200), [100], "the other one will announce");
    // The same between equals, which the address decides.
    let mut solo = bereaved(instance(200));
    assert_eq!(last_words(&mut solo, HIGHER, 200), [200]);
}

#[test]
fn an_ordinary_handover_is_silent() {
    let mut never = Solo::new(instance(100));
    never.until(5_000);
    assert_eq!(last_words(&mut never, HIGHER, 200), [], "it knows of no master before it");
    assert_eq!(last_words(&mut bereaved(instance(100)), LOWER, 200), [], "another router");
    let mut released = Solo::new(instance(100));
    released.hear(HIGHER, 200);
    released.hear(HIGHER, 0);
    released.until(5_000);
    assert_eq!(last_words(&mut released, HIGHER, 200), [], "that one had said farewell");
    let mut preempted = Solo::new(instance(100));
    preempted.hear(HIGHER, 200);
    preempted.until(1_000);
    preempted.hear(HIGHER, 50);
    preempted.until(5_000);
    assert_eq!(preempted.state(), StateKind::Master);
    assert_eq!(last_words(&mut preempted, HIGHER, 200), [], "it was preempted, not lost");
    // It is a memory of one mastership only.
    let mut twice = bereaved(instance(100));
    assert_eq!(last_words(&mut twice, HIGHER, 200), [100]);
    twice.hear(HIGHER, 0);
    twice.until(6_000);
    assert_eq!(last_words(&mut twice, HIGHER, 200), []);
}

#[test]
fn to_the_letter_of_the_rfc_it_yields_without_a_word() {
    let mut config = instance(100);
    config.options.strict = true;
    assert_eq!(last_words(&mut bereaved(config), HIGHER, 200), []);
}

/// What it has just replaced may not have heard of it yet, or says a last word.
#[test]
fn the_last_word_of_a_master_that_was_just_replaced_is_no_news() {
    let mut solo = Solo::new(instance(100));
    for millis in [1_000, 2_000, 3_000] {
        solo.hear(LOWER, 50);
        solo.until(millis);
    }
    solo.hear(LOWER, 50);
    solo.until(3_700);
    assert_eq!(solo.state(), StateKind::Master);
    let (sent, announced) = (solo.sent.len(), solo.announced());
    solo.hear(LOWER, 50);
    assert_eq!((solo.sent.len(), solo.announced()), (sent, announced));
    assert!(!solo.told.contains(&"MASTER_RX_LOWER_PRI"));
    // The next one is: that router has not heard it.
    solo.hear(LOWER, 50);
    assert!(solo.told.contains(&"MASTER_RX_LOWER_PRI"));
    assert_eq!(solo.announced().0, announced.0 + 1);
}

#[test]
fn a_master_that_hears_a_farewell_announces_again() {
    let mut config = instance(100);
    config.announcement.lower_priority_repeat = 3;
    let mut solo = Solo::new(config);
    solo.until(5_000);
    assert_eq!(solo.announced(), (1, 5));
    solo.hear(LOWER, 0);
    assert_eq!(solo.announced(), (2, 3));
    assert_eq!(solo.state(), StateKind::Master);
    assert!(!solo.told.contains(&"MASTER_RX_LOWER_PRI"), "that one has gone");
    let mut owner = owner();
    owner.announcement.lower_priority_repeat = 0;
    let mut quiet = Solo::new(owner);
    let before = quiet.announced();
    quiet.hear(LOWER, 0);
    assert_eq!(quiet.announced(), before, "garp_lower_prio_repeat says so");
}
