//! Reloads: what changes, and what does not notice (compat 21 §11).

use std::net::IpAddr;
use std::sync::Arc;

use net::{Encapsulation, Forwarding, Marking, Protocol, ServiceKey};

use crate::config::{CheckKind, Config, HttpCheck, Identity, Quorum, VirtualServer};
use crate::probe::Probe;
use crate::request::HttpVersion;
use crate::tests::site::{
    Attempt, SCHEDULE, Site, VS, alpha, command, config, inhibited, key, real, rs, secs, service,
    simple, sorry, tcp_to, vs, web, weighing, with_schedule,
};
use crate::{Failure, Input, NotConnected, Outcome, Passed, ServerId};

/// A site of this configuration after its first checks.
fn settled(config: Config, down: &[u8]) -> Site {
    let mut site = Site::with(config, down, true);
    site.run_to(3);
    forget(&mut site);
    site
}

fn forget(site: &mut Site) {
    site.take_log();
    site.take_notices();
    site.take_tries();
}

fn activating(n: u8) -> String {
    format!("Activating healthchecker for service {} for VS {VS}", rs(n))
}

#[test]
fn a_reload_of_the_same_changes_nothing() {
    let mut one = vs(1, vec![real(1), inhibited(real(2)), alpha(real(3))]);
    one.sorry_server = sorry(true);
    let mut other = vs(2, vec![web(&["/a", "/b"], true, SCHEDULE)]);
    other.quorum = Quorum { needed: 1, hysteresis: 0 };
    let config = config(vec![one, other]);
    let mut site = settled(config.clone(), &[1, 2, 3]);
    site.answers_at_once = false;
    site.run_to(7);
    site.take_tries();
    let (orders, deadline) = (site.order_count, site.director.poll_timeout());
    let under_way = site.trying.clone();
    site.reload(config);
    assert!(site.take_log().is_empty() && site.take_notices().is_empty());
    assert_eq!((site.order_count, site.director.poll_timeout()), (orders, deadline));
    assert_eq!(site.trying, under_way);
    site.special = Some(Outcome::Passed(Passed::Worked));
    site.answer();
    assert_eq!(site.take_log().iter().filter(|line| line.contains("Adding service")).count(), 2);
}

#[test]
fn another_weight_is_another_order() {
    let mut site = settled(simple(vec![weighing(2, real(1)), weighing(2, real(2))]), &[2]);
    site.reload(simple(vec![weighing(7, real(1)), weighing(3, real(2))]));
    let line = |n, from, to, word| {
        format!("Changing weight from {from} to {to} for {word} service {} of VS {VS}", rs(n))
    };
    assert_eq!(site.take_log(), [line(1, 2, 7, "active"), line(2, 2, 3, "inactive")]);
    assert_eq!(site.table(0), "10.1.0.1=7");
    assert!(site.take_notices().is_empty());
    site.set(2, true);
    site.run_to(8);
    assert_eq!(site.table(0), "10.1.0.1=7 10.1.0.2=3");
}

#[test]
fn a_weight_that_decides_the_quorum_does_so_at_once() {
    let quorum = |needed, weight| {
        let quorum = Quorum { needed, hysteresis: 0 };
        config(vec![VirtualServer { quorum, ..vs(1, vec![weighing(weight, real(1))]) }])
    };
    let mut site = settled(quorum(2, 2), &[]);
    site.reload(quorum(2, 1));
    assert_eq!(site.take_log()[1], format!("Lost quorum 2-0=2 > 1 for VS {VS}"));
    site.reload(quorum(1, 1));
    assert_eq!(site.take_log(), [format!("Gained quorum 1+0=1 <= 1 for VS {VS}")]);
    assert_eq!(site.take_notices(), [format!("VS {VS} DOWN"), format!("VS {VS} UP")]);
}

