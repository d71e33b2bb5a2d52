//! The life of a server: start, failure, recovery, alpha mode, inhibition, notices.

use crate::config::RealServer;
use crate::probe::{Obstacle, Outcome};
use crate::tests::site::{
    Site, VS, alpha, command, config, inhibited, real, rs, secs, simple, vs, weighing,
    with_checks_of, with_schedule,
};
use crate::{CheckId, Failure, Input, NotConnected, Passed};

#[test]
fn servers_are_in_service_before_any_check() {
    let mut site = Site::new(simple(vec![real(1), weighing(5, real(2))]));
    assert_eq!(
        site.take_log(),
        [
            format!("Gained quorum 1+0=1 <= 6 for VS {VS}"),
            format!("Activating healthchecker for service {} for VS {VS}", rs(1)),
            format!("Activating healthchecker for service {} for VS {VS}", rs(2)),
        ]
    );
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=5");
    assert_eq!(site.take_notices(), [format!("VS {VS} UP")]);
    assert_eq!((site.ready, site.order_count), (1, 1));
    site.run_to(1);
    let good = |n| format!("TCP connection to {} success.", rs(n));
    assert_eq!(site.take_log(), [good(1), good(2)]);
    site.run_to(60);
    assert!(site.take_log().is_empty() && site.take_notices().is_empty());
    assert_eq!(site.order_count, 1);
}

#[test]
fn the_first_failure_is_final() {
    let mut site = Site::with(simple(vec![real(1), real(2)]), &[2], true);
    site.take_log();
    site.take_notices();
    site.run_to(6);
    assert_eq!(
        site.take_log(),
        [
            format!("TCP connection to {} success.", rs(1)),
            format!("TCP_CHECK on service {} failed.", rs(2)),
            format!("Removing service {} from VS {VS}", rs(2)),
        ]
    );
    assert_eq!(site.table(0), "10.1.0.1=1");
    assert_eq!(site.take_notices(), [format!("RS {} {VS} DOWN", rs(2))]);
    site.set(2, true);
    site.run_to(7);
    assert_eq!(
        site.take_log(),
        [
            format!("TCP connection to {} success.", rs(2)),
            format!("Adding service {} to VS {VS}", rs(2)),
        ]
    );
    assert_eq!(site.take_notices(), [format!("RS {} {VS} UP", rs(2))]);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1");
}

#[test]
fn an_alpha_server_has_to_prove_itself() {
    let mut server = alpha(real(1));
    server.rare.get_or_insert_default().notify_up = command("/up");
    server.rare.get_or_insert_default().notify_down = command("/down");
    let mut site = Site::with(simple(vec![server]), &[1], true);
    assert_eq!(
        site.take_log(),
        [format!("Activating healthchecker for service {} for VS {VS}", rs(1))]
    );
    assert_eq!(site.table(0), "");
    assert_eq!(site.ready, 1);
    site.run_to(2);
    assert_eq!(site.take_log(), [format!("TCP_CHECK on service {} failed.", rs(1))]);
    // The first result is told although it changes nothing.
    assert_eq!(site.take_notices(), [format!("RS {} {VS} DOWN /down", rs(1))]);
    site.run_to(14);
    assert!(site.take_log().is_empty() && site.take_notices().is_empty());
    site.set(1, true);
    site.run_to(19);
    assert_eq!(
        site.take_log(),
        [
            format!("TCP connection to {} success.", rs(1)),
            format!("Adding service {} to VS {VS}", rs(1)),
            format!("Gained quorum 1+0=1 <= 1 for VS {VS}"),
        ]
    );
    let up = [format!("RS {} {VS} UP /up", rs(1)), format!("VS {VS} UP")];
    assert_eq!(site.take_notices(), up);
}

#[test]
fn each_alpha_check_that_begins_badly_is_told() {
    let server = with_checks_of(&alpha(real(1)), alpha(real(1)));
    let mut site = Site::with(simple(vec![server]), &[1], true);
    site.run_to(30);
    assert_eq!(site.take_notices().len(), 2);
    site.set(1, true);
    site.run_to(36);
    assert_eq!(site.take_notices(), [format!("RS {} {VS} UP", rs(1)), format!("VS {VS} UP")]);
}

