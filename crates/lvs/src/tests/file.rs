//! Servers that follow the value of a file.

use std::sync::Arc;

use super::site::{Site, VS, inhibited, real, rs, simple, sorry, weighing};
use crate::alert::Cause;
use crate::config::{CheckKind, Config, FileCheck, FileWeight, RealServer};
use crate::{Facts, Input};

/// The server follows `file` alone.
fn following(mut server: RealServer, file: &str, factor: i32, reverse: bool) -> RealServer {
    let weight = FileWeight { factor, reverse };
    let check = FileCheck { file: file.into(), path: format!("/run/{file}"), weight };
    server.checks[0].kind = CheckKind::File(Box::new(check));
    server
}

fn tell(site: &mut Site, file: &str, value: i64) {
    site.input(Input::Value { file: file.into(), value });
}

fn known(values: &[(&str, i64)]) -> Facts {
    let files = values.iter().map(|(file, value)| (Arc::from(*file), *value)).collect();
    Facts { files, ..Facts::default() }
}

/// Server 1 of weight 10 follows `f`; server 2 follows nothing.
fn one(factor: i32, reverse: bool) -> Config {
    simple(vec![following(weighing(10, real(1)), "f", factor, reverse), real(2)])
}

fn line(word: &str) -> String {
    format!("({}): tracked file f {word} FAULT state", rs(1))
}

#[test]
fn with_weight_0_any_value_but_0_takes_the_server_out() {
    let mut site = Site::knowing(one(0, false), known(&[("f", 0)]));
    assert_eq!(site.table(0), "10.1.0.1=10 10.1.0.2=1");
    let activated = format!("Activating healthchecker for service {} for VS {VS}", rs(2));
    assert_eq!(site.take_log().last(), Some(&activated), "a file is not asked");
    tell(&mut site, "f", 1);
    assert_eq!(site.table(0), "10.1.0.2=1");
    let removed = format!("Removing service {} from VS {VS}", rs(1));
    assert_eq!(site.take_log(), [line("now"), removed]);
    tell(&mut site, "f", -7);
    tell(&mut site, "g", 0);
    assert!(site.take_log().is_empty());
    tell(&mut site, "f", 0);
    assert_eq!(site.table(0), "10.1.0.1=10 10.1.0.2=1");
    let added = format!("Adding service {} to VS {VS}", rs(1));
    assert_eq!(site.take_log(), [line("leaving"), added]);
    let notices = site.take_notices();
    let of_server: Vec<_> = notices.iter().filter(|notice| notice.contains(&rs(1))).collect();
    assert_eq!(of_server, [&format!("RS {} {VS} DOWN", rs(1)), &format!("RS {} {VS} UP", rs(1))]);
}

#[test]
fn reversed_it_is_the_value_0_from_the_start() {
    let mut site = Site::knowing(one(0, true), known(&[("f", 0)]));
    assert_eq!(site.table(0), "10.1.0.2=1");
    tell(&mut site, "f", 4);
    assert_eq!(site.table(0), "10.1.0.1=10 10.1.0.2=1");
    tell(&mut site, "f", 0);
    assert_eq!(site.table(0), "10.1.0.2=1");
}

#[test]
fn a_server_of_whose_file_nothing_is_known_works() {
    for reverse in [false, true] {
        let site = Site::new(one(0, reverse));
        assert_eq!(site.table(0), "10.1.0.1=10 10.1.0.2=1");
    }
}

#[test]
fn the_value_times_the_weight_is_added_to_the_weight_of_the_server() {
    let mut site = Site::knowing(one(2, false), known(&[("f", 5)]));
    assert_eq!(site.table(0), "10.1.0.1=20 10.1.0.2=1");
    site.take_log();
    tell(&mut site, "f", -3);
    assert_eq!(site.table(0), "10.1.0.1=4 10.1.0.2=1");
    let changed = |from: u32, to: u32| {
        format!("Changing weight from {from} to {to} for active service {} of VS {VS}", rs(1))
    };
    assert_eq!(site.take_log(), [changed(20, 4)]);
    tell(&mut site, "f", -9);
    assert_eq!(site.table(0), "10.1.0.1=0 10.1.0.2=1", "it stays, without new connections");
    assert_eq!(site.take_log(), [changed(4, 0)]);
    tell(&mut site, "f", i64::from(i32::MAX));
    assert_eq!(site.table(0), "10.1.0.1=2147483647 10.1.0.2=1");
    assert_eq!(site.take_log(), [changed(0, 2_147_483_647)]);
}

