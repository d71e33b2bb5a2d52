//! Which family an instance has, and addresses of the other one beside it.

use testkit::lab::Host;

use crate::support::{Alone, FAST, LIMIT, hex, instance};

const LOCAL: &str = "fe80::51";

fn alone(label: &str) -> Alone {
    let scene = Alone::new(label);
    scene.host.enable_ipv6();
    let has_local = |host: &Host| host.ok(["ip", "-6", "addr", "show", "dev", "eth0"]);
    scene.lab.wait_until("a link-local address", LIMIT, || {
        has_local(&scene.host).contains("inet6 fe80")
    });
    scene
}

#[test]
fn native_ipv6_decides_before_any_address_does() {
    let scene = alone("family-native");
    // The first address would make it an instance of IPv4.
    let configuration = instance("VI_1", 51, &format!("192.0.2.51\n    {LOCAL}"), "")
        .replace("  priority 100\n", "  native_ipv6\n  priority 100\n  advert_int 0.1\n");
    let daemon = scene.start_master(&configuration, LOCAL);
    let advert = &scene.capture.adverts_from("a")[0];
    assert_eq!(advert.destination.to_string(), "ff02::12");
    let vrrp = hex(&advert.vrrp);
    assert!(vrrp.starts_with("31 33 64 01 "), "one address, version 3: {vrrp}");
    assert!(!scene.host.holds("192.0.2.51"), "{}", daemon.log().text());
}

#[test]
fn without_it_the_first_address_decides() {
    let scene = alone("family-first");
    let configuration = instance("VI_1", 51, &format!("192.0.2.51\n    {LOCAL}"), FAST);
    let _daemon = scene.start_master(&configuration, "192.0.2.51");
    let advert = &scene.capture.adverts_from("a")[0];
    assert_eq!(advert.destination.to_string(), "224.0.0.18");
    assert!(!scene.host.holds(LOCAL));
}

#[test]
fn excluded_addresses_of_the_other_family_come_and_go_and_are_announced() {
    let scene = alone("family-excluded");
    let more = format!(
        "{FAST}\n  virtual_ipaddress_excluded {{\n    192.0.2.61\n    2001:db8::61/64\n  }}"
    );
    let mut daemon = scene.start_master(&instance("VI_1", 51, "192.0.2.51", &more), "192.0.2.51");
    for ip in ["192.0.2.61", "2001:db8::61"] {
        scene.wait_until_held(ip);
        scene.lab.wait_until("its announcements", LIMIT, || {
            scene.capture.announcements_of(ip).len() >= 5
        });
    }
    daemon.log().expect_in_order(&["(VI_1) setting VIPs.", "(VI_1) setting E-VIPs."]);
    let advert = &scene.capture.adverts_from("a")[0];
    assert_eq!(hex(&advert.vrrp[8..]), "c0 00 02 33", "of what is not excluded");
    assert!(daemon.stop().success());
    assert!(!scene.host.holds("192.0.2.61") && !scene.host.holds("2001:db8::61"));
}

#[test]
fn a_first_address_that_is_not_link_local_is_named_and_used() {
    let scene = alone("family-local");
    let more = format!("{FAST}\n  native_ipv6");
    let configuration = instance("VI_1", 51, "2001:db8::51/64\n    fe80::51", &more);
    let daemon = scene.start_master(&configuration, "2001:db8::51");
    let text = "(VI_1) the first IPv6 VIP address should be link local";
    daemon.wait_for_log(text, LIMIT);
    let vrrp = hex(&scene.capture.adverts_from("a")[0].vrrp[8..]);
    assert!(vrrp.starts_with("20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 51 fe 80"), "{vrrp}");
}
