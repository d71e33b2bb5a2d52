//! Big tables: that they are complete, and how long they take (printed, not judged).
//!
//! For two to three minutes the kernel keeps what was removed, the latest first, and searches it
//! one by one for whatever is added. So the removals here are in the reverse order of additions.

use std::net::Ipv4Addr;
use std::time::Instant;

use ipvs::Change::{AddDestination, AddService, EditDestination, RemoveDestination, RemoveService};
use ipvs::{Change, Socket};
use net::{Destination, DestinationKey, Forwarding, Protocol, ServiceKey};

use crate::laboratory::{apply, destination, in_guest, key, restore, service};

fn server(number: u32) -> Destination {
    let ip = Ipv4Addr::from(0x0a01_0000 + number).into();
    let some = destination("10.1.0.0", 80, Forwarding::Nat);
    Destination { key: DestinationKey { ip, port: 80 }, ..some }
}

fn timed(what: &str, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    println!("TIME {what}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
}

fn five_thousand(of: ServiceKey) -> Vec<Change> {
    let adds = (1..=5000).map(|number| AddDestination(of, server(number)));
    [AddService(service(of, "rr"))].into_iter().chain(adds).collect()
}

fn forget(socket: &mut Socket, of: ServiceKey) {
    apply(socket, &[RemoveService(of)]);
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn five_thousand_destinations_at_once_beside_ipvsadm() {
    in_guest(|socket| {
        let of = key(Protocol::Tcp, "192.0.2.1", 80);
        let adds = five_thousand(of);
        let edits: Vec<_> = (1..=5000)
            .map(|number| EditDestination(of, Destination { weight: 9, ..server(number) }))
            .collect();
        let removals: Vec<_> =
            (1..=5000).rev().map(|number| RemoveDestination(of, server(number).key)).collect();
        let lines = lines();
        for _ in 0..3 {
            timed("5,000 adds, Socket", || apply(socket, &adds));
            timed("5,000 edits, Socket", || apply(socket, &edits));
            timed("list of 5,000, Socket", || {
                let found = socket.destinations(of).unwrap();
                assert!(found.len() == 5000 && found.iter().all(|d| d.weight == 9));
            });
            timed("5,000 removals, Socket", || apply(socket, &removals));
            assert_eq!(socket.destinations(of).unwrap(), []);
            forget(socket, of);
            timed("5,000 adds, ipvsadm -R", || restore(&lines));
            assert_eq!(socket.destinations(of).unwrap().len(), 5000);
            forget(socket, of);
        }
    });
}

fn lines() -> Vec<String> {
    let service = "-t 192.0.2.1:80";
    let adds = (1..=5000).map(|number| format!("-a {service} -r {} -m -w 1", server(number).key));
    [format!("-A {service} -s rr")].into_iter().chain(adds).collect()
}

const SERVICES: u32 = 2277;

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn many_services_with_sixteen_destinations_each() {
    in_guest(|socket| {
        let keys: Vec<_> = (0..SERVICES)
            .map(|number| ServiceKey::Address {
                protocol: Protocol::Tcp,
                ip: Ipv4Addr::from(0x0a02_0000 + number).into(),
                port: 80,
            })
            .collect();
        let adds: Vec<_> =
            keys.iter().zip(0..).flat_map(|(key, number)| with_sixteen(*key, number)).collect();
        let removals: Vec<_> = keys.iter().rev().map(|key| RemoveService(*key)).collect();
        for _ in 0..3 {
            timed("2,277 services with 36,432 destinations, add", || apply(socket, &adds));
            timed("list of them all", || {
                let services = socket.services().unwrap();
                let counts =
                    services.iter().map(|service| socket.destinations(service.key).unwrap().len());
                assert_eq!((services.len(), counts.sum::<usize>()), (2277, 36_432));
            });
            timed("2,277 services with 36,432 destinations, remove", || apply(socket, &removals));
            assert_eq!(socket.services().unwrap(), []);
        }
    });
}

fn with_sixteen(of: ServiceKey, number: u32) -> Vec<Change> {
    let adds = (1..=16).map(|i| AddDestination(of, server(number * 16 + i)));
    [AddService(service(of, "rr"))].into_iter().chain(adds).collect()
}
