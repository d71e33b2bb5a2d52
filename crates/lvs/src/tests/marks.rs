//! Which group gets which firewall mark.

use net::{Family, Marking, Protocol, Service, ServiceKey};

use crate::Marks;
use crate::config::{Identity, VirtualServer};
use crate::tests::site;

const FIRST: u32 = 1000;

fn mark_service(mark: u32) -> Service {
    Service { key: ServiceKey::Mark { family: Family::V4, mark }, ..site::service(1) }
}

fn group(name: &str, protocol: Protocol) -> VirtualServer {
    let ip = [192, 0, 2, 1].into();
    VirtualServer {
        identity: Identity::Group { name: name.into(), protocol: Some(protocol), place: 0 },
        services: vec![mark_service(FIRST)],
        marked: vec![Marking { protocol, addresses: (ip, ip), ports: (80, 80), mark: FIRST }],
        ..site::vs(1, vec![site::real(1)])
    }
}

/// The mark of each virtual server, which its packets get too.
fn given(marks: &mut Marks, servers: &[VirtualServer]) -> Vec<u32> {
    let config = marks.give(site::config(servers.to_vec()).into());
    let of = |vs: &VirtualServer| {
        let ServiceKey::Mark { mark: own, .. } = vs.services[0].key else { panic!("no mark") };
        assert!(vs.marked.iter().all(|marking| marking.mark == own));
        own
    };
    config.virtual_servers.iter().map(of).collect()
}

#[test]
fn each_group_and_protocol_has_a_mark_of_its_own_and_keeps_it() {
    let mut marks = Marks::default();
    let [a, b] = [Protocol::Tcp, Protocol::Udp].map(|protocol| group("a", protocol));
    let c = group("c", Protocol::Tcp);
    assert_eq!(given(&mut marks, &[a.clone(), b.clone()]), [1000, 1001]);
    assert_eq!(given(&mut marks, &[c.clone(), a.clone(), b.clone()]), [1002, 1000, 1001]);
    assert_eq!(given(&mut marks, &[c.clone(), b.clone()]), [1002, 1001]);
    assert_eq!(given(&mut marks, &[a, b, c]), [1000, 1001, 1002], "the one that was free");
}

#[test]
fn a_mark_that_is_configured_is_not_given_to_a_group() {
    let own =
        |mark| VirtualServer { services: vec![mark_service(mark)], ..site::vs(1, Vec::new()) };
    let servers = [own(1000), group("a", Protocol::Tcp), own(1001)];
    assert_eq!(given(&mut Marks::default(), &servers), [1000, 1002, 1001]);
}
