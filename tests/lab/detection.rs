//! Routers whose own link-local address is still looked for on the segment, or found on another
//! host: neither may call itself master. The kernel says which it is; nothing here waits for a time.

use std::time::Duration;

use testkit::lab::{Daemon, Host};

use crate::support::{LIMIT, Pair, under_test};

const VIP: &str = "fe80::51";
/// So many questions take the kernel as many seconds, which is time enough for a start.
const QUESTIONS: &str = "8";

fn director(priority: u8) -> String {
    format!(
        "vrrp_instance VI_1 {{\n  state BACKUP\n  interface eth0\n  virtual_router_id 51\n  \
         priority {priority}\n  version 3\n  advert_int 0.1\n  virtual_ipaddress {{\n    {VIP}\n  \
         }}\n}}\n"
    )
}

/// `b` has its addresses at once, `a` only when it has asked for them.
fn pair(label: &str, questions: &str) -> Pair {
    let pair = Pair::new(label);
    pair.b.enable_ipv6();
    pair.lab.wait_until("an address of b", LIMIT, || !own(&pair.b).is_empty());
    pair.a.enable_ipv6();
    pair.a.set_sysctl("net.ipv6.conf.eth0.accept_dad", "1");
    pair.a.set_sysctl("net.ipv6.conf.eth0.dad_transmits", questions);
    pair
}

/// What the kernel says of the address that `host` sends from.
fn own(host: &Host) -> String {
    let all = host.ok(["ip", "-6", "-o", "addr", "show", "dev", "eth0", "scope", "link"]);
    all.lines().find(|line| !line.contains(VIP)).unwrap_or_default().to_owned()
}

/// As at the start of a machine.
fn comes_up(host: &Host) {
    host.ok(["ip", "link", "set", "dev", "eth0", "down"]);
    host.ok(["ip", "link", "set", "dev", "eth0", "up"]);
}

/// Its address is the same as the other's from the next time on that it comes up.
fn takes_hardware_address(host: &Host, other: &Host) {
    host.ok(["ip", "link", "set", "dev", "eth0", "address", &other.mac()]);
}

/// Waits for adverts of `a`; as long as it may not send it must not be master.
fn wait_until_heard(pair: &Pair, daemon: &Daemon) {
    pair.lab.wait_until("an advert of a", LIMIT, || {
        let master = pair.a.holds(VIP);
        assert!(!(master && own(&pair.a).contains("tentative")), "{}", pair.lab.logs());
        !pair.capture.adverts_from("a").is_empty()
    });
    pair.lab.wait_until("a to hold it", LIMIT, || pair.a.holds(VIP));
    assert!(daemon.log().has("cannot be used yet: duplicate address detection is not over"));
    assert!(!daemon.log().has("send advert error"), "{}", pair.lab.logs());
    assert_eq!(daemon.log().count("FAULT"), 0, "{}", pair.lab.logs());
}

fn start(host: &Host, priority: u8) -> Daemon {
    host.daemon(&under_test()).start(&director(priority))
}

#[test]
fn a_router_becomes_master_when_it_can_be_heard() {
    let pair = pair("dad-own", QUESTIONS);
    comes_up(&pair.a);
    pair.lab.wait_until("the questions", LIMIT, || own(&pair.a).contains("tentative"));
    let daemon = start(&pair.a, 100);
    wait_until_heard(&pair, &daemon);
}

#[test]
fn a_better_router_leaves_the_addresses_to_the_other_one_until_then() {
    let pair = pair("dad-pair", QUESTIONS);
    let _worse = start(&pair.b, 100);
    pair.lab.wait_until("b to be master", LIMIT, || pair.b.holds(VIP));
    comes_up(&pair.a);
    pair.lab.wait_until("the questions", LIMIT, || own(&pair.a).contains("tentative"));
    let better = start(&pair.a, 200);
    wait_until_heard(&pair, &better);
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
}

#[test]
fn a_router_whose_address_another_host_has_is_in_fault_until_it_has_one() {
    let pair = pair("dad-taken", "1");
    takes_hardware_address(&pair.b, &pair.a);
    comes_up(&pair.b);
    pair.lab.wait_until("an address of b", LIMIT, || !own(&pair.b).is_empty());
    comes_up(&pair.a);
    pair.lab.wait_until("the answer", LIMIT, || own(&pair.a).contains("dadfailed"));
    let daemon = start(&pair.a, 100);
    daemon.wait_for_log("is in use by another host)", LIMIT);
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    pair.lab.insist("silence", Duration::from_secs(1), || {
        !pair.a.holds(VIP) && pair.capture.adverts_from("a").is_empty()
    });
    pair.b.ok(["ip", "link", "set", "dev", "eth0", "down"]);
    comes_up(&pair.a);
    pair.lab.wait_until("an advert of a", LIMIT, || !pair.capture.adverts_from("a").is_empty());
    pair.lab.wait_until("a to hold it", LIMIT, || pair.a.holds(VIP));
}

#[test]
fn a_master_whose_link_comes_back_with_an_address_of_another_host_stays_in_fault_and_says_why() {
    let pair = pair("dad-late", "1");
    let daemon = start(&pair.a, 100);
    pair.lab.wait_until("a to be master", LIMIT, || pair.a.holds(VIP));
    takes_hardware_address(&pair.b, &pair.a);
    comes_up(&pair.b);
    pair.lab.wait_until("an address of b", LIMIT, || !own(&pair.b).is_empty());
    comes_up(&pair.a);
    daemon.wait_for_log("cannot be used: duplicate address detection found it on another", LIMIT);
    let before = pair.capture.adverts_from("a").len();
    pair.lab.insist("silence", Duration::from_secs(1), || {
        !pair.a.holds(VIP) && pair.capture.adverts_from("a").len() == before
    });
}
