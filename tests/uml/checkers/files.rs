//! `FILE_CHECK`: what the value of a file does to a server, and when it is read.

use std::fs;

use testkit::guest;
use testkit::lab::{Daemon, Host};
use testkit::site::Site;

use super::{ADDED, Beside, Case, REMOVED, lines_of};
use crate::director::{Director, QUICK, real, service};
use crate::support::{LIMIT, everything, under_test};

const PORT: u16 = 8001;
const BAD: &str = "($S): tracked file f now FAULT state";
const GOOD: &str = "($S): tracked file f leaving FAULT state";

/// The tracked file `f` of this host.
fn declared(host: &Host, more: &str) -> String {
    format!("track_file f {{\n file {}\n {more}\n}}\n", host.file("f").display())
}

fn check(words: &str) -> String {
    format!("weight 10\n FILE_CHECK {{\n track_file f\n {words}\n }}")
}

/// One file, and servers that follow it in different ways, for both.
struct Followers {
    beside: Beside,
    cases: Vec<Case>,
    daemons: [Daemon; 2],
}

impl Followers {
    fn start(label: &str, checks: &[&str], more: &str, value: Option<&str>) -> Self {
        let cases = (PORT..).zip(checks).map(|(port, words)| Case {
            name: format!("FILE_CHECK {words:?}"),
            port,
            check: check(words),
            lines: Vec::new(),
        });
        let (beside, cases) = (Beside::new(label), cases.collect::<Vec<_>>());
        value.into_iter().for_each(|value| drop(beside.server.write("f", value)));
        let daemons = beside.start_after(&declared(&beside.server, more), &cases);
        Self { beside, cases, daemons }
    }

    fn write(&self, value: &str) {
        self.beside.server.write("f", value);
    }

