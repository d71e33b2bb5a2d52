//! Destinations of every kind, as we list them and as `ipvsadm` does.

use ipvs::Change::{AddDestination, AddService, EditDestination, RemoveDestination, RemoveService};
use net::{Checksum, Destination, Encapsulation, Family, Forwarding, Protocol, ServiceKey};

use crate::laboratory::{apply, destination, in_guest, key, saved, service};

const GUE: Encapsulation = Encapsulation::Gue { port: 6080, checksum: Checksum::None };

fn every_forwarding() -> [Forwarding; 9] {
    let gue = |checksum| Forwarding::Tunnel(Encapsulation::Gue { port: 6080, checksum });
    let gre = |checksum| Forwarding::Tunnel(Encapsulation::Gre { checksum });
    [
        Forwarding::Nat,
        Forwarding::Direct,
        Forwarding::Tunnel(Encapsulation::Ipip),
        gue(Checksum::None),
        gue(Checksum::Full),
        gue(Checksum::Remote),
        gre(Checksum::None),
        gre(Checksum::Full),
        gre(Checksum::Remote),
    ]
}

const TEXTS: [&str; 9] = [
    "-m -w 1",
    "-g -w 1",
    "-i -w 1 --tun-type ipip",
    "-i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum",
    "-i -w 1 --tun-type gue --tun-port 6080 --tun-csum",
    "-i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum",
    "-i -w 1 --tun-type gre --tun-nocsum",
    "-i -w 1 --tun-type gre --tun-csum",
    "-i -w 1 --tun-type gre --tun-remcsum",
];

fn each_forwarding(of: ServiceKey, name: &str, server: impl Fn(usize) -> (String, String)) {
    in_guest(|socket| {
        let mut lines = vec![format!("-A {name} -s rr")];
        let mut wanted = Vec::new();
        for (place, (forwarding, text)) in every_forwarding().into_iter().zip(TEXTS).enumerate() {
            let (ip, shown) = server(place);
            lines.push(format!("-a {name} -r {shown} {text}"));
            wanted.push(destination(&ip, of.port(), forwarding));
        }
        let adds = wanted.iter().map(|destination| AddDestination(of, *destination));
        let all: Vec<_> = [AddService(service(of, "rr"))].into_iter().chain(adds).collect();
        apply(socket, &all);
        assert_eq!(saved(), lines);
        let mut found = socket.destinations(of).unwrap();
        found.reverse();
        assert_eq!(found, wanted);
        let removals: Vec<_> = wanted.iter().map(|d| RemoveDestination(of, d.key)).collect();
        apply(socket, &removals);
        assert_eq!(socket.destinations(of).unwrap(), []);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn each_forwarding_of_ipv4() {
    each_forwarding(key(Protocol::Tcp, "192.0.2.1", 80), "-t 192.0.2.1:80", |i| {
        (format!("198.51.100.{i}"), format!("198.51.100.{i}:80"))
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn each_forwarding_of_ipv6() {
    each_forwarding(key(Protocol::Tcp, "2001:db8::1", 80), "-t [2001:db8::1]:80", |i| {
        (format!("2001:db8:1::1{i}"), format!("[2001:db8:1::1{i}]:80"))
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn each_forwarding_of_a_mark() {
    each_forwarding(ServiceKey::Mark { family: Family::V4, mark: 9 }, "-f 9", |i| {
        (format!("198.51.100.{i}"), format!("198.51.100.{i}:0"))
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn an_edit_changes_everything_but_the_key() {
    in_guest(|socket| {
        let of = key(Protocol::Tcp, "192.0.2.1", 80);
        let server = destination("198.51.100.1", 8080, Forwarding::Nat);
        apply(socket, &[AddService(service(of, "wlc")), AddDestination(of, server)]);
        for forwarding in every_forwarding() {
            let edited = Destination { forwarding, ..server };
            apply(socket, &[EditDestination(of, edited)]);
            assert_eq!(socket.destinations(of).unwrap(), [edited]);
        }
        let limits = [(0, 0, 0), (7, 100, 50), (i32::MAX.unsigned_abs(), u32::MAX, u32::MAX)];
        for (weight, upper_threshold, lower_threshold) in limits {
            let edited = Destination { weight, upper_threshold, lower_threshold, ..server };
            apply(socket, &[EditDestination(of, edited)]);
            assert_eq!(socket.destinations(of).unwrap(), [edited]);
        }
        let heavy = Destination { weight: u32::MAX, ..server };
        apply(socket, &[EditDestination(of, heavy)]);
        let weights: Vec<_> = socket.destinations(of).unwrap().iter().map(|d| d.weight).collect();
        assert_eq!(weights, [i32::MAX.unsigned_abs()], "clamped");
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn a_tunnel_may_lead_into_the_other_family() {
    in_guest(|socket| {
        let of = key(Protocol::Tcp, "192.0.2.1", 80);
        let server = destination("2001:db8:1::1", 80, Forwarding::Tunnel(GUE));
        apply(socket, &[AddService(service(of, "rr")), AddDestination(of, server)]);
        assert_eq!(socket.destinations(of).unwrap(), [server]);
        apply(socket, &[RemoveDestination(of, server.key)]);
        assert_eq!(socket.destinations(of).unwrap(), []);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn a_service_takes_its_destinations_with_it() {
    in_guest(|socket| {
        let of = key(Protocol::Tcp, "192.0.2.1", 80);
        let add = AddDestination(of, destination("198.51.100.1", 80, Forwarding::Nat));
        apply(socket, &[AddService(service(of, "rr")), add, RemoveService(of)]);
        assert_eq!(socket.destinations(of).unwrap(), [], "the kernel lists none, without error");
        assert_eq!(saved(), Vec::<String>::new());
    });
}
