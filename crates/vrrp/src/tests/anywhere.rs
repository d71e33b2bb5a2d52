//! Unicast instances without an interface: bound to an address, in a VRF or not (compat 11 §9).

use std::net::IpAddr;

use net::{Link, LinkIndex, LinkName};

use super::solo::{HIGHER, OWN, Solo, advert, held, instance, link};
use crate::config::{Cast, Instance, Peer, Seat, Tracked};
use crate::units::Weight;
use crate::{Gate, Input, StateKind};

fn own() -> IpAddr {
    OWN.parse().unwrap()
}

fn name(text: &str) -> LinkName {
    LinkName::new(text).unwrap()
}

/// Bound to its address, and nothing else is tracked.
fn anywhere(vrf: Option<&str>) -> Instance {
    let peer = Peer { address: HIGHER.parse().unwrap(), min_ttl: 0, max_ttl: 255 };
    Instance {
        seat: Seat::Address { source: own(), vrf: vrf.map(name) },
        cast: Cast::Unicast { peers: vec![peer] },
        tracked_links: Vec::new(),
        ..instance(100)
    }
}

/// Another link, with or without the address.
fn other(text: &str, index: u32, addresses: &[&str]) -> Link {
    Link { name: name(text), index: LinkIndex(index), addresses: held(addresses), ..link() }
}

fn vrf(text: &str, index: u32) -> Link {
    Link { kind: net::LinkKind::Vrf { table: 10 }, ..other(text, index, &[]) }
}

/// It stays where it is as long as its links come and go without its address being tracked.
#[test]
fn it_needs_no_link_at_all() {
    let mut solo = Solo::new(anywhere(None));
    solo.input(Input::LinkGone(link().name));
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(5_000);
    assert_eq!(solo.state(), StateKind::Master);
    assert_eq!(solo.view().source, Some(own()));
    let endpoints = solo.router.poll_endpoints().unwrap().to_vec();
    let gates: Vec<_> = endpoints.iter().map(|endpoint| &endpoint.gate).collect();
    assert_eq!(gates, [&Gate::Address { source: own(), vrf: None }]);
    assert_eq!(endpoints[0].index, None);
    assert!(endpoints[0].groups.is_empty());
}

/// Its own socket is for it alone: the link may carry the same number for somebody else.
#[test]
fn it_hears_what_comes_in_for_its_address() {
    let mut on_link = anywhere(None);
    on_link.seat = Seat::Link { link: link().name, source: Some(own()) };
    on_link.name = crate::Name::new("L");
    let instances = vec![anywhere(None), on_link.clone()];
    let mut solo = Solo::with(crate::config::Config { instances, ..Default::default() });
    solo.until(5_000);
    let states = |solo: &Solo| solo.router.views().map(|view| view.state).collect::<Vec<_>>();
    assert_eq!(states(&solo), [StateKind::Master, StateKind::Master]);
    let packet = advert(&on_link, HIGHER, 200);
    solo.packet(&packet);
    assert_eq!(states(&solo), [StateKind::Backup, StateKind::Master]);
    let gate = Gate::Link(link().name);
    solo.input(Input::Packet { gate: &gate, bytes: &packet });
    assert_eq!(states(&solo), [StateKind::Backup, StateKind::Backup]);
}

#[test]
fn with_track_src_ip_it_fails_while_its_address_is_on_no_link() {
    let mut config = anywhere(None);
    config.options.tracks_source = true;
    let mut solo = Solo::new(config);
    solo.until(5_000);
    assert_eq!(solo.state(), StateKind::Master);
    solo.input(Input::Link(Link { addresses: Vec::new(), ..link() }));
    assert_eq!(solo.state(), StateKind::Fault);
    assert!(solo.has("(V): entering FAULT state (src address not configured)"));
    assert_eq!(solo.sent.last(), Some(&(5_000, 0)), "the peers need not wait");
    // It may come back on another link; one of a VRF is none of its own.
    solo.input(Input::Link(vrf("blue", 8)));
    let enslaved = Link { master: Some(LinkIndex(8)), ..other("eth1", 3, &[OWN]) };
    solo.input(Input::Link(enslaved.clone()));
    assert_eq!(solo.state(), StateKind::Fault);
    solo.input(Input::Link(Link { master: None, ..enslaved }));
    assert_eq!(solo.state(), StateKind::Backup);
    solo.input(Input::LinkGone(name("eth1")));
    assert_eq!(solo.state(), StateKind::Fault);
}

#[test]
fn it_fails_while_its_vrf_is_missing_or_down() {
    let mut config = anywhere(Some("blue"));
    let weight = Weight::FAULT;
    config.tracked_links = vec![Tracked { object: name("blue"), weight, reverse: false }];
    config.options.tracks_source = true;
    let mut solo = Solo::new(config);
    assert_eq!(solo.state(), StateKind::Fault);
    assert!(solo.has("(V): entering FAULT state (interface blue down)"));
    assert_eq!(solo.router.poll_endpoints(), None, "there is nothing to bind a socket to");
    solo.input(Input::Link(vrf("blue", 8)));
    assert_eq!(solo.state(), StateKind::Fault, "its address is in no VRF");
    solo.input(Input::Link(Link { master: Some(LinkIndex(8)), ..link() }));
    assert_eq!(solo.state(), StateKind::Backup);
    let endpoints = solo.router.poll_endpoints().unwrap();
    assert_eq!(endpoints[0].gate, Gate::Address { source: own(), vrf: Some(name("blue")) });
    assert_eq!(endpoints[0].index, Some(LinkIndex(8)));
    solo.until(5_000);
    assert_eq!(solo.state(), StateKind::Master);
    solo.input(Input::Link(Link { up: false, ..vrf("blue", 8) }));
    assert_eq!(solo.state(), StateKind::Fault);
    assert!(solo.has("Netlink reports blue down"));
}

#[test]
fn a_socket_that_cannot_be_opened_is_named_by_its_address() {
    let mut solo = Solo::new(anywhere(None));
    let gate = Gate::Address { source: own(), vrf: None };
    solo.input(Input::Deaf([gate].into()));
    assert_eq!(solo.state(), StateKind::Fault);
    assert!(solo.has("(V) entering FAULT state (no socket for 192.0.2.10)"));
    solo.input(Input::Deaf([Gate::Link(link().name)].into()));
    assert_eq!(solo.state(), StateKind::Backup);
}
