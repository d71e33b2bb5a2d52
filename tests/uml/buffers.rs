//! The receive buffers of load balancing for netlink, as the kernel lists its sockets.

use testkit::guest;
use testkit::lab::{Lab, Netlink};

use crate::director::service_by;
use crate::support::{LIMIT, under_test};

/// The original hears of addresses always, ours only where a service waits for one.
#[test]
fn the_sockets_of_load_balancing_have_the_buffers_that_were_chosen() {
    guest::run(|| {
        let lab = Lab::new("buffers");
        let host = lab.host("a", "192.0.2.1/24");
        let sizes = "lvs_netlink_cmd_rcv_bufs 50002\n lvs_netlink_monitor_rcv_bufs 6000004\n \
                     lvs_netlink_monitor_rcv_bufs_force";
        let check = "TCP_CHECK {\n connect_timeout 1\n }";
        let server = format!(" real_server 192.0.2.11 80 {{\n {check}\n }}\n");
        let service = service_by("NAT", 80, "ha_suspend\n", &server);
        let daemon =
            host.daemon(&under_test()).start(&format!("global_defs {{\n {sizes}\n}}\n{service}"));
        daemon.wait_for_log("Deactivating healthchecker", LIMIT);
        let sockets = Netlink::of(&host);
        let [commands, news] = [Netlink::GENERIC, Netlink::ROUTE].map(|of| sockets.buffers(of));
        assert!(news.contains(&12_000_008), "{news:?}");
        // 2.2.7 gives the size for news to its socket for commands too.
        if under_test().is_ours() {
            assert!(commands.contains(&100_004), "{commands:?}");
        } else {
            assert_eq!(news.iter().filter(|size| **size == 12_000_008).count(), 2, "{news:?}");
        }
    });
}
