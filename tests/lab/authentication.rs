//! Pairs whose adverts carry a trailer (`auth_hmac`, since 2.4.0): only ours has it here, so both
//! directors are ours.

use std::time::Duration;

use testkit::lab::{Advert, Daemon, Program};

use crate::support::{LIMIT, Pair, SETTLED, beside_others, did_not_run, under_test};

const VIP: &str = "192.0.2.50";
const KEY: &str = "key 7 0123456789abcdef0123456789abcdef";
const OTHER_KEY: &str = "key 8 fedcba9876543210fedcba9876543210";
/// Behind a v3 advert of one address.
const TRAILER: usize = 12;
pub(crate) const TRAILER_BYTES: usize = 28;

/// A director without `auth_hmac`.
pub(crate) fn plain(priority: u8) -> String {
    format!(
        "vrrp_instance VI_1 {{\n  state BACKUP\n  interface eth0\n  virtual_router_id 51\n  \
         priority {priority}\n  version 3\n  advert_int 0.1\n  \
         virtual_ipaddress {{\n    {VIP}\n  }}\n}}\n"
    )
}

/// One whose trailers follow these lines.
pub(crate) fn director(priority: u8, lines: &[&str]) -> String {
    let block = format!("auth_hmac {{\n    {}\n  }}\n  virtual_ipaddress", lines.join("\n    "));
    plain(priority).replace("virtual_ipaddress", &block)
}

pub(crate) fn signed(priority: u8) -> String {
    director(priority, &[KEY, "active_key 7"])
}

/// A segment for a test that the original cannot take part in; `None` when it is under test.
pub(crate) fn pair(label: &str) -> Option<Pair> {
    if under_test() == Program::Original {
        did_not_run("auth_hmac is newer than the original");
        return None;
    }
    Some(Pair::new(label))
}

pub(crate) fn start(pair: &Pair, a: &str, b: &str) -> (Daemon, Daemon) {
    pair.start((&under_test(), a), (&under_test(), b))
}

/// The trailer of an advert, if it has one.
fn trailer(advert: &Advert) -> Option<&[u8]> {
    advert.vrrp.get(TRAILER..).filter(|trailer| trailer.len() == TRAILER_BYTES)
}

/// The newest advert of `a`, once there is one more than now.
fn next_of_a(pair: &Pair) -> Advert {
    let before = pair.capture.adverts_from("a").len();
    pair.lab.wait_until("an advert of a", LIMIT, || pair.capture.adverts_from("a").len() > before);
    pair.capture.adverts_from("a").pop().expect("one advert more")
}

#[test]
fn routers_that_share_a_key_elect_one_master_and_survive_its_death() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac") else { return };
    let (mut a, b) = start(&pair, &signed(150), &signed(100));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
    let adverts = pair.capture.adverts_from(pair.a.name());
    assert!(adverts.iter().all(|advert| trailer(advert).is_some()), "a trailer of 28 bytes");
    a.kill_9();
    pair.lab.wait_until("b to take over", LIMIT, || pair.b.holds(VIP));
    let _a = pair.a.daemon(&under_test()).start(&signed(150));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    assert!(!b.log().has("authentication"), "{}", pair.lab.logs());
}

#[test]
fn a_router_with_another_key_or_none_is_not_obeyed_and_named() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac-wrong") else { return };
    let other = signed(200).replace(KEY, &OTHER_KEY.replace('8', "7"));
    let (_a, mut b) = start(&pair, &signed(150), &other);
    pair.lab.wait_until("both to be master", LIMIT, || pair.a.holds(VIP) && pair.b.holds(VIP));
    let log = || pair.lab.logs();
    let refused = "(VI_1) invalid authentication HMAC from 192.0.2.";
    pair.lab.wait_until("both to say so", LIMIT, || log().matches(refused).count() >= 2);
    assert!(b.stop().success());
    let mut b = pair.b.daemon(&under_test()).start(&plain(200));
    let missing = "(VI_1) missing authentication trailer from 192.0.2.2";
    pair.lab.wait_until("a to miss it", LIMIT, || log().contains(missing));
    assert!(b.stop().success());
    let _b = pair.b.daemon(&under_test()).start(&director(200, &[OTHER_KEY, "active_key 8"]));
    let unknown = "(VI_1) unknown authentication key id 8 from 192.0.2.2";
    pair.lab.wait_until("a not to know it", LIMIT, || log().contains(unknown));
    assert!(pair.a.holds(VIP), "a stays master");
}

