//! Any datagram as an answer about IPVS, some of them damaged ones of the kernel's: reading it
//! must end, and what was understood must be something that can be asked for in the same words.
#![no_main]

use std::net::{IpAddr, Ipv6Addr};

use ipvs::Change;
use ipvs::fuzzing::{read, write};
use libfuzzer_sys::fuzz_target;
use net::{
    Checksum, Destination, DestinationKey, Encapsulation, Family, Forwarding, Granularity,
    ModuleName, Persistence, Protocol, Service, ServiceFlags, ServiceKey,
};

fuzz_target!(|data: &[u8]| {
    let [choice, rest @ ..] = data else { return };
    let found = match choice % 5 {
        0 => read(rest),
        1 => read(&damaged(service(IpAddr::from([192, 0, 2, 1])), rest)),
        2 => read(&damaged(service(IpAddr::from(Ipv6Addr::LOCALHOST)), rest)),
        3 => read(&damaged(destination(IpAddr::from([198, 51, 100, 1])), rest)),
        _ => read(&damaged(destination(IpAddr::from(Ipv6Addr::LOCALHOST)), rest)),
    };
    for service in found.services {
        let again = read(&write(&Change::AddService(service.clone()))).services;
        assert_eq!(again, [service]);
    }
    for destination in found.destinations {
        let again = read(&write(&Change::AddDestination(MARK, destination))).destinations;
        assert_eq!(again, [destination]);
    }
});

const MARK: ServiceKey = ServiceKey::Mark { family: Family::V4, mark: 1 };

/// Each pair of bytes is a place and what shall stand there; an odd one is where to cut.
fn damaged(change: Change, damage: &[u8]) -> Vec<u8> {
    let mut bytes = write(&change);
    let pairs = damage.chunks_exact(2);
    let cut = pairs.remainder().first().map_or(bytes.len(), |cut| usize::from(*cut));
    for pair in pairs {
        let place = usize::from(pair[0]) % bytes.len();
        bytes[place] = pair[1];
    }
    bytes.truncate(cut);
    bytes
}

fn service(ip: IpAddr) -> Change {
    let granularity = Granularity::whole(Family::of(ip));
    Change::AddService(Service {
        key: ServiceKey::Address { protocol: Protocol::Udp, ip, port: 5060 },
        scheduler: ModuleName::new("wlc").expect("a name"),
        flags: ServiceFlags::ONE_PACKET,
        persistence: Some(Persistence { timeout: 60, granularity, engine: ModuleName::new("sip") }),
    })
}

fn destination(ip: IpAddr) -> Change {
    let gue = Encapsulation::Gue { port: 6080, checksum: Checksum::Full };
    let destination = Destination {
        key: DestinationKey { ip, port: 5060 },
        forwarding: Forwarding::Tunnel(gue),
        weight: 1,
        upper_threshold: 2,
        lower_threshold: 1,
    };
    Change::AddDestination(MARK, destination)
}
