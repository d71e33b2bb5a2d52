//! The bytes of every request, and what is left out of answers.

use std::net::Ipv4Addr;

use ipvs::Change::{
    AddDestination, AddService, EditDestination, EditService, RemoveDestination, RemoveService,
};
use ipvs::fuzzing::{read, write};
use net::{
    Checksum, Destination, DestinationKey, Encapsulation, Family, Forwarding, Granularity,
    ModuleName, Persistence, Protocol, Service, ServiceFlags, ServiceKey,
};

const NESTED: u16 = 0x8000;
const V4_BLOCK: [u8; 16] = [192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const SERVER_BLOCK: [u8; 16] = [198, 51, 100, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const V6_BLOCK: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len() + 4).unwrap();
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn number(kind: u16, value: u32) -> Vec<u8> {
    attribute(kind, &value.to_ne_bytes())
}

fn short(kind: u16, value: u16) -> Vec<u8> {
    attribute(kind, &value.to_ne_bytes())
}

fn nest(kind: u16, inside: &[Vec<u8>]) -> Vec<u8> {
    attribute(kind | NESTED, &inside.concat())
}

/// A request of a batch's end: family 27, sequence 1, `NLM_F_REQUEST | NLM_F_ACK`.
fn message(command: u8, blocks: &[Vec<u8>]) -> Vec<u8> {
    let body = blocks.concat();
    let length = u32::try_from(20 + body.len()).unwrap();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend([27_u16.to_ne_bytes(), 5_u16.to_ne_bytes()].concat());
    bytes.extend([1_u32.to_ne_bytes(), [0; 4], [command, 1, 0, 0]].concat());
    bytes.extend(body);
    bytes
}

fn tcp(ip: &str) -> ServiceKey {
    ServiceKey::Address { protocol: Protocol::Tcp, ip: ip.parse().unwrap(), port: 80 }
}

fn plain(key: ServiceKey) -> Service {
    let scheduler = ModuleName::new("wlc").unwrap();
    Service { key, scheduler, flags: ServiceFlags::NONE, persistence: None }
}

fn server(forwarding: Forwarding) -> Destination {
    let key = DestinationKey { ip: [198, 51, 100, 7].into(), port: 8080 };
    Destination { key, forwarding, weight: 3, upper_threshold: 9, lower_threshold: 4 }
}

/// What identifies `192.0.2.1:tcp:80`.
fn v4_key() -> Vec<Vec<u8>> {
    vec![short(1, 2), short(2, 6), attribute(3, &V4_BLOCK), attribute(4, &[0, 80])]
}

fn flags(bits: u32) -> Vec<u8> {
    attribute(7, &[bits.to_ne_bytes(), [0xff; 4]].concat())
}

#[test]
fn a_service() {
    let service = plain(tcp("192.0.2.1"));
    let rest = vec![attribute(6, b"wlc\0"), flags(0), number(8, 0), attribute(9, &[255; 4])];
    let block = nest(1, &[v4_key(), rest].concat());
    assert_eq!(write(&AddService(service.clone())), message(1, std::slice::from_ref(&block)));
    assert_eq!(write(&EditService(service)), message(2, &[block]));
    let remove = RemoveService(tcp("192.0.2.1"));
    assert_eq!(write(&remove), message(3, &[nest(1, &v4_key())]));
}

#[test]
fn a_persistent_service() {
    let persistence = Some(Persistence {
        timeout: 360,
        granularity: Granularity::Mask(Ipv4Addr::new(255, 255, 254, 0)),
        engine: ModuleName::new("sip"),
    });
    let flags_of = ServiceFlags::ONE_PACKET.with(ServiceFlags::SCHEDULER_2);
    let service = Service { persistence, flags: flags_of, ..plain(tcp("192.0.2.1")) };
    let rest = vec![
        attribute(6, b"wlc\0"),
        attribute(11, b"sip\0"),
        flags(0x15),
        number(8, 360),
        attribute(9, &[255, 255, 254, 0]),
    ];
    let block = nest(1, &[v4_key(), rest].concat());
    assert_eq!(write(&AddService(service)), message(1, &[block]));
}

#[test]
fn services_of_ipv6_and_of_a_mark() {
    let rest = [attribute(6, b"wlc\0"), flags(0), number(8, 0), number(9, 128)].concat();
    let key = [short(1, 10), short(2, 6), attribute(3, &V6_BLOCK), attribute(4, &[0, 80])];
    let block = nest(1, &[key.concat(), rest.clone()]);
    assert_eq!(write(&AddService(plain(tcp("2001:db8::1")))), message(1, &[block]));
    let mark = ServiceKey::Mark { family: Family::V6, mark: 7 };
    let block = nest(1, &[short(1, 10), number(5, 7), rest]);
    assert_eq!(write(&AddService(plain(mark))), message(1, &[block]));
}

fn blocks(forwarding: &[Vec<u8>]) -> [Vec<u8>; 2] {
    let key = [short(11, 2), attribute(1, &SERVER_BLOCK), attribute(2, &[0x1f, 0x90])].concat();
    let rest = [number(4, 3), number(5, 9), number(6, 4)].concat();
    [nest(1, &v4_key()), nest(2, &[key, forwarding.concat(), rest])]
}

#[test]
fn a_destination() {
    let of = tcp("192.0.2.1");
    let expected = blocks(&[number(3, 0)]);
    assert_eq!(write(&AddDestination(of, server(Forwarding::Nat))), message(5, &expected));
    let expected = blocks(&[number(3, 3)]);
    assert_eq!(write(&EditDestination(of, server(Forwarding::Direct))), message(6, &expected));
    let key = [short(11, 2), attribute(1, &SERVER_BLOCK), attribute(2, &[0x1f, 0x90])];
    let expected = [nest(1, &v4_key()), nest(2, &key)];
    let remove = RemoveDestination(of, server(Forwarding::Nat).key);
    assert_eq!(write(&remove), message(7, &expected));
}

#[test]
fn tunnels() {
    let written = |encapsulation| {
        write(&AddDestination(tcp("192.0.2.1"), server(Forwarding::Tunnel(encapsulation))))
    };
    let kind = |kind| attribute(13, &[kind]);
    let expected = message(5, &blocks(&[number(3, 2), kind(0)]));
    assert_eq!(written(Encapsulation::Ipip), expected);
    let port = attribute(14, &[0x17, 0xc0]);
    let expected = message(5, &blocks(&[number(3, 2), kind(1), port, short(15, 2)]));
    let (port, checksum) = (6080, Checksum::Remote);
    assert_eq!(written(Encapsulation::Gue { port, checksum }), expected);
    let expected = message(5, &blocks(&[number(3, 2), kind(2), short(15, 1)]));
    assert_eq!(written(Encapsulation::Gre { checksum: Checksum::Full }), expected);
}

#[test]
fn what_we_cannot_express_is_left_out() {
    let key = [short(1, 2), short(2, 47), attribute(3, &V4_BLOCK), attribute(4, &[0, 0])];
    let rest = [attribute(6, b"wlc\0"), flags(0)];
    let gre = message(1, &[nest(1, &[key.concat(), rest.concat()])]);
    assert_eq!(read(&gre).services, []);
    let bypass = message(5, &blocks(&[number(3, 4)]));
    assert_eq!(read(&bypass).destinations, []);
    let tunnel = message(5, &blocks(&[number(3, 2), attribute(13, &[3])]));
    assert_eq!(read(&tunnel).destinations, []);
    let local = message(5, &blocks(&[number(3, 0x101)]));
    assert_eq!(read(&local).destinations, [server(Forwarding::Direct)]);
    let old = message(5, &blocks(&[number(3, 0x182)]));
    let ipip = Forwarding::Tunnel(Encapsulation::Ipip);
    assert_eq!(read(&old).destinations, [server(ipip)]);
}
