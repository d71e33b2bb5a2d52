//! Unicast instances without an interface in a VRF (since 2.4).

use testkit::guest;
use testkit::lab::{Host, Lab};

use crate::support::{LIMIT, did_not_run, holds_all, holds_none, under_test};

const VIP: &str = "198.51.100.1";

fn director(own: u8, priority: u8) -> String {
    format!(
        "vrrp_instance VI_1 {{\n  virtual_router_id 51\n  priority {priority}\n  version 3\n  \
         advert_int 0.2\n  vrf blue\n  unicast_src_ip 192.0.2.{own}\n  track_src_ip\n  \
         unicast_peer {{\n    192.0.2.{}\n  }}\n  virtual_ipaddress {{\n    {VIP}/24 dev eth0\n  \
         }}\n}}\nglobal_defs {{\n  dynamic_interfaces\n}}\n",
        3 - own
    )
}

fn put_into_vrf(host: &Host) {
    host.ok(["ip", "link", "add", "blue", "type", "vrf", "table", "10"]);
    host.ok(["ip", "link", "set", "blue", "up"]);
    host.ok(["ip", "link", "set", "eth0", "master", "blue"]);
}

/// Without `vrf` neither would find a way to the other: the segment is in the VRF's table only.
#[test]
fn a_pair_in_a_vrf_elects_survives_a_kill_and_fails_with_its_vrf() {
    if !under_test().is_ours() {
        return did_not_run("the original needs an interface");
    }
    guest::run(|| {
        let lab = Lab::new("vrf");
        let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
        for host in [&a, &b] {
            put_into_vrf(host);
            assert!(!host.ok(["ip", "route", "show"]).contains("192.0.2."));
        }
        let on = |on: &Host, off: &Host| holds_all(on, &[VIP]) && holds_none(off, &[VIP]);
        let program = under_test();
        let mut first = a.daemon(&program).start(&director(1, 200));
        first.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
        let second = b.daemon(&program).start(&director(2, 100));
        lab.wait_until("a to be master", LIMIT, || on(&a, &b));
        assert_eq!(second.log().count("Entering MASTER STATE"), 0, "{}", lab.logs());

        first.request("DATA");
        lab.wait_until("a dump", LIMIT, || !a.read("keepalived.data").is_empty());
        assert!(a.read("keepalived.data").contains("   VRF = blue\n"));

        first.kill_9();
        lab.wait_until("b to take over", LIMIT, || holds_all(&b, &[VIP]));
        let first = a.daemon(&program).start(&director(1, 200));
        lab.wait_until("a to be back", LIMIT, || on(&a, &b));

        a.ok(["ip", "link", "set", "blue", "down"]);
        first.wait_for_log("(VI_1): entering FAULT state (interface blue down)", LIMIT);
        lab.wait_until("b to take over from a down VRF", LIMIT, || on(&b, &a));
        a.ok(["ip", "link", "set", "blue", "up"]);
        lab.wait_until("a to be back with its VRF", LIMIT, || on(&a, &b));
        // An address that leaves the VRF is not its own any more.
        a.ok(["ip", "link", "set", "eth0", "nomaster"]);
        first.wait_for_log("(VI_1): entering FAULT state (src address not configured)", LIMIT);
        lab.wait_until("b to take over from the wrong VRF", LIMIT, || on(&b, &a));
        a.ok(["ip", "link", "set", "eth0", "master", "blue"]);
        lab.wait_until("a to be back in its VRF", LIMIT, || on(&a, &b));
        a.ok(["ip", "link", "del", "blue"]);
        first.wait_for_log("Interface blue deleted", LIMIT);
        lab.wait_until("b to take over without a VRF", LIMIT, || on(&b, &a));
        put_into_vrf(&a);
        lab.wait_until("a to be back in a new VRF", LIMIT, || on(&a, &b));
    });
}
