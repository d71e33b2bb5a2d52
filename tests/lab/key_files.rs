//! `auth_hmac` over IPv6 and over VRRPv2, and keys that lie in files.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use testkit::lab::{Advert, Host};

use crate::authentication::{TRAILER_BYTES, pair, plain, signed, start};
use crate::support::{LIMIT, Pair, SETTLED, beside_others};

const VIP: &str = "192.0.2.50";
const VIP6: &str = "fe80::50";
const OLD: &str = "an old key of thirty-two letters";
const NEW: &str = "4e6577206b6579206f66207468697274792d74776f206c657474657273212121";

fn over_v6(text: &str) -> String {
    text.replace(VIP, VIP6)
}

fn as_v2(text: &str) -> String {
    text.replace("version 3", "version 2").replace("advert_int 0.1", "advert_int 1")
}

/// How long all adverts of `a` are behind the IP header.
fn lengths(pair: &Pair) -> Vec<usize> {
    let length = |advert: &Advert| advert.vrrp.len();
    let mut lengths: Vec<_> = pair.capture.adverts_from("a").iter().map(length).collect();
    lengths.dedup();
    lengths
}

/// Two signed routers and then one that does not sign.
fn life(pair: &Pair, vip: &str, length: usize, written: impl Fn(&str) -> String) {
    let program = crate::support::under_test();
    let (mut a, mut b) = start(pair, &written(&signed(150)), &written(&signed(100)));
    pair.wait_until_on(&pair.a, &pair.b, &[vip]);
    pair.insist_on(&pair.a, &pair.b, &[vip], SETTLED);
    assert_eq!(lengths(pair), [length + TRAILER_BYTES]);
    a.kill_9();
    pair.lab.wait_until("b to take over", LIMIT, || pair.b.holds(vip));
    a = pair.a.daemon(&program).start(&written(&signed(150)));
    pair.wait_until_on(&pair.a, &pair.b, &[vip]);
    assert!(!b.log().has("authentication"), "{}", pair.lab.logs());
    assert!(b.stop().success());
    let _b = pair.b.daemon(&program).start(&written(&plain(200)));
    a.wait_for_log("(VI_1) missing authentication trailer from ", LIMIT);
    pair.lab.wait_until("both to be master", LIMIT, || pair.a.holds(vip) && pair.b.holds(vip));
    pair.lab.insist("a stays master", SETTLED, || pair.a.holds(vip));
}

#[test]
fn signed_routers_of_ipv6_obey_each_other_and_nobody_else() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac-v6") else { return };
    pair.a.enable_ipv6();
    pair.b.enable_ipv6();
    life(&pair, VIP6, 8 + 16, over_v6);
}

#[test]
fn signed_routers_of_version_2_obey_each_other_and_nobody_else() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac-v2") else { return };
    life(&pair, VIP, 8 + 4 + 8, as_v2);
}

/// Writes a key for its owner alone.
fn key_file(host: &Host, name: &str, text: &str) {
    let path = host.write(name, text);
    set_permissions(path, Permissions::from_mode(0o600)).expect("the file is the test's own");
}

/// A director whose keys lie in these files of its host, of which the last is the active one.
fn with_files(host: &Host, priority: u8, files: &[(u8, &str)]) -> String {
    let key = |(id, name): &(u8, &str)| format!("key {id} file:{}", host.file(name).display());
    let mut lines: Vec<String> = files.iter().map(key).collect();
    lines.extend(files.last().map(|(id, _)| format!("active_key {id}")));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    crate::authentication::director(priority, &lines)
}

#[test]
fn keys_in_files_are_changed_without_losing_mastership() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac-files") else { return };
    for host in [&pair.a, &pair.b] {
        // The end of the line is no part of the key.
        key_file(host, "old", &format!("{OLD}\n"));
        key_file(host, "new", &format!("hex:{NEW}\r\n"));
    }
    let written = |host, priority, files: &[(u8, &str)]| with_files(host, priority, files);
    let first: &[(u8, &str)] = &[(7, "old")];
    let (a, b) = start(&pair, &written(&pair.a, 150, first), &written(&pair.b, 100, first));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    let steps: [&[(u8, &str)]; 3] =
        [&[(8, "new"), (7, "old")], &[(7, "old"), (8, "new")], &[(8, "new")]];
    for (number, files) in (1..).zip(steps) {
        for (daemon, host, priority) in [(&b, &pair.b, 100), (&a, &pair.a, 150)] {
            daemon.reload(&written(host, priority, files));
            daemon.wait_for_log_times("Reload complete", number, LIMIT);
            pair.insist_on(&pair.a, &pair.b, &[VIP], Duration::from_millis(700));
        }
    }
    assert_eq!(a.log().count("Entering MASTER STATE"), 1, "{}", pair.lab.logs());
    assert!(!b.log().has("Entering MASTER STATE"), "{}", pair.lab.logs());
    assert!(!pair.lab.logs().contains("authentication"), "{}", pair.lab.logs());
    // The same file may hold another key: it is read again at every reload.
    key_file(&pair.a, "new", OLD);
    a.hup();
    b.wait_for_log("(VI_1) invalid authentication HMAC from 192.0.2.1", LIMIT);
    pair.lab.wait_until("b to be master too", LIMIT, || pair.b.holds(VIP));
    key_file(&pair.b, "new", OLD);
    b.hup();
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    let logs = pair.lab.logs();
    assert!(!logs.contains(OLD) && !logs.contains(NEW), "{logs}");
}

#[test]
fn a_key_that_others_may_read_is_used_and_complained_about() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac-readable") else { return };
    for host in [&pair.a, &pair.b] {
        key_file(host, "key", OLD);
    }
    let path = pair.a.file("key");
    set_permissions(&path, Permissions::from_mode(0o640)).expect("the file is the test's own");
    let files: &[(u8, &str)] = &[(7, "key")];
    let (a, b) = start(&pair, &with_files(&pair.a, 150, files), &with_files(&pair.b, 100, files));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    let complaint =
        format!("auth_hmac key file '{}' is readable by group or others", path.display());
    assert!(a.log().has(&complaint) && !b.log().has("readable"), "{}", pair.lab.logs());
}
