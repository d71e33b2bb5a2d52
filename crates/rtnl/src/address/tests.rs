use super::*;
use netlink_packet_core::Emitable;

fn address(ip: &str, prefix: u8) -> Address {
    Address::new(LinkName::new("eth0").unwrap(), ip.parse().unwrap(), prefix)
}

fn bytes(message: &AddressMessage) -> Vec<u8> {
    let mut bytes = vec![0; message.buffer_len()];
    message.emit(&mut bytes);
    bytes
}

/// `struct ifaddrmsg` and the attributes, in native byte order as the kernel has them.
fn expected(header: [u8; 4], attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = header.to_vec();
    bytes.extend(7_u32.to_ne_bytes());
    for (kind, value) in attributes {
        bytes.extend(u16::try_from(value.len() + 4).unwrap().to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(*value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

#[test]
fn a_plain_ipv4_address_is_only_local() {
    let message = add(&address("192.0.2.51", 24), LinkIndex(7));
    assert_eq!(bytes(&message), expected([2, 24, 0, 0], &[(2, &[192, 0, 2, 51]), (11, &[18])]));
}

#[test]
fn ipv4_carries_peer_broadcast_label_and_scope() {
    let mut full = address("192.0.2.51", 32);
    full.peer = Some("192.0.2.99".parse().unwrap());
    full.broadcast = Some("192.0.2.255".parse().unwrap());
    full.label = Label::new("eth0:1");
    full.scope = Scope::LINK;
    full.flags.no_prefix_route = true;
    let wanted = expected(
        [2, 32, 0, 253],
        &[
            (2, &[192, 0, 2, 51]),
            (1, &[192, 0, 2, 99]),
            (4, &[192, 0, 2, 255]),
            (3, b"eth0:1\0"),
            (8, &0x200_u32.to_ne_bytes()),
            (11, &[18]),
        ],
    );
    assert_eq!(bytes(&add(&full, LinkIndex(7))), wanted);
}

#[test]
fn an_ipv6_host_address_is_deprecated_and_not_probed_for() {
    let plain = address("2001:db8::1", 128);
    let IpAddr::V6(ip) = plain.ip else { unreachable!() };
    let mut times = [0_u8; 16];
    times[4..8].fill(0xff);
    let wanted = expected(
        [10, 128, 0, 0],
        &[(2, &ip.octets()), (8, &2_u32.to_ne_bytes()), (6, &times), (11, &[18])],
    );
    assert_eq!(bytes(&add(&plain, LinkIndex(7))), wanted);
}

#[test]
fn other_ipv6_lifetimes_are_sent_only_when_they_end() {
    let mut net = address("2001:db8::1", 64);
    assert_eq!(lifetime(&net), None);
    net.preferred = Lifetime::For(Duration::from_secs(90));
    assert_eq!(lifetime(&net).map(|times| times.ifa_preferred), Some(90));
    let mut host = address("2001:db8::1", 128);
    host.preferred = Lifetime::Forever;
    host.flags.dad = true;
    assert_eq!(lifetime(&host), None);
    assert!(flags(&host).is_empty());
}

#[test]
fn a_removal_names_the_prefix_or_the_peer() {
    let key = address("192.0.2.51", 24).key();
    let local: (u16, &[u8]) = (2, &[192, 0, 2, 51]);
    let plain = remove(&key, None, LinkIndex(7));
    assert_eq!(bytes(&plain), expected([2, 24, 0, 0], &[local, (1, &[192, 0, 2, 51])]));
    let peer = remove(&key, Some("192.0.2.99".parse().unwrap()), LinkIndex(7));
    assert_eq!(bytes(&peer), expected([2, 24, 0, 0], &[local, (1, &[192, 0, 2, 99])]));
}

#[test]
fn what_is_added_is_read_back_as_the_same() {
    let mut full = address("192.0.2.51", 24);
    full.broadcast = Some("192.0.2.255".parse().unwrap());
    full.label = Label::new("eth0:vip");
    full.scope = Scope::HOST;
    full.flags.auto_join = true;
    let mut six = address("2001:db8::1", 128);
    six.peer = Some("2001:db8::2".parse().unwrap());
    six.flags.home = true;
    for wanted in [full, six, address("2001:db8::5", 64), address("198.51.100.1", 32)] {
        let read = installed(&add(&wanted, LinkIndex(7)), wanted.link.clone()).unwrap();
        assert!(read.ours);
        assert_eq!((read.index, read.address.key()), (LinkIndex(7), wanted.key()));
        // IPv6 without any flag sent would read as "with detection": it always has one here.
        assert_eq!(read.address, wanted);
    }
}

#[test]
fn the_flags_say_what_duplicate_address_detection_has_come_to() {
    let seen = |flags: u32| {
        let mut message = add(&address("fe80::1", 64), LinkIndex(7));
        message.attributes.retain(|attribute| !matches!(attribute, AddressAttribute::Flags(_)));
        message.attributes.push(AddressAttribute::Flags(AddressFlags::from_bits_retain(flags)));
        held(&message).unwrap().detection
    };
    // `IFA_F_PERMANENT`, `IFA_F_TENTATIVE`, `IFA_F_DADFAILED`, `IFA_F_OPTIMISTIC`.
    assert_eq!(seen(0x80), Detection::Unique);
    assert_eq!(seen(0xc0), Detection::Tentative);
    assert_eq!(seen(0xc8), Detection::Duplicate);
    assert_eq!(seen(0xc4), Detection::Unique);
    assert_eq!(
        held(&add(&address("192.0.2.1", 24), LinkIndex(7))).unwrap().detection,
        Detection::Unique
    );
}
