//! What is particular to some kinds of checks: rounds of mail, words about names, runs of programs.

use std::sync::Arc;
use std::time::Duration;

use super::site::{Site, VS, command, key, real, rs, secs, simple, with_schedule};
use crate::Connect;
use crate::config::{CheckKind, DnsCheck, DnsName, MiscCheck, QueryType, RealServer, SmtpCheck};

/// The server with one check of this kind and so many retries.
fn checked(kind: CheckKind, retry: u32) -> RealServer {
    let mut server = with_schedule(real(1), |schedule| schedule.retry = retry);
    server.checks[0].kind = kind;
    server
}

fn connect() -> Connect {
    let to = (key(1).ip, 25).into();
    Connect { to, from: None, link: None, mark: 0, timeout: secs(5) }
}

fn mail() -> CheckKind {
    CheckKind::Smtp(Arc::new(SmtpCheck { connect: connect(), helo: "me".to_owned() }))
}

fn names() -> CheckKind {
    let name = DnsName::new("example.com").expect("a name");
    CheckKind::Dns(Arc::new(DnsCheck { connect: connect(), query: QueryType::A, name }))
}

fn removed() -> String {
    format!("Removing service {} from VS {VS}", rs(1))
}

#[test]
fn each_round_of_mail_has_all_its_retries() {
    let mut site = Site::with(simple(vec![checked(mail(), 2)]), &[1], true);
    site.take_log();
    site.run_to(3);
    assert_eq!(site.take_times(), [1000, 2000, 3000], "the first round has its retries, too");
    assert_eq!(site.table(0), "");
    let line = "SMTP_CHECK Bad greeting banner from server [10.1.0.1]:25";
    assert_eq!(site.take_log()[..2], [line.to_owned(), removed()]);
    // A server that is down is asked as often.
    site.run_to(20);
    assert_eq!(site.take_times(), [9000, 10_000, 11_000, 17_000, 18_000, 19_000]);
    assert!(site.take_log().is_empty());
}

#[test]
fn the_last_failure_of_names_is_told_and_no_other() {
    let mut site = Site::new(simple(vec![checked(names(), 1)]));
    site.run_to(2);
    site.take_log();
    site.set(1, false);
    site.run_to(7);
    assert!(site.take_log().is_empty());
    site.run_to(20);
    let name = rs(1);
    let line = format!("DNS_CHECK ({name}) read error occurred. (rcode = 5) after 1 retries");
    assert_eq!(site.take_log()[..2], [line, removed()]);
}

#[test]
fn a_program_that_takes_long_is_not_run_less_often() {
    let command = command("/bin/check").expect("a command").as_ref().clone();
    let program = MiscCheck { command, timeout: secs(60), dynamic: false };
    let mut site = Site::new(simple(vec![checked(CheckKind::Misc(Arc::new(program)), 0)]));
    site.answers_at_once = false;
    site.run_to(1);
    site.pass(secs(4));
    site.answer();
    site.run_to(7);
    assert_eq!(site.take_times(), [1000, 7000], "6 s after the start of the last run");
    // One that took longer than the pause is run at once, and never beside itself.
    site.pass(secs(30));
    site.answer();
    let now = site.elapsed();
    site.run_until(now + Duration::ZERO);
    assert_eq!(site.take_times(), [37_000]);
}
