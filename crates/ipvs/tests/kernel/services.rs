//! Services of every kind, as we list them and as `ipvsadm` does.

use std::net::Ipv4Addr;

use ipvs::Change::{AddService, EditService, RemoveService};
use net::{Family, Granularity, Protocol, Service, ServiceFlags, ServiceKey};

use crate::laboratory::{apply, in_guest, key, module, persistent, saved, service};

const V4: &str = "192.0.2.1";
const V6: &str = "2001:db8::1";

fn mark(family: Family, mark: u32) -> Service {
    service(ServiceKey::Mark { family, mark }, "rr")
}

fn sorted(mut services: Vec<Service>) -> Vec<Service> {
    services.sort_by_key(|service| service.key);
    services
}

/// Adds the services, and compares both lists, and what is said of each, with them.
fn both_lists_have(services: Vec<Service>, lines: &[&str]) {
    in_guest(|socket| {
        let adds: Vec<_> = services.iter().cloned().map(AddService).collect();
        apply(socket, &adds);
        assert_eq!(saved(), lines);
        let services = sorted(services);
        assert_eq!(sorted(socket.services().unwrap()), services);
        for service in &services {
            assert_eq!(socket.service(service.key).unwrap().as_ref(), Some(service));
        }
        let removals: Vec<_> = services.iter().map(|service| RemoveService(service.key)).collect();
        apply(socket, &removals);
        assert_eq!(socket.services().unwrap(), []);
        for service in &services {
            assert_eq!(socket.service(service.key).unwrap(), None);
        }
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn each_protocol_and_family() {
    both_lists_have(
        vec![
            service(key(Protocol::Tcp, V4, 80), "rr"),
            service(key(Protocol::Udp, V4, 53), "wrr"),
            service(key(Protocol::Sctp, V4, 9), "lc"),
            service(key(Protocol::Tcp, V4, 81), "none"),
            service(key(Protocol::Tcp, V6, 80), "wlc"),
            service(key(Protocol::Udp, V6, 53), "sed"),
            mark(Family::V4, 1),
            mark(Family::V6, 2_147_483_647),
        ],
        &[
            "-A --sctp-service 192.0.2.1:9 -s lc",
            "-A -f 1 -s rr",
            "-A -f 2147483647 -6 -s rr",
            "-A -t 192.0.2.1:80 -s rr",
            "-A -t 192.0.2.1:81 -s none",
            "-A -t [2001:db8::1]:80 -s wlc",
            "-A -u 192.0.2.1:53 -s wrr",
            "-A -u [2001:db8::1]:53 -s sed",
        ],
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn persistence_with_mask_and_engine() {
    let with = |key, persistence| Service { persistence, ..service(key, "rr") };
    let (tcp, udp, sctp) = (Protocol::Tcp, Protocol::Udp, Protocol::Sctp);
    let net = Granularity::Mask(Ipv4Addr::new(255, 255, 255, 0));
    let odd = Granularity::Mask(Ipv4Addr::new(0, 255, 0, 255));
    let whole = Granularity::whole(Family::V4);
    both_lists_have(
        vec![
            with(key(tcp, V4, 0), Some(persistent(300, net, ""))),
            with(key(tcp, V4, 80), Some(persistent(1, whole, ""))),
            with(key(udp, V4, 5060), Some(persistent(60, whole, "sip"))),
            with(key(sctp, V4, 1), Some(persistent(2_678_400, odd, ""))),
            with(key(tcp, V6, 80), Some(persistent(7, Granularity::Prefix(64), ""))),
            with(key(tcp, V6, 81), Some(persistent(7, Granularity::Prefix(128), ""))),
        ],
        &[
            "-A --sctp-service 192.0.2.1:1 -s rr -p 2678400 -M 0.255.0.255",
            "-A -t 192.0.2.1:0 -s rr -p 300 -M 255.255.255.0",
            "-A -t 192.0.2.1:80 -s rr -p 1",
            "-A -t [2001:db8::1]:80 -s rr -p 7 -M 64",
            "-A -t [2001:db8::1]:81 -s rr -p 7",
            "-A -u 192.0.2.1:5060 -s rr -p 60 --pe sip",
        ],
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn flags_of_services_and_schedulers() {
    let with = |port, scheduler, flags| {
        let key = key(Protocol::Udp, V4, port);
        Service { flags, ..service(key, scheduler) }
    };
    let (one, two) = (ServiceFlags::SCHEDULER_1, ServiceFlags::SCHEDULER_2);
    both_lists_have(
        vec![
            with(1, "rr", ServiceFlags::ONE_PACKET),
            with(2, "sh", one.with(two)),
            with(3, "mh", one),
            with(4, "lc", ServiceFlags::SCHEDULER_3.with(two)),
        ],
        &[
            "-A -u 192.0.2.1:1 -s rr -o",
            "-A -u 192.0.2.1:2 -s sh -b sh-fallback,sh-port",
            "-A -u 192.0.2.1:3 -s mh -b mh-fallback",
            "-A -u 192.0.2.1:4 -s lc -b flag-2,flag-3",
        ],
    );
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn an_edit_changes_everything_but_the_key() {
    in_guest(|socket| {
        let key = key(Protocol::Udp, V4, 5060);
        let mut service = service(key, "rr");
        apply(socket, &[AddService(service.clone())]);
        service.scheduler = module("sh");
        service.flags = ServiceFlags::ONE_PACKET.with(ServiceFlags::SCHEDULER_1);
        service.persistence = Some(persistent(60, Granularity::whole(Family::V4), "sip"));
        apply(socket, &[EditService(service.clone())]);
        assert_eq!(socket.services().unwrap(), [service.clone()]);
        service.flags = ServiceFlags::NONE;
        service.persistence = Some(persistent(50, Granularity::whole(Family::V4), ""));
        apply(socket, &[EditService(service.clone())]);
        assert_eq!(socket.services().unwrap(), [service.clone()], "the engine is gone");
        service.persistence = None;
        apply(socket, &[EditService(service.clone())]);
        assert_eq!(socket.services().unwrap(), [service]);
    });
}

#[test]
#[ignore = "needs a kernel with IPVS: run by all_of_them_in_a_guest"]
fn the_kernel_says_its_version() {
    in_guest(|socket| {
        let info = socket.info().unwrap();
        assert_eq!(info.to_string(), "1.2.1");
        assert!(info.connection_table_size.is_power_of_two());
    });
}
