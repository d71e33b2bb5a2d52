//! The multicast group: who joins it, and whether routers on the segment are told (IGMP).

use std::time::Duration;

use testkit::lab::{Host, Process};

use crate::support::{Alone, LIMIT, usual};

const GROUP: &str = "224.0.0.18";

/// Writes down every report of a group that reaches a host.
fn reports(scene: &Alone, host: &Host) -> Process {
    let process = host.spawn("tcpdump", ["tcpdump", "-l", "-n", "-v", "-i", "eth0", "igmp"]);
    scene.lab.wait_until("tcpdump to listen", LIMIT, || process.log().has("listening on eth0"));
    process
}

fn is_member(scene: &Alone) -> bool {
    scene.host.ok(["ip", "maddress", "show", "dev", "eth0"]).contains(GROUP)
}

#[test]
fn the_group_is_joined_and_reported_while_it_runs() {
    let scene = Alone::new("igmp");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let seen = reports(&scene, &b);
    assert!(!is_member(&scene));
    let mut daemon = scene.start_master(&usual(""), "192.0.2.51");
    assert!(is_member(&scene));
    scene.lab.wait_until("a report of the group", LIMIT, || seen.log().has(GROUP));
    assert!(daemon.stop().success());
    assert!(!is_member(&scene));
}

#[test]
fn with_disable_local_igmp_it_is_joined_and_not_reported() {
    let scene = Alone::new("igmp-disabled");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let seen = reports(&scene, &b);
    let configuration = format!("global_defs {{\n  disable_local_igmp\n}}\n{}", usual(""));
    let _daemon = scene.start_master(&configuration, "192.0.2.51");
    assert!(is_member(&scene));
    // The kernel waits up to a second with a report, and sends it twice.
    scene.lab.insist("no report", Duration::from_secs(3), || !seen.log().text().contains(GROUP));
}
