//! Duplicate address detection and other flags of addresses, as the kernel shows them.

use std::time::Duration;

use testkit::lab::{Host, Process};

use crate::support::{Alone, FAST, LIMIT, instance};

const LOCAL: &str = "fe80::51";
const VIP: &str = "2001:db8::51";

/// A host on which the kernel looks for duplicates, and another one.
fn detecting(label: &str) -> (Alone, Host) {
    let scene = Alone::new(label);
    let b = scene.lab.host("b", "192.0.2.2/24");
    for host in [&scene.host, &b] {
        host.enable_ipv6();
        scene.lab.wait_until("a link-local address", LIMIT, || shown(host).contains("fe80"));
    }
    scene.host.set_sysctl("net.ipv6.conf.eth0.accept_dad", "1");
    (scene, b)
}

/// All addresses of IPv6, one in a line.
fn shown(host: &Host) -> String {
    host.ok(["ip", "-6", "-o", "-d", "addr", "show", "dev", "eth0"])
}

/// What the kernel says of one address; empty when it is not there.
fn flags(host: &Host, ip: &str) -> String {
    let all = shown(host);
    all.lines().find(|line| line.contains(&format!(" {ip}/"))).unwrap_or_default().to_owned()
}

/// Writes down who asks whether somebody has an address.
fn questions(scene: &Alone, host: &Host) -> Process {
    let filter = ["tcpdump", "-l", "-n", "-i", "eth0", "icmp6 and ip6[40] == 135"];
    let process = host.spawn("tcpdump", filter);
    scene.lab.wait_until("tcpdump to listen", LIMIT, || process.log().has("listening on eth0"));
    process
}

fn with(address: &str) -> String {
    let more = format!("{FAST}\n  native_ipv6");
    instance("VI_1", 51, &format!("{LOCAL}\n    {address}"), &more)
}

#[test]
fn a_virtual_address_is_usable_at_once_and_nobody_is_asked_for_it() {
    let (scene, b) = detecting("dad-off");
    let asked = questions(&scene, &b);
    let _daemon = scene.start_master(&with(&format!("{VIP}/64")), VIP);
    let seen = flags(&scene.host, VIP);
    assert!(seen.contains("nodad") && !seen.contains("tentative"), "{seen}");
    scene.lab.insist("no question", Duration::from_secs(2), || !asked.log().text().contains(VIP));
}

#[test]
fn one_that_somebody_else_still_has_is_usable_all_the_same() {
    let (scene, b) = detecting("dad-twice");
    b.add_address("eth0", &format!("{VIP}/64"));
    let _daemon = scene.start_master(&with(&format!("{VIP}/64")), VIP);
    scene
        .lab
        .wait_until("it to be announced", LIMIT, || scene.capture.announcements_of(VIP).len() >= 5);
    std::thread::sleep(Duration::from_millis(1_500));
    let seen = flags(&scene.host, VIP);
    assert!(!seen.contains("tentative") && !seen.contains("dadfailed"), "{seen}");
}

#[test]
fn an_operator_may_let_the_kernel_look_for_duplicates() {
    let (scene, b) = detecting("dad-on");
    let asked = questions(&scene, &b);
    let _daemon = scene.start_master(&with(&format!("{VIP}/64 -nodad")), VIP);
    scene.lab.wait_until("the question", LIMIT, || asked.log().has(VIP));
    scene.lab.wait_until("it to be usable", LIMIT, || {
        let seen = flags(&scene.host, VIP);
        seen.contains(VIP) && !seen.contains("tentative")
    });
    assert!(!flags(&scene.host, VIP).contains("nodad"));
}

#[test]
fn then_one_that_somebody_else_has_is_marked_and_the_mastership_stays() {
    let (scene, b) = detecting("dad-failed");
    b.add_address("eth0", &format!("{VIP}/64"));
    let daemon = scene.start_master(&with(&format!("{VIP}/64 -nodad")), VIP);
    scene
        .lab
        .wait_until("it to be marked", LIMIT, || flags(&scene.host, VIP).contains("dadfailed"));
    let more = |n: usize| scene.capture.adverts_from("a").len() > n;
    let before = scene.capture.adverts_from("a").len();
    scene.lab.wait_until("more adverts", LIMIT, || more(before + 5));
    assert_eq!(daemon.log().count("Entering MASTER STATE"), 1, "{}", scene.lab.logs());
    assert!(scene.host.holds(LOCAL));
}

#[test]
fn flags_of_addresses_reach_the_kernel() {
    let (scene, _b) = detecting("address-flags");
    let more = format!(
        "{FAST}\n  virtual_ipaddress_excluded {{\n    2001:db8:1::1/64 home\n    \
         2001:db8:2::1/64 mngtmpaddr\n    2001:db8:3::1/64 noprefixroute\n    \
         2001:db8:4::1/64\n    ff05::51/128 autojoin\n    2001:db8:5::1/64 preferred_lft 300\n  }}"
    );
    let _daemon = scene.start_master(&instance("VI_1", 51, LOCAL, &more), "2001:db8:5::1");
    for (ip, flag) in [
        ("2001:db8:1::1", " home"),
        ("2001:db8:2::1", "mngtmpaddr"),
        ("2001:db8:3::1", "noprefixroute"),
        ("ff05::51", "autojoin"),
        ("2001:db8:5::1", "valid_lft forever preferred_lft"),
    ] {
        let seen = flags(&scene.host, ip);
        assert!(seen.contains(flag), "{ip} without {flag}: {seen}");
    }
    let routes = scene.host.ok(["ip", "-6", "route", "show"]);
    assert!(routes.contains("2001:db8:4::/64") && !routes.contains("2001:db8:3::/64"), "{routes}");
    assert!(!flags(&scene.host, "2001:db8:5::1").contains("preferred_lft forever"));
}
