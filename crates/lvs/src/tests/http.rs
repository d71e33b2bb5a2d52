//! The way through the urls of `HTTP_GET` (compat 21 §7).

use std::time::Duration;

use crate::config::Schedule;
use crate::probe::Obstacle;
use crate::tests::site::{SCHEDULE, Site, VS, alpha, rs, secs, simple, web};
use crate::{Failure, LengthMismatch, NotConnected, Outcome, Passed, Proof, TlsFlaw, WebFailure};

const SLOW: Schedule = Schedule { delay_before_retry: secs(3), ..SCHEDULE };

fn site(paths: &[&str], fast: bool, schedule: Schedule) -> Site {
    let mut site = Site::new(simple(vec![web(paths, fast, schedule)]));
    site.take_log();
    site.take_notices();
    site
}

fn tries(site: &mut Site) -> String {
    let tries = site.take_tries();
    tries.iter().map(|(at, path)| format!("{path}@{}", at / 1000)).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_server_is_good_when_all_urls_have_answered_a_delay_apart() {
    let mut site = site(&["/a", "/b", "/c"], false, SLOW);
    site.run_to(12);
    assert!(site.take_log().is_empty());
    site.run_to(25);
    assert_eq!(site.take_log(), [format!("Remote Web server {} succeed on service.", rs(1))]);
    assert_eq!(tries(&mut site), "/a@1 /b@7 /c@13 /a@19 /b@25");
}

#[test]
fn the_first_pass_has_no_retries_whatever_the_line_says() {
    for (retry, line) in [(0, "failed."), (3, "failed after 3 retries.")] {
        let mut site = site(&["/a", "/b"], false, Schedule { retry, ..SLOW });
        site.set_name("/b", false);
        site.run_to(7);
        assert_eq!(
            site.take_log(),
            [
                format!("HTTP_CHECK on service {} {line}", rs(1)),
                format!("Removing service {} from VS {VS}", rs(1)),
                format!("Lost quorum 1-0=1 > 0 for VS {VS}"),
            ]
        );
    }
}

#[test]
fn a_recovering_server_gives_two_good_answers() {
    let mut site = site(&["/a"], false, SLOW);
    site.run_to(1);
    site.take_log();
    site.set_name("/a", false);
    site.run_to(20);
    let down = site.take_log();
    assert_eq!(down[0], format!("HTTP_CHECK on service {} failed after 1 retries.", rs(1)));
    site.set_name("/a", true);
    site.run_to(27);
    let good = format!("HTTP status code success to {} url(/a)", rs(1));
    assert_eq!(site.take_log(), std::slice::from_ref(&good));
    site.run_to(28);
    assert_eq!(
        site.take_log(),
        [
            good,
            format!("Remote Web server {} succeed on service.", rs(1)),
            format!("Adding service {} to VS {VS}", rs(1)),
            format!("Gained quorum 1+0=1 <= 1 for VS {VS}"),
        ]
    );
    // At 7 the first failure, at 10 the retry, then each delay; the first good one is at 22.
    assert_eq!(tries(&mut site), "/a@1 /a@7 /a@10 /a@16 /a@22 /a@28");
}

#[test]
fn a_failed_url_is_asked_alone_and_then_all_of_them() {
    let schedule = Schedule { delay_before_retry: secs(10), retry: 0, ..SCHEDULE };
    let mut site = site(&["/a", "/b", "/c"], false, schedule);
    site.run_to(18);
    tries(&mut site);
    site.set_name("/b", false);
    site.run_to(50);
    assert_eq!(tries(&mut site), "/a@19 /b@25 /b@35 /b@45");
    site.set_name("/b", true);
    site.run_to(90);
    assert_eq!(tries(&mut site), "/b@55 /a@61 /b@67 /c@73 /a@79 /b@85");
    let log = site.take_log();
    let good = log.iter().filter(|line| line.contains("HTTP status code success")).count();
    assert_eq!(good, 4);
}

#[test]
fn another_url_that_fails_on_the_way_up_is_asked_alone_too() {
    let mut site = site(&["/a", "/b"], false, Schedule { retry: 0, ..SCHEDULE });
    site.set_name("/a", false);
    site.run_to(2);
    site.set_name("/a", true);
    site.set_name("/b", false);
    site.run_to(36);
    assert_eq!(tries(&mut site), "/a@1 /a@7 /a@13 /b@19 /b@25 /b@31");
    site.set_name("/b", true);
    site.run_to(49);
    assert_eq!(tries(&mut site), "/b@37 /a@43 /b@49");
    assert_eq!(site.table(0), "10.1.0.1=1");
}

#[test]
fn fast_recovery_does_not_wait_between_urls() {
    let mut site = site(&["/a", "/b", "/c"], true, SLOW);
    site.run_to(19);
    assert_eq!(tries(&mut site), "/a@1 /b@1 /c@1 /a@7 /b@13 /c@19");
    site.set_name("/a", false);
    site.run_to(30);
    assert_eq!(tries(&mut site), "/a@25 /a@28");
    site.set_name("/a", true);
    site.run_to(40);
    assert_eq!(tries(&mut site), "/a@34 /a@34 /b@34 /c@34 /a@40");
    assert_eq!(site.table(0), "10.1.0.1=1");
}

#[test]
fn retries_ask_the_same_url_and_a_success_starts_the_count_anew() {
    let mut site = site(&["/a", "/b"], false, Schedule { retry: 2, ..SLOW });
    site.run_to(7);
    tries(&mut site);
    site.set_name("/a", false);
    site.run_to(17);
    site.set_name("/a", true);
    site.set_name("/b", false);
    site.run_to(25);
    site.set_name("/b", true);
    site.run_to(30);
    assert_eq!(tries(&mut site), "/a@13 /a@16 /a@19 /b@25 /b@28");
    assert_eq!(site.order_count, 1);
}

#[test]
fn good_urls_of_a_server_that_is_down_are_logged_with_their_last_test() {
    let mut site = Site::new(simple(vec![alpha(web(&["/a", "/b"], false, SLOW))]));
    site.take_log();
    site.special = Some(Outcome::Passed(Passed::Answered { by: Proof::Digest, length: None }));
    site.run_to(7);
    let log = site.take_log();
    assert_eq!(log[0], format!("MD5 digest success to {} url(/a)", rs(1)));
    assert_eq!(log[1], format!("MD5 digest success to {} url(/b)", rs(1)));
    assert_eq!(log[2], format!("Remote Web server {} succeed on service.", rs(1)));
    let up = [format!("RS {} {VS} UP", rs(1)), format!("VS {VS} UP")];
    assert_eq!(site.take_notices(), up);
    site.run_to(60);
    assert!(site.take_log().is_empty());
}

#[test]
fn a_length_that_is_not_what_came_is_logged_once_for_each_difference() {
    let mut site = site(&["/a"], false, SLOW);
    let line = |declared, received| {
        format!(
            "http_check for RS {} VS {VS} url www.example.com/a: content_length ({declared}) does \
             not match received bytes ({received})",
            rs(1)
        )
    };
    let mut end = 1;
    let mut next = |site: &mut Site, declared, received, bad: bool| {
        let length = Some(LengthMismatch { declared, received });
        site.special = Some(if bad {
            Outcome::Failed(Failure::Web(WebFailure::WrongDigest(length)))
        } else {
            Outcome::Passed(Passed::Answered { by: Proof::Status, length })
        });
        site.run_to(end);
        end += 6;
        site.take_log()
    };
    assert_eq!(next(&mut site, 5, 3, false)[0], line(5, 3));
    assert!(next(&mut site, 5, 3, false).is_empty());
    assert_eq!(next(&mut site, 5, 4, false), [line(5, 4)]);
    assert_eq!(next(&mut site, 6, 4, true)[0], line(6, 4));
    // A page that is as wrong whatever its length.
    let again = next(&mut site, 9, 7, true);
    assert!(!again.contains(&line(9, 7)), "{again:?}");
}

#[test]
fn what_is_wrong_with_tls_is_logged_once_until_it_works_again() {
    let mut site = site(&["/a"], false, SLOW);
    let line = |text: &str| format!("SSL error '{text}' - service {} of VS {VS}", rs(1));
    let (verify, eof) = ("certificate has expired", "unexpected eof while reading");
    let mut end = 1;
    let mut next = |site: &mut Site, failure: Option<WebFailure>| {
        let answered = Outcome::Passed(Passed::Answered { by: Proof::Status, length: None });
        site.special = Some(failure.map_or(answered, |one| Outcome::Failed(Failure::Web(one))));
        site.run_to(end);
        end += 6;
        let log = site.take_log();
        log.into_iter().filter(|line| line.starts_with("SSL error")).collect::<Vec<_>>()
    };
    let expired = Some(WebFailure::Handshake(Some(TlsFlaw(verify))));
    let broken = Some(WebFailure::BrokenOff(Some(TlsFlaw(eof))));
    assert_eq!(next(&mut site, expired), [line(verify)]);
    assert!(next(&mut site, expired).is_empty());
    assert!(next(&mut site, Some(WebFailure::Handshake(None))).is_empty());
    assert_eq!(next(&mut site, broken), [line(eof)]);
    assert!(next(&mut site, None).is_empty());
    assert_eq!(next(&mut site, broken), [line(eof)]);
}

#[test]
fn every_failure_has_its_words() {
    let reasons = [
        (WebFailure::NotConnected(NotConnected::Timeout), "Timeout connecting"),
        (WebFailure::NotConnected(NotConnected::Failed), "Connection failed"),
        (
            WebFailure::NotConnected(NotConnected::Unreachable),
            "HTTP/SSL_CHECK - network unreachable",
        ),
        (WebFailure::Handshake(None), "SSL handshake/communication error connecting to"),
        (WebFailure::NotSent, "Cannot send get request to"),
        (WebFailure::NoAnswer, "Timeout WEB read"),
        (WebFailure::ReadTimeout { tls: false }, "Timeout HTTP read"),
        (WebFailure::ReadTimeout { tls: true }, "Timeout SSL read"),
        (WebFailure::ReadFailed { tls: false }, "Read error with"),
        (WebFailure::ReadFailed { tls: true }, "SSL read error from"),
        (WebFailure::BrokenOff(None), "Read, no data received from "),
        (WebFailure::NoData, "Read, no data received from "),
        (WebFailure::WrongStatus(None, None), "HTTP status code error to"),
        (WebFailure::WrongDigest(None), "MD5 digest error to"),
        (WebFailure::WrongPattern(None), "Regex match failed"),
    ];
    for (failure, words) in reasons {
        let mut site = site(&["/a"], false, Schedule { log_all_failures: true, ..SLOW });
        site.run_to(1);
        site.take_log();
        site.special = Some(Outcome::Failed(Failure::Web(failure)));
        site.run_to(7);
        assert_eq!(site.take_log(), [format!("{words} server {}.", rs(1))]);
        // Of a server that is down nobody wants to read it again and again.
        site.run_to(10);
        site.take_log();
        site.run_to(30);
        assert!(site.take_log().is_empty());
    }
}

#[test]
fn an_http_attempt_that_could_not_be_made_is_made_again() {
    let mut site = site(&["/a", "/b"], true, SLOW);
    site.special = Some(Outcome::NotMade(Obstacle::Socket(String::new())));
    site.run_to(6);
    site.special = Some(Outcome::NotMade(Obstacle::Bind("no such".to_owned())));
    site.run_to(12);
    assert_eq!(
        site.take_log(),
        [
            "WEB connection fail to create socket. Rescheduling.",
            "no such",
            "WEB socket bind failed. Rescheduling"
        ]
    );
    site.special = None;
    site.run_until(Duration::from_secs(13));
    assert_eq!(tries(&mut site), "/a@1 /a@7 /a@13 /b@13");
}
