//! Markings that overlap, made into such as do not.
//!
//! The kernel's maps take no overlapping intervals. Decides who wins: an exact port before a range
//! of ports, as in IPVS itself, and then the earlier one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use net::{Family, Marking};

/// The same markings without what an earlier or more exact one covers.
#[must_use]
pub fn disjoint(markings: &[Marking]) -> Vec<Marking> {
    let mut all: Vec<&Marking> = markings.iter().collect();
    all.sort_by_key(|one| one.ports.0 != one.ports.1);
    let mut taken: Vec<Marking> = Vec::new();
    for one in all {
        let mut pieces = vec![*one];
        for other in &taken {
            pieces = pieces.into_iter().flat_map(|piece| without(piece, other)).collect();
        }
        taken.extend(pieces);
    }
    taken
}

/// What is left of a marking: before the other's addresses, behind them, and of those between what
/// has other ports.
fn without(one: Marking, other: &Marking) -> Vec<Marking> {
    if one.protocol != other.protocol || one.family() != other.family() {
        return vec![one];
    }
    let number = |(first, last): (IpAddr, IpAddr)| (bits(first), bits(last));
    let (own, its) = (number(one.addresses), number(other.addresses));
    let ports = |(first, last): (u16, u16)| (u128::from(first), u128::from(last));
    let (Some(between), Some(_)) =
        (overlap(own, its), overlap(ports(one.ports), ports(other.ports)))
    else {
        return vec![one];
    };
    let family = one.family();
    let at = |(first, last)| (address(first, family), address(last, family));
    let mut left = Vec::new();
    for addresses in outside(own, between) {
        left.push(Marking { addresses: at(addresses), ..one });
    }
    for (first, last) in outside(ports(one.ports), ports(other.ports)) {
        let port = |number| u16::try_from(number).unwrap_or(u16::MAX);
        left.push(Marking { addresses: at(between), ports: (port(first), port(last)), ..one });
    }
    left
}

fn overlap(one: (u128, u128), other: (u128, u128)) -> Option<(u128, u128)> {
    let (first, last) = (one.0.max(other.0), one.1.min(other.1));
    (first <= last).then_some((first, last))
}

/// What of a range lies before another one, and what behind it.
fn outside(of: (u128, u128), other: (u128, u128)) -> impl Iterator<Item = (u128, u128)> {
    let before = other.0.checked_sub(1).map(|last| (of.0, last.min(of.1)));
    let behind = other.1.checked_add(1).map(|first| (first.max(of.0), of.1));
    [before, behind].into_iter().flatten().filter(|(first, last)| first <= last)
}

const fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_bits() as u128,
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

/// The address of that number, which came out of one of this family.
fn address(bits: u128, family: Family) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(u32::MAX)).into(),
        Family::V6 => Ipv6Addr::from_bits(bits).into(),
    }
}

#[cfg(test)]
mod tests {
    use net::Protocol;
    use proptest::prelude::*;

    use super::*;

    fn marking() -> impl Strategy<Value = Marking> {
        let range = |most: u16| (0..most, 0..most).prop_map(|(a, b)| (a.min(b), a.max(b)));
        let port =
            prop_oneof![(0..6_u16).prop_map(|port| (port, port)), range(6), Just((0, u16::MAX)),];
        (range(12), port, 1..5_u32, any::<bool>()).prop_map(|(addresses, ports, mark, tcp)| {
            // At both ends of what there is.
            let ip = |last: u16| IpAddr::from(Ipv4Addr::from_bits(u32::MAX - 11 + u32::from(last)));
            let protocol = if tcp { Protocol::Tcp } else { Protocol::Udp };
            Marking { protocol, addresses: (ip(addresses.0), ip(addresses.1)), ports, mark }
        })
    }

    /// What a packet gets.
    fn mark(markings: &[&Marking], protocol: Protocol, ip: IpAddr, port: u16) -> Option<u32> {
        let hit = |one: &&&Marking| {
            let addresses = one.addresses.0..=one.addresses.1;
            let ports = one.ports.0..=one.ports.1;
            one.protocol == protocol && addresses.contains(&ip) && ports.contains(&port)
        };
        markings.iter().find(hit).map(|one| one.mark)
    }

    proptest! {
        #[test]
        fn each_packet_gets_the_mark_of_whom_it_belongs_to_and_nobody_overlaps(
            markings in prop::collection::vec(marking(), 0..8),
        ) {
            let found = disjoint(&markings);
            let exact = |one: &&Marking| one.ports.0 == one.ports.1;
            let mut wanted: Vec<&Marking> = markings.iter().filter(exact).collect();
            wanted.extend(markings.iter().filter(|one| !exact(one)));
            for protocol in [Protocol::Tcp, Protocol::Udp] {
                for last in 0..12 {
                    let ip = IpAddr::from(Ipv4Addr::from_bits(u32::MAX - last));
                    for port in [0, 1, 2, 3, 4, 5, 6, 80, u16::MAX] {
                        let hits = found.iter().filter(|one| {
                            mark(&[one], protocol, ip, port).is_some()
                        });
                        let hits: Vec<u32> = hits.map(|one| one.mark).collect();
                        let wanted = mark(&wanted, protocol, ip, port);
                        prop_assert_eq!(hits, wanted.into_iter().collect::<Vec<_>>());
                    }
                }
            }
        }
    }
}