#[test]
fn thresholds_forwarding_and_service_reach_the_kernel() {
    let mut site = settled(simple(vec![real(1)]), &[]);
    let mut new = simple(vec![real(1)]);
    new.virtual_servers[0].real_servers[0].upper_threshold = 9;
    new.virtual_servers[0].real_servers[0].lower_threshold = 4;
    site.reload(new.clone());
    assert_eq!(site.order_count, 2);
    new.virtual_servers[0].real_servers[0].forwarding = Forwarding::Tunnel(Encapsulation::Ipip);
    site.reload(new.clone());
    assert_eq!(site.order_count, 3);
    new.virtual_servers[0].services[0].scheduler = net::ModuleName::new("rr").unwrap();
    site.reload(new);
    let order = &site.orders[&ServerId(0)];
    assert_eq!((site.order_count, order.services[0].scheduler.as_str()), (4, "rr"));
    let destination = order.destinations[0];
    assert_eq!((destination.upper_threshold, destination.lower_threshold), (9, 4));
    assert_eq!(destination.forwarding, Forwarding::Tunnel(Encapsulation::Ipip));
    assert!(site.take_log().is_empty());
}

#[test]
fn a_server_that_leaves_is_told_of_if_it_was_up() {
    let mut first = real(1);
    first.notify_down = command("/down");
    let mut site = settled(simple(vec![first, real(2), inhibited(real(3)), real(4)]), &[2, 3]);
    site.settles_at_once = false;
    site.reload(simple(vec![real(4)]));
    assert_eq!(
        site.take_log(),
        [
            format!("service {} no longer exist", rs(1)),
            format!("Removing service {} from VS {VS}", rs(1)),
            format!("service {} no longer exist", rs(2)),
            format!("service {} no longer exist", rs(3)),
            format!("Removing (inhibited) service {} from VS {VS}", rs(3)),
        ]
    );
    assert!(site.take_notices().is_empty());
    site.settle();
    assert_eq!(site.take_notices(), [format!("RS {} {VS} DOWN /down", rs(1))]);
    assert_eq!(site.table(0), "10.1.0.4=1");
    site.run_to(9);
    assert_eq!(site.take_tries(), [(7000, "10.1.0.4".to_owned())]);
}

#[test]
fn a_new_server_is_in_service_at_once_unless_it_has_to_prove_itself() {
    let mut site = settled(simple(vec![real(1)]), &[]);
    let mut new = simple(vec![real(1), real(2), alpha(real(3))]);
    new.notify_at_start = true;
    site.reload(new);
    assert_eq!(site.take_log(), [activating(2), activating(3)]);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1");
    assert_eq!(site.take_notices(), [format!("RS {} {VS} UP", rs(2))]);
    site.run_to(4);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1 10.1.0.3=1");
    assert_eq!(site.take_tries().len(), 2);
}

#[test]
fn a_virtual_server_that_leaves_takes_everything_with_it() {
    let other = VirtualServer { quorum_down: command("/q"), ..vs(2, vec![real(1), real(2)]) };
    let mut site = settled(config(vec![vs(1, vec![real(1)]), other]), &[2]);
    site.settles_at_once = false;
    site.reload(simple(vec![real(1)]));
    let name = "[10.0.0.2]:tcp:80";
    assert_eq!(
        site.take_log(),
        [
            format!("Removing Virtual Server {name}"),
            format!("Removing service {} from VS {name}", rs(1)),
        ]
    );
    let order = &site.orders[&ServerId(1)];
    assert!(order.services.is_empty() && order.destinations.is_empty());
    assert!(site.take_notices().is_empty());
    site.settle();
    let told = [format!("RS {} {name} DOWN", rs(1)), format!("VS {name} DOWN /q")];
    assert_eq!(site.take_notices(), told);
    // When it comes back, it is another one.
    site.reload(config(vec![vs(1, vec![real(1)]), vs(2, vec![real(1)])]));
    assert_eq!(site.orders.len(), 3);
    assert_eq!(site.take_log()[0], format!("Gained quorum 1+0=1 <= 1 for VS {name}"));
}

