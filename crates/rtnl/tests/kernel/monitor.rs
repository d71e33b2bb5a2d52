//! News of what this and other programs do.

use std::time::Duration;

use net::{Address, Detection, Family, Hops, LinkIndex, Network, NextHop, Route, Rule, RuleAction};
use rtnl::{Change, Event, Monitor, PlacedRoute, Socket};
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::laboratory::{Namespace, name};

/// Runs `act` inside while a monitor listens, and returns the news up to the one that ends it.
fn listen(
    namespace: &Namespace,
    act: impl FnOnce() + Send,
    last: impl Fn(&Event) -> bool + Sync,
) -> Vec<Event> {
    namespace.run(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut monitor = Monitor::open().unwrap();
            monitor.watch_routing().unwrap();
            monitor.watch_routing().unwrap();
            act();
            let mut seen = Vec::new();
            while !seen.iter().any(&last) {
                let news = timeout(Duration::from_secs(10), monitor.next()).await;
                seen.extend(news.unwrap_or_else(|_| panic!("only {seen:?}")).unwrap());
            }
            seen
        })
    })
}

/// The news of this IPv4 address: whether it came or went, and by whom.
fn news_of(events: &[Event], wanted: &str) -> Vec<(bool, u32)> {
    let of = |event: &Event| match event {
        Event::AddressSeen { held, by, .. } if held.ip.to_string() == wanted => Some((true, *by)),
        Event::AddressGone { ip, by, .. } if ip.to_string() == wanted => Some((false, *by)),
        Event::AddressSeen { .. }
        | Event::AddressGone { .. }
        | Event::LinkSeen(_)
        | Event::LinkGone { .. }
        | Event::RouteGone { .. }
        | Event::RuleGone { .. }
        | Event::Overrun => None,
    };
    events.iter().filter_map(of).collect()
}

fn gone(event: &Event, wanted: &str) -> bool {
    matches!(event, Event::AddressGone { ip, .. } if ip.to_string() == wanted)
}

/// What is said of it before and after nobody has answered.
#[test]
fn an_address_of_ipv6_is_tentative_at_first() {
    let namespace = Namespace::new();
    namespace.cable();
    let detection = |event: &Event| {
        let Event::AddressSeen { held, .. } = event else { return None };
        (held.ip.to_string() == "fe80::77").then_some(held.detection)
    };
    let add = || drop(namespace.ip("addr add fe80::77/64 dev here"));
    let last = |event: &Event| detection(event) == Some(Detection::Unique);
    let seen = listen(&namespace, add, last);
    let seen: Vec<_> = seen.iter().filter_map(detection).collect();
    assert_eq!(seen, [Detection::Tentative, Detection::Unique]);
    assert_eq!(
        namespace.link("here").held("fe80::77".parse().unwrap()).map(|held| held.detection),
        Some(Detection::Unique)
    );
}

#[test]
fn own_changes_are_told_from_those_of_others() {
    let namespace = Namespace::new();
    let index = namespace.cable().index;
    let mut socket = namespace.run(|| Socket::open().unwrap());
    let port = socket.port();
    let act = || {
        let own = Address::new(name("here"), [192, 0, 2, 1].into(), 32);
        assert_eq!(socket.apply(&[Change::AddAddress(own.clone(), index)]), []);
        namespace.ip("addr add 192.0.2.2/32 dev here");
        namespace.ip("addr del 192.0.2.1/32 dev here");
        assert_eq!(socket.apply(&[Change::AddAddress(own.clone(), index)]), []);
        assert_eq!(socket.apply(&[Change::remove(&own, index)]), []);
        namespace.ip("addr del 192.0.2.2/32 dev here");
    };
    let events = listen(&namespace, act, |event| gone(event, "192.0.2.2"));
    let own = |(seen, by)| (seen, by == port);
    let news: Vec<_> = news_of(&events, "192.0.2.1").into_iter().map(own).collect();
    assert_eq!(news, [(true, true), (false, false), (true, true), (false, true)]);
    let theirs = news_of(&events, "192.0.2.2");
    assert_eq!(theirs.len(), 2);
    assert!(theirs.iter().all(|(_, by)| *by != port && *by != 0), "{theirs:?}");
}

#[test]
fn ipv6_changes_are_seen_but_not_whose_they_are() {
    let namespace = Namespace::new();
    let index = namespace.cable().index;
    let mut socket = namespace.run(|| Socket::open().unwrap());
    let own = Address::new(name("here"), "2001:db8::1".parse().unwrap(), 128);
    let add = || assert_eq!(socket.apply(&[Change::AddAddress(own.clone(), index)]), []);
    let seen = |event: &Event| !news_of(std::slice::from_ref(event), "2001:db8::1").is_empty();
    let events = listen(&namespace, add, seen);
    assert_eq!(news_of(&events, "2001:db8::1"), [(true, 0)]);
    let remove = || assert_eq!(socket.apply(&[Change::remove(&own, index)]), []);
    let events = listen(&namespace, remove, seen);
    assert_eq!(news_of(&events, "2001:db8::1"), [(false, 0)]);
}

