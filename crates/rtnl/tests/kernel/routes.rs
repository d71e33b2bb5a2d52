//! Adding and removing routes: what `ip route` shows is what was asked for.

use net::{
    Family, Hops, Insertion, IpTunnel, Link, LinkKind, LinkName, Metric, Network, NextHop, Realms,
    Route, RouteKind, RouterPreference, Scope, Table, Tunnel,
};
use rtnl::{Change, Failure, PlacedRoute, Socket};

use crate::laboratory::{Namespace, name};

/// A namespace with a cable on which 192.0.2.0/24 and 2001:db8::/64 are.
fn network() -> (Namespace, Link) {
    let namespace = Namespace::new();
    let link = namespace.cable();
    namespace.ip("addr add 192.0.2.1/24 dev here");
    namespace.ip("addr add 2001:db8::1/64 dev here nodad");
    (namespace, link)
}

fn network_of(text: &str) -> Network {
    let (ip, length) = text.split_once('/').unwrap();
    Network { ip: ip.parse().unwrap(), length: length.parse().unwrap() }
}

/// A route to this network through this router on the cable.
fn route(to: &str, via: &str) -> Route {
    let to = network_of(to);
    let hop = hop(via);
    Route { destination: Some(to), hops: Hops::One(hop), ..Route::new(Family::of(to.ip)) }
}

fn hop(via: &str) -> NextHop {
    NextHop { gateway: via.parse().ok(), link: Some(name("here")), ..NextHop::default() }
}

fn placed(route: &Route, link: &Link) -> PlacedRoute {
    PlacedRoute::new(route, |name| Some(link).filter(|link| link.name == *name)).unwrap()
}

fn apply(namespace: &Namespace, changes: &[Change]) -> Vec<Failure> {
    namespace.run(|| Socket::open().unwrap().apply(changes))
}

