//! Lines that are not about states: the start, links and addresses that come and go, and the
//! words of groups and of authentication.

use testkit::lab::{Daemon, Forged};

use crate::crafted::{AH, IP, inject, under_ah};
use crate::support::{Alone, FAST, LIMIT, instance, under_test, usual};

/// Lines that only a detailed log has.
const DETAILS: [&str; 8] = [
    "Opening file '",
    "Registering Kernel netlink reflector",
    "Registering Kernel netlink command channel",
    "Registering gratuitous ARP shared channel",
    "Assigned address 192.0.2.1 for interface eth0",
    "(VI_1) removing VIPs.",
    "VRRP sockpool: [ifindex(",
    "CPU usage (self/children) user: 0.",
];

/// An instance with AH, which needs a socket of its own.
fn authenticated() -> String {
    let lines = "advert_int 1\n  unicast_src_ip 192.0.2.1\n  unicast_peer {\n    192.0.2.2\n  }\n  \
                 authentication {\n    auth_type AH\n    auth_pass secret12\n  }";
    instance("VI_2", 52, "192.0.2.52", lines)
}

#[test]
fn a_start_is_logged_step_by_step_where_that_is_wanted() {
    let scene = Alone::new("lines-start");
    let mut daemon = scene.start(&format!("{}{}", usual(""), authenticated()));
    daemon.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    assert!(daemon.stop().success());
    let log = daemon.log();
    assert!(log.has("Running on Linux "), "{}", scene.lab.logs());
    for line in DETAILS {
        assert!(log.has(line), "{line}\n{}", scene.lab.logs());
    }
    let index = scene.host.ok(["cat", "/sys/class/net/eth0/ifindex"]);
    let sockets = log.texts().into_iter().filter(|line| line.starts_with("VRRP sockpool: ["));
    let ends = |line: String| {
        let (place, rest) = line.split_once(", fd(").expect("the numbers of two sockets");
        let (numbers, rest) = rest.split_once(") ").expect("what they are for");
        assert!(numbers.split(',').all(|number| number.parse::<u32>().is_ok()), "{line}");
        format!("{place} {rest}")
    };
    let mut sockets: Vec<String> = sockets.map(ends).collect();
    sockets.sort();
    // Ours is bound to the link, not to the address.
    let bound = if under_test().is_ours() { "0.0.0.0" } else { "192.0.2.1" };
    let place = format!("VRRP sockpool: [ifindex({:>3}), family(IPv4)", index.trim());
    assert_eq!(
        sockets,
        [
            format!("{place}, proto(112) multicast, address(224.0.0.18)]"),
            format!("{place}, proto(51) , unicast, address({bound})]"),
        ]
    );
}

#[test]
fn a_start_is_logged_in_short_otherwise() {
    let scene = Alone::new("lines-short");
    let mut daemon = scene.daemon().without_detail().start(&usual(""));
    daemon.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    assert!(daemon.stop().success());
    assert!(daemon.log().has("Running on Linux "), "{}", scene.lab.logs());
    for line in DETAILS {
        assert!(!daemon.log().has(line), "{line} is a detail\n{}", scene.lab.logs());
    }
}

/// That another address takes the place of the first one is not said.
#[test]
fn the_first_and_the_last_address_to_send_from_are_named() {
    let scene = Alone::new("lines-source");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    scene.host.ok(["ip", "address", "add", "198.51.100.1/24", "dev", "eth0"]);
    scene.host.ok(["ip", "address", "del", "192.0.2.1/24", "dev", "eth0"]);
    scene.lab.wait_until("an advert from the other address", LIMIT, || {
        let adverts = scene.capture.adverts_from("a");
        adverts.last().is_some_and(|advert| advert.source.to_string() == "198.51.100.1")
    });
    scene.host.ok(["ip", "address", "del", "198.51.100.1/24", "dev", "eth0"]);
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    scene.host.ok(["ip", "address", "add", "192.0.2.7/24", "dev", "eth0"]);
    daemon.wait_for_log("(VI_1) Entering BACKUP STATE", LIMIT);
    let (last, first) = (
        "Deassigned address 198.51.100.1 from interface eth0",
        "Assigned address 192.0.2.7 for interface eth0",
    );
    daemon.wait_for_log(first, LIMIT);
    daemon.log().expect_in_order(&[last, "(VI_1) Entering FAULT STATE", first]);
    assert_eq!(daemon.log().count("eassigned address"), 1);
}

#[test]
fn a_master_that_gives_up_is_logged_in_the_order_of_the_original() {
    let scene = Alone::new("lines-order");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    scene.host.unplug();
    daemon.wait_for_log("(VI_1) removing VIPs.", LIMIT);
    daemon.wait_for_log_times("(VI_1) removing VIPs.", 2, LIMIT);
    daemon.log().expect_in_order(&[
        "(VI_1) removing VIPs.",
        "(VI_1) Entering BACKUP STATE (init)",
        "(VI_1) Entering MASTER STATE",
        "Netlink reports eth0 down",
        "(VI_1) Entering FAULT STATE",
        "(VI_1) sent 0 priority",
        "(VI_1) removing VIPs.",
    ]);
}

