//! What is particular to some kinds of checks: rounds of mail, words about names, runs of programs.

use std::sync::Arc;
use std::time::Duration;

use super::site::{Attempt, Site, VS, command, key, real, rs, secs, simple, with_schedule};
use crate::Connect;
use crate::config::{
    CheckKind, DnsCheck, DnsName, MiscCheck, QueryType, RealServer, Reply, SmtpCheck, UdpCheck,
};
use crate::{Failure, Outcome, Passed, ProgramFailure};

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

fn program(timeout: Duration, dynamic: bool) -> CheckKind {
    let command = command("/bin/check").expect("a command").as_ref().clone();
    CheckKind::Misc(Arc::new(MiscCheck { command, timeout, dynamic }))
}

fn datagram(payload: Option<Vec<u8>>) -> CheckKind {
    let (reply, min_length, max_length) = (Reply::Any, 0, 255);
    CheckKind::Udp(Arc::new(UdpCheck {
        connect: connect(),
        payload,
        reply,
        min_length,
        max_length,
    }))
}

fn telling_all(server: RealServer) -> RealServer {
    with_schedule(server, |schedule| schedule.log_all_failures = true)
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
    let mut site = Site::new(simple(vec![checked(program(secs(60), false), 0)]));
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

#[test]
fn a_good_round_of_mail_starts_the_count_anew() {
    let mut site = Site::new(simple(vec![checked(mail(), 2)]));
    site.run_to(1);
    site.set(1, false);
    site.run_to(8);
    site.set(1, true);
    site.run_to(9);
    site.set(1, false);
    site.run_to(16);
    assert_eq!(site.table(0), "10.1.0.1=1", "two failures, a success, two failures");
    site.run_to(17);
    assert_eq!(site.table(0), "");
}

#[test]
fn failures_of_mail_and_of_programs_that_have_retries_left_are_told_on_request() {
    let line = "SMTP_CHECK Bad greeting banner from server [10.1.0.1]:25";
    for (told, server) in [(0, checked(mail(), 2)), (2, telling_all(checked(mail(), 2)))] {
        let mut site = Site::new(simple(vec![server]));
        site.run_to(1);
        site.take_log();
        site.set(1, false);
        site.run_to(8);
        assert_eq!(site.take_log(), vec![line; told]);
    }
    let run = || checked(program(secs(60), false), 2);
    for (told, server) in [(0, run()), (2, telling_all(run()))] {
        let mut site = Site::new(simple(vec![server]));
        site.run_to(1);
        site.take_log();
        site.set_name("/bin/check", false);
        site.run_to(8);
        assert_eq!(site.take_log().len(), told);
    }
}

#[test]
fn a_program_that_has_failed_wants_no_weight_any_more() {
    let mut site = Site::new(simple(vec![checked(program(secs(60), true), 0), real(2)]));
    site.special = Some(Outcome::Passed(Passed::Weighs(7)));
    site.run_to(1);
    assert_eq!(site.table(0), "10.1.0.1=7 10.1.0.2=1");
    site.special = Some(Outcome::Failed(Failure::Program(ProgramFailure::Exited(1))));
    site.run_to(8);
    let view = site.director.views().next().expect("a virtual server");
    assert_eq!(view.servers[0].serving.weight, 1);
    site.take_log();
    site.special = None;
    site.run_to(14);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1");
    assert!(!site.take_log().join("\n").contains("Changing weight"));
}

#[test]
fn the_status_of_a_program_is_a_weight_only_if_that_is_wanted() {
    let verdict = |dynamic, status| {
        let CheckKind::Misc(check) = program(secs(1), dynamic) else { panic!("no program") };
        Outcome::of_program(&check, status)
    };
    let failed = |status| Outcome::Failed(Failure::Program(ProgramFailure::Exited(status)));
    assert_eq!(verdict(true, 2), Outcome::Passed(Passed::Weighs(0)));
    assert_eq!(verdict(true, 255), Outcome::Passed(Passed::Weighs(253)));
    assert_eq!(verdict(true, 1), failed(1));
    assert_eq!(verdict(false, 2), failed(2));
}

#[test]
fn a_reload_gives_a_program_and_a_datagram_new_words_and_keeps_what_is_known() {
    let mut site = Site::new(simple(vec![checked(program(secs(60), false), 1)]));
    site.run_to(1);
    site.take_log();
    site.reload(simple(vec![checked(program(secs(5), false), 1)]));
    site.answers_at_once = false;
    site.run_to(7);
    let Some(Attempt::Program(run)) = site.trying.values().next() else { panic!("nothing runs") };
    assert_eq!(run.timeout, secs(5));

    let mut site = Site::new(simple(vec![checked(datagram(None), 1)]));
    site.run_to(1);
    site.set(1, false);
    site.run_to(7);
    site.take_log();
    site.reload(simple(vec![checked(datagram(Some(vec![1])), 1)]));
    site.run_to(8);
    // That was the second failure, not the first one of a new check.
    assert_eq!(site.take_log()[1], removed());
}
