//! A maintenance file: a script of weight -2 looks for `/etc/keepalived/down`, and touching it
//! moves the address to the other director. Started as a package starts it, with the default files.

use crate::support::{Pair, SETTLED, beside_others, under_test};

const VIP: &str = "192.0.2.120";

fn director(state: &str, priority: u8) -> String {
    format!(
        "global_defs {{\n  script_user root\n}}\n\
         vrrp_script chk_mt {{\n  \
         script \"/bin/sh -c '[ -f /etc/keepalived/down ] && exit 1 || exit 0'\"\n  \
         interval 1\n  weight -2\n}}\n\
         vrrp_instance VI_1 {{\n  state {state}\n  interface eth0\n  virtual_router_id 51\n  \
         priority {priority}\n  advert_int 1\n  track_script {{\n    chk_mt\n  }}\n  \
         virtual_ipaddress {{\n    {VIP}/24 dev eth0 label eth0:0\n  }}\n}}\n"
    )
}

#[test]
fn touching_the_maintenance_file_moves_the_address_and_removing_it_moves_it_back() {
    let _machine = beside_others();
    let pair = Pair::new("maintenance");
    let start = |host: &testkit::lab::Host, text: &str| {
        host.daemon(&under_test()).with_own_files().start(text)
    };
    let first = start(&pair.a, &director("MASTER", 100));
    let _second = start(&pair.b, &director("BACKUP", 99));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
    let addresses = pair.a.addresses();
    let vip = addresses.iter().find(|address| address.ip.to_string() == VIP).unwrap();
    assert_eq!((vip.prefix, vip.label.as_deref()), (24, Some("eth0:0")));

    pair.a.write("etc/down", "");
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    std::fs::remove_file(pair.a.file("etc/down")).unwrap();
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    first.log().expect_in_order(&[
        "(VI_1) Entering MASTER STATE",
        "VRRP_Script(chk_mt) failed (exited with status 1)",
        "(VI_1) Changing effective priority from 100 to 98",
        "(VI_1) Master received advert from 192.0.2.2 with higher priority 99, ours 98",
        "(VI_1) Entering BACKUP STATE",
        "VRRP_Script(chk_mt) succeeded",
        "(VI_1) Changing effective priority from 98 to 100",
        "(VI_1) Entering MASTER STATE",
    ]);
}