#[test]
fn a_server_is_up_when_all_of_its_checks_are() {
    let server = with_checks_of(&real(2), real(1));
    let mut site = Site::new(simple(vec![server, real(3)]));
    site.run_to(1);
    site.take_log();
    site.set(1, false);
    site.set(2, false);
    site.run_to(8);
    let failed = format!("TCP_CHECK on service {} failed after 1 retries.", rs(1));
    let removed = format!("Removing service {} from VS {VS}", rs(1));
    assert_eq!(site.take_log(), [failed.clone(), removed, failed]);
    site.set(1, true);
    site.run_to(20);
    let good = format!("TCP connection to {} success.", rs(1));
    assert_eq!(site.take_log(), std::slice::from_ref(&good));
    assert_eq!(site.table(0), "10.1.0.3=1");
    site.set(2, true);
    site.run_to(26);
    assert_eq!(site.take_log(), [good, format!("Adding service {} to VS {VS}", rs(1))]);
}

#[test]
fn a_server_without_checks_is_always_up() {
    let server = RealServer { checks: Box::default(), ..real(1) };
    let site = Site::new(simple(vec![server]));
    assert_eq!(site.table(0), "10.1.0.1=1");
    assert_eq!(site.director.poll_timeout(), None);
}

#[test]
fn an_inhibited_server_keeps_its_entry() {
    let servers = vec![inhibited(real(1)), inhibited(alpha(weighing(3, real(2))))];
    let mut site = Site::new(simple(servers));
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=0");
    site.take_log();
    site.set(1, false);
    site.run_to(1);
    assert_eq!(site.table(0), "10.1.0.1=0 10.1.0.2=3");
    assert_eq!(
        site.take_log(),
        [
            format!("TCP_CHECK on service {} failed.", rs(1)),
            format!("Disabling service {} of VS {VS}", rs(1)),
            format!("Lost quorum 1-0=1 > 0 for VS {VS}"),
            format!("TCP connection to {} success.", rs(2)),
            format!("Enabling service {} of VS {VS}", rs(2)),
            format!("Gained quorum 1+0=1 <= 3 for VS {VS}"),
        ]
    );
}

#[test]
fn servers_in_service_from_the_start_are_told_of_on_request() {
    let mut config = simple(vec![real(1), alpha(real(2)), real(3)]);
    config.notify_at_start = true;
    let mut site = Site::new(config);
    let up = |n| format!("RS {} {VS} UP", rs(n));
    assert_eq!(site.take_notices(), [up(1), up(3), format!("VS {VS} UP")]);
}

#[test]
fn a_notice_waits_until_the_kernel_shows_what_it_tells() {
    let mut site = Site::slow(simple(vec![real(1), real(2)]));
    assert!(site.take_notices().is_empty() && site.ready == 0);
    site.set(1, false);
    site.run_to(1);
    let first = site.unsettled.remove(0);
    site.input(Input::Settled { owner: first.0, generation: first.1 });
    assert_eq!(site.take_notices(), [format!("VS {VS} UP")]);
    assert_eq!(site.ready, 1);
    site.settle();
    assert_eq!(site.take_notices(), [format!("RS {} {VS} DOWN", rs(1))]);
    // A version that was never ordered, and one that is old, say nothing.
    site.set(1, true);
    site.run_to(7);
    site.input(Input::Settled { owner: first.0, generation: crate::Generation(99) });
    site.input(Input::Settled { owner: first.0, generation: first.1 });
    assert!(site.take_notices().is_empty());
}

#[test]
fn many_outcomes_make_one_order() {
    let servers = (1..=200).map(real).collect::<Vec<_>>();
    let mut site = Site::new(config(vec![vs(1, servers), vs(2, vec![real(1), real(2)])]));
    site.answers_at_once = false;
    site.run_to(1);
    let begun = std::mem::take(&mut site.trying);
    assert_eq!(begun.len(), 202);
    for check in begun.into_keys() {
        site.feed(Input::Tried {
            check,
            outcome: Outcome::Failed(Failure::Tcp(NotConnected::Timeout)),
        });
    }
    site.drain();
    assert_eq!(site.order_count, 4);
    assert_eq!((site.table(0), site.table(1)), (String::new(), String::new()));
}

