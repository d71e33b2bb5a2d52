//! When checks run.

use std::time::Duration;

use crate::probe::Outcome;
use crate::tests::site::{Site, config, key, real, secs, simple, vs, with_schedule};
use crate::{Failure, Input, WebFailure};

#[test]
fn retries_are_closer_together_than_checks() {
    let server = with_schedule(real(1), |schedule| {
        schedule.retry = 3;
        schedule.delay_before_retry = secs(2);
    });
    let mut site = Site::new(simple(vec![server]));
    site.run_to(2);
    site.set(1, false);
    site.run_to(12);
    assert!(site.take_notices().iter().all(|line| !line.contains("DOWN")));
    site.run_to(26);
    assert_eq!(site.take_times(), [1000, 7000, 9000, 11_000, 13_000, 19_000, 25_000]);
    assert_eq!(site.take_notices().len(), 2);
}

#[test]
fn a_success_between_failures_starts_the_count_anew() {
    let server = with_schedule(real(1), |schedule| schedule.retry = 2);
    let mut site = Site::new(simple(vec![server, real(2)]));
    site.run_to(1);
    for _ in 0..3 {
        site.set(1, false);
        let now = site.elapsed();
        site.run_until(now + secs(7));
        site.set(1, true);
        let now = site.elapsed();
        site.run_until(now + secs(1));
    }
    assert_eq!(site.order_count, 1);
}

#[test]
fn the_delay_counts_from_the_end_of_an_attempt() {
    let mut site = Site::new(simple(vec![real(1)]));
    site.answers_at_once = false;
    site.run_to(4);
    assert_eq!(site.director.poll_timeout(), None);
    site.answer();
    site.run_to(10);
    assert_eq!(site.take_times(), [1000, 10_000]);
}

#[test]
fn a_check_without_retries_fails_at_once() {
    let server = with_schedule(real(1), |schedule| schedule.retry = 0);
    let mut site = Site::new(simple(vec![server]));
    site.run_to(1);
    site.set(1, false);
    site.take_log();
    site.run_to(7);
    assert!(site.take_log()[0].ends_with("failed."));
}

#[test]
fn first_checks_are_spread_over_the_warm_up() {
    let server = |n| with_schedule(real(n), |schedule| schedule.warmup = secs(10));
    let mut site = Site::new(simple((1..=100).map(server).collect()));
    site.run_until(Duration::from_millis(999));
    assert!(site.take_times().is_empty());
    site.answers_at_once = false;
    site.run_to(11);
    let times = site.take_times();
    assert_eq!(times.len(), 100);
    for second in 1..11 {
        let in_it = times.iter().filter(|at| **at / 1000 == second).count();
        assert!((1..40).contains(&in_it), "{in_it} in second {second}");
    }
}

#[test]
fn fifty_thousand_checks_are_no_trouble() {
    let server = |n| with_schedule(real(n), |schedule| schedule.warmup = secs(6));
    let many = || (1..=250).map(server).collect::<Vec<_>>();
    let several = |n: u8| {
        let mut vs = vs(n, many());
        vs.real_servers.iter_mut().enumerate().for_each(|(i, real)| {
            real.key.ip = [10, 2, n, u8::try_from(i).unwrap()].into();
        });
        vs
    };
    let mut site = Site::new(config((0..200).map(several).collect()));
    site.set_name(&key(7).ip.to_string(), false);
    site.answers_at_once = false;
    site.run_to(7);
    assert_eq!(site.trying.len(), 50_000);
    site.answer();
    assert_eq!(site.order_count, 400);
}

#[test]
fn endless_delays_do_not_overflow() {
    let server = with_schedule(real(1), |schedule| {
        schedule.delay_loop = Duration::MAX;
        schedule.warmup = Duration::MAX;
    });
    let mut site = Site::new(simple(vec![server, real(2)]));
    site.run_to(1);
    let server = with_schedule(real(2), |schedule| schedule.delay_loop = Duration::MAX);
    site.reload(simple(vec![server]));
    site.run_to(8);
    let at = site.director.poll_timeout().unwrap();
    site.director.handle(at, Input::Timeout);
    let outcome = Outcome::Failed(Failure::Web(WebFailure::NoData));
    site.director.handle(at, Input::Tried { check: crate::CheckId(1), outcome });
}
