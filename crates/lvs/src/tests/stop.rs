//! The end of the daemon (compat 21 §12).

use crate::config::{Config, VirtualServer};
use crate::tests::site::{Site, VS, command, config, inhibited, real, rs, secs, simple, sorry, vs};
use crate::{Failure, Input, Outcome, WebFailure};

fn omega() -> Config {
    let mut first = real(1);
    first.rare.get_or_insert_default().notify_down = command("/down");
    let server = VirtualServer {
        omega: true,
        quorum_down: command("/quorum"),
        ..vs(1, vec![first, real(2), inhibited(real(3))])
    };
    config(vec![server])
}

fn shut(n: u8) -> String {
    format!("Shutting down service {} from VS {VS}", rs(n))
}

#[test]
fn everything_is_taken_out_and_with_omega_told() {
    let mut site = Site::with(omega(), &[2, 3], false);
    site.run_to(3);
    site.settle();
    site.take_log();
    site.take_notices();
    site.input(Input::Stop);
    let third = format!("Shutting down (inhibited) service {} from VS {VS}", rs(3));
    assert_eq!(site.take_log(), [shut(1), shut(2), third]);
    assert!(site.take_notices().is_empty() && site.stopped == 0);
    let order = site.orders.values().next().unwrap();
    assert!(order.services.is_empty() && order.destinations.is_empty());
    site.settle();
    let told = [format!("RS {} {VS} DOWN /down", rs(1)), format!("VS {VS} DOWN /quorum")];
    assert_eq!(site.take_notices(), told);
    assert_eq!(site.stopped, 1);
    assert_eq!(site.director.poll_timeout(), None);
}

#[test]
fn the_end_of_a_quorum_that_was_lost_is_told_again() {
    let mut site = Site::with(omega(), &[1, 2, 3], true);
    site.run_to(3);
    site.take_notices();
    site.input(Input::Stop);
    assert_eq!(site.take_notices(), [format!("VS {VS} DOWN /quorum")]);
}

#[test]
fn without_omega_nobody_is_told() {
    let mut config = omega();
    config.virtual_servers[0].omega = false;
    let mut site = Site::new(config);
    site.take_notices();
    site.input(Input::Stop);
    assert!(site.take_notices().is_empty());
    assert_eq!(site.stopped, 1);
}

#[test]
fn a_stop_takes_the_sorry_server_too() {
    let server = VirtualServer { sorry_server: sorry(true), ..vs(1, vec![real(1)]) };
    let mut site = Site::with(config(vec![server]), &[1], true);
    site.run_to(1);
    site.input(Input::Stop);
    assert_eq!(site.table(0), "");
    assert_eq!(site.stopped, 1);
}

#[test]
fn without_virtual_servers_ready_and_stopped_come_at_once() {
    let mut site = Site::new(Config::default());
    assert_eq!((site.ready, site.stopped), (1, 0));
    site.input(Input::Stop);
    assert_eq!(site.stopped, 1);
}

#[test]
fn a_stop_before_the_kernel_has_anything_ends_all_the_same() {
    let mut site = Site::slow(omega());
    site.input(Input::Stop);
    site.settle();
    assert_eq!((site.ready, site.stopped), (0, 1));
}

#[test]
fn a_service_without_addresses_ends_without_being_ordered_again() {
    let server = VirtualServer { services: Vec::new(), ..vs(1, Vec::new()) };
    let mut site = Site::new(config(vec![server]));
    site.input(Input::Stop);
    assert_eq!((site.stopped, site.order_count), (1, 1));
}

#[test]
fn after_a_stop_nothing_is_tried_or_taken_in() {
    let mut site = Site::slow(omega());
    site.answers_at_once = false;
    site.run_to(1);
    site.input(Input::Stop);
    let orders = site.order_count;
    site.take_log();
    for check in std::mem::take(&mut site.trying).into_keys() {
        site.input(Input::Tried {
            check,
            outcome: Outcome::Failed(Failure::Web(WebFailure::NoData)),
        });
    }
    site.reload(simple(vec![real(9)]));
    site.input(Input::Timeout);
    site.input(Input::Stop);
    assert!(site.take_log().is_empty() && site.trying.is_empty());
    assert_eq!(site.order_count, orders);
    site.settle();
    assert_eq!(site.stopped, 1);
    site.input(Input::Stop);
    site.input(Input::Abandon);
    site.run_until(secs(100));
}

#[test]
fn what_is_abandoned_stays_in_the_kernel() {
    for stopping in [false, true] {
        let mut site = Site::slow(omega());
        site.run_to(1);
        if stopping {
            site.input(Input::Stop);
        }
        site.take_log();
        let orders = site.order_count;
        site.input(Input::Abandon);
        assert_eq!((site.stopped, site.order_count), (1, orders));
        assert!(site.take_log().is_empty() && site.take_notices().is_empty());
        site.settle();
        assert!(site.take_notices().is_empty());
        assert_eq!(site.director.poll_timeout(), None);
    }
}

#[test]
fn a_stop_waits_for_what_a_reload_removed() {
    let mut site = Site::slow(simple(vec![real(1)]));
    site.settle();
    site.reload(Config::default());
    site.input(Input::Stop);
    assert_eq!(site.stopped, 0);
    site.settle();
    assert_eq!(site.stopped, 1);
}

#[test]
fn a_brief_stop_says_nothing_of_servers_but_tells_of_services() {
    let mut site = Site::new(Config { brief_stop: true, ..omega() });
    site.settle();
    site.take_log();
    site.take_notices();
    site.input(Input::Stop);
    site.settle();
    assert!(site.take_log().is_empty());
    assert_eq!(site.take_notices(), [format!("VS {VS} DOWN /quorum")]);
    assert_eq!(site.stopped, 1);
}