/// Adds the route, finds the line in what `ip` shows of all tables, and removes it again.
fn check(route: &Route, line: &str) {
    let (namespace, link) = network();
    let placed = placed(route, &link);
    assert_eq!(apply(&namespace, &[Change::AddRoute(placed.clone())]), [], "{route:?}");
    let show = || {
        let family = if route.family == Family::V4 { "-4" } else { "-6" };
        let all = namespace.ip(&format!("{family} route show table all proto keepalived"));
        all.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(show(), line);
    assert_eq!(apply(&namespace, &[Change::AddRoute(placed.clone())]), [], "a second time");
    assert_eq!(show(), line);
    assert_eq!(apply(&namespace, &[Change::RemoveRoute(placed.clone())]), []);
    assert_eq!(show(), "");
    assert_eq!(apply(&namespace, &[Change::RemoveRoute(placed)]), [], "a second time");
}

#[test]
fn a_route_through_a_router() {
    check(&route("198.51.100.0/24", "192.0.2.254"), "198.51.100.0/24 via 192.0.2.254 dev here");
    let to_six = "2001:db8:1::/48 via 2001:db8::9 dev here metric 1024 pref medium";
    check(&route("2001:db8:1::/48", "2001:db8::9"), to_six);
}

#[test]
fn a_route_with_everything_that_is_said_about_its_place() {
    let mut full = route("198.51.100.0/24", "192.0.2.254");
    full.preferred_source = "192.0.2.1".parse().ok();
    full.tos = 0x10;
    full.table = Table::Number(1_000);
    full.scope = Scope::SITE;
    full.metric = Some(9);
    full.insertion = Insertion::Exclusive;
    let Hops::One(hop) = &mut full.hops else { unreachable!() };
    hop.realms = Some(Realms { source: 1, destination: 2 });
    hop.on_link = true;
    check(
        &full,
        "198.51.100.0/24 tos 0x10 via 192.0.2.254 dev here table 1000 scope site src 192.0.2.1 \
         metric 9 onlink realms 1/2",
    );
}

#[test]
fn a_route_with_everything_that_is_said_about_its_path() {
    let mut full = route("198.51.100.0/24", "192.0.2.254");
    let metric = |value, locked| Some(Metric { value, locked });
    let metrics = &mut full.metrics;
    metrics.mtu = metric(1400, true);
    metrics.advertised_mss = metric(1300, false);
    metrics.reordering = metric(5, true);
    metrics.congestion_window = metric(7, false);
    metrics.slow_start_threshold = metric(9, true);
    metrics.rtt = metric(8_000, true);
    metrics.rtt_variance = metric(2_000, false);
    metrics.least_rto = metric(300, true);
    metrics.window = Some(1000);
    metrics.hop_limit = Some(60);
    metrics.initial_congestion_window = Some(10);
    metrics.initial_receive_window = Some(12);
    metrics.ecn = true;
    metrics.quick_ack = Some(true);
    metrics.fast_open_without_cookie = Some(true);
    metrics.congestion_control = Some(("cubic".into(), true));
    check(
        &full,
        "198.51.100.0/24 via 192.0.2.254 dev here mtu lock 1400 window 1000 rtt lock 1s rttvar \
         500ms ssthresh lock 9 cwnd 7 advmss 1300 reordering lock 5 hoplimit 60 initcwnd 10 \
         features ecn rto_min lock 300ms initrwnd 12 quickack 1 congctl lock cubic \
         fastopen_no_cookie 1",
    );
}

/// A metric that the kernel adapts must not keep it from finding the route again.
#[test]
fn a_route_with_an_excessive_metric_can_be_removed() {
    let mut route = route("198.51.100.0/24", "192.0.2.254");
    route.metrics.advertised_mss = Some(Metric { value: 1 << 20, locked: false });
    check(&route, "198.51.100.0/24 via 192.0.2.254 dev here advmss 65495");
}

#[test]
fn what_only_ipv6_has() {
    let mut six = route("2001:db8:1::/48", "2001:db8::9");
    six.source = Some(network_of("2001:db8:9::/48"));
    six.preferred_source = "2001:db8::1".parse().ok();
    six.metric = Some(7);
    six.preference = Some(RouterPreference(1));
    six.expires = Some(5_000_000);
    let (namespace, link) = network();
    assert_eq!(apply(&namespace, &[Change::AddRoute(placed(&six, &link))]), []);
    let shown = namespace.ip("-6 route show proto keepalived");
    for part in ["from 2001:db8:9::/48", "src 2001:db8::1", "metric 7", "pref high"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let left = shown.split("expires ").nth(1).and_then(|rest| rest.split("sec").next());
    let left: u32 = left.and_then(|left| left.parse().ok()).expect("a lifetime");
    assert!((4_999_000..=5_000_000).contains(&left), "{shown}");
    assert_eq!(apply(&namespace, &[Change::RemoveRoute(placed(&six, &link))]), []);
    assert_eq!(namespace.ip("-6 route show proto keepalived"), "");
}

#[test]
fn routes_that_lead_nowhere() {
    for (kind, word) in [
        (RouteKind::Blackhole, "blackhole"),
        (RouteKind::Unreachable, "unreachable"),
        (RouteKind::Prohibit, "prohibit"),
        (RouteKind::Throw, "throw"),
    ] {
        let hops = Hops::One(NextHop::default());
        let four = Route { kind, hops: hops.clone(), ..route("198.51.100.0/24", "") };
        check(&four, &format!("{word} 198.51.100.0/24"));
        let six = Route { kind, hops, ..route("2001:db8:1::/48", "") };
        check(&six, &format!("{word} 2001:db8:1::/48 dev lo metric 1024 pref medium"));
    }
    let default = Route { kind: RouteKind::Unreachable, ..Route::new(Family::V4) };
    check(&Route { metric: Some(4_000), ..default }, "unreachable default metric 4000");
}

#[test]
fn routes_to_this_host_and_its_links() {
    let scoped = |kind, scope| Route { kind, scope, ..route("198.51.100.9/32", "") };
    check(&scoped(RouteKind::Local, Scope::HOST), "local 198.51.100.9 dev here scope host");
    check(&scoped(RouteKind::Broadcast, Scope::LINK), "broadcast 198.51.100.9 dev here scope link");
    check(&scoped(RouteKind::Multicast, Scope::GLOBAL), "multicast 198.51.100.9 dev here");
    check(&route("198.51.100.0/24", ""), "198.51.100.0/24 dev here");
    let anycast = Route { kind: RouteKind::Anycast, ..route("2001:db8:1::9/128", "") };
    check(&anycast, "anycast 2001:db8:1::9 dev here metric 1024 pref medium");
}

#[test]
fn routes_by_several_hops() {
    let hops = |first: &str, second: &str| {
        let second = NextHop { weight: 2, ..hop(second) };
        Hops::Many(vec![hop(first), second])
    };
    let mut four = route("198.51.100.0/24", "");
    four.hops = hops("192.0.2.250", "192.0.2.251");
    let Hops::Many(all) = &mut four.hops else { unreachable!() };
    all[1].on_link = true;
    all[1].realms = Some(Realms { source: 0, destination: 3 });
    check(
        &four,
        "198.51.100.0/24 nexthop via 192.0.2.250 dev here weight 1 \
         nexthop via 192.0.2.251 realm 3 dev here weight 3 onlink",
    );
    let mut six = route("2001:db8:1::/48", "");
    six.hops = hops("2001:db8::8", "2001:db8::9");
    check(
        &six,
        "2001:db8:1::/48 metric 1024 pref medium nexthop via 2001:db8::8 dev here weight 1 \
         nexthop via 2001:db8::9 dev here weight 3",
    );
}

#[test]
fn a_router_of_the_other_family() {
    let route = route("198.51.100.0/24", "2001:db8::9");
    check(&Route { family: Family::V4, ..route }, "198.51.100.0/24 via inet6 2001:db8::9 dev here");
}

#[test]
fn packets_are_wrapped() {
    let wrapped = |tunnel, to, via| {
        let hop = NextHop { tunnel: Some(tunnel), ..hop(via) };
        Route { hops: Hops::One(hop), ..route(to, "") }
    };
    let four = Tunnel::Ip(IpTunnel {
        id: Some(7),
        destination: "192.0.2.9".parse().ok(),
        source: "192.0.2.1".parse().ok(),
        tos: Some(4),
        ttl: Some(9),
        flags: None,
    });
    check(
        &wrapped(four, "198.51.100.0/24", "192.0.2.254"),
        "198.51.100.0/24 encap ip id 7 src 192.0.2.1 dst 192.0.2.9 ttl 9 tos 4 via 192.0.2.254 dev \
         here",
    );
    let six = Tunnel::Ip6(IpTunnel {
        id: Some(7),
        destination: "2001:db8::2".parse().ok(),
        source: "2001:db8::1".parse().ok(),
        tos: Some(4),
        ttl: Some(9),
        flags: None,
    });
    check(
        &wrapped(six, "2001:db8:1::/48", "2001:db8::9"),
        "2001:db8:1::/48 encap ip6 id 7 src 2001:db8::1 dst 2001:db8::2 hoplimit 9 tc 4 via \
         2001:db8::9 dev here metric 1024 pref medium",
    );
}

#[test]
fn what_the_kernel_does_not_have_is_refused_and_named() {
    let (namespace, link) = network();
    let nat = Route { kind: RouteKind::Nat, ..route("198.51.100.0/24", "") };
    let good = route("198.51.101.0/24", "192.0.2.254");
    let changes = [&nat, &good].map(|route| Change::AddRoute(placed(route, &link)));
    let failures = apply(&namespace, &changes);
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!((failures[0].change, failures[0].message_name()), (0, "RTM_NEWROUTE"));
    assert_eq!(failures[0].errno, 22);
    assert!(namespace.ip("route show proto keepalived").contains("198.51.101.0/24"));
}

#[test]
fn where_a_route_stands_among_its_equals_can_be_chosen() {
    let (namespace, link) = network();
    let by = |insertion, via| {
        let route = Route { insertion, ..route("198.51.100.0/24", via) };
        Change::AddRoute(placed(&route, &link))
    };
    let changes = [
        by(Insertion::Prepend, "192.0.2.2"),
        by(Insertion::Append, "192.0.2.3"),
        by(Insertion::Prepend, "192.0.2.4"),
        by(Insertion::Exclusive, "192.0.2.5"),
    ];
    assert_eq!(apply(&namespace, &changes), [], "one that may not be there is no failure");
    let shown = namespace.ip("route show proto keepalived");
    let routers: Vec<&str> = shown.lines().filter_map(|l| l.split_whitespace().nth(2)).collect();
    assert_eq!(routers, ["192.0.2.4", "192.0.2.2", "192.0.2.3"]);
    let middle = placed(&route("198.51.100.0/24", "192.0.2.2"), &link);
    assert_eq!(apply(&namespace, &[Change::RemoveRoute(middle)]), []);
    assert!(!namespace.ip("route show proto keepalived").contains("192.0.2.2 "));
}

#[test]
fn a_route_over_an_interface_that_is_not_there_cannot_be_placed() {
    let known = |_: &LinkName| None;
    assert_eq!(PlacedRoute::new(&route("198.51.100.0/24", ""), known), Err(name("here")));
    let plain = namespace_link();
    let vrf = Route { table: Table::Vrf(name("here")), ..Route::new(Family::V4) };
    assert_eq!(PlacedRoute::new(&vrf, |_| Some(&plain)), Err(name("here")), "no VRF");
    let real = Link { kind: LinkKind::Vrf { table: 77 }, ..plain };
    assert!(PlacedRoute::new(&vrf, |_| Some(&real)).is_ok());
}

fn namespace_link() -> Link {
    Namespace::new().cable()
}
