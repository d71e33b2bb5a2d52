//! How the state of links is learnt, and when a change of it counts.

use std::time::Duration;

use crate::dumps::dump;
use crate::support::{Alone, LIMIT, under_test, usual};

/// An instance that has 2 s from one advert to its backup's takeover.
const SLOW: &str = "version 3\n  advert_int 1";

fn slow(more: &str) -> String {
    crate::support::instance("VI_1", 51, "192.0.2.51", &format!("{SLOW}\n  {more}"))
}

#[test]
fn a_link_that_is_down_for_less_than_its_delay_changes_nothing() {
    let scene = Alone::new("delay-short");
    let configuration = format!("interface_up_down_delays {{\n  eth0 1.5\n}}\n{}", slow(""));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.host.unplug();
    daemon.wait_for_log("eth0: Adding flags change from 0x11043 to 0x1003 delay by 1500000", LIMIT);
    scene.host.plug();
    scene
        .lab
        .insist("a keeps its address", Duration::from_secs(2), || scene.host.holds("192.0.2.51"));
    assert!(!daemon.log().has("Netlink reports eth0 down"), "{}", scene.lab.logs());
    // 2.2.7 says nothing of it.
    if under_test().is_ours() {
        assert!(daemon.log().has("Delay timer for eth0 cancelled"));
    }
}

#[test]
fn a_link_that_stays_down_is_a_fault_and_counts_as_up_after_its_delay() {
    let scene = Alone::new("delay-long");
    let configuration = format!("interface_up_down_delays {{\n  eth0 0.3 0.6\n}}\n{}", slow(""));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.host.unplug();
    scene.wait_until_gone("192.0.2.51");
    scene.host.plug();
    scene.wait_until_held("192.0.2.51");
    daemon.log().expect_in_order(&[
        "eth0: Adding flags change from 0x11043 to 0x1003 delay by 300000",
        "Netlink reports eth0 down",
        "(VI_1) Entering FAULT STATE",
        "eth0: Adding flags change from 0x1003 to 0x11043 delay by 600000",
        "Netlink reports eth0 up",
        "(VI_1) Entering BACKUP STATE",
    ]);
}

#[test]
fn a_delay_during_which_a_backup_would_take_over_is_shortened() {
    let scene = Alone::new("delay-limit");
    let configuration = format!("interface_up_down_delays {{\n  eth0 60 60\n}}\n{}", usual(""));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.host.unplug();
    scene.wait_until_gone("192.0.2.51");
    daemon.log().expect_in_order(&[
        "VI_1: interface eth0 debounce timer(s) not less that 2 * advert_int - resetting",
        // Two intervals of 0.1 s, less 1/256 of one.
        "eth0: Adding flags change from 0x11043 to 0x1003 delay by 199610",
        "Netlink reports eth0 down",
    ]);
}

/// A backup then takes over before anything can last.
#[test]
fn with_one_advert_to_miss_there_is_no_delay() {
    let scene = Alone::new("delay-none");
    let delays = "interface_up_down_delays {\n  eth0 60 60\n}\n";
    let configuration = format!("{delays}{}", usual("down_timer_adverts 1"));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.host.unplug();
    scene.wait_until_gone("192.0.2.51");
    daemon.log().expect_in_order(&[
        "VI_1: cannot use debounce timers with down_timer_adverts = 1 - resetting",
        "Netlink reports eth0 down",
    ]);
    assert!(!daemon.log().has("Adding flags change"), "{}", scene.lab.logs());
}

#[test]
fn a_link_that_nobody_looks_at_is_not_polled() {
    let scene = Alone::new("linkbeat-unused");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let configuration = format!("linkbeat_interfaces {{\n  eth1\n}}\n{}", usual(""));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    daemon.wait_for_log("Turning off linkbeat for eth1 since not used for tracking", LIMIT);
    assert!(!daemon.log().has("polling thread"), "{}", scene.lab.logs());
}

#[test]
fn a_link_is_polled_instead_of_heard_of() {
    for (kind, line) in [
        ("", ""),
        ("ETHTOOL", ""),
        ("IOCTL", ""),
        ("MII", "(eth1): Configured linkbeat type MII not supported, using ETHTOOL"),
    ] {
        let scene = Alone::new(&format!("linkbeat-{kind}"));
        scene.host.add_link("eth1", "198.51.100.1/24");
        let configuration = format!(
            "linkbeat_interfaces {{\n  eth1 {kind}\n}}\n{}",
            usual("track_interface {\n    eth1 weight -40\n  }")
        );
        let daemon = scene.start_master(&configuration, "192.0.2.51");
        scene.wait_for_priority(100);
        scene.host.unplug_link("eth1");
        scene.wait_for_priority(60);
        scene.host.plug_link("eth1");
        scene.wait_for_priority(100);
        daemon.log().expect_in_order(&["Linkbeat reports eth1 down", "Linkbeat reports eth1 up"]);
        assert!(!daemon.log().has("Netlink reports eth1"), "{}", scene.lab.logs());
        assert!(line.is_empty() || daemon.log().has(line), "{}", scene.lab.logs());
    }
}

