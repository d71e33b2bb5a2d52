//! A unicast master that has never heard a peer says after a minute what may be in the way.

use super::solo::{LOWER, Solo, advert, instance};
use crate::StateKind;
use crate::config::{Cast, Instance, Peer};

const LINE: &str = "is master and has heard no packet of 192.0.2.2 since the start";

fn unicast() -> Instance {
    let peer = Peer { address: LOWER.parse().unwrap(), min_ttl: 0, max_ttl: 255 };
    Instance { cast: Cast::Unicast { peers: vec![peer] }, ..instance(100) }
}

/// Master since 3.609 s.
fn at(config: Instance, millis: u64) -> Solo {
    let mut solo = Solo::new(config);
    solo.until(millis);
    assert_eq!(solo.state(), StateKind::Master);
    solo
}

#[test]
fn it_is_said_once_after_a_minute() {
    let mut solo = at(unicast(), 63_609);
    assert!(!solo.has(LINE));
    solo.until(63_610);
    assert!(solo.has(LINE) && solo.has("VRID 51"), "{:?}", solo.lines);
    solo.until(600_000);
    assert_eq!(solo.count(LINE), 1);
}

/// Also one that is refused: something comes through.
#[test]
fn any_packet_of_a_peer_is_enough() {
    for before in [true, false] {
        let mut solo = at(unicast(), 10_000);
        let mut packet = advert(&unicast(), LOWER, 50);
        *packet.last_mut().unwrap() ^= 1;
        if before {
            solo.packet(&packet);
            assert!(solo.has("Invalid VRRPv3 checksum"), "{:?}", solo.lines);
        }
        solo.until(600_000);
        assert_eq!(solo.has(LINE), !before);
    }
}

#[test]
fn a_router_that_was_a_backup_behind_a_peer_has_heard_it() {
    let mut solo = Solo::new(unicast());
    solo.until(1_000);
    solo.hear(LOWER, 200);
    solo.until(600_000);
    assert_eq!((solo.state(), solo.has(LINE)), (StateKind::Master, false));
}

#[test]
fn nobody_has_to_be_there_where_anybody_may_be() {
    assert!(!at(instance(100), 600_000).has("has heard no packet"));
}