#[test]
fn a_check_that_asks_the_same_keeps_its_failures() {
    let server = |retry| with_schedule(real(1), |schedule| schedule.retry = retry);
    let mut site = settled(simple(vec![server(5)]), &[]);
    site.set(1, false);
    site.run_to(9);
    assert_eq!(site.take_times(), [7000, 8000, 9000]);
    site.reload(simple(vec![server(3)]));
    site.run_to(10);
    // Three have failed, and the fourth is final now.
    let log = site.take_log();
    assert_eq!(log[0], format!("TCP_CHECK on service {} failed after 3 retries.", rs(1)));
    site.reload(simple(vec![server(1)]));
    assert!(site.take_log().is_empty());
    site.run_to(16);
    assert_eq!(site.take_times(), [10_000, 16_000]);
}

#[test]
fn a_shorter_delay_does_not_wait_for_the_end_of_the_longer_one() {
    let server = |delay| with_schedule(real(1), |schedule| schedule.delay_loop = secs(delay));
    let mut site = settled(simple(vec![server(600)]), &[]);
    site.reload(simple(vec![server(10)]));
    site.run_to(20);
    assert_eq!(site.take_times(), [13_000]);
    site.reload(simple(vec![server(600)]));
    site.run_to(30);
    assert_eq!(site.take_times(), [23_000]);
}

#[test]
fn an_attempt_under_way_counts_if_its_check_goes_on() {
    let mut site = settled(simple(vec![real(1), real(2)]), &[]);
    site.answers_at_once = false;
    site.run_to(7);
    let old = site.trying.clone();
    let first = with_schedule(real(1), |s| s.retry = 0);
    site.reload(simple(vec![first, with_other_target(real(2))]));
    forget(&mut site);
    for check in old.into_keys() {
        site.input(Input::Tried {
            check,
            outcome: Outcome::Failed(Failure::Tcp(NotConnected::Failed)),
        });
    }
    assert_eq!(site.table(0), "10.1.0.2=1");
    assert_eq!(site.take_log().len(), 2);
}

#[test]
fn a_check_that_asks_something_else_begins_anew() {
    let mut site = settled(simple(vec![real(1), inhibited(real(2)), real(3)]), &[1, 2]);
    let servers = vec![real(1), inhibited(real(2)), real(3)];
    let new = simple(servers.into_iter().map(with_other_target).collect());
    site.reload(new);
    assert_eq!(
        site.take_log(),
        [
            format!("Adding service {} to VS {VS}", rs(1)),
            format!("Enabling service {} of VS {VS}", rs(2)),
            activating(1),
            activating(2),
            activating(3),
        ]
    );
    let up = |n| format!("RS {} {VS} UP", rs(n));
    assert_eq!(site.take_notices(), [up(1), up(2)]);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1 10.1.0.3=1");
}

#[test]
fn an_alpha_check_that_begins_anew_does_not_bring_a_server_back() {
    let servers = || vec![alpha(real(1)), alpha(real(2))];
    let mut site = settled(simple(servers()), &[1]);
    let new = simple(servers().into_iter().map(with_other_target).collect());
    site.reload(new);
    assert_eq!(site.take_log(), [activating(1), activating(2)]);
    assert_eq!(site.table(0), "10.1.0.2=1");
    site.run_to(4);
    assert_eq!(site.table(0), "10.1.0.1=1 10.1.0.2=1");
}

#[test]
fn a_server_whose_failed_check_was_removed_is_up_at_once() {
    let mut server = real(1);
    server.checks.extend(real(2).checks);
    let mut site = settled(simple(vec![server]), &[2]);
    site.reload(simple(vec![real(1)]));
    assert_eq!(
        site.take_log(),
        [
            format!("Adding service {} to VS {VS}", rs(1)),
            format!("Gained quorum 1+0=1 <= 1 for VS {VS}"),
        ]
    );
    assert_eq!(site.take_notices(), [format!("RS {} {VS} UP", rs(1)), format!("VS {VS} UP")]);
    assert_eq!(site.table(0), "10.1.0.1=1");
}

