//! A unicast router that comes out of FAULT announces its own address (compat 11 §4.9).

use std::time::Duration;

use net::{AddressKey, Link};

use super::solo::{HIGHER, OWN, Solo, instance, link};
use crate::config::{Cast, Instance, Peer, Seat, Settings, Tracked};
use crate::units::Weight;
use crate::{Input, StateKind};

fn unicast() -> Instance {
    let peer = Peer { address: HIGHER.parse().unwrap(), min_ttl: 0, max_ttl: 255 };
    Instance { cast: Cast::Unicast { peers: vec![peer] }, ..instance(100) }
}

/// The loss of the link is a fault.
fn tracking(mut config: Instance) -> Instance {
    let (object, weight) = (link().name, Weight::FAULT);
    config.tracked_links = vec![Tracked { object, weight, reverse: false }];
    config
}

/// Its link goes down and comes up.
fn flap(solo: &mut Solo) {
    solo.input(Input::Link(Link { up: false, ..link() }));
    assert_eq!(solo.state(), StateKind::Fault);
    solo.input(Input::Link(link()));
    assert_eq!(solo.state(), StateKind::Backup);
}

fn announced(solo: &Solo) -> u64 {
    solo.orders.last().unwrap().own.count
}

#[test]
fn each_time_it_comes_out_of_fault_it_says_where_it_is() {
    let mut solo = Solo::new(tracking(unicast()));
    assert_eq!(announced(&solo), 0, "it was not in FAULT");
    for times in 1..3 {
        flap(&mut solo);
        assert_eq!(announced(&solo), times);
    }
    let own = &solo.orders.last().unwrap().own;
    let key = AddressKey { link: link().name, ip: OWN.parse().unwrap(), prefix: 32 };
    assert_eq!(*own.addresses, [key]);
    assert_eq!(solo.count("V: sending gratuitous ARP for 192.0.2.10"), 2);
    // What it holds has nothing to do with it.
    assert_eq!(solo.announced().0, 0);
    solo.input(Input::Stop);
    assert!(solo.orders.last().unwrap().own.addresses.is_empty(), "it is gone for good");
}

#[test]
fn neither_to_a_group_nor_without_an_interface_nor_before_anybody_acts() {
    let anywhere =
        Instance { seat: Seat::Address { source: OWN.parse().unwrap(), vrf: None }, ..unicast() };
    for config in [instance(100), anywhere] {
        let mut solo = Solo::new(tracking(config));
        flap(&mut solo);
        assert_eq!(announced(&solo), 0);
    }
    let startup_delay = Duration::from_secs(10);
    let mut early =
        Solo::with_settings(tracking(unicast()), Settings { startup_delay, ..Settings::default() });
    flap(&mut early);
    assert_eq!(announced(&early), 0);
    early.until(11_000);
    flap(&mut early);
    assert_eq!(announced(&early), 1);
}