/// The members' own reasons, then the first member that has one, then every member.
#[test]
fn a_group_that_begins_in_fault_says_because_of_whom() {
    let scene = Alone::new("lines-group");
    scene.host.ok(["ip", "link", "add", "eth9", "type", "veth", "peer", "name", "peer9"]);
    let on_eth9 = |name: &str, vrid: u8| {
        let block = instance(name, vrid, &format!("192.0.2.{vrid}"), FAST);
        block.replace("interface eth0", "interface eth9")
    };
    let group = "vrrp_sync_group G {\n  group {\n    VI_1\n    VI_2\n    VI_3\n  }\n}\n";
    let members = format!("{}{}{}", usual(""), on_eth9("VI_2", 52), on_eth9("VI_3", 53));
    scene.host.ok(["ip", "address", "add", "203.0.113.1/24", "dev", "eth9"]);
    let daemon = scene.start(&format!("{group}{members}{}", on_eth9("VI_4", 54)));
    daemon.wait_for_log("(VI_4) removing VIPs.", LIMIT);
    for order in [["VI_2", "VI_1"], ["VI_3", "VI_3"]] {
        daemon.log().expect_in_order(&[
            &format!("({}): entering FAULT state (interface eth9 down)", order[0]),
            "VRRP_Group(G): Syncing VI_2 to FAULT state",
            &format!("({}) entering FAULT state", order[1]),
        ]);
    }
    daemon.log().expect_in_order(&[
        "(VI_4): entering FAULT state (interface eth9 down)",
        "(VI_4) entering FAULT state",
        "(VI_4) removing VIPs.",
    ]);
    assert_eq!(daemon.log().count("VRRP_Group(G)"), 1, "{}", scene.lab.logs());
}

/// The sequence number of AH in a packet.
fn sequence(packet: &[u8]) -> u32 {
    let number = &packet[IP + 8..IP + AH - 12];
    u32::from_be_bytes(number.try_into().expect("four bytes"))
}

#[test]
fn a_master_gets_ahead_of_the_numbers_of_a_worse_one() {
    let scene = Alone::new("lines-ah");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let lines = "advert_int 1\n  authentication {\n    auth_type AH\n    auth_pass secret12\n  }";
    let daemon = scene.start_master(&instance("VI_1", 51, "192.0.2.51", lines), "192.0.2.51");
    let worse = Forged { auth_type: 2, ..Forged::v2("192.0.2.2", 51, 50, "192.0.2.51") };
    inject(&b, None, &under_ah(&worse.packet(), b"secret12", 1_000));
    daemon.wait_for_log("Received advert from 192.0.2.2 with lower priority 50", LIMIT);
    daemon.wait_for_log("(VI_1) IPSEC-AH : Syncing seq_num - Increment seq", LIMIT);
    scene.lab.wait_until("the answer", LIMIT, || {
        let adverts = scene.capture.adverts_from("a");
        adverts.iter().any(|advert| sequence(&advert.packet) == 1_002)
    });
}

fn in_addresses(daemon: &Daemon, scene: &Alone, link: &str) {
    let change = |verb: &str, ip: &str| scene.host.ok(["ip", "address", verb, ip, "dev", link]);
    for (verb, word) in [("add", "added to"), ("del", "removed from")] {
        change(verb, "203.0.113.9/32");
        let line = format!("Netlink reflector reports IP 203.0.113.9 {word} {link}");
        daemon.wait_for_log(&line, LIMIT);
    }
}

#[test]
fn every_address_is_named_where_that_is_wanted() {
    let scene = Alone::new("lines-addresses");
    scene.host.ok(["ip", "link", "add", "eth9", "type", "veth", "peer", "name", "peer9"]);
    let daemon = scene.daemon().without_detail().option("-a").start(&usual(""));
    daemon.wait_for_log("Netlink reflector reports IP 192.0.2.1 added to eth0", LIMIT);
    daemon.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    scene.wait_until_held("192.0.2.51");
    for link in ["eth0", "eth9"] {
        in_addresses(&daemon, &scene, link);
    }
    assert!(!daemon.log().has("reports IP 192.0.2.51"), "{}", scene.lab.logs());
}

/// Those of others are not, but one of its own that somebody takes is.
#[test]
fn an_address_that_somebody_takes_from_a_master_is_a_detail() {
    let scene = Alone::new("lines-taken");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    scene.host.ok(["ip", "address", "add", "203.0.113.9/32", "dev", "eth0"]);
    scene.host.ok(["ip", "address", "del", "192.0.2.51/32", "dev", "eth0"]);
    daemon.wait_for_log("Netlink reflector reports IP 192.0.2.51 removed from eth0", LIMIT);
    assert_eq!(daemon.log().count("Netlink reflector reports IP"), 1);
}

#[test]
fn links_that_come_go_and_change_are_named() {
    let scene = Alone::new("lines-links");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    let before = scene.host.mac();
    scene.host.ok(["ip", "link", "set", "dev", "eth0", "address", "02:00:00:00:00:77"]);
    let changed = format!("(eth0) MAC Address changed from {} to 02:00:00:00:00:77", before.trim());
    daemon.wait_for_log(&changed, LIMIT);
    scene.host.ok(["ip", "link", "add", "eth9", "type", "veth", "peer", "name", "peer9"]);
    daemon.wait_for_log("Interface eth9 added", LIMIT);
    scene.host.ok(["ip", "link", "del", "dev", "eth9"]);
    daemon.wait_for_log("Interface eth9 deleted", LIMIT);
}

#[test]
fn links_that_nobody_uses_come_and_go_unnoticed_without_detail() {
    let scene = Alone::new("lines-quiet");
    let daemon = scene.daemon().without_detail().start(&usual(""));
    daemon.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    scene.host.ok(["ip", "link", "add", "eth9", "type", "veth", "peer", "name", "peer9"]);
    scene.host.ok(["ip", "link", "del", "dev", "eth9"]);
    scene.host.unplug();
    daemon.wait_for_log("Netlink reports eth0 down", LIMIT);
    for text in ["eth9", "peer9"] {
        assert!(!daemon.log().has(text), "{}", scene.lab.logs());
    }
}