#[test]
fn what_comes_to_nothing_makes_no_order_but_is_told() {
    let server = with_schedule(real(1), |schedule| schedule.retry = 0);
    let mut site = Site::with(simple(vec![server]), &[1], true);
    site.run_to(1);
    site.take_notices();
    site.answers_at_once = false;
    site.run_to(7);
    let check = CheckId(0);
    site.trying.clear();
    site.feed(Input::Tried { check, outcome: Outcome::Passed(Passed::Worked) });
    site.pass(secs(6));
    site.feed(Input::Timeout);
    site.feed(Input::Tried {
        check,
        outcome: Outcome::Failed(Failure::Tcp(NotConnected::Timeout)),
    });
    site.drain();
    assert_eq!(site.order_count, 2);
    let subject = format!("RS {} {VS}", rs(1));
    let expected = [
        format!("{subject} UP"),
        format!("VS {VS} UP"),
        format!("{subject} DOWN"),
        format!("VS {VS} DOWN"),
    ];
    assert_eq!(site.take_notices(), expected);
}

#[test]
fn an_attempt_that_could_not_be_made_says_nothing_of_the_server() {
    let lost = format!("Attempt of a check on service {} was lost. Rescheduling.", rs(1));
    for (obstacle, lines) in [
        (
            Obstacle::Socket("too many".to_owned()),
            &["TCP connect fail to create socket. Rescheduling."][..],
        ),
        (
            Obstacle::Bind("no such".to_owned()),
            &["no such", "TCP socket bind failed. Rescheduling."],
        ),
        (Obstacle::Lost, &[&*lost]),
    ] {
        let mut site = Site::new(simple(vec![real(1)]));
        site.take_log();
        site.special = Some(Outcome::NotMade(obstacle));
        site.run_to(7);
        assert_eq!(site.take_log(), [lines, lines].concat());
        assert_eq!(site.take_times(), [1000, 7000]);
        assert_eq!(site.order_count, 1);
    }
}

#[test]
fn what_nobody_asked_for_is_ignored() {
    let mut site = Site::new(simple(vec![real(1)]));
    site.run_to(3);
    site.take_log();
    let timeout = site.director.poll_timeout();
    let outcome = || Outcome::Failed(Failure::Tcp(NotConnected::Failed));
    site.input(Input::Tried { check: CheckId(0), outcome: outcome() });
    site.input(Input::Tried { check: CheckId(77), outcome: outcome() });
    site.input(Input::Timeout);
    let (owner, generation) = (crate::ServerId(5), crate::Generation(1));
    site.input(Input::Settled { owner, generation });
    assert!(site.take_log().is_empty());
    assert_eq!(site.director.poll_timeout(), timeout);
    assert_eq!((site.order_count, site.ready), (1, 1));
}

#[test]
fn failures_that_have_retries_left_are_logged_on_request() {
    let server = with_schedule(real(1), |schedule| {
        schedule.log_all_failures = true;
        schedule.retry = 2;
    });
    let mut site = Site::new(simple(vec![server]));
    site.run_to(1);
    site.take_log();
    site.set(1, false);
    site.run_to(8);
    let failed = format!("TCP connection to {} failed.", rs(1));
    assert_eq!(site.take_log(), [failed.clone(), failed]);
    site.special = Some(Outcome::Failed(Failure::Tcp(NotConnected::Timeout)));
    site.run_to(60);
    assert_eq!(
        site.take_log(),
        [
            format!("TCP connection to {} timeout.", rs(1)),
            format!("TCP_CHECK on service {} failed after 2 retries.", rs(1)),
            format!("Removing service {} from VS {VS}", rs(1)),
            format!("Lost quorum 1-0=1 > 0 for VS {VS}"),
        ]
    );
}

#[test]
fn where_no_way_leads_each_failure_has_no_line_of_its_own() {
    let server = with_schedule(real(1), |schedule| schedule.log_all_failures = true);
    let mut site = Site::new(simple(vec![server]));
    site.run_to(1);
    site.take_log();
    site.special = Some(Outcome::Failed(Failure::Tcp(NotConnected::Unreachable)));
    site.run_to(7);
    assert!(site.take_log().is_empty());
    site.run_to(8);
    let gone = format!("TCP_CHECK on service {} failed after 1 retries.", rs(1));
    assert_eq!(site.take_log()[0], gone);
}
