use std::net::{IpAddr, Ipv4Addr};

use net::{Address, Family, LinkName};

use std::time::Duration;

use super::*;
use crate::config::{
    Announcement, Authentication, Cast, Device, Freshness, Hmac, HmacKey, HmacMode, Initial,
    Instance, Notify, Options, Peer, Preemption, Seat, VirtualAddress, Watched,
};
use crate::units::{Name, Priority, Version, Vrid};

const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
const FIRST: Stamp = Stamp { identification: 1, sequence: 1, number: None, old_checksum: false };
const GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18));

pub(crate) fn instance(vrid: u8, version: Version, priority: u8, last_octets: &[u8]) -> Instance {
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
        seat: Seat::on(link.clone()),
        cast: Cast::Multicast { group: GROUP },
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
        obstacle: None,
        hmac: None,
        announcement: Announcement::default(),
        options: Options::default(),
        notify: Notify::default(),
    }
}

fn circumstances(known_master: Option<IpAddr>) -> Circumstances {
    Circumstances { known_master, ..Circumstances::default() }
}

fn read(packet: &[u8], instance: &Instance) -> Result<Advert, Discard> {
    decode(packet, instance, Circumstances::default())
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// The captured packets of the original; the header checksum is the kernel's to fill in.
fn assert_packet(instance: &Instance, priority: Advertised, to: IpAddr, captured: &str) {
    let mut expected = bytes(captured);
    expected[10] = 0;
    expected[11] = 0;
    assert_eq!(encode(instance, priority, FIRST, (SOURCE, to)), expected);
    assert_eq!(size(instance), expected.len());
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
    let unicast = encode(&v55, own(&v55), FIRST, (SOURCE, PEER));
    assert_eq!(unicast[20..], bytes("31 37 c8 01 00 64 bf a9 c0 00 02 38"));
}

#[test]
fn what_is_written_can_be_read() {
    for version in [Version::V2, Version::V3] {
        let ours = instance(9, version, 120, &[1, 2, 3]);
        let packet = encode(&ours, own(&ours), FIRST, (SOURCE, GROUP));
        let advert = read(&packet, &ours).unwrap();
        assert_eq!((advert.source, advert.priority), (SOURCE, own(&ours)));
        assert_eq!((advert.interval, advert.remarks), (ours.advert_interval, vec![]));
    }
}

/// Changes one byte of a good packet and says why it is refused then.
fn refused(ours: &Instance, change: impl Fn(&mut Vec<u8>)) -> Discard {
    let mut packet = encode(ours, own(ours), FIRST, (SOURCE, GROUP));
    change(&mut packet);
    read(&packet, ours).unwrap_err()
}

#[test]
fn every_check_refuses_what_it_is_for() {
    let ours = Instance {
        authentication: Authentication::Pass(*b"secret12"),
        ..instance(52, Version::V2, 150, &[52])
    };
    assert!(matches!(refused(&ours, |p| p[9] = 51), Discard::Distrusted(Distrust::UnexpectedAh)));
    assert!(matches!(refused(&ours, |p| p[23] = 9), Discard::Length { .. }));
    assert!(matches!(refused(&ours, |p| p.truncate(25)), Discard::Length { .. }));
    assert_eq!(refused(&ours, |p| p[8] = 254), Discard::Ttl(254));
    assert!(matches!(refused(&ours, |p| p[24] = 7), Discard::Distrusted(Distrust::AuthType(7))));
    assert!(matches!(
        refused(&ours, |p| p[24] = 0),
        Discard::Distrusted(Distrust::AuthTypeMismatch { .. })
    ));
    assert_eq!(refused(&ours, |p| p[39] ^= 1), Distrust::Password.into());
    assert!(matches!(refused(&ours, |p| p[25] = 2), Discard::Interval { received: 2, .. }));
    assert_eq!(refused(&ours, |p| p[20] = 0x23), Discard::Type(3));
    assert!(matches!(refused(&ours, |p| p[3] += 1), Discard::TotalLength { .. }));
    assert_eq!(refused(&ours, |p| p[27] ^= 1), Discard::Checksum(Version::V2));
    assert_eq!(
        refused(&ours, |p| p[16..20].copy_from_slice(&[192, 0, 2, 2])),
        Discard::Cast { unicast_expected: false }
    );
    let v3 = Instance { version: Version::V3, ..ours };
    let packet =
        encode(&instance(52, Version::V2, 1, &[52]), Advertised::Release, FIRST, (SOURCE, GROUP));
    assert!(matches!(read(&packet, &v3), Err(Discard::Version { received: 2, .. })));
}

#[test]
fn padding_of_short_frames_is_tolerated() {
    let ours = instance(54, Version::V3, 150, &[]);
    let mut packet = encode(&ours, own(&ours), FIRST, (SOURCE, GROUP));
    packet.resize(46, 0);
    assert!(read(&packet, &ours).is_ok());
}

#[test]
fn other_addresses_are_remarked_on_but_accepted() {
    let theirs = instance(54, Version::V3, 150, &[1, 2]);
    let ours = instance(54, Version::V3, 100, &[1, 3, 4]);
    let packet = encode(&theirs, own(&theirs), FIRST, (SOURCE, GROUP));
    let kinds = |known| -> Vec<_> {
        let advert = decode(&packet, &ours, circumstances(known)).unwrap();
        advert.remarks.iter().map(Remark::kind).collect()
    };
    assert_eq!(kinds(None), [DiscardKind::Count, DiscardKind::Address]);
    let skipping =
        Instance { options: Options { skip_address_check: true, ..Options::default() }, ..ours };
    assert_eq!(decode(&packet, &skipping, circumstances(Some(SOURCE))).unwrap().remarks.len(), 1);
}

#[test]
fn only_peers_may_send_when_sources_are_checked() {
    let peer = |address, min_ttl| Peer { address, min_ttl, max_ttl: 255 };
    let ours = Instance {
        cast: Cast::Unicast { peers: vec![peer(PEER, 0)] },
        options: Options { check_unicast_source: true, ..Options::default() },
        ..instance(55, Version::V3, 100, &[1])
    };
    let packet = encode(&ours, own(&ours), FIRST, (SOURCE, PEER));
    assert_eq!(read(&packet, &ours), Err(Discard::NotAPeer));
    let near = Instance { cast: Cast::Unicast { peers: vec![peer(SOURCE, 255)] }, ..ours };
    assert!(read(&packet, &near).is_ok());
    let far = Instance { ttl: 64, ..near.clone() };
    let packet = encode(&far, own(&far), FIRST, (SOURCE, PEER));
    assert!(matches!(read(&packet, &near), Err(Discard::PeerTtl { ttl: 64, .. })));
}

/// The original's packet of compat 11 §1.7.
const UNDER_AH: &str = "45 c0 00 40 00 01 00 00 ff 33 18 b6 c0 00 02 01 e0 00 00 12
    70 04 00 00 c0 00 02 01 00 00 00 01 d9 9f ba 87 db 13 f3 e4 c3 71 a8 b3
    21 35 96 01 02 01 84 91 c0 00 02 36 00 00 00 00 00 00 00 00";

fn under_ah() -> Instance {
    Instance {
        authentication: Authentication::Ah(*b"1111\0\0\0\0"),
        ..instance(53, Version::V2, 150, &[54])
    }
}

#[test]
fn an_advert_under_ah_is_the_captured_one_and_can_be_read() {
    let ours = under_ah();
    assert_packet(&ours, own(&ours), GROUP, UNDER_AH);
    let advert = read(&bytes(UNDER_AH), &ours).unwrap();
    assert_eq!((advert.sequence, advert.priority), (Some(1), own(&ours)));
    let mut padded = bytes(UNDER_AH);
    padded[10] ^= 0xff;
    assert!(read(&padded, &ours).is_ok(), "routers write the header's checksum anew");
}

#[test]
fn ah_covers_every_bit_of_the_packet_that_does_not_change_on_its_way() {
    let (ours, good) = (under_ah(), bytes(UNDER_AH));
    for at in 0..good.len() {
        let changes = [1, 6, 7, 10, 11].contains(&at);
        let mut packet = good.clone();
        packet[at] ^= 1;
        assert_eq!(read(&packet, &ours).is_ok(), changes, "byte {at}");
    }
    let mut other = good.clone();
    other[15] = 9;
    ah::sign(&mut other, *b"1111\0\0\0\0", false);
    assert_eq!(read(&other, &ours), Err(Distrust::Association([192, 0, 2, 1].into()).into()));
    let plain = instance(53, Version::V2, 150, &[54]);
    assert_eq!(read(&good, &plain), Err(Distrust::UnexpectedAh.into()));
    let packet = encode(&plain, own(&plain), FIRST, (SOURCE, GROUP));
    assert_eq!(read(&packet, &ours), Err(Distrust::MissingAh.into()));
}

#[test]
fn an_ipv6_advert_is_the_captured_one_and_can_be_read() {
    let addresses = ["fe80::57", "2001:db8::57"].map(|ip| VirtualAddress {
        address: Address::new(LinkName::new("eth0").unwrap(), ip.parse().unwrap(), 128),
        tracked: true,
        own_device: false,
    });
    let group: IpAddr = "ff02::12".parse().unwrap();
    let ours = Instance {
        family: Family::V6,
        cast: Cast::Multicast { group },
        addresses: addresses.to_vec(),
        ..instance(57, Version::V3, 120, &[])
    };
    let source: IpAddr = "fe80::ff:fe00:a".parse().unwrap();
    let packet = encode(&ours, own(&ours), FIRST, (source, group));
    // All but the flow label, which the kernel chose there.
    let captured = bytes(
        "6c 00 00 00 00 28 70 ff fe 80 00 00 00 00 00 00 00 00 00 ff fe 00 00 0a
         ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 12 31 39 78 02 00 64 2c 40
         fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 57
         20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 57",
    );
    assert_eq!(packet, captured);
    let advert = read(&packet, &ours).unwrap();
    assert_eq!((advert.source, advert.remarks), (source, vec![]));
    let mut wrong = packet.clone();
    wrong[7] = 254;
    assert_eq!(read(&wrong, &ours), Err(Discard::Ttl(254)));
    let mut wrong = packet;
    wrong[60] ^= 1;
    assert_eq!(read(&wrong, &ours), Err(Discard::Checksum(Version::V3)));
}

/// The clock of the worked example's trailer.
const THEN: Circumstances =
    Circumstances { known_master: None, since_1970: Duration::from_secs(0x6b00_4867) };

fn trailed(mode: HmacMode) -> Instance {
    let secret = b"0123456789abcdef0123456789abcdef".to_vec();
    let hmac = Hmac {
        keys: vec![HmacKey { id: 7, secret }],
        active: 7,
        window: Duration::from_secs(5),
        freshness: Freshness::Time,
        mode,
    };
    Instance { hmac: Some(hmac), ..instance(61, Version::V3, 200, &[61]) }
}

/// The original's packet of compat 11 §1.7.
const TRAILED: &str = "45 c0 00 3c 00 01 00 00 ff 70 18 7d c0 00 02 01 e0 00 00 12
    31 3d c8 01 00 64 a1 8e c0 00 02 3d
    01 07 00 00 6b 00 48 67 49 6a 00 00 a6 7d 30 e5 3f a5 85 d1 69 2e 5b bc 52 22 ee b3";

#[test]
fn an_advert_with_a_trailer_is_the_worked_example_and_can_be_read() {
    let ours = trailed(HmacMode::Enforce);
    let number = Sequence::from_bytes([0x6b, 0, 0x48, 0x67, 0x49, 0x6a, 0, 0]);
    let stamp = Stamp { number: Some(number), ..FIRST };
    let mut expected = bytes(TRAILED);
    expected[10..12].fill(0);
    assert_eq!(encode(&ours, own(&ours), stamp, (SOURCE, GROUP)), expected);
    let advert = decode(&expected, &ours, THEN).unwrap();
    assert_eq!((advert.number, advert.priority), (Some(number), own(&ours)));
}

#[test]
fn trailers_are_refused_for_what_is_wrong_with_them() {
    let ours = trailed(HmacMode::Enforce);
    let refused = |change: fn(&mut Vec<u8>)| {
        let mut packet = bytes(TRAILED);
        change(&mut packet);
        decode(&packet, &ours, THEN).unwrap_err()
    };
    assert_eq!(refused(|packet| packet.truncate(32)), Distrust::NoTrailer.into());
    assert_eq!(refused(|packet| packet[32] = 2), Distrust::MalformedTrailer.into());
    assert_eq!(refused(|packet| packet[34] = 1), Distrust::MalformedTrailer.into());
    assert_eq!(refused(|packet| packet[33] = 8), Distrust::UnknownKey(8).into());
    assert_eq!(refused(|packet| packet[59] ^= 1), Distrust::Forged.into());
    assert_eq!(refused(|packet| packet[22] ^= 1), Distrust::Forged.into());
    let window = Duration::from_secs(5);
    assert_eq!(refused(|packet| packet[39] += 6), Distrust::Stale { skew: 6, window }.into());
    assert_eq!(refused(|packet| packet[39] -= 6), Distrust::Stale { skew: -6, window }.into());
    let mut packet = bytes(TRAILED);
    packet.truncate(32);
    packet[3] = 32;
    let lenient = trailed(HmacMode::Permissive);
    assert_eq!(decode(&packet, &lenient, THEN).unwrap().number, None);
    let plain = instance(61, Version::V3, 200, &[61]);
    assert!(matches!(read(&bytes(TRAILED), &plain), Err(Discard::Length { .. })));
}

#[test]
fn over_ipv6_the_checksum_covers_the_trailer() {
    let group: IpAddr = "ff02::12".parse().unwrap();
    let ours = Instance {
        family: Family::V6,
        cast: Cast::Multicast { group },
        addresses: Vec::new(),
        ..trailed(HmacMode::Enforce)
    };
    let number = Sequence::of_time(THEN.since_1970);
    let stamp = Stamp { number: Some(number), ..FIRST };
    let source: IpAddr = "fe80::1".parse().unwrap();
    let packet = encode(&ours, own(&ours), stamp, (source, group));
    assert_eq!(decode(&packet, &ours, THEN).unwrap().number, Some(number));
    assert_eq!(checksum::with_pseudo_header(&packet[40..], source, group), 0);
}

#[test]
fn the_checksum_of_old_releases_is_told_from_a_wrong_one() {
    let peers = vec![Peer { address: SOURCE, min_ttl: 0, max_ttl: 255 }];
    let ours = Instance { cast: Cast::Unicast { peers }, ..instance(56, Version::V3, 200, &[57]) };
    let stamp = Stamp { old_checksum: true, ..FIRST };
    let packet = encode(&ours, own(&ours), stamp, (SOURCE, PEER));
    assert_eq!(packet[20..], bytes("31 38 c8 01 00 64 a1 97 c0 00 02 39"));
    assert!(read(&packet, &ours).unwrap().old_checksum);
    let mut never = ours.clone();
    never.options.unicast_checksum = crate::config::UnicastChecksum::Never;
    assert_eq!(read(&packet, &never), Err(Discard::Checksum(Version::V3)));
    let usual = encode(&ours, own(&ours), FIRST, (SOURCE, PEER));
    assert!(!read(&usual, &ours).unwrap().old_checksum);
    let mut plain = ours.clone();
    plain.options.checksum_as_v2 = true;
    let packet = encode(&plain, own(&plain), FIRST, (SOURCE, PEER));
    assert!(read(&packet, &plain).is_ok());
    assert_eq!(read(&packet, &ours), Err(Discard::Checksum(Version::V3)));
}

#[test]
fn under_ah_there_has_to_be_an_advert() {
    let key = *b"secret12";
    let authentication = Authentication::Ah(key);
    let ours = Instance { authentication, ..instance(53, Version::V2, 150, &[54]) };
    let mut packet = encode(&ours, own(&ours), FIRST, (SOURCE, GROUP));
    assert!(read(&packet, &ours).is_ok());
    packet[20] = 6;
    ah::sign(&mut packet, key, false);
    assert_eq!(read(&packet, &ours).unwrap_err(), Distrust::NotInAh.into());
}