#[test]
fn equal_checks_are_paired_one_by_one() {
    let server = |checks: usize| {
        let mut server = real(1);
        server.checks = std::iter::repeat_n(server.checks[0].clone(), checks).collect();
        server
    };
    let mut site = settled(simple(vec![server(2)]), &[]);
    site.reload(simple(vec![server(3)]));
    assert_eq!(site.take_log(), [activating(1)]);
    site.reload(simple(vec![server(1)]));
    assert!(site.take_log().is_empty());
    site.run_to(7);
    assert_eq!(site.take_times(), [7000]);
}

#[test]
fn inhibition_is_applied_to_a_failed_server_at_once() {
    let mut site = settled(simple(vec![real(1), real(2)]), &[1]);
    site.reload(simple(vec![inhibited(real(1)), real(2)]));
    assert_eq!(site.table(0), "10.1.0.1=0 10.1.0.2=1");
    site.reload(simple(vec![real(1), real(2)]));
    assert_eq!(site.table(0), "10.1.0.2=1");
    assert!(site.take_log().is_empty() && site.take_notices().is_empty());
}

#[test]
fn an_http_check_keeps_its_place_unless_its_urls_differ() {
    let web = |paths: &[&str]| simple(vec![web(paths, false, SCHEDULE)]);
    let mut site = Site::new(web(&["/a", "/b", "/c"]));
    site.set_name("/b", false);
    site.run_to(14);
    forget(&mut site);
    let mut new = web(&["/a", "/b", "/c"]);
    let check = &mut new.virtual_servers[0].real_servers[0].checks[0];
    let CheckKind::Http(HttpCheck { urls, fast_recovery }) = &mut check.kind else {
        panic!("not HTTP");
    };
    *fast_recovery = true;
    for url in urls {
        let request = Arc::make_mut(url);
        request.version = HttpVersion::V1_1;
        request.patience = secs(9);
    }
    site.reload(new);
    assert!(site.take_log().is_empty());
    site.answers_at_once = false;
    site.run_to(19);
    let Some(Attempt::Probe(Probe::Http(request))) = site.trying.values().next().cloned() else {
        panic!("nothing is tried");
    };
    assert_eq!((request.path.as_str(), request.version), ("/b", HttpVersion::V1_1));
    site.answers_at_once = true;
    site.set_name("/b", true);
    site.answer();
    site.run_to(19);
    assert_eq!(site.table(0), "10.1.0.1=1");
    site.take_log();
    site.reload(web(&["/b", "/a", "/c"]));
    assert_eq!(site.take_log(), [activating(1)]);
}

#[test]
fn a_sorry_server_comes_and_goes_and_changes() {
    let plain = || vs(1, vec![real(1), real(2)]);
    let quorum = Quorum { needed: 2, hysteresis: 0 };
    let site_config =
        |sorry_server| config(vec![VirtualServer { quorum, sorry_server, ..plain() }]);
    let mut site = settled(site_config(None), &[2]);
    assert_eq!(site.table(0), "10.1.0.1=1");
    site.reload(site_config(sorry(false)));
    assert_eq!(
        site.take_log(),
        [
            format!("Starting with quorum down 2-0=2 > 1 for VS {VS}"),
            format!("Adding sorry server [10.1.0.99]:tcp:80 to VS {VS}"),
            format!("Removing alive servers from the pool for VS {VS}"),
        ]
    );
    // That the quorum is lost was told when it was.
    assert!(site.take_notices().is_empty());
    assert_eq!(site.table(0), "10.1.0.99=1");
    site.reload(site_config(sorry(true)));
    assert!(site.take_log().is_empty());
    let mut other = sorry(false);
    other.as_mut().unwrap().key = key(98);
    site.reload(site_config(other));
    assert_eq!(site.table(0), "10.1.0.98=1");
    let log = site.take_log();
    assert_eq!(log[0], format!("Disabling sorry server [10.1.0.99]:tcp:80 from VS {VS}"));
    assert_eq!(log.len(), 5);
    site.reload(site_config(None));
    assert_eq!(
        site.take_log(),
        [
            format!("Removing sorry server [10.1.0.98]:tcp:80 from VS {VS}"),
            format!("Adding alive servers to the pool for VS {VS}"),
        ]
    );
    assert_eq!(site.table(0), "10.1.0.1=1");
    assert!(site.take_notices().is_empty());
}

