//! Three services behind a pair of directors, as far as the addresses go: MASTER 100, BACKUP 99,
//! a password, three addresses that always move together.

use crate::support::{LIMIT, Pair, SETTLED, beside_others, under_test};

const VIPS: [&str; 3] = ["192.0.2.110", "192.0.2.111", "192.0.2.112"];

fn director(state: &str, priority: u8) -> String {
    format!(
        "global_defs {{\n  router_id LVS_{state}\n}}\n\
         vrrp_instance VI_1 {{\n  state {state}\n  interface eth0\n  virtual_router_id 51\n  \
         priority {priority}\n  advert_int 1\n  \
         authentication {{\n    auth_type PASS\n    auth_pass 1111\n  }}\n  \
         virtual_ipaddress {{\n    {}\n  }}\n}}\n",
        VIPS.join("\n    ")
    )
}

#[test]
fn three_addresses_are_on_the_master_only_and_follow_its_stop_and_start() {
    let _machine = beside_others();
    let pair = Pair::new("three-services");
    let program = under_test();
    let (mut master, mut backup) =
        pair.start((&program, &director("MASTER", 100)), (&program, &director("BACKUP", 99)));
    pair.wait_until_on(&pair.a, &pair.b, &VIPS);
    pair.insist_on(&pair.a, &pair.b, &VIPS, SETTLED);

    assert!(master.stop().success());
    pair.wait_until_on(&pair.b, &pair.a, &VIPS);
    for vip in VIPS {
        pair.lab.wait_until(&format!("{vip} announced by b"), LIMIT, || {
            pair.capture.announcements_of(vip).iter().any(|seen| seen.origin.host == "b")
        });
    }

    let mut master = pair.a.daemon(&program).start(&director("MASTER", 100));
    pair.wait_until_on(&pair.a, &pair.b, &VIPS);
    pair.insist_on(&pair.a, &pair.b, &VIPS, SETTLED);
    backup.log().expect_in_order(&[
        "(VI_1) Entering BACKUP STATE (init)",
        "(VI_1) Backup received priority 0 advertisement",
        "(VI_1) Entering MASTER STATE",
        "(VI_1) Master received advert from 192.0.2.1 with higher priority 100, ours 99",
        "(VI_1) Entering BACKUP STATE",
    ]);
    assert!(backup.stop().success());
    assert!(master.stop().success());
    assert!(crate::support::holds_none(&pair.a, &VIPS));
    assert!(crate::support::holds_none(&pair.b, &VIPS));
}
