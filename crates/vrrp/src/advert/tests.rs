use std::net::{IpAddr, Ipv4Addr};

use net::{Address, Family, LinkName};

use super::*;
use crate::config::{
    Announcement, Authentication, Cast, Device, Initial, Instance, Notify, Options, Peer,
    Preemption, VirtualAddress, Watched,
};
use crate::units::{Name, Priority, Version, Vrid};

const SOURCE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const PEER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 18);

fn instance(vrid: u8, version: Version, priority: u8, last_octets: &[u8]) -> Instance {
    let link = LinkName::new("eth0").unwrap();
    let addresses = last_octets.iter().map(|last| {
        let ip = IpAddr::V4(Ipv4Addr::new(192, 0, 2, *last));
        VirtualAddress::new(Address::new(link.clone(), ip, 32))
    });
    Instance {
        name: Name::new("V"),
        vrid: Vrid::new(vrid).unwrap(),
        version,
        family: Family::V4,
        link: link.clone(),
        cast: Cast::Multicast { group: GROUP.into() },
        source: None,
        ttl: 255,
        priority: Priority::new(priority).unwrap(),
        initial: Initial::Backup,
        advert_interval: AdvertInterval::SECOND,
        down_timer_adverts: 3,
        preemption: Preemption::Immediate,
        authentication: Authentication::None,
        addresses: addresses.collect(),
        excluded: Vec::new(),
        tracked_links: Vec::new(),
        tracked_scripts: Vec::new(),
        watched: Watched::default(),
        routes: Vec::new(),
        rules: Vec::new(),
        device: Device::Link,
        hmac: None,
        announcement: Announcement::default(),
        options: Options::default(),
        notify: Notify::default(),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// The captured packets of the original; the header checksum is the kernel's to fill in.
fn assert_packet(instance: &Instance, priority: Advertised, to: Ipv4Addr, captured: &str) {
    let mut expected = bytes(captured);
    expected[10] = 0;
    expected[11] = 0;
    assert_eq!(encode(instance, priority, 1, (SOURCE, to)), expected);
}

fn own(instance: &Instance) -> Advertised {
    Advertised::Priority(instance.priority)
}

#[test]
fn a_plain_v2_advert_is_the_captured_one() {
    let v51 = instance(51, Version::V2, 100, &[51]);
    let head = "45 c0 00 28 00 01 00 00 ff 70 18 91 c0 00 02 01 e0 00 00 12 ";
    let tail = " c0 00 02 33 00 00 00 00 00 00 00 00";
    let packet = |pdu| format!("{head}{pdu}{tail}");
    assert_packet(&v51, own(&v51), GROUP, &packet("21 33 64 01 00 01 b8 96"));
    assert_packet(&v51, Advertised::Release, GROUP, &packet("21 33 00 01 00 01 1c 97"));
}

#[test]
fn a_password_stands_at_the_end() {
    let v52 = Instance {
        authentication: Authentication::Pass(*b"secret12"),
        advert_interval: AdvertInterval::from_secs(2).unwrap(),
        ..instance(52, Version::V2, 150, &[52, 53])
    };
    let captured = "45 c0 00 2c 00 01 00 00 ff 70 18 8d c0 00 02 01 e0 00 00 12
        21 34 96 02 01 02 55 de c0 00 02 34 c0 00 02 35 73 65 63 72 65 74 31 32";
    assert_packet(&v52, own(&v52), GROUP, captured);
}

#[test]
fn v3_adverts_are_the_captured_ones() {
    let v54 = Instance {
        advert_interval: AdvertInterval::from_centis(50).unwrap(),
        ..instance(54, Version::V3, 200, &[55])
    };
    let multicast = "45 c0 00 20 00 01 00 00 ff 70 18 99 c0 00 02 01 e0 00 00 12
        31 36 c8 01 00 32 a1 cd c0 00 02 37";
    assert_packet(&v54, own(&v54), GROUP, multicast);
    let v55 = instance(55, Version::V3, 200, &[56]);
    let unicast = encode(&v55, own(&v55), 1, (SOURCE, PEER));
    assert_eq!(unicast[20..], bytes("31 37 c8 01 00 64 bf a9 c0 00 02 38"));
}

#[test]
fn what_is_written_can_be_read() {
    for version in [Version::V2, Version::V3] {
        let ours = instance(9, version, 120, &[1, 2, 3]);
        let packet = encode(&ours, own(&ours), 7, (SOURCE, GROUP));
        let advert = decode(&packet, &ours, None).unwrap();
        assert_eq!((advert.source, advert.priority), (SOURCE, own(&ours)));
        assert_eq!((advert.interval, advert.remarks), (ours.advert_interval, vec![]));
    }
}

/// Changes one byte of a good packet and says why it is refused then.
fn refused(ours: &Instance, change: impl Fn(&mut Vec<u8>)) -> Discard {
    let mut packet = encode(ours, own(ours), 1, (SOURCE, GROUP));
    change(&mut packet);
    decode(&packet, ours, None).unwrap_err()
}

#[test]
fn every_check_refuses_what_it_is_for() {
    let ours = Instance {
        authentication: Authentication::Pass(*b"secret12"),
        ..instance(52, Version::V2, 150, &[52])
    };
    assert!(matches!(refused(&ours, |p| p[9] = 51), Discard::UnexpectedAh));
    assert!(matches!(refused(&ours, |p| p[23] = 9), Discard::Length { .. }));
    assert!(matches!(refused(&ours, |p| p.truncate(25)), Discard::Length { .. }));
    assert_eq!(refused(&ours, |p| p[8] = 254), Discard::Ttl(254));
    assert!(matches!(refused(&ours, |p| p[24] = 7), Discard::AuthType(7)));
    assert!(matches!(refused(&ours, |p| p[24] = 0), Discard::AuthTypeMismatch { .. }));
    assert_eq!(refused(&ours, |p| p[39] ^= 1), Discard::Password);
    assert!(matches!(refused(&ours, |p| p[25] = 2), Discard::Interval { received: 2, .. }));
    assert_eq!(refused(&ours, |p| p[20] = 0x23), Discard::Type(3));
    assert!(matches!(refused(&ours, |p| p[3] += 1), Discard::TotalLength { .. }));
    assert_eq!(refused(&ours, |p| p[27] ^= 1), Discard::Checksum(Version::V2));
    assert_eq!(
        refused(&ours, |p| p[16..20].copy_from_slice(&PEER.octets())),
        Discard::Cast { unicast_expected: false }
    );
    let v3 = Instance { version: Version::V3, ..ours };
    let packet =
        encode(&instance(52, Version::V2, 1, &[52]), Advertised::Release, 1, (SOURCE, GROUP));
    assert!(matches!(decode(&packet, &v3, None), Err(Discard::Version { received: 2, .. })));
}

#[test]
fn padding_of_short_frames_is_tolerated() {
    let ours = instance(54, Version::V3, 150, &[]);
    let mut packet = encode(&ours, own(&ours), 1, (SOURCE, GROUP));
    packet.resize(46, 0);
    assert!(decode(&packet, &ours, None).is_ok());
}

#[test]
fn other_addresses_are_remarked_on_but_accepted() {
    let theirs = instance(54, Version::V3, 150, &[1, 2]);
    let ours = instance(54, Version::V3, 100, &[1, 3, 4]);
    let packet = encode(&theirs, own(&theirs), 1, (SOURCE, GROUP));
    let kinds = |known| -> Vec<_> {
        let advert = decode(&packet, &ours, known).unwrap();
        advert.remarks.iter().map(Remark::kind).collect()
    };
    assert_eq!(kinds(None), [DiscardKind::Count, DiscardKind::Address]);
    let skipping =
        Instance { options: Options { skip_address_check: true, ..Options::default() }, ..ours };
    assert_eq!(decode(&packet, &skipping, Some(SOURCE)).unwrap().remarks.len(), 1);
}

#[test]
fn only_peers_may_send_when_sources_are_checked() {
    let peer = |address, min_ttl| Peer { address: IpAddr::V4(address), min_ttl, max_ttl: 255 };
    let ours = Instance {
        cast: Cast::Unicast { peers: vec![peer(PEER, 0)] },
        options: Options { check_unicast_source: true, ..Options::default() },
        ..instance(55, Version::V3, 100, &[1])
    };
    let packet = encode(&ours, own(&ours), 1, (SOURCE, PEER));
    assert_eq!(decode(&packet, &ours, None), Err(Discard::NotAPeer));
    let near = Instance { cast: Cast::Unicast { peers: vec![peer(SOURCE, 255)] }, ..ours };
    assert!(decode(&packet, &near, None).is_ok());
    let far = Instance { ttl: 64, ..near.clone() };
    let packet = encode(&far, own(&far), 1, (SOURCE, PEER));
    assert!(matches!(decode(&packet, &near, None), Err(Discard::PeerTtl { ttl: 64, .. })));
}