fn group(addresses: &[u8], mark: Option<u32>) -> Config {
    let identity = Identity::Group { name: "G1".into(), protocol: Some(Protocol::Tcp), place: 0 };
    let mut server = VirtualServer { identity, ..vs(1, vec![real(1)]) };
    server.services = addresses.iter().map(|n| service(*n)).collect();
    server.services.extend(mark.map(|mark| {
        let family = net::Family::V4;
        net::Service { key: ServiceKey::Mark { family, mark }, ..service(1) }
    }));
    config(vec![server])
}

#[test]
fn what_a_group_gains_and_loses_is_logged_in_ranges() {
    let mut site = settled(group(&[1, 10, 11, 12, 20], Some(5)), &[]);
    site.reload(group(&[1, 21, 22], Some(6)));
    let line = |what: &str| format!("VS [{what}");
    assert_eq!(
        site.take_log(),
        [
            line("[10.0.0.10]:tcp:80-10.0.0.12] in group G1 no longer exists"),
            line("[10.0.0.20]:tcp:80] in group G1 no longer exists"),
            line("5] in group G1 no longer exists"),
            line("[10.0.0.21]:tcp:80-10.0.0.22] added into group G1"),
            line("FWM 6] added into group G1"),
        ]
    );
    assert_eq!((site.order_count, site.orders[&ServerId(0)].services.len()), (2, 4));
    site.reload(Config::default());
    assert_eq!(
        site.take_log(),
        [
            "Removing Virtual Server Group [G1]".to_owned(),
            format!("Removing service {} from VS [G1]:0", rs(1)),
        ]
    );
    assert_eq!(
        site.take_notices(),
        [format!("RS {} [G1]:0 DOWN", rs(1)), "VS [G1]:0 DOWN".to_owned()]
    );
}

#[test]
fn a_range_ends_with_the_last_address_there_is() {
    let last = IpAddr::from([255, 255, 255, 255]);
    let with_last = |first: IpAddr| {
        let mut config = group(&[1], None);
        let mut service = |ip| {
            let key = ServiceKey::Address { protocol: Protocol::Tcp, ip, port: 80 };
            config.virtual_servers[0].services.push(net::Service { key, ..service(1) });
        };
        service(last);
        service(first);
        config
    };
    let mut site = settled(group(&[1], None), &[]);
    site.reload(with_last(IpAddr::from([0, 0, 0, 0])));
    assert_eq!(site.take_log().len(), 2);
}

#[test]
fn a_mark_has_no_protocol_in_its_names() {
    let identity = Identity::Service(ServiceKey::Mark { family: net::Family::V6, mark: 7 });
    let server = VirtualServer { identity, ..vs(1, vec![real(1)]) };
    let mut site = Site::with(config(vec![server]), &[1], true);
    site.take_log();
    site.run_to(1);
    let log = site.take_log();
    assert_eq!(log[1], "Removing service [10.1.0.1]:none:80 from VS FWM 7");
}

#[test]
fn the_first_good_result_of_a_new_alpha_check_is_told_though_its_server_was_up() {
    let mut site = settled(simple(vec![real(1)]), &[]);
    site.reload(simple(vec![alpha(with_other_target(real(1)))]));
    assert!(site.take_notices().is_empty());
    site.run_to(30);
    assert_eq!(site.take_notices(), [format!("RS {} {VS} UP", rs(1))]);
}