/// Somebody who has listened sends what the dead master said, again and again.
#[test]
fn adverts_of_a_dead_master_that_are_sent_again_do_not_hold_its_backup_back() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac-replay") else { return };
    let intruder = pair.lab.host("c", "192.0.2.3/24");
    let (mut a, b) = start(&pair, &signed(150), &signed(100));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    a.kill_9();
    let heard = pair.capture.adverts_from("a");
    let newest = heard.last().expect("a was heard");
    pair.lab.wait_until("b to take over", LIMIT, || {
        intruder.replay(&newest.packet);
        pair.b.holds(VIP)
    });
    // It is of higher priority than b's own, and b does not yield to it either.
    for _ in 0..10 {
        intruder.replay(&newest.packet);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(pair.b.holds(VIP));
    assert_eq!(b.log().count("Entering BACKUP STATE"), 1, "{}", pair.lab.logs());
    b.wait_for_log("(VI_1) replayed authentication trailer from 192.0.2.1", LIMIT);
}

#[test]
fn an_advert_with_one_bit_changed_is_not_obeyed() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac-bit") else { return };
    let intruder = pair.lab.host("c", "192.0.2.3/24");
    let (_a, b) = start(&pair, &signed(150), &signed(100));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    let genuine = next_of_a(&pair);
    let from = genuine.packet.len() - TRAILER_BYTES;
    // Key, time, counter and signature of the trailer.
    let mut refused = Vec::new();
    for (at, words) in [
        (1, "unknown authentication key id 6"),
        (7, "invalid authentication HMAC"),
        (11, "invalid authentication HMAC"),
        (27, "invalid authentication HMAC"),
        (2, "malformed authentication trailer"),
    ] {
        let mut packet = genuine.packet.clone();
        packet[from + at] ^= 1;
        intruder.replay(&packet);
        refused.push(format!("(VI_1) {words} from 192.0.2.1"));
    }
    for line in refused {
        b.wait_for_log(&line, LIMIT);
    }
    pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
}

#[test]
fn adverts_without_a_trailer_count_unless_it_is_enforced() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac-modes") else { return };
    let silent = director(150, &[KEY, "active_key 7", "mode receive-only"]);
    let (_a, mut b) = start(&pair, &silent, &plain(100));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    assert_eq!(trailer(&next_of_a(&pair)), None);
    for (mode, signs) in [("permissive", true), ("receive-only", false)] {
        assert!(b.stop().success());
        let lines = [KEY, "active_key 7", &format!("mode {mode}")];
        b = pair.b.daemon(&under_test()).start(&director(100, &lines));
        b.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
        pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
        // As master it shows what it sends.
        b.reload(&director(200, &lines));
        pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
        let adverts = pair.capture.adverts_from("b");
        let newest = adverts.last().expect("b is master");
        assert_eq!(trailer(newest).is_some(), signs, "{mode}");
    }
    assert!(b.stop().success());
    let _b = pair.b.daemon(&under_test()).start(&signed(100));
    pair.lab.wait_until("b to be master too", LIMIT, || pair.b.holds(VIP) && pair.a.holds(VIP));
}

/// From nothing to signed adverts, and from one key to the next: each step reaches one router
/// after the other, and the address never moves.
#[test]
fn authentication_is_introduced_and_keys_are_changed_without_losing_mastership() {
    let _machine = beside_others();
    let Some(pair) = pair("hmac-rotation") else { return };
    let (a, b) = start(&pair, &plain(150), &plain(100));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    let steps: [&[&str]; 7] = [
        &[KEY, "active_key 7", "mode receive-only"],
        &[KEY, "active_key 7", "mode permissive"],
        &[KEY, "active_key 7"],
        &[KEY, OTHER_KEY, "active_key 7"],
        &[KEY, OTHER_KEY, "active_key 8"],
        &[OTHER_KEY, "active_key 8"],
        &[OTHER_KEY, "active_key 8", "anti_replay monotonic"],
    ];
    for (number, step) in (1..).zip(steps) {
        for (daemon, priority) in [(&b, 100), (&a, 150)] {
            daemon.reload(&director(priority, step));
            daemon.wait_for_log_times("Reload complete", number, LIMIT);
            pair.insist_on(&pair.a, &pair.b, &[VIP], Duration::from_millis(700));
        }
    }
    let newest = next_of_a(&pair);
    assert_eq!(trailer(&newest).map(|trailer| trailer[1]), Some(8), "the new key");
    assert_eq!(a.log().count("Entering MASTER STATE"), 1, "{}", pair.lab.logs());
    assert!(!b.log().has("Entering MASTER STATE"), "{}", pair.lab.logs());
    assert!(!b.log().has("authentication"), "nothing was refused\n{}", pair.lab.logs());
}
