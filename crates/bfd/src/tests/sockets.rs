//! Sockets that cannot be opened, and packets that cannot be sent.

use super::link::{B, millis, session};
use super::solo::Solo;
use crate::{Input, StateKind};

#[test]
fn without_its_socket_a_session_is_disabled_and_tries_again_each_minute() {
    let mut solo = Solo::new(false, vec![session(B)]);
    let lines =
        ["(b1) Unable to open output socket, disabling instance", "(b1) Entering AdminDown state"];
    assert_eq!(solo.lines, lines);
    assert_eq!((solo.state(), &solo.told[..]), (StateKind::AdminDown, &[false][..]));
    solo.wait(millis(59_999));
    solo.opens = true;
    assert_eq!(solo.state(), StateKind::AdminDown);
    assert!(solo.sent.is_empty());
    solo.wait(millis(1));
    assert_eq!((solo.state(), solo.sent.len()), (StateKind::Down, 1));
    assert_eq!(solo.told, [false]);
}

#[test]
fn a_packet_makes_it_try_at_once_and_failures_are_told_once() {
    let mut solo = Solo::new(false, vec![session(B)]);
    solo.hear(&solo.packet(StateKind::Down));
    assert!(!solo.lines[2..].iter().any(|line| line.contains("Unable")), "{:?}", solo.lines);
    solo.opens = true;
    solo.hear(&solo.packet(StateKind::Down));
    assert_eq!(solo.state(), StateKind::Down);
    solo.hear(&solo.packet(StateKind::Down));
    assert_eq!(solo.state(), StateKind::Init);
}

#[test]
fn a_session_that_was_up_and_loses_its_socket_is_told_down() {
    let mut solo = Solo::new(true, vec![session(B)]);
    solo.hear(&solo.packet(StateKind::Init));
    let id = solo.bfd.views().next().unwrap().id;
    solo.input(Input::NotOpened(id));
    assert_eq!((solo.state(), &solo.told[..]), (StateKind::AdminDown, &[false, true, false][..]));
}

#[test]
fn a_row_of_packets_that_cannot_be_sent_is_one_line() {
    let mut solo = Solo::new(true, vec![session(B)]);
    let session = solo.bfd.views().next().unwrap().id;
    for works in [false, false, true, true, false] {
        solo.input(Input::Sending { session, works });
    }
    assert_eq!(solo.lines, ["(b1) Error sending packet"; 2]);
}