fn with_other_target(mut server: crate::config::RealServer) -> crate::config::RealServer {
    server.checks[0].kind = tcp_to(key(9).ip);
    server
}

#[test]
fn a_reload_before_the_kernel_has_anything_does_not_disturb_the_start() {
    let mut site = Site::slow(config(vec![vs(1, vec![real(1)]), vs(2, vec![real(1)])]));
    site.reload(config(vec![vs(2, vec![real(1), real(2)]), vs(3, vec![real(3)])]));
    assert_eq!(site.ready, 0);
    site.settle();
    assert_eq!(site.ready, 1);
    assert_eq!(
        (site.table(1), site.table(2)),
        ("10.1.0.1=1 10.1.0.2=1".into(), "10.1.0.3=1".into())
    );
}

#[test]
fn who_shares_a_service_is_told_its_place_in_the_file_and_nobody_else() {
    let sharing = |place: u32, services: &[u8]| {
        let name = "g".into();
        let services = services.iter().map(|n| service(*n)).collect();
        let identity = Identity::Group { name, protocol: Some(Protocol::Tcp), place };
        VirtualServer { identity, services, ..vs(1, vec![real(1)]) }
    };
    let (first, second) = (sharing(0, &[1, 2]), sharing(1, &[2, 3]));
    let alone = vs(9, vec![real(1)]);
    let mut site = settled(config(vec![alone.clone(), second.clone()]), &[]);
    let places = |site: &Site| {
        let places = site.orders.values().map(|order| order.place);
        places.collect::<Vec<_>>()
    };
    assert_eq!(places(&site), [0, 0]);
    let before = site.order_count;
    site.reload(config(vec![alone, first, second]));
    assert_eq!(places(&site), [0, 3, 2]);
    assert_eq!(site.order_count - before, 2, "who shares nothing hears nothing");
}

#[test]
fn nobody_waits_any_more_for_the_attempt_of_a_check_that_is_gone() {
    let mut site = settled(simple(vec![real(1), real(2)]), &[]);
    site.answers_at_once = false;
    site.run_to(7);
    assert_eq!(site.trying.len(), 2);
    site.reload(simple(vec![real(1), with_other_target(real(2))]));
    assert_eq!(site.trying.len(), 1, "that of the check that goes on");
}

#[test]
fn scripts_omega_and_marks_are_those_of_the_new_configuration() {
    let mut new = vs(1, vec![real(1)]);
    let mut site = settled(config(vec![new.clone()]), &[]);
    let ip = [192, 0, 2, 1].into();
    let protocol = Protocol::Tcp;
    let marking = Marking { protocol, addresses: (ip, ip), ports: (80, 80), mark: 9 };
    (new.omega, new.marked) = (true, vec![marking]);
    (new.quorum_up, new.quorum_down) = (command("/up"), command("/down"));
    new.real_servers[0].notify_up = command("/server");
    site.reload(config(vec![new]));
    assert_eq!(*site.orders[&ServerId(0)].markings, [marking]);
    assert!(site.take_notices().is_empty());
    site.set(1, false);
    site.run_to(8);
    site.set(1, true);
    site.run_to(14);
    let told = site.take_notices();
    assert_eq!(
        told[1..3],
        [format!("VS {VS} DOWN /down"), format!("RS {} {VS} UP /server", rs(1))]
    );
    assert_eq!(told[3], format!("VS {VS} UP /up"));
    site.input(Input::Stop);
    assert_eq!(site.take_notices().len(), 2, "omega");
}

/// It was never told of, and is not in service.
#[test]
fn a_server_that_had_to_prove_itself_and_fails_after_a_reload_is_told_of() {
    let mut site = Site::new(simple(vec![alpha(real(1)), real(2)]));
    forget(&mut site);
    site.set(1, false);
    site.reload(simple(vec![real(1), real(2)]));
    site.run_to(1);
    assert_eq!(site.take_notices(), [format!("RS {} {VS} DOWN", rs(1))]);
}
