//! Adverts of priority 200 that are wrong in one point: a master of priority 100 must not yield,
//! and the log has to name the point. Texts are those of 2.4.3 for ours and of 2.2.7 for Debian's.

use std::thread;
use std::time::Duration;

use testkit::lab::Forged;

use crate::support::{Alone, LIMIT, instance, under_test, usual};

/// A wrong advert, and what is logged about it by ours and by the original.
struct Case {
    what: &'static str,
    advert: Forged,
    ours: &'static str,
    original: &'static str,
}

fn better() -> Forged {
    Forged::v3("192.0.2.2", 51, 200, "192.0.2.51")
}

/// Lets each case loose on a master with this configuration.
fn reject(label: &str, configuration: &str, cases: &[Case]) {
    let scene = Alone::new(label);
    let b = scene.lab.host("b", "192.0.2.2/24");
    let daemon = scene.start_master(configuration, "192.0.2.51");
    for case in cases {
        b.forge(&case.advert);
        let text = if under_test().is_ours() { case.ours } else { case.original };
        daemon.wait_for_log(text, LIMIT);
        thread::sleep(Duration::from_millis(100));
        assert_eq!(daemon.log().count("Entering BACKUP STATE"), 1, "{}", case.what);
        assert!(scene.host.holds("192.0.2.51"), "{}", case.what);
    }
    b.forge(&cases_end(configuration));
    scene.wait_until_gone("192.0.2.51");
}

/// The same without a mistake, which proves that the mistakes were the reason.
fn cases_end(configuration: &str) -> Forged {
    if configuration.contains("version 3") { better() } else { with_password(b"1111\0\0\0\0") }
}

fn with_password(password: &[u8; 8]) -> Forged {
    let v2 = Forged::v2("192.0.2.2", 51, 200, "192.0.2.51");
    Forged { auth_type: 1, auth_data: *password, ..v2 }
}

#[test]
fn v3_adverts_with_a_mistake_are_not_obeyed_and_the_mistake_is_logged() {
    let cases = [
        Case {
            what: "a TTL below 255 comes from another segment",
            advert: Forged { ttl: 254, ..better() },
            ours: "(VI_1) invalid TTL/HL from 192.0.2.2. Received 254 and expect 255",
            original: "(VI_1) invalid TTL/HL. Received 254 and expect 255",
        },
        Case {
            what: "another version",
            advert: Forged::v2("192.0.2.2", 51, 200, "192.0.2.51"),
            ours: "(VI_1) wrong VRRP version from 192.0.2.2. Received 2 and expect 3",
            original: "(VI_1) wrong version. Received 2 and expect 3",
        },
        Case {
            what: "another type",
            advert: Forged { version_and_type: 0x32, ..better() },
            ours: "(VI_1) Invalid packet type from 192.0.2.2. 2 and expect 1",
            original: "(VI_1) Invalid packet type. 2 and expect 1",
        },
        Case {
            what: "a wrong checksum",
            advert: Forged { checksum_off_by: 1, ..better() },
            ours: "(VI_1) Invalid VRRPv3 checksum from 192.0.2.2",
            original: "(VI_1) Invalid VRRPv3 checksum",
        },
    ];
    reject("rejected-v3", &usual(""), &cases);
}

#[test]
fn v2_adverts_with_the_wrong_password_or_interval_are_not_obeyed() {
    let configuration = instance(
        "VI_1",
        51,
        "192.0.2.51",
        "advert_int 1\n  authentication {\n    auth_type PASS\n    auth_pass 1111\n  }",
    );
    let right = with_password(b"1111\0\0\0\0");
    let cases = [
        Case {
            what: "another password",
            advert: with_password(b"2222\0\0\0\0"),
            ours: "(VI_1) received an invalid passwd from 192.0.2.2!",
            original: "(VI_1) received an invalid passwd!",
        },
        Case {
            what: "no password",
            advert: Forged { auth_type: 0, auth_data: [0; 8], ..right.clone() },
            ours: "(VI_1) received a 0 auth from 192.0.2.2, expecting 1!",
            original: "(VI_1) received a 0 auth, expecting 1!",
        },
        Case {
            what: "an unknown kind of authentication",
            advert: Forged { auth_type: 7, ..right.clone() },
            ours: "(VI_1) Invalid auth type from 192.0.2.2: 7",
            original: "(VI_1) Invalid auth type: 7",
        },
        Case {
            what: "another interval",
            advert: Forged { interval: 3, ..right.clone() },
            ours: "(VI_1) advertisement interval mismatch with 192.0.2.2 mine=1 sec rcv'd=3 sec",
            original: "(VI_1) advertisement interval mismatch mine=1 sec rcv'd=3 sec",
        },
        Case {
            what: "a wrong checksum",
            advert: Forged { checksum_off_by: 1, ..right },
            ours: "(VI_1) Invalid VRRPv2 checksum from 192.0.2.2",
            original: "(VI_1) Invalid VRRPv2 checksum",
        },
    ];
    reject("rejected-v2", &configuration, &cases);
}

/// The one point in which 2.4 obeys what 2.2.7 refuses.
#[test]
fn an_advert_with_other_addresses_is_logged_and_obeyed_only_since_2_4() {
    let scene = Alone::new("other-addresses");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    b.forge(&Forged::v3("192.0.2.2", 51, 200, "192.0.2.99"));
    daemon.wait_for_log("ip address associated with VRID 51 not present in", LIMIT);
    if under_test().is_ours() {
        scene.wait_until_gone("192.0.2.51");
    } else {
        thread::sleep(Duration::from_millis(200));
        assert!(scene.host.holds("192.0.2.51"));
    }
}

#[test]
fn adverts_of_another_virtual_router_are_nobodys_business() {
    let scene = Alone::new("other-vrid");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    b.forge(&Forged { vrid: 77, ..better() });
    thread::sleep(Duration::from_millis(300));
    assert!(scene.host.holds("192.0.2.51"));
    assert!(!daemon.log().has("VRID"), "{}", scene.lab.logs());
}
