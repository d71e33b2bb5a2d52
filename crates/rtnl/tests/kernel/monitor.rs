//! News of what this and other programs do.

use std::time::Duration;

use net::{Address, LinkIndex};
use rtnl::{Change, Event, Monitor, Socket};
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
        Event::AddressSeen { ip, by, .. } if ip.to_string() == wanted => Some((true, *by)),
        Event::AddressGone { ip, by, .. } if ip.to_string() == wanted => Some((false, *by)),
        Event::AddressSeen { .. }
        | Event::AddressGone { .. }
        | Event::LinkSeen(_)
        | Event::LinkGone { .. }
        | Event::Overrun => None,
    };
    events.iter().filter_map(of).collect()
}

fn gone(event: &Event, wanted: &str) -> bool {
    matches!(event, Event::AddressGone { ip, .. } if ip.to_string() == wanted)
}

#[test]
fn own_changes_are_told_from_those_of_others() {
    let namespace = Namespace::new();
    let index = namespace.cable().index;
    let mut socket = namespace.run(|| Socket::open().unwrap());
    let port = socket.port();
    let act = || {
        let own = Address::new(name("here"), [192, 0, 2, 1].into(), 32);
        assert_eq!(socket.apply(&[Change::Add(own.clone(), index)]), []);
        namespace.ip("addr add 192.0.2.2/32 dev here");
        namespace.ip("addr del 192.0.2.1/32 dev here");
        assert_eq!(socket.apply(&[Change::Add(own.clone(), index)]), []);
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
    let add = || assert_eq!(socket.apply(&[Change::Add(own.clone(), index)]), []);
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
            let add: Vec<_> = (0..250).map(|i| Change::Add(address(i), index)).collect();
            assert_eq!(Socket::open().unwrap().apply(&add), []);
            monitor.next().await.unwrap().contains(&Event::Overrun)
        })
    });
    assert!(overrun);
}
