//! What needs a kernel with VRF and MPLS, and a machine that has just started.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use testkit::guest;
use testkit::lab::{Host, Lab};

use crate::support::{LIMIT, under_test};

fn load(module: &str) {
    let loaded = Command::new("modprobe").arg(module).status();
    assert!(loaded.is_ok_and(|status| status.success()), "this kernel has no {module}");
}

fn configuration(more: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n  interface eth0\n  virtual_router_id 51\n  priority 100\n  \
         version 3\n  advert_int 0.5\n  {more}\n  virtual_ipaddress {{\n    192.0.2.51\n  }}\n}}\n"
    )
}

/// What `ip` shows of the daemon's routes in a table, without the spaces that vary.
fn routes(host: &Host, table: &str) -> String {
    let shown = host.ok(["ip", "route", "show", "table", table, "proto", "18"]);
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `destination` answers packets that leave by this link.
fn answers(host: &Host, link: &str, destination: &str) -> bool {
    host.run(["ping", "-c", "1", "-W", "1", "-I", link, destination]).code == Some(0)
}

#[test]
fn a_route_of_a_vrf_carries_its_packets_while_the_instance_is_master() {
    guest::run(|| {
        load("vrf");
        let lab = Lab::new("vrf");
        let a = lab.host("a", "192.0.2.1/24");
        let b = lab.host("b", "192.0.2.2/24");
        b.add_address("eth0", "198.51.100.9/24");
        b.add_address("lo", "203.0.113.5/32");
        a.add_link("eth1", "198.51.100.1/24");
        a.ok(["ip", "link", "add", "red", "type", "vrf", "table", "1001"]);
        a.ok(["ip", "link", "set", "red", "up"]);
        a.ok(["ip", "link", "set", "eth1", "master", "red"]);
        let route = "virtual_routes {\n    203.0.113.0/24 via 198.51.100.9 dev eth1 vrf red\n  }";
        assert!(!answers(&a, "red", "203.0.113.5"));
        let mut daemon = a.daemon(&under_test()).start(&configuration(route));
        let wanted = "203.0.113.0/24 via 198.51.100.9 dev eth1";
        lab.wait_until("the route in the VRF", LIMIT, || routes(&a, "1001") == wanted);
        assert_eq!(routes(&a, "main"), "");
        lab.wait_until("an answer", LIMIT, || answers(&a, "red", "203.0.113.5"));
        assert!(daemon.stop().success());
        assert_eq!(routes(&a, "1001"), "");
    });
}

#[test]
fn a_route_pushes_its_labels() {
    guest::run(|| {
        load("mpls_iptunnel");
        let lab = Lab::new("mpls");
        let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
        let seen = b.spawn("tcpdump", ["tcpdump", "-l", "-n", "-i", "eth0", "mpls"]);
        lab.wait_until("tcpdump to listen", LIMIT, || seen.log().has("listening on eth0"));
        let route = "virtual_routes {\n    203.0.113.0/24 via 192.0.2.2 dev eth0 encap mpls \
                     100/200\n  }";
        let mut daemon = a.daemon(&under_test()).start(&configuration(route));
        let wanted = "203.0.113.0/24 encap mpls 100/200 via 192.0.2.2 dev eth0";
        lab.wait_until("the route with labels", LIMIT, || routes(&a, "main") == wanted);
        lab.wait_until("a packet with labels", LIMIT, || {
            answers(&a, "eth0", "203.0.113.5");
            let text = seen.log().text();
            text.contains("label 100") && text.contains("label 200")
        });
        assert!(daemon.stop().success());
        assert_eq!(routes(&a, "main"), "");
    });
}

/// `vrrp_delay_after_boot`, since 2.4.0.
#[test]
fn nobody_takes_over_too_soon_after_the_machine_started() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    guest::run(|| {
        let lab = Lab::new("boot");
        let a = lab.host("a", "192.0.2.1/24");
        let uptime = fs::read_to_string("/proc/uptime").expect("the kernel knows");
        let uptime = uptime.split(' ').next().and_then(|word| word.parse::<f64>().ok());
        let start = Instant::now();
        let ready = uptime.expect("seconds") + 8.0;
        let global = format!("global_defs {{\n  vrrp_delay_after_boot {ready:.2}\n}}\n");
        let daemon = a.daemon(&under_test()).start(&format!("{global}{}", configuration("")));
        daemon.wait_for_log("Entering MASTER STATE", LIMIT);
        let waited = start.elapsed();
        // Three intervals and the skew follow.
        assert!(waited >= Duration::from_millis(9_700), "{waited:?}");
        assert!(daemon.log().has("Delaying startup for "), "{}", lab.logs());
    });
}
