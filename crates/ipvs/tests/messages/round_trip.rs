//! Whatever can be written is read as the same, and no damage makes reading panic.

use std::net::IpAddr;

use ipvs::Change::{self, AddDestination, AddService, EditDestination, EditService};
use ipvs::fuzzing::{read, write};
use net::{
    Checksum, Destination, DestinationKey, Encapsulation, Family, Forwarding, Granularity,
    ModuleName, Persistence, Protocol, Service, ServiceFlags, ServiceKey,
};
use proptest::option;
use proptest::prelude::*;

fn keys() -> impl Strategy<Value = ServiceKey> {
    let protocol = prop::sample::select(vec![Protocol::Tcp, Protocol::Udp, Protocol::Sctp]);
    let family = prop::sample::select(vec![Family::V4, Family::V6]);
    let address = (protocol, any::<IpAddr>(), any::<u16>());
    prop_oneof![
        address.prop_map(|(protocol, ip, port)| ServiceKey::Address { protocol, ip, port }),
        (family, 1_u32..).prop_map(|(family, mark)| ServiceKey::Mark { family, mark }),
    ]
}

fn modules() -> impl Strategy<Value = ModuleName> {
    "[a-z_0-9]{1,15}".prop_map(|name| ModuleName::new(&name).unwrap())
}

fn services() -> impl Strategy<Value = Service> {
    let persistence = option::of((1_u32.., any::<u32>(), 1..=128_u8, option::of(modules())));
    (keys(), modules(), any::<u32>(), persistence).prop_map(|(key, scheduler, flags, parts)| {
        let persistence = parts.map(|(timeout, mask, bits, engine)| {
            let granularity = match key.family() {
                Family::V4 => Granularity::Mask(mask.into()),
                Family::V6 => Granularity::Prefix(bits),
            };
            Persistence { timeout, granularity, engine }
        });
        Service { key, scheduler, flags: ServiceFlags::from_kernel(flags), persistence }
    })
}

fn forwardings() -> impl Strategy<Value = Forwarding> {
    let checksum = || prop::sample::select(vec![Checksum::None, Checksum::Full, Checksum::Remote]);
    let gue = (any::<u16>(), checksum())
        .prop_map(|(port, checksum)| Encapsulation::Gue { port, checksum });
    let gre = checksum().prop_map(|checksum| Encapsulation::Gre { checksum });
    let tunnel = prop_oneof![Just(Encapsulation::Ipip), gue, gre].prop_map(Forwarding::Tunnel);
    prop_oneof![Just(Forwarding::Nat), Just(Forwarding::Direct), tunnel]
}

fn destinations() -> impl Strategy<Value = Destination> {
    let key = (any::<IpAddr>(), any::<u16>()).prop_map(|(ip, port)| DestinationKey { ip, port });
    (key, forwardings(), 0..=i32::MAX.unsigned_abs(), any::<u32>(), any::<u32>()).prop_map(
        |(key, forwarding, weight, upper_threshold, lower_threshold)| Destination {
            key,
            forwarding,
            weight,
            upper_threshold,
            lower_threshold,
        },
    )
}

fn is_small(change: &Change) -> bool {
    write(change).len() <= 200
}

proptest! {
    #[test]
    fn a_service_comes_back_as_it_went(service in services()) {
        prop_assert!(is_small(&EditService(service.clone())));
        let found = read(&write(&AddService(service.clone()))).services;
        prop_assert_eq!(found, [service]);
    }

    #[test]
    fn a_destination_comes_back_as_it_went(of in keys(), destination in destinations()) {
        let found = read(&write(&AddDestination(of, destination))).destinations;
        prop_assert_eq!(found, [destination]);
        prop_assert!(is_small(&EditDestination(of, destination)));
    }

    #[test]
    fn a_weight_beyond_the_kernels_is_its_greatest(
        of in keys(),
        destination in destinations(),
        weight in i32::MAX.unsigned_abs()..,
    ) {
        let heavy = Destination { weight, ..destination };
        let found = read(&write(&AddDestination(of, heavy))).destinations;
        prop_assert_eq!(found[0].weight, i32::MAX.unsigned_abs());
    }

    #[test]
    fn damage_is_survived(service in services(), at in any::<prop::sample::Index>(), by: u8) {
        let mut bytes = write(&AddService(service));
        let place = at.index(bytes.len());
        bytes[place] ^= by;
        let _whatever = read(&bytes);
        let _whatever = read(&bytes[..place]);
    }
}
