//! Unicast instances without an interface (since 2.4): each side is bound to an address that is
//! reached over two segments, and runs as long as that address is there.

use std::time::Duration;

use testkit::lab::{Daemon, Host};

use crate::support::{
    LIMIT, Pair, SETTLED, beside_others, did_not_run, holds_all, holds_none, under_test,
};

const VIP: &str = "198.51.100.1";
const FAST: &str = "version 3\n  advert_int 0.1";

/// The better and the worse half: each is bound to 10.9.0.NUMBER.
fn director(own: u8, priority: u8) -> String {
    format!(
        "vrrp_instance VI_1 {{\n  virtual_router_id 51\n  priority {priority}\n  {FAST}\n  \
         unicast_src_ip 10.9.0.{own}\n  track_src_ip\n  check_unicast_src\n  unicast_peer {{\n    \
         10.9.0.{}\n  }}\n  virtual_ipaddress {{\n    {VIP}/24 dev eth1\n  }}\n}}\n",
        3 - own
    )
}

/// Both run on addresses of their loopbacks, and `a` is master. What one sends the other goes by
/// `eth0`; the service's address is on `eth1`.
fn start(label: &str) -> Option<(Pair, Daemon, Daemon)> {
    if !under_test().is_ours() {
        did_not_run("the original needs an interface");
        return None;
    }
    let pair = Pair::new(label);
    let service = pair.lab.segment("service");
    for (host, own, other) in [(&pair.a, 1, 2), (&pair.b, 2, 1)] {
        service.join(host, "eth1", &format!("198.51.100.1{own}/24"));
        host.add_address("lo", &format!("10.9.0.{own}/32"));
        let (peer, gateway) = (format!("10.9.0.{other}"), format!("192.0.2.{other}"));
        host.ok(["ip", "route", "add", &peer, "via", &gateway]);
    }
    // A switch that is new takes a moment until it forwards.
    pair.lab.wait_until("the second segment to carry something", LIMIT, || {
        pair.a.run(["ping", "-c", "1", "-W", "1", "198.51.100.12"]).code == Some(0)
    });
    let program = under_test();
    let (a, b) = pair.start((&program, &director(1, 200)), (&program, &director(2, 100)));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    Some((pair, a, b))
}

fn detour(host: &Host, other: u8) {
    let (peer, gateway) = (format!("10.9.0.{other}"), format!("198.51.100.1{other}"));
    host.ok(["ip", "route", "replace", &peer, "via", &gateway, "dev", "eth1"]);
}

#[test]
fn its_adverts_come_from_its_address_and_go_where_routes_lead() {
    let _machine = beside_others();
    let Some((pair, mut a, b)) = start("anywhere") else { return };
    let adverts = pair.capture.adverts_from("a");
    assert!(adverts.iter().all(|advert| advert.source.to_string() == "10.9.0.1"));
    assert!(adverts.iter().all(|advert| advert.destination.to_string() == "10.9.0.2"));
    // The segment may go: the pair stays as it is, over the other one.
    detour(&pair.a, 2);
    detour(&pair.b, 1);
    pair.a.unplug();
    pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
    a.kill_9();
    pair.lab.wait_until("b to take over", LIMIT, || pair.b.holds(VIP));
    let mut a = pair.a.daemon(&under_test()).start(&director(1, 200));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    assert!(a.stop().success());
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    assert_eq!(b.log().count("Entering MASTER STATE"), 2, "{}", pair.lab.logs());
}

#[test]
fn it_fails_while_its_address_is_on_no_link() {
    let _machine = beside_others();
    let Some((pair, a, _b)) = start("anywhere-address") else { return };
    pair.a.remove_address("lo", "10.9.0.1/32");
    a.wait_for_log("(VI_1): entering FAULT state (src address not configured)", LIMIT);
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    let adverts = pair.capture.adverts_from("a");
    assert_eq!(adverts.last().map(|advert| advert.priority), Some(0), "b need not wait");
    // Any link will do.
    pair.a.add_address("eth0", "10.9.0.1/32");
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
}

/// The link of its address is none of its own, but that of what it holds is tracked.
#[test]
fn it_fails_with_the_link_that_holds_its_addresses() {
    let _machine = beside_others();
    let Some((pair, a, _b)) = start("anywhere-link") else { return };
    pair.a.unplug_link("eth1");
    a.wait_for_log("(VI_1): entering FAULT state (interface eth1 down)", LIMIT);
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    pair.a.plug_link("eth1");
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
}

/// A reload gives it an interface, and takes it away again: each time it is another virtual router.
#[test]
fn a_reload_may_give_it_an_interface() {
    let _machine = beside_others();
    let Some((pair, a, _b)) = start("anywhere-reload") else { return };
    let with = director(1, 200).replace("  version 3\n", "  version 3\n  interface eth0\n");
    a.reload(&with.replace("  track_src_ip\n", ""));
    a.wait_for_log_times("Entering BACKUP STATE (init)", 2, LIMIT);
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    a.reload(&director(1, 200));
    a.wait_for_log_times("Entering BACKUP STATE (init)", 3, LIMIT);
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.lab.insist("nothing to change any more", Duration::from_millis(500), || {
        holds_all(&pair.a, &[VIP]) && holds_none(&pair.b, &[VIP])
    });
}

/// A machine that is still booting: the sockets are there before the address is.
#[test]
fn it_waits_for_an_address_that_comes_later() {
    let _machine = beside_others();
    let Some((pair, mut a, _b)) = start("anywhere-later") else { return };
    assert!(a.stop().success());
    pair.a.remove_address("lo", "10.9.0.1/32");
    let a = pair.a.daemon(&under_test()).start(&director(1, 200));
    a.wait_for_log("(VI_1) Entering FAULT STATE (init)", LIMIT);
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    pair.a.add_address("lo", "10.9.0.1/32");
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    assert!(!a.log().has("cant open raw socket"), "{}", pair.lab.logs());
}

#[test]
fn its_dumps_name_its_address_and_no_interface() {
    let _machine = beside_others();
    let Some((pair, a, _b)) = start("anywhere-dumps") else { return };
    let dump = |request: &str, file: &str| {
        a.request(request);
        pair.lab.wait_until(file, LIMIT, || !pair.a.read(file).is_empty());
        pair.a.read(file)
    };
    let json = dump("JSON", "keepalived.json");
    assert!(json.contains("\"iname\":\"VI_1\"") && !json.contains("ifp_ifname"), "{json}");
    let data = dump("DATA", "keepalived.data");
    assert!(data.contains("   Using src_ip = 10.9.0.1 (from configuration)\n"), "{data}");
    assert!(!data.contains("   Interface = "), "{data}");
    assert!(data.contains("   Tracked interfaces :\n"), "{data}");
}
