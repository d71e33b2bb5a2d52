//! `linkbeat_interfaces` of type MII: only a guest's kernel has a driver that answers for a transceiver,
//! that of bonds, whose status register follows their carrier.

use testkit::guest;
use testkit::lab::Lab;

use crate::support::{LIMIT, holds_all, holds_none, under_test};

const VIP: &str = "192.0.2.51";

fn configuration() -> String {
    format!(
        "linkbeat_interfaces {{\n bond0 MII\n}}\nvrrp_instance VI_1 {{\n state BACKUP\n interface eth0\n \
         virtual_router_id 51\n priority 100\n version 3\n advert_int 0.1\n \
         track_interface {{\n bond0\n }}\n virtual_ipaddress {{\n {VIP}\n }}\n}}\n"
    )
}

#[test]
fn a_transceiver_says_whether_there_is_a_link() {
    guest::run(|| {
        let lab = Lab::new("mii");
        let host = lab.host("a", "192.0.2.1/24");
        host.add_link("eth1", "198.51.100.1/24");
        let ip = |words: &str| host.ok(std::iter::once("ip").chain(words.split(' ')));
        ip("link add bond0 type bond mode active-backup miimon 50");
        ip("link set eth1 down");
        ip("link set eth1 master bond0");
        ip("link set bond0 up");
        lab.wait_until("a carrier", LIMIT, || ip("link show bond0").contains("LOWER_UP"));
        let daemon = host.daemon(&under_test()).start(&configuration());
        lab.wait_until("a master", LIMIT, || holds_all(&host, &[VIP]));
        host.unplug_link("eth1");
        lab.wait_until("a fault", LIMIT, || holds_none(&host, &[VIP]));
        host.plug_link("eth1");
        lab.wait_until("a master again", LIMIT, || holds_all(&host, &[VIP]));
        daemon.log().expect_in_order(&["Linkbeat reports bond0 down", "Linkbeat reports bond0 up"]);
        assert!(!daemon.log().has("not supported"), "{}", lab.logs());
    });
}