#[test]
fn what_is_below_every_weight_is_a_failure() {
    let mut site = Site::knowing(one(-1, true), known(&[("f", 1)]));
    assert_eq!(site.table(0), "10.1.0.1=11 10.1.0.2=1");
    site.take_log();
    tell(&mut site, "f", i64::from(i32::MIN) + 1);
    assert_eq!(site.table(0), "10.1.0.1=0 10.1.0.2=1");
    tell(&mut site, "f", i64::from(i32::MIN));
    assert_eq!(site.table(0), "10.1.0.2=1");
    // What it weighs when it is back is not told beside that it is back.
    site.take_log();
    tell(&mut site, "f", 30);
    assert_eq!(site.table(0), "10.1.0.1=40 10.1.0.2=1");
    let added = format!("Adding service {} to VS {VS}", rs(1));
    assert_eq!(site.take_log(), [line("leaving"), added]);
}

#[test]
fn a_file_decides_on_the_quorum() {
    let mut config = simple(vec![following(real(1), "f", 1, false)]);
    config.virtual_servers[0].sorry_server = sorry(false);
    config.virtual_servers[0].quorum.needed = 3;
    let mut site = Site::knowing(config, known(&[("f", 2)]));
    assert_eq!(site.table(0), "10.1.0.1=3");
    site.take_log();
    tell(&mut site, "f", 1);
    assert_eq!(site.table(0), "10.1.0.99=1");
    let log = site.take_log();
    assert_eq!(log[1], format!("Lost quorum 3-0=3 > 2 for VS {VS}"), "{log:?}");
    tell(&mut site, "f", 9);
    assert_eq!(site.table(0), "10.1.0.1=10");
    assert!(site.take_log().contains(&format!("Gained quorum 3+0=3 <= 10 for VS {VS}")));
}

#[test]
fn an_inhibited_server_stays_with_weight_0() {
    let server = inhibited(following(real(1), "f", 0, false));
    let mut site = Site::knowing(simple(vec![server]), known(&[("f", 1)]));
    assert_eq!(site.table(0), "10.1.0.1=0");
    tell(&mut site, "f", 0);
    assert_eq!(site.table(0), "10.1.0.1=1");
}

#[test]
fn a_reload_keeps_the_value_and_judges_it_anew() {
    let mut site = Site::knowing(one(2, false), known(&[("f", 5)]));
    site.take_log();
    let mut reweighed = one(2, false);
    reweighed.virtual_servers[0].real_servers[0].weight = 11;
    site.reload(reweighed);
    assert_eq!(site.table(0), "10.1.0.1=21 10.1.0.2=1");
    let changed = "Changing weight from 20 to 21 for active service";
    assert_eq!(site.take_log(), [format!("{changed} {} of VS {VS}", rs(1))]);
    // Now the same value is a failure, and somebody wants a mail about it.
    let mut mailed = one(0, false);
    mailed.virtual_servers[0].real_servers[0].mail = true;
    site.reload(mailed);
    assert_eq!(site.table(0), "10.1.0.2=1");
    let causes: Vec<_> =
        site.take_alerts().into_iter().map(|alert| (alert.up, alert.cause)).collect();
    assert_eq!(causes, [(false, Cause::Check(None))]);
    let removed = format!("Removing service {} from VS {VS}", rs(1));
    assert!(site.take_log().contains(&removed));
    site.reload(one(2, false));
    assert_eq!(site.table(0), "10.1.0.1=20 10.1.0.2=1");
    assert!(site.take_log().contains(&format!("Adding service {} to VS {VS}", rs(1))));
}

#[test]
fn a_value_that_was_told_before_a_reload_counts_for_a_server_that_it_brings() {
    let mut site = Site::new(simple(vec![real(2)]));
    tell(&mut site, "f", 1);
    site.reload(one(0, false));
    assert_eq!(site.table(0), "10.1.0.2=1");
}
