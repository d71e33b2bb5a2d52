//! Two ends of a good link, in stories.

use std::time::Duration;

use super::link::{A, B, Link, millis, session};
use crate::config::Session;
use crate::{Diagnostic, StateKind};

#[test]
fn two_ends_find_each_other_at_once_and_agree_on_intervals() {
    let slow = Session { min_rx: millis(300), min_tx: millis(80), ..session(B) };
    let mut link = Link::new(1, slow, session(A));
    link.run(millis(2_000));
    link.expect_up();
    let [a, b] = [link.ends[0].view(), link.ends[1].view()];
    assert_eq!((a.interval, b.interval), (millis(80), millis(300)));
    assert_eq!((a.detection, b.detection), (millis(900), millis(240)));
    let line = "(b1) Entering Up state";
    assert!(link.ends.iter().all(|end| end.lines.iter().any(|it| it == line)));
}

#[test]
fn packets_keep_their_distance() {
    let mut link = Link::up(2);
    link.ends[0].sent.clear();
    link.run(Duration::from_secs(20));
    let gaps = link.ends[0].sent.windows(2).map(|pair| pair[1] - pair[0]);
    let micros = Duration::from_micros;
    assert!(gaps.clone().all(|gap| gap >= micros(37_500) && gap <= micros(45_000)));
    assert!(gaps.count() > 440);
}

#[test]
fn while_not_up_nobody_sends_faster_than_once_a_second() {
    let mut link = Link::new(3, session(B), session(A));
    link.cut();
    link.run(Duration::from_secs(100));
    assert!((110..140).contains(&link.ends[0].sent.len()));
    assert!(link.ends[0].lines.is_empty());
}

#[test]
fn an_end_that_is_held_up_for_too_long_takes_both_down() {
    let mut link = Link::up(4);
    link.ends[1].paused_until = Some(link.now + millis(400));
    link.run(millis(300));
    let (line, view) = (link.ends[0].lines.join("\n"), link.ends[0].view());
    assert!(line.contains("(b1) Expired after 150 ms (0 usec overdue)"), "{line}");
    let why = "Local diagnostic - Control Detection Time Expired";
    assert!(line.contains(&format!("Entering Down state ({why}, Remote ")), "{line}");
    assert_eq!((view.state, view.diagnostic), (StateKind::Down, Diagnostic::Expired));
    // It wakes up, reads that the other end is down, and does not call that silence.
    link.run(millis(150));
    let line = link.ends[1].lines.join("\n");
    assert!(line.contains("Local diagnostic - Neighbor Signaled Session Down"), "{line}");
    assert!(!line.contains("Expired after"), "{line}");
    link.run(millis(3_000));
    link.expect_up();
}

#[test]
fn a_restarted_peer_is_known_by_its_new_discriminator() {
    let mut link = Link::up(5);
    let before = link.ends[0].view().remote_discriminator;
    link.restart(1, session(A));
    link.run(millis(3_000));
    link.expect_up();
    assert_ne!(link.ends[0].view().remote_discriminator, before);
    assert_eq!(link.ends[0].ups_and_downs(), [false, true, false, true]);
}

#[test]
fn it_goes_by_another_number_after_each_fall() {
    let mut link = Link::up(6);
    let before = link.ends[0].view().discriminator;
    link.weather.lost = 1_000;
    link.run(millis(1_000));
    assert_ne!(link.ends[0].view().discriminator, before);
}

#[test]
fn a_passive_end_waits_until_it_hears_the_other() {
    let passive = |neighbor| Session { passive: true, ..session(neighbor) };
    let mut link = Link::new(7, passive(B), passive(A));
    link.run(Duration::from_secs(20));
    assert!(link.ends.iter().all(|end| end.sent.is_empty()));
    link.restart(1, session(A));
    link.run(millis(3_000));
    link.expect_up();
    link.weather.lost = 1_000;
    link.run(millis(200));
    link.ends[0].sent.clear();
    link.run(Duration::from_secs(20));
    assert!(link.ends[0].sent.is_empty());
}

#[test]
fn a_peer_that_was_silent_is_forgotten_after_another_detection_time() {
    let mut link = Link::up(8);
    link.weather.lost = 1_000;
    link.run(millis(160));
    assert_eq!(link.ends[0].view().remote_state, StateKind::Up);
    link.run(millis(160));
    let view = link.ends[0].view();
    assert_eq!((view.remote_state, view.remote_multiplier), (StateKind::Down, 0));
}
