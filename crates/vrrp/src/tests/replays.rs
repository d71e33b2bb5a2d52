//! Numbers that count once: those of AH, and those in trailers of `auth_hmac`.

use std::net::IpAddr;
use std::time::Duration;

use super::solo::{HIGHER, LOWER, OWN, Solo, instance};
use crate::StateKind;
use crate::advert::tests::instance as any_instance;
use crate::advert::{Sequence, Stamp, encode};
use crate::config::{
    Authentication, Cast, Freshness, Hmac, HmacKey, HmacMode, Instance, Peer, UnicastChecksum,
};
use crate::{Advertised, Priority, Version};

const SYNCED: &str = "(V) IPSEC-AH : Syncing seq_num - Increment seq";
const FIRST: Stamp = Stamp { identification: 1, sequence: 1, number: None, old_checksum: false };

fn master(config: Instance) -> Solo {
    let mut solo = Solo::new(config);
    solo.until(4_000);
    assert_eq!(solo.state(), StateKind::Master);
    solo
}

/// An advert of priority 50 from a neighbour that is configured like this one.
fn lower(like: &Instance, stamp: Stamp) -> Vec<u8> {
    let to: IpAddr = match &like.cast {
        Cast::Multicast { group } => *group,
        Cast::Unicast { .. } => OWN.parse().unwrap(),
    };
    let said = Advertised::Priority(Priority::new(50).unwrap());
    encode(like, said, stamp, (LOWER.parse().unwrap(), to))
}

#[test]
fn a_number_of_ah_counts_once_and_a_master_gets_ahead_of_a_worse_one() {
    let authentication = Authentication::Ah(*b"secret12");
    let config = Instance { authentication, ..any_instance(51, Version::V2, 100, &[51]) };
    let mut solo = master(config.clone());
    let heard = |solo: &Solo| solo.count("Received advert from 192.0.2.2 with lower priority 50");
    let with = |sequence| lower(&config, Stamp { sequence, ..FIRST });
    solo.packet(&with(1_000));
    assert_eq!((heard(&solo), solo.count(SYNCED)), (1, 1));
    let answer = solo.packets.last().unwrap();
    assert_eq!(answer[28..32], 1_002_u32.to_be_bytes());
    // Seen before, and older than what this router has used itself.
    for old in [1_000, 1_001] {
        solo.packet(&with(old));
    }
    assert_eq!((heard(&solo), solo.view().stats.auth_failure), (1, 2));
    assert!(solo.has("sequence number 1000 already processed. Packet dropped. Local(1002)"));
    // Used by this router only: two that began at the same moment have to hear each other.
    solo.packet(&with(1_002));
    assert_eq!(heard(&solo), 2);
    solo.packet(&with(1_002));
    assert_eq!(heard(&solo), 2);
}

fn trailed(mode: HmacMode) -> Instance {
    let hmac = Hmac {
        keys: vec![HmacKey { id: 7, secret: vec![7; 32] }],
        active: 7,
        window: Duration::from_secs(5),
        freshness: Freshness::Monotonic,
        mode,
    };
    Instance { hmac: Some(hmac), ..instance(100) }
}

#[test]
fn a_trailer_counts_once() {
    let config = trailed(HmacMode::Enforce);
    let mut solo = master(config.clone());
    let number = |seconds| Some(Sequence::of_time(Duration::from_secs(seconds)));
    let with = |seconds| lower(&config, Stamp { number: number(seconds), ..FIRST });
    for seconds in [5, 5, 4, 6] {
        solo.packet(&with(seconds));
    }
    let stats = solo.view().stats;
    assert_eq!((stats.advert_rcvd, stats.auth_ext_replay), (2, 2));
    assert_eq!(solo.count("(V) replayed authentication trailer from 192.0.2.2"), 1);
}

#[test]
fn who_only_receives_trailers_sends_none() {
    for (mode, bytes) in [(HmacMode::Permissive, 32 + 28), (HmacMode::ReceiveOnly, 32)] {
        let solo = master(trailed(mode));
        assert_eq!(solo.packets[0].len(), bytes, "{mode:?}");
    }
}

fn unicast(peer: &str, config: Instance) -> Instance {
    let peer = Peer { address: peer.parse().unwrap(), min_ttl: 0, max_ttl: 255 };
    Instance { cast: Cast::Unicast { peers: vec![peer] }, ..config }
}

#[test]
fn a_trailer_of_nobody_s_peer_is_not_looked_at() {
    let config = unicast(HIGHER, trailed(HmacMode::Enforce));
    let mut solo = master(config.clone());
    let number = Some(Sequence::of_time(Duration::from_secs(5)));
    solo.packet(&lower(&config, Stamp { number, ..FIRST }));
    assert!(solo.has("(V) unicast source address 192.0.2.2 not a unicast peer"));
    assert_eq!(solo.view().stats.advert_rcvd, 0);
}

#[test]
fn an_old_checksum_is_noticed_once_and_answered_in_kind() {
    let config = unicast(LOWER, instance(100));
    let mut solo = master(config.clone());
    for _ in 0..2 {
        solo.packet(&lower(&config, Stamp { old_checksum: true, ..FIRST }));
    }
    assert_eq!(solo.count("(V) Setting unicast VRRPv3 checksum to old version"), 1);
    let mut old = config.clone();
    old.options.unicast_checksum = UnicastChecksum::Old;
    let expected = master(old);
    let checksum = |solo: &Solo| solo.packets.last().unwrap()[26..28].to_vec();
    assert_eq!(checksum(&solo), checksum(&expected));
}

/// A backup has not used any number itself that would be higher.
#[test]
fn a_backup_believes_each_number_of_ah_once() {
    let authentication = Authentication::Ah(*b"secret12");
    let config = Instance { authentication, ..any_instance(51, Version::V2, 100, &[51]) };
    let mut solo = Solo::new(config.clone());
    let higher = Instance { priority: Priority::new(200).unwrap(), ..config };
    let (said, from) = (Advertised::Priority(higher.priority), HIGHER.parse().unwrap());
    let stamp = Stamp { sequence: 9, ..FIRST };
    let packet = encode(&higher, said, stamp, (from, "224.0.0.18".parse().unwrap()));
    solo.until(1_000);
    solo.packet(&packet);
    solo.until(2_000);
    solo.packet(&packet);
    let stats = solo.view().stats;
    assert_eq!((stats.advert_rcvd, stats.auth_failure), (1, 1));
    // Somebody who plays it again and again does not keep the master away.
    solo.until(1_000 + 3_610);
    assert_eq!(solo.state(), StateKind::Master);
}