#[test]
fn links_are_seen_going_down_up_and_away() {
    let namespace = Namespace::new();
    let LinkIndex(index) = namespace.cable().index;
    let act = || {
        namespace.ip("link set there down");
        namespace.wait_for("here", false);
        namespace.ip("link set there up");
        namespace.wait_for("here", true);
        namespace.ip("link set here down");
        namespace.ip("link del here");
    };
    let ended =
        |event: &Event| matches!(event, Event::LinkGone { name, .. } if name.as_str() == "here");
    let events = listen(&namespace, act, ended);
    let mut states: Vec<bool> = events
        .iter()
        .filter_map(|event| match event {
            Event::LinkSeen(link) if link.index.0 == index => Some(link.up),
            Event::LinkSeen(_)
            | Event::LinkGone { .. }
            | Event::AddressSeen { .. }
            | Event::AddressGone { .. }
            | Event::RouteGone { .. }
            | Event::RuleGone { .. }
            | Event::Overrun => None,
        })
        .collect();
    states.dedup();
    assert!(states.ends_with(&[false, true, false]), "{states:?}");
}

#[test]
fn addresses_that_vanish_with_their_link_are_nobodys_doing() {
    let namespace = Namespace::new();
    namespace.cable();
    namespace.ip("addr add 192.0.2.3/32 dev here");
    let act = || {
        namespace.ip("link del here");
    };
    let events = listen(&namespace, act, |event| gone(event, "192.0.2.3"));
    assert_eq!(news_of(&events, "192.0.2.3"), [(false, 0)]);
}

#[test]
fn lost_news_are_told() {
    let namespace = Namespace::new();
    let index = namespace.cable().index;
    let overrun = namespace.run(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut monitor = Monitor::open().unwrap();
            let buffer = sys::socket::ReceiveBuffer { bytes: 4096, force: false };
            monitor.set_receive_buffer(buffer).unwrap();
            let address = |i| Address::new(name("here"), [10, 0, 0, i].into(), 32);
            let add: Vec<_> = (0..250).map(|i| Change::AddAddress(address(i), index)).collect();
            assert_eq!(Socket::open().unwrap().apply(&add), []);
            monitor.next().await.unwrap().contains(&Event::Overrun)
        })
    });
    assert!(overrun);
}

/// Whether a removed route or rule may have been one of these, and whose doing it was.
fn removed(event: &Event, route: &Route, rule: &Rule) -> Option<(bool, u32)> {
    match event {
        Event::RouteGone { route: trace, by } => Some((trace.may_be(route), *by)),
        Event::RuleGone { rule: trace, by } => Some((trace.may_be(rule), *by)),
        Event::AddressSeen { .. }
        | Event::AddressGone { .. }
        | Event::LinkSeen(_)
        | Event::LinkGone { .. }
        | Event::Overrun => None,
    }
}

#[test]
fn removed_routes_and_rules_of_keepalived_are_told_with_who_did_it() {
    for (ip, length, route, other) in [
        ("192.0.2.1/24", 24, ("198.51.100.0", "192.0.2.254"), "198.51.101.0/24"),
        ("2001:db8::1/64", 48, ("2001:db8:1::", "2001:db8::9"), "2001:db8:2::/48"),
    ] {
        let namespace = Namespace::new();
        let link = namespace.cable();
        namespace.ip(&format!("addr add {ip} dev here"));
        let (to, via) = route;
        let destination = Network { ip: to.parse().unwrap(), length };
        let family = Family::of(destination.ip);
        let hop =
            NextHop { gateway: via.parse().ok(), link: Some(name("here")), ..NextHop::default() };
        let hops = Hops::One(hop);
        let route = Route { destination: Some(destination), hops, ..Route::new(family) };
        let rule = Rule::new(family, 100, RuleAction::Table(100));
        let mut socket = namespace.run(|| Socket::open().unwrap());
        let port = socket.port();
        let placed = PlacedRoute::new(&route, |_| Some(&link)).unwrap();
        let adds = [Change::AddRoute(placed.clone()), Change::AddRule(rule.clone())];
        let removes = [Change::RemoveRoute(placed), Change::RemoveRule(rule.clone())];
        let act = || {
            let version = if family == Family::V4 { "-4" } else { "-6" };
            assert_eq!(socket.apply(&adds), []);
            // Not ours: nobody hears of it.
            namespace.ip(&format!("{version} route add {other} via {via} proto static"));
            namespace.ip(&format!("{version} route del {other}"));
            namespace.ip(&format!("{version} route add {other} via {via} proto keepalived"));
            namespace.ip(&format!("{version} route del {other}"));
            namespace.ip(&format!("{version} route del {to}/{length}"));
            namespace.ip(&format!("{version} rule del pref 100"));
            assert_eq!(socket.apply(&adds), []);
            assert_eq!(socket.apply(&removes), []);
        };
        let own_rule = |event: &Event| matches!(event, Event::RuleGone { by, .. } if *by == port);
        let events = listen(&namespace, act, own_rule);
        let news: Vec<_> =
            events.iter().filter_map(|event| removed(event, &route, &rule)).collect();
        let whose: Vec<_> = news.iter().map(|(it, by)| (*it, *by == port, *by == 0)).collect();
        let (theirs, ours) = ((true, false, false), (true, true, false));
        assert_eq!(whose, [(false, false, false), theirs, theirs, ours, ours], "{events:?}");
    }
}
