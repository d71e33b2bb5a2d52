//! The lines are those that keepalived 2.2.7 was seen to write.

use super::*;
use crate::{Mark, Selector};

fn network(text: &str) -> Network {
    let (ip, length) = text.split_once('/').unwrap();
    Network { ip: ip.parse().unwrap(), length: length.parse().unwrap() }
}

fn route(to: &str, via: &str) -> Route {
    let hop = NextHop {
        gateway: via.parse().ok(),
        link: LinkName::new("eth0").ok(),
        ..NextHop::default()
    };
    let destination = network(to);
    let family = Family::of(destination.ip);
    Route { destination: Some(destination), hops: Hops::One(hop), ..Route::new(family) }
}

#[test]
fn a_route_is_written_as_keepalived_does() {
    let mut plain = route("198.51.100.0/24", "192.0.2.254");
    plain.preferred_source = "192.0.2.77".parse().ok();
    let line = "prepend 198.51.100.0/24 src 192.0.2.77 via inet 192.0.2.254 dev eth0 proto 18";
    assert_eq!(plain.to_string(), line);
    let nowhere = Route {
        kind: RouteKind::Unreachable,
        insertion: Insertion::Exclusive,
        metric: Some(4_000),
        ..Route::new(Family::V4)
    };
    assert_eq!(nowhere.to_string(), "add unreachable 0.0.0.0/0 proto 18 metric 4000");
}

#[test]
fn what_is_said_of_the_path_follows() {
    let mut full = route("198.51.102.0/24", "192.0.2.254");
    full.insertion = Insertion::Exclusive;
    (full.tos, full.table, full.scope) = (16, Table::Number(99), Scope::LINK);
    full.metric = Some(9);
    let Hops::One(hop) = &mut full.hops else { unreachable!() };
    hop.on_link = true;
    hop.realms = Some(Realms { source: 1, destination: 2 });
    let metric = |value| Some(Metric { value, locked: false });
    let metrics = &mut full.metrics;
    metrics.mtu = Some(Metric { value: 1400, locked: true });
    (metrics.rtt, metrics.rtt_variance, metrics.least_rto) =
        (metric(8_000), metric(2_000), metric(300));
    (metrics.slow_start_threshold, metrics.congestion_window) = (metric(9), metric(7));
    (metrics.advertised_mss, metrics.reordering) = (metric(1300), metric(5));
    (metrics.window, metrics.hop_limit, metrics.ecn) = (Some(1000), Some(60), true);
    metrics.initial_congestion_window = Some(10);
    metrics.initial_receive_window = Some(12);
    (metrics.quick_ack, metrics.fast_open_without_cookie) = (Some(true), Some(true));
    assert_eq!(
        full.to_string(),
        "add 198.51.102.0/24 tos 16 via inet 192.0.2.254 dev eth0 table 99 proto 18 scope 253 \
         metric 9 onlink realms 1/2 rtt 1s rttvar 500ms rto_min 300ms features ecn mtu lock 1400 \
         window 1000 ssthresh 9 cwnd 7 advmss 1300 reordering 5 hoplimit 60 initcwnd 10 initrwnd \
         12 quickack 1 fastopen_no_cookie 1"
    );
}

#[test]
fn hops_and_tunnels_are_written() {
    let mut many = route("198.51.103.0/24", "192.0.2.250");
    let Hops::One(first) = many.hops.clone() else { unreachable!() };
    let first = NextHop { weight: 1, ..first };
    let second =
        NextHop { gateway: "192.0.2.251".parse().ok(), weight: 0, on_link: true, ..first.clone() };
    many.hops = Hops::Many(vec![first, second]);
    many.insertion = Insertion::Append;
    assert_eq!(
        many.to_string(),
        "append 198.51.103.0/24 proto 18 nexthop via inet 192.0.2.250 dev eth0 weight 2 nexthop \
         via inet 192.0.2.251 dev eth0 onlink"
    );
    let mut wrapped = route("198.51.104.0/24", "192.0.2.254");
    let Hops::One(hop) = &mut wrapped.hops else { unreachable!() };
    hop.tunnel = Some(Tunnel::Ip(IpTunnel {
        id: Some(7),
        destination: "192.0.2.9".parse().ok(),
        source: "192.0.2.1".parse().ok(),
        tos: Some(4),
        ttl: Some(9),
        flags: None,
    }));
    assert_eq!(
        wrapped.to_string(),
        "prepend 198.51.104.0/24 encap ip id 7 dst 192.0.2.9 src 192.0.2.1 tos 4 ttl 9 via inet \
         192.0.2.254 dev eth0 proto 18"
    );
}

#[test]
fn a_rule_is_written_as_keepalived_does() {
    let source = Some(network("192.0.2.77/32"));
    let selector = Selector { source, ..Selector::default() };
    let rule = Rule { selector, ..Rule::new(Family::V4, 100, RuleAction::Table(100)) };
    assert_eq!(rule.to_string(), "from 192.0.2.77 priority 100 tos 0x0 protocol 18 lookup 100");
    let full = Rule {
        selector: Selector {
            inverted: true,
            source: Some(network("192.0.2.0/24")),
            destination: Some(network("10.0.0.0/8")),
            tos: 16,
            mark: Some(Mark { value: 5, mask: Some(255) }),
            input: LinkName::new("eth0").ok(),
            output: LinkName::new("lo").ok(),
            ..Selector::default()
        },
        realms: Some(Realms { source: 1, destination: 2 }),
        suppress_prefix_length: Some(3),
        suppress_group: Some(4),
        ..Rule::new(Family::V4, 100, RuleAction::Table(100))
    };
    assert_eq!(
        full.to_string(),
        "not from 192.0.2.0/24 to 10.0.0.0/8 priority 100 tos 0x10 fwmark 0x5/0xff iif eth0 oif lo \
         suppress_prefixlen 3 suppress_ifgroup 4 protocol 18 realms 1/2 lookup 100"
    );
}