    /// Both have said this of each server since the last time, and their tables are equal.
    fn expect(&mut self, what: &str, lines: &[&[&'static str]]) {
        self.cases.iter_mut().zip(lines).for_each(|(case, more)| case.lines.extend(*more));
        self.beside.expect(&self.daemons, &self.cases);
        self.expect_equal(what);
    }

    fn expect_equal(&self, what: &str) {
        let Beside { lab, ours, original, .. } = &self.beside;
        lab.wait_until(&format!("{what}: equal tables"), LIMIT, || {
            let table = everything(ours);
            !table.is_empty() && table == everything(original)
        });
    }

    /// The weight of the server of each check; of one that is not in the table -1.
    fn weights(&self) -> Vec<i64> {
        let table = self.beside.ours.ipvs();
        let of = |case: &Case| {
            let service = table.service(&format!("TCP 192.0.2.51:{}", case.port));
            let weights = service.map(|service| service.weights()).unwrap_or_default();
            weights.first().map_or(-1, |(_, weight)| i64::from(*weight))
        };
        self.cases.iter().map(of).collect()
    }
}

fn weighs(from: u32, to: u32) -> &'static str {
    format!("Changing weight from {from} to {to} for active service $S of VS $V").leak()
}

#[test]
fn values_are_failures_and_weights_as_for_the_original() {
    guest::run(|| {
        let checks = ["weight 0", "", "weight 2", "weight 1 reverse"];
        let mut followers = Followers::start("file-values", &checks, "weight 5", Some("3\n"));
        followers.expect_equal("start");
        assert_eq!(followers.weights(), [-1, 25, 16, 7]);
        let step = |followers: &mut Followers, value: &str, lines: [&[&'static str]; 4]| {
            followers.write(value);
            followers.expect(value, &lines);
        };
        let lines: [&[&str]; 4] =
            [&[GOOD, ADDED], &[weighs(25, 10)], &[weighs(16, 10)], &[weighs(7, 10)]];
        step(&mut followers, "0\n", lines);
        let lines: [&[&str]; 4] =
            [&[BAD, REMOVED], &[weighs(10, 0)], &[weighs(10, 2)], &[weighs(10, 14)]];
        step(&mut followers, "-4", lines);
        let lines: [&[&str]; 4] = [&[], &[weighs(0, 90)], &[weighs(2, 42)], &[weighs(14, 0)]];
        step(&mut followers, "0x10 and more", lines);
        // As bad as a failure, and more than a weight can be.
        let lines: [&[&str]; 4] =
            [&[], &[BAD, REMOVED], &[BAD, REMOVED], &[weighs(0, 2_147_483_647)]];
        step(&mut followers, "-2147483648", lines);
        let lines: [&[&str]; 4] =
            [&[], &[GOOD, ADDED], &[GOOD, ADDED], &[weighs(2_147_483_647, 9)]];
        step(&mut followers, "1", lines);
    });
}

/// 2.2.7 forgets at the start that the check is reversed, until the file changes.
#[test]
fn a_reversed_check_fails_with_0() {
    guest::run(|| {
        let followers = Followers::start("file-reversed", &["weight 0 reverse"], "", Some("0\n"));
        let lab = &followers.beside.lab;
        let serves = |host: &Host| {
            let table = host.ipvs();
            table.services.iter().any(|service| !service.weights().is_empty())
        };
        let (ours, original) = (&followers.beside.ours, &followers.beside.original);
        lab.wait_until("the first look", LIMIT, || serves(original) && !serves(ours));
        for (value, good) in [("2", true), ("0", false), ("-1", true)] {
            followers.write(value);
            let both = || serves(ours) == good && serves(original) == good;
            lab.wait_until(&format!("value {value}"), LIMIT, both);
        }
        let port = followers.cases[0].port;
        for daemon in &followers.daemons {
            let said = lines_of(daemon, port);
            assert!(said.len() >= 4, "{said:#?}");
            let last = &said[said.len() - 4..];
            let case =
                Case { lines: vec![BAD, REMOVED, GOOD, ADDED], ..followers.cases[0].clone() };
            assert_eq!(last, case.lines());
        }
    });
}

#[test]
fn a_file_is_made_renamed_and_removed() {
    guest::run(|| {
        let mut followers = Followers::start("file-moves", &["weight 0", "weight 3"], "", None);
        followers.expect_equal("no file");
        let (file, other) = (followers.beside.server.file("f"), followers.beside.server.file("g"));
        followers.write("2\n");
        followers.expect("made", &[&[BAD, REMOVED], &[weighs(10, 16)]]);
        fs::remove_file(&file).unwrap();
        followers.expect("removed", &[&[GOOD, ADDED], &[weighs(16, 10)]]);
        fs::write(&other, "4\n").unwrap();
        fs::rename(&other, &file).unwrap();
        followers.expect("moved into place", &[&[BAD, REMOVED], &[weighs(10, 22)]]);
        // What is no value leaves the last one.
        followers.write("99999999999\n");
        for daemon in &followers.daemons {
            daemon.wait_for_log("Invalid number 99999999999 read from", LIMIT);
        }
        fs::rename(&file, &other).unwrap();
        followers.expect("moved away", &[&[GOOD, ADDED], &[weighs(22, 10)]]);
    });
}

#[test]
fn a_file_is_initialised_before_it_counts() {
    guest::run(|| {
        let site = Site::direct_routing("file-first", &["192.0.2.51"]);
        let head = declared(&site.a, "init_file 4");
        let checked = "weight 1\n FILE_CHECK {\n track_file f\n }";
        let director =
            Director::start(site, &(head + &service(80, QUICK, &real("192.0.2.11 80", checked))));
        director.wait_for_table(80, "192.0.2.11:80=5");
        let a = &director.site.a;
        assert_eq!(fs::read_to_string(a.file("f")).unwrap().trim(), "4");
        let changes = director.changes();
        assert!(changes.contains(&"add 192.0.2.11:80=5".to_owned()), "{changes:?}");
        a.write("f", "6\n");
        director.wait_for_table(80, "192.0.2.11:80=7");
        // It is there now, and stays as it is over a reload.
        director.daemon.hup();
        director.daemon.wait_for_log("Reload complete", LIMIT);
        assert_eq!(fs::read_to_string(a.file("f")).unwrap(), "6\n");
        director.wait_for_table(80, "192.0.2.11:80=7");
    });
}

/// The original begins each check of a file anew, assumes the best, and lets all servers in.
#[test]
fn a_reload_knows_the_file_before_the_server() {
    if !under_test().is_ours() {
        eprintln!("2.2.7 puts a server in and takes it out again at each reload");
        return;
    }
    guest::run(|| {
        let site = Site::direct_routing("file-reload", &["192.0.2.51"]);
        site.a.write("f", "1\n");
        let head = declared(&site.a, "");
        let plain = real("192.0.2.11 80", "");
        let more = |weight: &str| {
            let checked = format!("FILE_CHECK {{\n track_file f\n weight {weight}\n }}");
            format!("{head}{}", service(80, QUICK, &(real("192.0.2.12 80", &checked) + &plain)))
        };
        let director = Director::start(site, &format!("{head}{}", service(80, QUICK, &plain)));
        director.wait_for_table(80, "192.0.2.11:80=1");
        director.changes();
        let reload = |configuration: &str, times: usize| {
            director.daemon.reload(configuration);
            director.daemon.wait_for_log_times("Reload complete", times, LIMIT);
        };
        reload(&more("0"), 1);
        // It is told from what a later reload does that the first one is through.
        reload(&more("2"), 2);
        director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.12:80=3");
        assert_eq!(director.changes(), ["add 192.0.2.12:80=3"], "it was never in the table before");
        reload(&more("0"), 3);
        director.wait_for_table(80, "192.0.2.11:80=1");
        // Another place for the same name.
        director.site.a.write("g", "0\n");
        let elsewhere = more("0").replace(
            &director.site.a.file("f").display().to_string(),
            &director.site.a.file("g").display().to_string(),
        );
        reload(&elsewhere, 4);
        director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.12:80=1");
        // It is watched from then on.
        director.site.a.write("g", "1\n");
        director.wait_for_table(80, "192.0.2.11:80=1");
    });
}
