//! Servers that follow a BFD session.

use super::site::{Site, VS, alpha, real, rs, simple};
use crate::Input;
use crate::config::{CheckKind, Config, RealServer};

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
