//! Somebody else changes the kernel: the addresses are put right, and nobody's state changes.
//!
//! These are ours alone; the original becomes backup instead and is elected again.

use testkit::lab::{Daemon, Host};

use crate::support::{LIMIT, Pair, SETTLED, beside_others, under_test};

const VIP: &str = "192.0.2.130";
const FAST: &str = "version 3\n  advert_int 0.1";

fn director(priority: u8, link: &str, addresses: &str) -> String {
    format!(
        "global_defs {{\n  dynamic_interfaces\n}}\n\
         vrrp_instance VI_1 {{\n  interface {link}\n  virtual_router_id 51\n  {FAST}\n  \
         priority {priority}\n  virtual_ipaddress {{\n    {addresses}\n  }}\n}}\n"
    )
}

fn start(host: &Host, configuration: &str) -> Daemon {
    host.daemon(&under_test()).start(configuration)
}

#[test]
fn an_address_that_somebody_removes_comes_back_and_is_announced() {
    let _machine = beside_others();
    let pair = Pair::new("drift-removed");
    let first = start(&pair.a, &director(200, "eth0", VIP));
    let second = start(&pair.b, &director(100, "eth0", VIP));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    // Who was master before the better one was there does not matter.
    let states = || (first.log().count("STATE"), second.log().count("STATE"));
    let settled = states();
    let before = pair.capture.announcements_of(VIP).len();
    pair.a.ok(["ip", "address", "del", "192.0.2.130/32", "dev", "eth0"]);
    first.wait_for_log("192.0.2.130 was removed from eth0 by somebody else", LIMIT);
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.lab.wait_until("a new announcement", LIMIT, || {
        pair.capture.announcements_of(VIP).len() > before
    });
    assert_eq!(states(), settled, "{}", pair.lab.logs());
}

#[test]
fn an_address_that_somebody_adds_to_a_backup_goes() {
    let _machine = beside_others();
    let pair = Pair::new("drift-added");
    let _first = start(&pair.a, &director(200, "eth0", VIP));
    let second = start(&pair.b, &director(100, "eth0", VIP));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.b.ok(["ip", "address", "add", "192.0.2.130/32", "dev", "eth0"]);
    second.wait_for_log("192.0.2.130 was added to eth0 by somebody else", LIMIT);
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
}

#[test]
fn addresses_that_go_along_with_a_removed_one_come_back() {
    let _machine = beside_others();
    let pair = Pair::new("drift-secondary");
    let (one, two) = ("203.0.113.1/24", "203.0.113.2/24");
    let both = format!("{one}\n    {two}");
    let first = start(&pair.a, &director(200, "eth0", &both));
    pair.wait_until_on(&pair.a, &pair.b, &["203.0.113.1", "203.0.113.2"]);
    // The first is the primary of its network: without it the kernel drops the second as well.
    first.reload(&director(200, "eth0", two));
    first.wait_for_log("ip address 203.0.113.1/24 dev eth0, no longer exist", LIMIT);
    pair.lab.wait_until("the second address alone", LIMIT, || {
        pair.a.holds("203.0.113.2") && !pair.a.holds("203.0.113.1")
    });
    assert_eq!(first.log().count("STATE"), 2, "{}", pair.lab.logs());
}

#[test]
fn a_link_that_is_made_again_is_used_again() {
    let _machine = beside_others();
    let pair = Pair::new("drift-link");
    pair.a.add_link("eth1", "198.51.100.1/24");
    let first = start(&pair.a, &director(200, "eth1", "198.51.100.100"));
    pair.wait_until_on(&pair.a, &pair.b, &["198.51.100.100"]);
    pair.a.ok(["ip", "link", "delete", "eth1"]);
    first.wait_for_log("Interface eth1 deleted", LIMIT);
    first.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    pair.a.add_link("eth1", "198.51.100.1/24");
    first.wait_for_log_times("(VI_1) Entering MASTER STATE", 2, LIMIT);
    pair.wait_until_on(&pair.a, &pair.b, &["198.51.100.100"]);
    let before = pair.capture.adverts_from("a").len();
    pair.lab.wait_until("adverts on the new link", LIMIT, || {
        pair.capture.adverts_from("a").len() > before
    });
}

#[test]
fn another_netmask_of_the_links_own_address_is_no_fault() {
    let _machine = beside_others();
    let pair = Pair::new("drift-netmask");
    let first = start(&pair.a, &director(200, "eth0", VIP));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.a.ok(["ip", "address", "add", "192.0.2.1/25", "dev", "eth0"]);
    pair.a.ok(["ip", "address", "del", "192.0.2.1/24", "dev", "eth0"]);
    pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
    assert!(!first.log().has("FAULT"), "{}", pair.lab.logs());
}

#[test]
fn a_link_that_is_renamed_keeps_no_address() {
    let _machine = beside_others();
    let pair = Pair::new("drift-rename");
    let mut first = start(&pair.a, &director(200, "eth0", VIP));
    let _second = start(&pair.b, &director(100, "eth0", VIP));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.a.ok(["ip", "link", "set", "eth0", "name", "lan0"]);
    first.wait_for_log("Interface name has changed from eth0 to lan0", LIMIT);
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    assert!(first.stop().success());
    pair.a.ok(["ip", "link", "set", "lan0", "name", "eth0"]);
    pair.insist_on(&pair.b, &pair.a, &[VIP], SETTLED);
}

/// Raised while the daemon starts: the news must not fall between its first look and its watch.
#[test]
fn a_link_that_comes_up_during_the_start_is_noticed() {
    let _machine = beside_others();
    let pair = Pair::new("drift-start");
    for round in 0..20 {
        pair.a.ok(["ip", "link", "set", "eth0", "down"]);
        let raise = format!("sleep 0.0{:02}; ip link set eth0 up", round * 2);
        let mut raising = pair.a.spawn("raise", ["sh", "-c", &raise]);
        let mut daemon = start(&pair.a, &director(200, "eth0", VIP));
        pair.lab.wait_until("the address", LIMIT, || pair.a.holds(VIP));
        raising.wait_exit(LIMIT);
        assert!(daemon.stop().success());
    }
}
