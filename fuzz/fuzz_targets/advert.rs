//! Any packet at all: reading it must end, and whatever is accepted must have been checked.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use libfuzzer_sys::fuzz_target;
use net::{Address, Family, LinkName};
use vrrp::config::{
    Announcement, Authentication, Cast, Device, Initial, Instance, Notify, Options, Peer,
    Preemption, Seat, VirtualAddress, Watched,
};
use vrrp::{AdvertInterval, Name, Priority, Version, Vrid};

fuzz_target!(|data: &[u8]| {
    let [choice, packet @ ..] = data else { return };
    let ours = instance(*choice);
    if let Ok(advert) = vrrp::decode(packet, &ours, vrrp::Circumstances::default()) {
        assert!(packet.len() >= 28, "too short to be an advert");
        let start = match advert.source {
            IpAddr::V4(ip) => {
                assert_eq!(packet[12..16], ip.octets());
                usize::from(packet[0] & 15) * 4
            }
            IpAddr::V6(ip) => {
                assert_eq!(packet[8..24], ip.octets());
                40
            }
        };
        assert_eq!(packet[start] >> 4, ours.version.number());
    }
});

fn instance(choice: u8) -> Instance {
    let link = LinkName::new("eth0").expect("a name");
    let group = Ipv4Addr::new(224, 0, 0, 18).into();
    let peer = Peer { address: Ipv4Addr::new(192, 0, 2, 1).into(), min_ttl: 1, max_ttl: 255 };
    let cast = if choice & 1 == 0 {
        Cast::Multicast { group }
    } else {
        Cast::Unicast { peers: vec![peer] }
    };
    let authentication =
        if choice & 4 == 0 { Authentication::None } else { Authentication::Pass(*b"1111\0\0\0\0") };
    Instance {
        name: Name::new("V"),
        vrid: Vrid::new(51).expect("a number"),
        version: if choice & 2 == 0 { Version::V2 } else { Version::V3 },
        family: Family::V4,
        seat: Seat::on(link.clone()),
        cast,
        ttl: 255,
        priority: Priority::new(100).expect("a priority"),
        initial: Initial::Backup,
        advert_interval: AdvertInterval::SECOND,
        down_timer_adverts: 3,
        preemption: Preemption::Immediate,
        authentication,
        addresses: vec![VirtualAddress::new(Address::new(
            link,
            Ipv4Addr::new(192, 0, 2, 51).into(),
            32,
        ))],
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
        options: Options { check_unicast_source: choice & 8 != 0, ..Options::default() },
        notify: Notify::default(),
    }
}
