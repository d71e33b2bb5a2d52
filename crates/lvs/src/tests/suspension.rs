//! Virtual servers whose checks rest while their address is elsewhere.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::site::{Site, VS, alpha, real, rs, service, vs};
use crate::config::{CheckKind, Config, FileCheck, FileWeight, RealServer, VirtualServer};
use crate::{Facts, Input};

fn vip(n: u8) -> IpAddr {
    [10, 0, 0, n].into()
}

fn here(ips: &[u8]) -> BTreeSet<IpAddr> {
    ips.iter().map(|n| vip(*n)).collect()
}

fn suspending(real_servers: Vec<RealServer>) -> VirtualServer {
    VirtualServer { ha_suspend: true, ..vs(1, real_servers) }
}

fn config(real_servers: Vec<RealServer>) -> Config {
    super::site::config(vec![suspending(real_servers)])
}

/// A site that begins with these addresses.
fn site(config: Config, ips: &[u8]) -> Site {
    Site::knowing(config, Facts { addresses: here(ips), ..Facts::default() })
}

fn tell(site: &mut Site, ips: &[u8]) {
    site.input(Input::Addresses(here(ips)));
}

fn line(verb: &str) -> String {
    format!("{verb} healthchecker for service {} for VS {VS}", rs(1))
}

#[test]
fn without_its_address_nothing_is_checked_and_servers_stay_as_they_are() {
    let mut site = site(config(vec![real(1)]), &[9]);
    assert!(site.take_log().contains(&line("Deactivating")));
    site.set(1, false);
    site.run_to(100);
    assert!(site.take_tries().is_empty());
    assert_eq!(site.table(0), "10.1.0.1=1");
    assert_eq!(site.ready, 1);

    // The timer has gone on: after 1 s, then every 6 s.
    tell(&mut site, &[9, 1]);
    assert_eq!(site.take_log(), [line("Activating")]);
    site.run_to(110);
    assert_eq!(site.take_times(), [103_000, 109_000]);
    assert_eq!(site.table(0), "");
    site.take_log();

    // The server is back, but nobody sees that until the address is back too.
    tell(&mut site, &[9]);
    assert_eq!(site.take_log(), [line("Suspending")]);
    site.set(1, true);
    site.run_to(150);
    assert!(site.take_tries().is_empty());
    assert_eq!(site.table(0), "");
    tell(&mut site, &[1]);
    site.run_to(152);
    assert_eq!(site.table(0), "10.1.0.1=1");
}

#[test]
fn with_its_address_it_is_like_any_other() {
    let mut site = site(config(vec![real(1)]), &[1]);
    assert!(site.take_log().contains(&line("Activating")));
    site.run_to(8);
    assert_eq!(site.take_times(), [1_000, 7_000]);
    // What is said again, and other addresses, change nothing.
    site.take_log();
    tell(&mut site, &[1]);
    tell(&mut site, &[1, 2]);
    assert!(site.take_log().is_empty());
}

#[test]
fn without_ha_suspend_addresses_do_not_matter() {
    let mut site = site(super::site::config(vec![vs(1, vec![real(1)])]), &[]);
    tell(&mut site, &[1]);
    tell(&mut site, &[]);
    site.run_to(2);
    assert_eq!(site.take_times(), [1_000]);
    assert!(site.take_log().iter().all(|line| !line.starts_with("Suspending")));
}

#[test]
fn an_attempt_under_way_says_nothing_once_the_address_is_gone() {
    let mut site = site(config(vec![real(1)]), &[1]);
    site.answers_at_once = false;
    site.set(1, false);
    site.run_to(1);
    assert_eq!(site.trying.len(), 1);
    tell(&mut site, &[]);
    site.take_log();
    site.answer();
    assert!(site.take_log().is_empty());
    assert_eq!(site.table(0), "10.1.0.1=1");
    tell(&mut site, &[1]);
    site.run_to(7);
    site.answer();
    assert_eq!(site.table(0), "");
}

#[test]
fn retries_go_on_where_they_were() {
    let mut site = site(config(vec![real(1)]), &[1]);
    site.run_to(2);
    site.set(1, false);
    site.run_to(7);
    tell(&mut site, &[]);
    site.run_to(60);
    assert_eq!(site.table(0), "10.1.0.1=1");
    tell(&mut site, &[1]);
    site.run_to(66);
    assert_eq!(site.table(0), "", "one of two failures was seen before");
}

#[test]
fn one_address_of_a_group_is_enough() {
    let mut group = suspending(vec![real(1)]);
    group.services = vec![service(1), service(2), service(3)];
    let mut site = site(super::site::config(vec![group]), &[9]);
    site.run_to(10);
    assert!(site.take_tries().is_empty());
    tell(&mut site, &[3]);
    site.take_log();
    tell(&mut site, &[2]);
    assert!(site.take_log().is_empty());
    site.run_to(14);
    assert_eq!(site.take_times(), [13_000]);
    tell(&mut site, &[]);
    assert_eq!(site.take_log().len(), 2, "success, suspended");
}

#[test]
fn servers_that_have_to_prove_themselves_wait_for_the_address() {
    let mut site = site(config(vec![alpha(real(1))]), &[]);
    site.run_to(20);
    assert_eq!(site.table(0), "");
    tell(&mut site, &[1]);
    site.run_to(26);
    assert_eq!(site.table(0), "10.1.0.1=1");
}

#[test]
fn files_count_all_the_time() {
    let mut server = real(1);
    let weight = FileWeight { factor: 0, reverse: false };
    let check = FileCheck { file: "f".into(), path: "/run/f".to_owned(), weight };
    server.checks[0].kind = CheckKind::File(Box::new(check));
    let mut site = site(config(vec![server]), &[]);
    site.input(Input::Value { file: "f".into(), value: 1 });
    assert_eq!(site.table(0), "");
    site.take_log();
    tell(&mut site, &[1]);
    assert!(site.take_log().is_empty(), "it does not rest");
}

#[test]
fn a_reload_switches_it_on_and_off() {
    let plain = || super::site::config(vec![vs(1, vec![real(1)])]);
    let mut site = site(plain(), &[]);
    site.run_to(2);
    site.take_tries();
    site.take_log();
    site.reload(config(vec![real(1)]));
    assert_eq!(site.take_log(), [line("Deactivating")]);
    site.reload(config(vec![real(1)]));
    assert!(site.take_log().is_empty());
    site.run_to(30);
    assert!(site.take_tries().is_empty());
    site.reload(plain());
    assert_eq!(site.take_log(), [line("Activating")]);
    site.run_to(32);
    assert_eq!(site.take_times(), [31_000]);
}

#[test]
fn a_server_that_a_reload_brings_rests_like_the_others() {
    let mut site = site(config(vec![real(1)]), &[]);
    site.take_log();
    site.reload(config(vec![real(1), real(2)]));
    let log = site.take_log();
    assert!(log.iter().any(|line| line.starts_with("Deactivating") && line.contains(&rs(2))));
    site.run_to(30);
    assert!(site.take_tries().is_empty());
}
