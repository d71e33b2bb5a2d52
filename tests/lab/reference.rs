//! The network half of a long reference configuration: static objects, a sync group over two links,
//! labelled addresses, a route that follows the master, and two keywords that are mistyped.

use testkit::lab::{Daemon, Host, Lab};

use crate::support::{LIMIT, SETTLED, beside_others, holds_all, holds_none, under_test};

const MOVING: [&str; 3] = ["192.0.2.17", "192.0.2.18", "192.0.2.100"];

/// The file of one director; its own addresses end with this number.
fn configuration(own: u8, priority: u8, more: &str) -> String {
    format!(
        "static_ipaddress {{
  198.51.100.{own}0/24 brd + dev eth0 scope global
}}
static_routes {{
  src 198.51.100.{own}0 to 203.0.113.0/24 via 198.51.100.1 dev eth0
}}
vrrp_sync_group G1 {{
  group {{
    VI_1
    VI_2
  }}
}}
vrrp_instance VI_1 {{
  state BACKUP
  interface eth0
  dont_track_primary
  track_interface {{
    eth0
    eth1
  }}
  mcast_src_ip 192.0.2.{own}
  garp_master_delay 10
  virtual_router_id 51
  priority {priority}
  advert_int 1
  authentication {{
    auth_type PASS
    autp_pass 1234
  }}
  virtual_ipaddress {{
    192.0.2.17/24 brd 192.0.2.255 dev eth1 label eth1:1 scope global
    192.0.2.18/24 brd + dev eth1 label eth1:2
    192.0.2.100
  }}
  virtual_routes {{
    src 192.0.2.100 to 203.0.114.0/24 via 192.0.2.1 dev eth1
  }}
  {more}
  preemtp_delay 300
  debug 2
}}
vrrp_instance VI_2 {{
  state BACKUP
  interface eth1
  virtual_router_id 52
  priority {priority}
  advert_int 1
  virtual_ipaddress {{
    192.0.2.19
  }}
}}
"
    )
}

struct Director {
    host: Host,
    file: String,
}

impl Director {
    fn new(lab: &Lab, name: &str, own: u8, priority: u8, more: &str) -> Self {
        let host = lab.host(name, &format!("192.0.2.{own}/24"));
        host.add_link("eth1", &format!("192.0.2.{own}1/24"));
        Self { host, file: configuration(own, priority, more) }
    }

    fn start(&self) -> Daemon {
        self.host.daemon(&under_test()).start(&self.file)
    }

    fn routes(&self) -> String {
        self.host.ok(["ip", "route", "show", "proto", "18"])
    }

    fn has_static_route(&self, own: u8) -> bool {
        let line = format!("203.0.113.0/24 via 198.51.100.1 dev eth0 src 198.51.100.{own}0");
        self.routes().contains(&line)
    }

    fn is_master(&self) -> bool {
        let route = "203.0.114.0/24 via 192.0.2.1 dev eth1 src 192.0.2.100";
        holds_all(&self.host, &MOVING) && self.routes().contains(route)
    }

    fn is_backup(&self) -> bool {
        holds_none(&self.host, &MOVING) && !self.routes().contains("203.0.114.0/24")
    }
}

#[test]
fn the_reference_configuration_moves_addresses_and_routes_together() {
    let _machine = beside_others();
    let lab = Lab::new("reference");
    let a = Director::new(&lab, "a", 2, 100, "nopreempt\n  preempt_delay 300");
    let b = Director::new(&lab, "b", 3, 99, "");
    let mut first = a.start();
    lab.wait_until("a as master", LIMIT, || a.is_master());
    let mut second = b.start();
    second.wait_for_log("(VI_1) Entering BACKUP STATE", LIMIT);
    for (director, own) in [(&a, 2), (&b, 3)] {
        lab.wait_until("static routes", LIMIT, || director.has_static_route(own));
        let shown = director.host.ok(["ip", "address", "show", "dev", "eth0"]);
        let line = format!("inet 198.51.100.{own}0/24 brd 198.51.100.255 scope global eth0");
        assert!(shown.contains(&line), "{shown}");
    }
    let shown = a.host.ok(["ip", "address", "show", "dev", "eth1"]);
    for line in [
        "inet 192.0.2.17/24 brd 192.0.2.255 scope global secondary eth1:1",
        "inet 192.0.2.18/24 brd 192.0.2.255 scope global secondary eth1:2",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    lab.insist("one master", SETTLED, || a.is_master() && b.is_backup());
    assert!(first.log().has("preemtp_delay") && first.log().has("autp_pass"));
    assert!(first.stop().success());
    lab.wait_until("b as master", LIMIT, || a.is_backup() && b.is_master());
    assert!(!a.has_static_route(2) && holds_none(&a.host, &["198.51.100.20"]));
    let again = a.start();
    again.wait_for_log("(VI_1) Entering BACKUP STATE", LIMIT);
    lab.insist("b, which is not preempted", SETTLED, || a.is_backup() && b.is_master());
    assert!(a.has_static_route(2));
    assert!(second.stop().success());
    lab.wait_until("a as master again", LIMIT, || a.is_master() && b.is_backup());
}
