//! Pairs whose adverts carry a trailer (`auth_hmac`, since 2.4.0): only ours has it here, so both
//! directors are ours.

use testkit::lab::Program;

use crate::support::{LIMIT, Pair, SETTLED, beside_others, under_test};

const VIP: &str = "192.0.2.50";
const KEY: &str = "0123456789abcdef0123456789abcdef";

fn director(priority: u8, key: &str, more: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n  state BACKUP\n  interface eth0\n  virtual_router_id 51\n  \
         priority {priority}\n  version 3\n  advert_int 0.1\n  auth_hmac {{\n    key 7 {key}\n    \
         active_key 7\n    {more}\n  }}\n  virtual_ipaddress {{\n    {VIP}\n  }}\n}}\n"
    )
}

#[test]
fn routers_that_share_a_key_elect_one_master_and_survive_its_death() {
    let _machine = beside_others();
    if under_test() == Program::Original {
        println!("*** auth_hmac is newer than the original: this part DID NOT RUN ***");
        return;
    }
    let program = under_test();
    let pair = Pair::new("hmac");
    let (better, worse) = (director(150, KEY, ""), director(100, KEY, ""));
    let (mut a, b) = pair.start((&program, &better), (&program, &worse));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
    let adverts = pair.capture.adverts_from(pair.a.name());
    assert!(adverts.iter().all(|advert| advert.vrrp.len() == 12 + 28), "a trailer of 28 bytes");
    a.kill_9();
    pair.lab.wait_until("b to take over", LIMIT, || pair.b.holds(VIP));
    let _a = pair.a.daemon(&program).start(&better);
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    assert!(!b.log().has("authentication"), "{}", pair.lab.logs());
}

#[test]
fn a_router_with_another_key_or_none_is_not_obeyed_and_named() {
    let _machine = beside_others();
    if under_test() == Program::Original {
        println!("*** auth_hmac is newer than the original: this part DID NOT RUN ***");
        return;
    }
    let program = under_test();
    let pair = Pair::new("hmac-wrong");
    let other = KEY.replace('0', "9");
    let first = director(150, KEY, "");
    let (_a, mut b) = pair.start((&program, &first), (&program, &director(200, &other, "")));
    pair.lab.wait_until("both to be master", LIMIT, || pair.a.holds(VIP) && pair.b.holds(VIP));
    let log = || pair.lab.logs();
    let refused = "(VI_1) invalid authentication HMAC from 192.0.2.";
    pair.lab.wait_until("both to say so", LIMIT, || log().matches(refused).count() >= 2);
    assert!(b.stop().success());
    let plain = director(200, KEY, "").replace("auth_hmac", "#").replace("key 7", "#");
    let plain = plain.replace("active_#", "#").replace("active_key 7", "#");
    let plain: Vec<&str> = plain.lines().filter(|line| !line.contains('#')).collect();
    let plain = plain.join("\n").replacen("\n    \n  }", "", 1);
    let _b = pair.b.daemon(&program).start(&plain);
    let missing = "(VI_1) missing authentication trailer from 192.0.2.2";
    pair.lab.wait_until("a to miss it", LIMIT, || log().contains(missing));
    assert!(pair.a.holds(VIP), "a stays master");
}

/// Keys are exchanged without a moment in which one side does not know the other's.
#[test]
fn a_key_is_replaced_by_reloads_without_anybody_losing_the_master() {
    let _machine = beside_others();
    if under_test() == Program::Original {
        println!("*** auth_hmac is newer than the original: this part DID NOT RUN ***");
        return;
    }
    let program = under_test();
    let pair = Pair::new("hmac-rotation");
    let next = pair.a.write("next.key", &format!("hex:{}\n", "5a".repeat(32)));
    let locked = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&next, locked).unwrap();
    let file = next.display();
    // Both keys, then the new one signs, then it is alone.
    let stages = [
        format!("key 7 {KEY}\n    active_key 7"),
        format!("key 7 {KEY}\n    key 8 file:{file}\n    active_key 7"),
        format!("key 7 {KEY}\n    key 8 file:{file}\n    active_key 8"),
        format!("key 8 file:{file}\n    active_key 8"),
    ];
    let keys = format!("key 7 {KEY}\n    active_key 7");
    let at = |priority, stage: &str| director(priority, KEY, "").replace(&keys, stage);
    let (a, b) = pair.start((&program, &at(150, &stages[0])), (&program, &at(100, &stages[0])));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    for stage in &stages[1..] {
        a.reload(&at(150, stage));
        pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
        b.reload(&at(100, stage));
        pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
    }
    let key_ids: Vec<u8> =
        pair.capture.adverts_from("a").iter().map(|advert| advert.vrrp[13]).collect();
    assert_eq!((key_ids.first(), key_ids.last()), (Some(&7), Some(&8)));
    assert!(!b.log().has("authentication"), "{}", pair.lab.logs());
    assert!(!a.log().has(KEY) && !a.log().has("5a5a5a"), "{}", pair.lab.logs());
}
