//! Adding, removing and listing addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

use net::{Address, Label, Lifetime, LinkIndex, Scope};
use rtnl::{Change, Socket};

use crate::laboratory::{NOWHERE, Namespace, name};

fn address(ip: impl Into<IpAddr>, prefix: u8) -> Address {
    Address::new(name("here"), ip.into(), prefix)
}

fn many(count: u16) -> Vec<Address> {
    let ip = |i: u16| Ipv4Addr::from_bits(0x0a00_0000 + u32::from(i));
    (1..=count).map(|i| address(ip(i), 32)).collect()
}

fn adds(addresses: &[Address], index: LinkIndex) -> Vec<Change> {
    addresses.iter().map(|address| Change::AddAddress(address.clone(), index)).collect()
}

fn removes(addresses: &[Address], index: LinkIndex) -> Vec<Change> {
    addresses.iter().map(|address| Change::remove(address, index)).collect()
}

#[test]
fn a_thousand_addresses_come_and_go_in_batches() {
    let namespace = Namespace::new();
    let index = namespace.cable().index;
    let addresses = many(1000);
    let (adding, added) = namespace.run(|| {
        let mut socket = Socket::open().unwrap();
        let start = Instant::now();
        assert_eq!(socket.apply(&adds(&addresses, index)), []);
        (start.elapsed(), socket.addresses().unwrap())
    });
    assert_eq!(namespace.shown("here", "-4").len(), 1000);
    let ours = added.iter().filter(|installed| installed.ours && installed.index == index);
    assert_eq!(ours.map(|installed| installed.address.clone()).collect::<Vec<_>>(), addresses);
    let removing = namespace.run(|| {
        let mut socket = Socket::open().unwrap();
        let start = Instant::now();
        assert_eq!(socket.apply(&removes(&addresses, index)), []);
        start.elapsed()
    });
    assert_eq!(namespace.shown("here", "-4").len(), 0);
    println!("1,000 IPv4 addresses: added in {adding:?}, removed in {removing:?}");
}

#[test]
fn ipv6_addresses_come_and_go_in_batches() {
    let namespace = Namespace::new();
    let index = namespace.cable().index;
    let ip = |i: u16| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, i);
    let addresses: Vec<_> = (1..=300).map(|i| address(ip(i), 128)).collect();
    let (adding, failures) = namespace.run(|| {
        let start = Instant::now();
        let failures = Socket::open().unwrap().apply(&adds(&addresses, index));
        (start.elapsed(), failures)
    });
    assert_eq!(failures, []);
    let shown = namespace.shown("here", "-6");
    assert_eq!(shown.len(), 300);
    for address in &shown {
        assert_eq!((&address["deprecated"], &address["nodad"]), (&true.into(), &true.into()));
        assert!(address["tentative"].is_null(), "{address}");
    }
    let failures = namespace.run(|| Socket::open().unwrap().apply(&removes(&addresses, index)));
    assert_eq!(failures, []);
    assert_eq!(namespace.shown("here", "-6").len(), 0);
    println!("300 IPv6 addresses: added in {adding:?}");
}

#[test]
fn duplicates_and_errors_in_the_middle_do_not_stop_the_rest() {
    let namespace = Namespace::new();
    let index = namespace.cable().index;
    let good = many(400);
    let mut changes = adds(&good, index);
    changes[1] = changes[0].clone();
    changes[300] = Change::AddAddress(address([10, 9, 9, 9], 33), index);
    changes[301] = Change::remove(&address([10, 9, 9, 8], 32), index);
    changes[302] = Change::remove(&address([10, 9, 9, 8], 32), NOWHERE);
    changes[399] = Change::AddAddress(address([10, 9, 9, 7], 32), NOWHERE);
    let failures = namespace.run(|| Socket::open().unwrap().apply(&changes));
    assert_eq!(namespace.shown("here", "-4").len(), 395);
    let failed: Vec<_> = failures.iter().map(|f| (f.change, f.errno, f.message_name())).collect();
    let (einval, enodev) = (22, 19);
    assert_eq!(failed, [(300, einval, "RTM_NEWADDR"), (399, enodev, "RTM_NEWADDR")]);
    let detail = failures[0].detail.as_deref().unwrap_or_default();
    assert!(detail.to_lowercase().contains("prefix"), "the kernel's text: {detail:?}");
}

#[test]
fn everything_that_is_configured_is_seen_by_ip_and_read_back() {
    let namespace = Namespace::new();
    let index = namespace.cable().index;
    let mut full = address([192, 0, 2, 51], 24);
    full.broadcast = Some([192, 0, 2, 255].into());
    full.label = Label::new("here:vip");
    full.scope = Scope::SITE;
    full.flags.no_prefix_route = true;
    let mut point = address([198, 51, 100, 1], 32);
    point.peer = Some([198, 51, 100, 2].into());
    let mut six = address(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 5), 64);
    six.preferred = Lifetime::Forever;
    let wanted = [full, point, six.clone()];
    let found = namespace.run(|| {
        let mut socket = Socket::open().unwrap();
        assert_eq!(socket.apply(&adds(&wanted, index)), []);
        socket.addresses().unwrap()
    });
    let text = namespace.ip("addr show dev here");
    for part in [
        "inet 192.0.2.51/24 brd 192.0.2.255 scope site noprefixroute",
        "here:vip",
        "inet 198.51.100.1 peer 198.51.100.2/32 scope global",
        "inet6 2001:db8::5/64 scope global nodad",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    six.preferred = Lifetime::Default;
    for address in wanted[..2].iter().chain([&six]) {
        assert!(found.iter().any(|f| f.ours && f.address == *address), "{address:?}\n{found:?}");
    }
    let failures = namespace.run(|| Socket::open().unwrap().apply(&removes(&wanted, index)));
    assert_eq!(failures, []);
    assert!(namespace.shown("here", "").is_empty(), "the peer's too");
}

#[test]
fn the_prefix_tells_two_equal_addresses_apart() {
    let namespace = Namespace::new();
    let index = namespace.cable().index;
    let [short, long] = [24, 32].map(|prefix| address([192, 0, 2, 51], prefix));
    namespace.run(|| {
        let mut socket = Socket::open().unwrap();
        assert_eq!(socket.apply(&adds(&[short, long.clone()], index)), []);
        assert_eq!(socket.apply(&removes(&[long], index)), []);
    });
    let left = namespace.shown("here", "-4");
    assert_eq!(left.iter().map(|a| &a["prefixlen"]).collect::<Vec<_>>(), [&24]);
}

#[test]
fn links_are_listed_with_what_they_are() {
    let namespace = Namespace::new();
    namespace.cable();
    namespace.ip("addr add 192.0.2.7/24 dev here");
    namespace.ip("link set here mtu 1400 address 02:00:00:00:00:0a");
    let (here, lo) = (namespace.link("here"), namespace.link("lo"));
    assert!(here.up && here.multicast && here.arp && !here.loopback && lo.loopback);
    assert_eq!((here.mtu, here.mac.unwrap().to_string().as_str()), (1400, "02:00:00:00:00:0a"));
    assert_eq!(here.addresses[0].ip, IpAddr::from([192, 0, 2, 7]));
    assert!(lo.held(IpAddr::from([127, 0, 0, 1])).is_some());
    namespace.ip("link set there down");
    // Still set up, but without a carrier.
    namespace.wait_for("here", false);
}
