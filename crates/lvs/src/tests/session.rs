//! Servers that follow a BFD session.

use super::site::{Site, VS, alpha, real, rs, simple};
use crate::config::{CheckKind, Config, RealServer};
use crate::{Facts, Input};

/// Said once, however many checks there are.
const ACTIVATED: &str = "Activating BFD healthchecker";

fn following(mut server: RealServer, session: &str) -> RealServer {
    server.checks[0].kind = CheckKind::Bfd(session.into());
    server
}

fn tell(site: &mut Site, session: &str, up: bool) {
    site.input(Input::Session { name: session.into(), up });
}

fn two() -> Config {
    simple(vec![following(real(1), "b1"), real(2)])
}

#[test]
fn the_first_word_takes_a_server_out_and_later_ones_bring_it_back_and_take_it_away() {
    let mut site = Site::new(two());
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1");
    assert_eq!(site.take_log().last().map(String::as_str), Some(ACTIVATED));
    let line = |word: &str| format!("BFD check of [b1] RS({}) is {word}", rs(1));
    tell(&mut site, "b1", false);
    let removed = format!("Removing service {} from VS {VS}", rs(1));
    assert_eq!(site.take_log(), [line("DOWN"), removed]);
    assert_eq!(site.table(0), "10.1.0.2=1");
    tell(&mut site, "b1", false);
    tell(&mut site, "other", true);
    assert!(site.take_log().is_empty());
    tell(&mut site, "b1", true);
    let added = format!("Adding service {} to VS {VS}", rs(1));
    assert_eq!(site.take_log(), [line("UP"), added]);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1");
}

#[test]
fn with_alpha_the_server_waits_for_its_session() {
    let mut site = Site::new(simple(vec![following(alpha(real(1)), "b1")]));
    assert_eq!(site.table(0), "");
    tell(&mut site, "b1", false);
    assert_eq!(site.table(0), "");
    tell(&mut site, "b1", true);
    assert_eq!(site.table(0), "10.1.0.1=1");
}

#[test]
fn a_reload_keeps_what_is_known_and_another_session_is_another_check() {
    let mut site = Site::new(two());
    tell(&mut site, "b1", false);
    site.take_log();
    site.reload(two());
    assert_eq!(site.table(0), "10.1.0.2=1");
    assert!(site.take_log().is_empty());
    site.reload(simple(vec![following(real(1), "b2"), real(2)]));
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1");
    assert_eq!(site.take_log().last().map(String::as_str), Some(ACTIVATED));
    tell(&mut site, "b1", true);
    tell(&mut site, "b2", false);
    assert_eq!(site.table(0), "10.1.0.2=1");
}

fn said(site: &mut Site) -> Vec<String> {
    let log = site.take_log().into_iter();
    log.filter(|line| line.starts_with("BFD check") || line.starts_with("Removing")).collect()
}

/// Neither the new server is in the table for a moment, nor does the old one stay for one.
#[test]
fn what_is_known_of_a_session_counts_for_checks_that_a_reload_brings() {
    let mut site = Site::new(simple(vec![real(1), real(2)]));
    tell(&mut site, "b1", false);
    assert_eq!(said(&mut site), [""; 0]);
    site.take_notices();
    let config = || simple(vec![following(real(1), "b1"), real(2), following(real(3), "b1")]);
    site.reload(config());
    assert_eq!(site.table(0), "10.1.0.2=1");
    let lines = |n: u8| {
        let removed = format!("Removing service {} from VS {VS}", rs(n));
        [format!("BFD check of [b1] RS({}) is DOWN", rs(n)), removed]
    };
    assert_eq!(said(&mut site), [lines(1), lines(3)].concat());
    let down = |n: u8| format!("RS {} {VS} DOWN", rs(n));
    assert_eq!(site.take_notices(), [down(1), down(3)]);
    // The session is told again after every reload.
    tell(&mut site, "b1", false);
    site.reload(config());
    assert_eq!(said(&mut site), [""; 0]);
    tell(&mut site, "b1", true);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1 10.1.0.3=1");
    // That it was up says nothing: it may have been set up anew.
    site.reload(simple(vec![real(2), following(alpha(real(4)), "b1")]));
    assert_eq!(site.table(0), "10.1.0.2=1");
}

#[test]
fn what_is_known_of_a_session_at_the_beginning_counts_at_once() {
    let sessions_down = ["b1".into()].into();
    let site = Site::knowing(two(), Facts { sessions_down, ..Facts::default() });
    assert_eq!((site.table(0), site.order_count), ("10.1.0.2=1".to_owned(), 1));
}