#[test]
fn an_instance_may_want_its_own_link_polled() {
    let scene = Alone::new("linkbeat-own");
    let daemon = scene.start_master(&usual("linkbeat_use_polling"), "192.0.2.51");
    scene.host.unplug();
    scene.wait_until_gone("192.0.2.51");
    scene.host.plug();
    scene.wait_until_held("192.0.2.51");
    daemon.log().expect_in_order(&["Linkbeat reports eth0 down", "Linkbeat reports eth0 up"]);
}

#[test]
fn a_tracked_weight_counts_from_the_first_advert_on() {
    let scene = Alone::new("link-weight-start");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let configuration = usual("track_interface {\n    eth1 weight 40 reverse\n  }");
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.wait_for_priority(60);
    assert!(scene.capture.adverts_from("a").iter().all(|advert| advert.priority == 60));
    daemon.log().expect_in_order(&[
        "(VI_1) Changing effective priority from 100 to 60",
        "(VI_1) Entering BACKUP STATE (init)",
    ]);
    scene.host.unplug_link("eth1");
    scene.wait_for_priority(100);
}

#[test]
fn secondary_addresses_are_promoted_while_somebody_wants_it() {
    let scene = Alone::new("promote");
    let path = "/proc/sys/net/ipv4/conf/eth0/promote_secondaries";
    let setting = || scene.host.ok(["cat", path]).trim().to_owned();
    scene.host.ok(["sh", "-c", &format!("echo 0 >{path}")]);
    let mut daemon = scene.start_master(&usual("promote_secondaries"), "192.0.2.51");
    assert_eq!(setting(), "1");
    assert!(daemon.stop().success());
    assert_eq!(setting(), "0");
    scene.host.ok(["sh", "-c", &format!("echo 1 >{path}")]);
    let mut daemon = scene.start_master(&usual("promote_secondaries"), "192.0.2.51");
    assert!(daemon.stop().success());
    assert_eq!(setting(), "1", "it was on before");
}

/// 2.2.7 promises the same, and goes on.
#[test]
fn a_tracked_source_address_that_is_missing_is_a_fault() {
    let scene = Alone::new("source");
    scene.host.ok(["ip", "addr", "add", "192.0.2.9/24", "dev", "eth0"]);
    let configuration = usual("mcast_src_ip 192.0.2.9\n  track_src_ip");
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.host.ok(["ip", "addr", "del", "192.0.2.9/24", "dev", "eth0"]);
    if !under_test().is_ours() {
        return scene.lab.insist("a keeps its address", Duration::from_secs(1), || {
            scene.host.holds("192.0.2.51")
        });
    }
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    scene.wait_until_gone("192.0.2.51");
    scene.host.ok(["ip", "addr", "add", "192.0.2.9/24", "dev", "eth0"]);
    scene.wait_until_held("192.0.2.51");
    daemon.log().expect_in_order(&["(VI_1): entering FAULT state (src address not configured)"]);
}

#[test]
fn the_dump_shows_how_a_link_is_watched_and_what_waits() {
    let scene = Alone::new("link-dump");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let globals =
        "linkbeat_interfaces {\n  eth1 ETHTOOL\n}\ninterface_up_down_delays {\n  eth0 1.5 1\n}\n";
    let configuration = format!("{globals}{}", slow("track_interface {\n    eth1 weight 10\n  }"));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    let about = |link: &str| {
        let text = dump(&scene, &daemon, "DATA", "keepalived.data");
        let block = text.lines().skip_while(|line| *line != format!(" Name = {link}"));
        let block = block.skip(1).take_while(|line| !line.starts_with(" Name"));
        block.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    let (first, second) = (about("eth0"), about("eth1"));
    for line in [
        "Delayed state change running = false",
        "Up debounce timer = 1000000us",
        "Down debounce timer = 1500000us",
        "NIC netlink status update",
    ] {
        assert!(first.contains(&line.to_owned()), "{line}: {first:#?}");
    }
    for line in [
        "Up debounce timer = 0us",
        "NIC support ETHTOOL GLINK interface",
        "Tracking VRRP instances :",
        "VI_1, weight 10",
    ] {
        assert!(second.contains(&line.to_owned()), "{line}: {second:#?}");
    }
    scene.host.unplug();
    scene.lab.wait_until("a change that waits", LIMIT, || {
        about("eth0").contains(&"Delayed state change running = true".to_owned())
    });
}
