//! A new configuration changes what it changes, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use super::link::{A, B, Link, millis, session};
use crate::config::{Config, Listeners, Session};
use crate::{Effect, Input, StateKind};

#[test]
fn a_reload_that_changes_nothing_sends_and_moves_nothing() {
    let mut link = Link::up(1);
    let (before, sent) = (link.ends[0].view(), link.ends[0].sent.len());
    link.reload(0, session(B));
    let after = link.ends[0].view();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    assert_eq!(link.ends[0].sent.len(), sent);
    // Those who track it have been made anew, perhaps: they hear where it stands.
    assert_eq!(link.ends[0].ups_and_downs(), [false, true, true]);
}

#[test]
fn changed_intervals_go_through_a_poll_sequence() {
    let mut link = Link::up(2);
    link.weather.delay = millis(10);
    let slower = Session { min_tx: millis(400), min_rx: millis(20), ..session(B) };
    link.reload(0, slower);
    let view = link.ends[0].view();
    assert!(view.polling);
    assert_eq!((view.interval, view.detection), (millis(50), millis(150)));
    assert_eq!(link.ends[0].lines.last().unwrap(), "(b1) Starting poll sequence");
    link.run(millis(21));
    let view = link.ends[0].view();
    assert_eq!((view.polling, view.interval), (false, millis(400)));
    assert_eq!(link.ends[1].view().detection, millis(1_200));
    link.run(Duration::from_secs(10));
    link.expect_up();
}

#[test]
fn a_lost_answer_is_asked_for_again() {
    let mut link = Link::up(3);
    link.weather.lost = 1_000;
    link.reload(0, Session { min_tx: millis(60), ..session(B) });
    link.run(millis(60));
    assert!(link.ends[0].view().polling);
    link.weather.lost = 0;
    link.run(millis(60));
    link.expect_up();
}

#[test]
fn another_neighbor_or_source_is_another_session() {
    let mut link = Link::up(4);
    let old = link.ends[0].view();
    link.reload(0, Session { source: A.parse().ok(), ..session(B) });
    let new = link.ends[0].view();
    assert_ne!(old.id, new.id);
    assert_eq!(new.state, StateKind::Down);
    assert!(!link.ends[0].told.last().unwrap().1);
    link.run(millis(3_000));
    link.expect_up();
}

#[test]
fn a_session_that_is_gone_is_silent() {
    let mut link = Link::up(5);
    let (now, id) = (link.now, link.ends[0].view().id);
    let bfd = &mut link.ends[0].bfd;
    assert_eq!(bfd.listeners(), Listeners { single_hop: true, multihop: false });
    bfd.handle(now, Input::Reconfigure(Arc::new(Config::default())));
    assert_eq!(bfd.poll_transmission(), None);
    let told = bfd.poll_effect();
    assert!(matches!(told, Some(Effect::Tell(notice)) if !notice.up), "whoever tracks it hears");
    assert_eq!(bfd.poll_effect(), Some(Effect::Close(id)));
    assert_eq!((bfd.poll_effect(), bfd.poll_timeout()), (None, None));
    assert_eq!(bfd.listeners(), Listeners::default());
    link.run(millis(1_000));
    assert!(!link.ends[1].told.last().unwrap().1);
}

#[test]
fn another_ttl_opens_the_socket_anew_and_keeps_the_state() {
    let mut link = Link::up(6);
    let now = link.now;
    let changed = Config { sessions: vec![Session { ttl: 254, ..session(B) }] };
    let bfd = &mut link.ends[0].bfd;
    bfd.handle(now, Input::Reconfigure(Arc::new(changed)));
    assert!(matches!(bfd.poll_effect(), Some(Effect::Open(outlet)) if outlet.ttl == 254));
    assert_eq!(link.ends[0].view().state, StateKind::Up);
}
