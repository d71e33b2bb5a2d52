//! What depends on the kind of a link: what the configuration test says of it, and what runs.

use std::fs;
use std::time::Duration;

use testkit::lab::Finished;

use crate::support::{Alone, LIMIT, instance, under_test};

/// On eth0: one that cannot send to groups, a tunnel, macvlans in both modes, a bridge.
const LINKS: [&str; 6] = [
    "link add quiet0 type veth peer name quiet1",
    "link set quiet0 multicast off up",
    "link add mac0 link eth0 type macvlan mode private",
    "link add mac1 link eth0 type macvlan mode bridge",
    "link add br0 type bridge",
    "tuntap add tun0 mode tun",
];

fn scene(label: &str) -> Alone {
    let scene = Alone::new(label);
    for command in LINKS {
        let done = scene.host.run(["ip"].into_iter().chain(command.split(' ')));
        assert_eq!(done.code, Some(0), "ip {command}: {}", done.text());
    }
    scene
}

fn on(link: &str, more: &str) -> String {
    instance("VI_1", 51, "192.0.2.51", more).replace("interface eth0", &format!("interface {link}"))
}

fn test(scene: &Alone, text: &str) -> Finished {
    let file = scene.host.write("kinds.conf", text).display().to_string();
    let program = under_test().path().display().to_string();
    scene.host.run(["timeout", "20", &program, "-t", "-f", &file])
}

#[test]
fn the_configuration_test_says_what_a_kind_of_link_cannot_be_used_for() {
    let scene = scene("kinds-test");
    let pace = |lines: &str| format!("garp_group {{\n garp_interval 0.1\n {lines}\n}}\n");
    let taken = |link: &str| {
        format!(
            "(VI_1) interface {link} already exists and is not a private macvlan; ignoring vmac"
        )
    };
    let cases = [
        (
            on("quiet0", ""),
            "(VI_1) interface quiet0 does not support multicast, specify".to_owned(),
        ),
        (on("quiet0", "unicast_fault_no_peer"), "does not support multicast".to_owned()),
        (on("tun0", "use_vmac"), "(VI_1): vmacs are only supported on Ethernet type".to_owned()),
        (on("tun0", "use_ipvlan 192.0.2.9"), "only supported on Ethernet type".to_owned()),
        (on("eth0", "use_vmac mac1"), taken("mac1")),
        (on("eth0", "use_vmac br0"), taken("br0")),
        (on("eth0", "use_vmac eth0"), taken("eth0")),
        (
            on("eth0", "use_ipvlan mac0 192.0.2.9"),
            "mac0 already exists and is not an l2".to_owned(),
        ),
        (pace("interface mac0") + &on("eth0", ""), "garp_delay on a vmac (mac0)".to_owned()),
        (pace("interfaces {\n mac1\n }") + &on("eth0", ""), "on a vmac (mac1)".to_owned()),
        (
            on("eth0", "virtual_routes {\n 198.51.100.0/24 dev eth0 vrf br0\n }"),
            "Route specified VRF br0 is not a VRF".to_owned(),
        ),
        (
            on("eth0", "") + &on("mac1", "").replace("VI_1", "VI_2"),
            "VI_1 and VI_2 both use VRID 51 with IPv4 on interface eth0".to_owned(),
        ),
    ];
    for (text, words) in cases {
        let done = test(&scene, &text);
        assert_eq!(done.code, Some(5), "{text}: {}", done.text());
        assert!(done.stderr.contains(&words), "{text}: {}", done.text());
    }
}

#[test]
fn what_a_kind_of_link_can_be_used_for_is_not_complained_about() {
    let scene = scene("kinds-well");
    let polled = "linkbeat_interfaces {\n mac0\n tun0\n}\n";
    for text in [
        on("tun0", ""),
        on("mac0", ""),
        on("quiet0", "unicast_peer {\n 192.0.2.9\n }"),
        on("mac0", "use_vmac"),
        on("eth0", "use_vmac mac0"),
        on("eth0", "track_interface {\n lo\n mac1\n tun0\n }"),
        polled.to_owned() + &on("eth0", ""),
        format!(
            "global_defs {{\n dynamic_interfaces allow_if_changes\n}}\n{}{}",
            on("eth0", ""),
            on("mac1", "").replace("VI_1", "VI_2")
        ),
    ] {
        let done = test(&scene, &text);
        assert_eq!(done.code, Some(0), "{text}: {}", done.text());
    }
}

/// Scripts hear of it, and nothing of its addresses is set.
#[test]
fn an_instance_whose_link_cannot_send_to_groups_stays_in_fault() {
    let scene = scene("kinds-fault");
    scene.host.run(["ip", "addr", "add", "192.0.2.7/24", "dev", "quiet0"]);
    let told = scene.host.file("told");
    let script =
        scene.host.write("tell.sh", &format!("#!/bin/sh\necho \"$@\" >> {}\n", told.display()));
    scene.host.run(["chmod", "755", &script.display().to_string()]);
    let globals = "global_defs {\n script_user root\n}\n";
    let text = on("quiet0", &format!("version 3\n advert_int 0.1\n notify {}", script.display()));
    let mut daemon = scene.start(&format!("{globals}{text}"));
    daemon.wait_for_log("(VI_1) interface quiet0 does not support multicast", LIMIT);
    let has = |line: &str| fs::read_to_string(&told).is_ok_and(|text| text.contains(line));
    scene
        .lab
        .wait_until("the script to hear of the fault", LIMIT, || has("INSTANCE VI_1 FAULT 100"));
    scene.lab.insist("nothing is set", Duration::from_secs(1), || !scene.host.holds("192.0.2.51"));
    daemon.stop();
    assert!(has("INSTANCE VI_1 STOP 100"), "{}", scene.lab.logs());
}

/// Which one runs is a matter of the order in the file.
#[test]
fn of_two_routers_of_one_number_the_last_runs_where_links_may_change() {
    let scene = scene("kinds-same");
    let text = on("eth0", "version 3\n advert_int 0.1");
    let second = text.replace("VI_1", "VI_2").replace("192.0.2.51", "192.0.2.52");
    let globals = "global_defs {\n dynamic_interfaces allow_if_changes\n}\n";
    let daemon = scene.start(&format!("{globals}{text}{second}"));
    daemon
        .wait_for_log("(VI_1) - warning, VRID 51 for IPv4 is currently duplicated on VI_2", LIMIT);
    daemon.wait_for_log("(VI_2) Entering MASTER STATE", LIMIT);
    scene.wait_until_held("192.0.2.52");
    assert!(!scene.host.holds("192.0.2.51"), "{}", scene.lab.logs());
}
