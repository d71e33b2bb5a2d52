//! Routes, rules and static addresses: there when they should be, and gone when not.

use testkit::lab::{Daemon, Host};

use crate::support::{Alone, FAST, LIMIT, instance, under_test};

const ROUTES: &str = "virtual_routes {
    203.0.113.0/24 via 192.0.2.253 dev eth0 metric 7
    src 192.0.2.51 to 203.0.114.0/24 via 192.0.2.253 dev eth0
    203.0.116.0/24 dev eth0 table 99 mtu lock 1400 no_track
  }";
const RULES: &str = "virtual_rules {
    from 192.0.2.51 lookup 99 preference 101
    to 198.18.0.0/15 iif eth0 blackhole preference 102
  }";
const STATICS: &str = "static_ipaddress {
  192.0.2.77/24 brd + dev eth0 scope global
}
static_routes {
  src 192.0.2.77 to 198.51.100.0/24 via 192.0.2.254 dev eth0
}
static_rules {
  from 192.0.2.77 lookup 100 preference 100
}
";

/// An instance with routes and rules.
fn routing(more: &str) -> String {
    instance("VI_1", 51, "192.0.2.51", &format!("{FAST}\n  {more}"))
}

fn full() -> String {
    routing(&format!("{ROUTES}\n  {RULES}"))
}

/// Everything that `ip` shows of keepalived's, without line ends.
fn shown(host: &Host, what: &str) -> String {
    let words = ["ip", what, "show"].into_iter();
    let all = match what {
        "route" => host.ok(words.chain(["table", "all", "proto", "18"])),
        _ => host.ok(words),
    };
    let lines = all.lines().filter(|line| what != "rule" || line.contains("proto keepalived"));
    lines.map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// `proto keepalived` is in each line of rules only.
fn wait_for(scene: &Alone, what: &str, lines: &[&str]) {
    let name = format!("{what}s {lines:?}");
    scene.lab.wait_until(&name, LIMIT, || {
        let shown = shown(&scene.host, what);
        let mut found: Vec<&str> = shown.lines().collect();
        let mut lines = lines.to_vec();
        found.sort_unstable();
        lines.sort_unstable();
        found == lines
    });
}

const MASTER_ROUTES: [&str; 3] = [
    "203.0.113.0/24 via 192.0.2.253 dev eth0 metric 7",
    "203.0.114.0/24 via 192.0.2.253 dev eth0 src 192.0.2.51",
    "203.0.116.0/24 dev eth0 table 99 mtu lock 1400",
];
const MASTER_RULES: [&str; 2] = [
    "101:	from 192.0.2.51 lookup 99 proto keepalived",
    "102:	from all to 198.18.0.0/15 iif eth0 blackhole proto keepalived",
];
const STATIC_ROUTE: &str = "198.51.100.0/24 via 192.0.2.254 dev eth0 src 192.0.2.77";
const STATIC_RULE: &str = "100:	from 192.0.2.77 lookup 100 proto keepalived";

#[test]
fn routes_and_rules_are_there_while_it_is_master_and_gone_afterwards() {
    let scene = Alone::new("objects-master");
    let mut daemon = scene.start_master(&full(), "192.0.2.51");
    wait_for(&scene, "route", &MASTER_ROUTES);
    wait_for(&scene, "rule", &MASTER_RULES);
    daemon.log().expect_in_order(&[
        "(VI_1) Entering MASTER STATE",
        "(VI_1) setting VIPs.",
        "(VI_1) setting Virtual Routes",
        "(VI_1) setting Virtual Rules",
    ]);
    assert!(daemon.stop().success());
    wait_for(&scene, "route", &[]);
    wait_for(&scene, "rule", &[]);
    daemon.log().expect_in_order(&[
        "(VI_1) Entering MASTER STATE",
        "(VI_1) removing Virtual Rules",
        "(VI_1) removing Virtual Routes",
        "(VI_1) removing VIPs.",
    ]);
}

#[test]
fn a_backup_has_no_routes_and_no_rules() {
    let scene = Alone::new("objects-backup");
    let daemon = scene.start_master(&full(), "192.0.2.51");
    wait_for(&scene, "rule", &MASTER_RULES);
    let better = scene.lab.host("b", "192.0.2.2/24");
    let other = routing("priority 200");
    let second = better.daemon(&under_test()).start(&other.replace("priority 100\n", ""));
    second.wait_for_log("Entering MASTER STATE", LIMIT);
    daemon.wait_for_log("(VI_1) Entering BACKUP STATE", LIMIT);
    wait_for(&scene, "route", &[]);
    wait_for(&scene, "rule", &[]);
}

#[test]
fn a_fault_takes_them_away_and_they_come_back_with_the_link() {
    let scene = Alone::new("objects-fault");
    let daemon = scene.start_master(&full(), "192.0.2.51");
    wait_for(&scene, "route", &MASTER_ROUTES);
    scene.host.ok(["ip", "link", "set", "eth0", "down"]);
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    wait_for(&scene, "route", &[]);
    wait_for(&scene, "rule", &[]);
    scene.host.ok(["ip", "link", "set", "eth0", "up"]);
    wait_for(&scene, "route", &MASTER_ROUTES);
    wait_for(&scene, "rule", &MASTER_RULES);
}

#[test]
fn the_link_of_a_route_is_tracked() {
    let scene = Alone::new("objects-tracked");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let route = "virtual_routes {\n    203.0.113.0/24 via 198.51.100.9 dev eth1\n  }";
    let daemon = scene.start_master(&routing(route), "192.0.2.51");
    let there = ["203.0.113.0/24 via 198.51.100.9 dev eth1"];
    wait_for(&scene, "route", &there);
    scene.host.unplug_link("eth1");
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    wait_for(&scene, "route", &[]);
    scene.wait_until_gone("192.0.2.51");
    scene.host.plug_link("eth1");
    wait_for(&scene, "route", &there);
}

#[test]
fn the_link_of_a_rule_is_tracked() {
    let scene = Alone::new("objects-rule-tracked");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let rule = "virtual_rules {\n    from all iif eth1 lookup 99 preference 101\n  }";
    let daemon = scene.start_master(&routing(rule), "192.0.2.51");
    wait_for(&scene, "rule", &["101:	from all iif eth1 lookup 99 proto keepalived"]);
    scene.host.unplug_link("eth1");
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    wait_for(&scene, "rule", &[]);
}

#[test]
fn static_objects_are_there_from_the_start_and_gone_at_the_stop() {
    let scene = Alone::new("objects-static");
    let slow = instance("VI_1", 51, "192.0.2.51", "advert_int 30");
    let mut daemon = scene.start(&format!("{STATICS}{slow}"));
    daemon.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
    wait_for(&scene, "route", &[STATIC_ROUTE]);
    wait_for(&scene, "rule", &[STATIC_RULE]);
    let address = shown(&scene.host, "address");
    let wanted = "inet 192.0.2.77/24 brd 192.0.2.255 scope global secondary eth0";
    assert!(address.contains(wanted), "{address}");
    assert!(daemon.stop().success());
    assert!(!scene.host.holds("192.0.2.77"));
    wait_for(&scene, "route", &[]);
    wait_for(&scene, "rule", &[]);
}

#[test]
fn static_objects_need_no_instance() {
    let scene = Alone::new("objects-alone");
    let mut daemon = scene.start(STATICS);
    wait_for(&scene, "route", &[STATIC_ROUTE]);
    wait_for(&scene, "rule", &[STATIC_RULE]);
    scene.wait_until_held("192.0.2.77");
    assert!(daemon.pid_files()[1].exists(), "the VRRP pid file");
    assert!(daemon.stop().success());
    assert!(!scene.host.holds("192.0.2.77"));
}

#[test]
fn static_objects_that_somebody_removes_are_restored() {
    let scene = Alone::new("objects-restored");
    let daemon = scene.start_master(&format!("{STATICS}{}", full()), "192.0.2.51");
    let routes = [&MASTER_ROUTES[..], &[STATIC_ROUTE]].concat();
    let rules = [&MASTER_RULES[..], &[STATIC_RULE]].concat();
    wait_for(&scene, "rule", &rules);
    let route = "prepend 198.51.100.0/24 src 192.0.2.77 via inet 192.0.2.254 dev eth0 proto 18";
    let restored = |what: &str, line: &str| {
        daemon.wait_for_log(&format!("Restoring deleted static {what} {line}"), LIMIT);
        wait_for(&scene, "route", &routes);
        wait_for(&scene, "rule", &rules);
        scene.wait_until_held("192.0.2.77");
    };
    scene.host.ok(["ip", "route", "del", "198.51.100.0/24"]);
    restored("route", route);
    scene.host.ok(["ip", "rule", "del", "preference", "100"]);
    restored("rule", "from 192.0.2.77 priority 100 tos 0x0 protocol 18 lookup 100");
    scene.host.ok(["ip", "address", "del", "192.0.2.77/24", "dev", "eth0"]);
    restored("address", "192.0.2.77/24 brd 192.0.2.255 dev eth0 scope global set");
}

/// The original becomes backup and is elected again.
#[test]
fn a_route_that_somebody_removes_comes_back() {
    let scene = Alone::new("objects-removed");
    let daemon = scene.start_master(&full(), "192.0.2.51");
    wait_for(&scene, "rule", &MASTER_RULES);
    scene.host.ok(["ip", "route", "del", "203.0.113.0/24"]);
    let is_ours = under_test().is_ours();
    let times = |line: &str| daemon.log().count(line);
    if is_ours {
        let line = "(VI_1) route 203.0.113.0/24 was removed by somebody else - putting it back";
        daemon.wait_for_log(line, LIMIT);
    } else {
        daemon.wait_for_log_times("(VI_1) Entering MASTER STATE", 2, LIMIT);
    }
    wait_for(&scene, "route", &MASTER_ROUTES);
    scene.host.ok(["ip", "rule", "del", "preference", "101"]);
    if is_ours {
        let line = "(VI_1) rule 101 was removed by somebody else - putting it back";
        daemon.wait_for_log(line, LIMIT);
        assert_eq!(times("(VI_1) Entering MASTER STATE"), 1);
    } else {
        daemon.wait_for_log_times("(VI_1) Entering MASTER STATE", 3, LIMIT);
    }
    wait_for(&scene, "rule", &MASTER_RULES);
}

/// Since 2.3; 2.2.7 does not track a route without `dev`, and says so.
#[test]
fn a_route_without_an_interface_comes_back_too() {
    let scene = Alone::new("objects-no-dev");
    let routes = "virtual_routes {
    203.0.113.0/24 via 192.0.2.253
    blackhole 203.0.114.0/24
  }";
    let daemon = scene.start_master(&routing(routes), "192.0.2.51");
    let (via, hole) = ("203.0.113.0/24 via 192.0.2.253 dev eth0", "blackhole 203.0.114.0/24");
    wait_for(&scene, "route", &[via, hole]);
    scene.host.ok(["ip", "route", "del", "203.0.113.0/24"]);
    scene.host.ok(["ip", "route", "del", "blackhole", "203.0.114.0/24"]);
    if under_test().is_ours() {
        for to in ["203.0.113.0/24", "203.0.114.0/24"] {
            let line = format!("(VI_1) route {to} was removed by somebody else - putting it back");
            daemon.wait_for_log(&line, LIMIT);
        }
        wait_for(&scene, "route", &[via, hole]);
    } else {
        let line = "Warning - cannot track route 203.0.113.0/24 with no interface specified";
        daemon.wait_for_log(line, LIMIT);
        std::thread::sleep(std::time::Duration::from_secs(1));
        wait_for(&scene, "route", &[]);
    }
    assert_eq!(daemon.log().count("(VI_1) Entering MASTER STATE"), 1);
}

#[test]
fn a_route_that_is_not_tracked_stays_away() {
    let scene = Alone::new("objects-untracked");
    let daemon = scene.start_master(&full(), "192.0.2.51");
    wait_for(&scene, "route", &MASTER_ROUTES);
    scene.host.ok(["ip", "route", "del", "203.0.116.0/24", "table", "99"]);
    std::thread::sleep(std::time::Duration::from_secs(1));
    wait_for(&scene, "route", &MASTER_ROUTES[..2]);
    assert_eq!(daemon.log().count("(VI_1) Entering MASTER STATE"), 1);
}

#[test]
fn a_reload_adds_replaces_and_removes() {
    let scene = Alone::new("objects-reload");
    let daemon = scene.start_master(&format!("{STATICS}{}", full()), "192.0.2.51");
    let with_static = |own: &[&'static str], one| [own, &[one]].concat();
    wait_for(&scene, "route", &with_static(&MASTER_ROUTES, STATIC_ROUTE));
    let changed = format!("{STATICS}{}", full())
        .replace("metric 7", "metric 8")
        .replace("203.0.116.0/24 dev eth0 table 99 mtu lock 1400 no_track", "")
        .replace("lookup 99 preference 101", "lookup 98 preference 101")
        .replace("198.51.100.0/24", "198.51.101.0/24")
        .replace("lookup 100", "lookup 103");
    daemon.reload(&changed);
    daemon.wait_for_log("Reload complete", LIMIT);
    let routes = [
        "203.0.113.0/24 via 192.0.2.253 dev eth0 metric 8",
        "203.0.114.0/24 via 192.0.2.253 dev eth0 src 192.0.2.51",
        "198.51.101.0/24 via 192.0.2.254 dev eth0 src 192.0.2.77",
    ];
    wait_for(&scene, "route", &routes);
    let rules = [
        "101:	from 192.0.2.51 lookup 98 proto keepalived",
        MASTER_RULES[1],
        "100:	from 192.0.2.77 lookup 103 proto keepalived",
    ];
    wait_for(&scene, "rule", &rules);
    daemon.log().expect_in_order(&[
        "ip rule from 192.0.2.77 removed",
        "Removing route 198.51.100.0/24",
        "ip rule from 192.0.2.51 removed",
        "Removing route 203.0.113.0/24",
        "Removing route 203.0.116.0/24",
    ]);
    let none = routing("");
    daemon.reload(&none);
    wait_for(&scene, "route", &[]);
    wait_for(&scene, "rule", &[]);
    scene.wait_until_gone("192.0.2.77");
    daemon.log().expect_in_order(&[
        "Removing a VirtualRule block",
        "Removing a VirtualRoute block",
        "Removing a VirtualRule block",
        "Removing a VirtualRoute block",
    ]);
    assert!(scene.host.holds("192.0.2.51"));
    assert_eq!(daemon.log().count("Entering MASTER STATE"), 1);
}

#[test]
fn a_reload_of_the_same_file_leaves_them_alone() {
    let scene = Alone::new("objects-same");
    let file = format!("{STATICS}{}", full());
    let daemon = scene.start_master(&file, "192.0.2.51");
    wait_for(&scene, "rule", &[MASTER_RULES[0], MASTER_RULES[1], STATIC_RULE]);
    let watch = Watch::start(&scene.host);
    daemon.hup();
    daemon.wait_for_log("Reload complete", LIMIT);
    std::thread::sleep(std::time::Duration::from_millis(700));
    let seen = watch.end();
    if under_test().is_ours() {
        assert_eq!(seen, "", "nothing is written");
    }
    wait_for(&scene, "rule", &[MASTER_RULES[0], MASTER_RULES[1], STATIC_RULE]);
}

/// Listens to what is done to routes and rules.
struct Watch {
    process: testkit::lab::Process,
    /// How much it had said before: of namespaces that vanish while it begins, for one.
    before: usize,
}

impl Watch {
    fn start(host: &Host) -> Self {
        let process = host.spawn("monitor", ["ip", "monitor", "route", "rule"]);
        std::thread::sleep(std::time::Duration::from_millis(500));
        let before = process.log().text().len();
        Self { process, before }
    }

    fn end(self) -> String {
        self.process.log().text().split_off(self.before)
    }
}

/// The original says that it removes the routes of instances, but leaves those that do not go with
/// an address.
#[test]
fn what_a_killed_daemon_left_is_removed_at_the_next_start() {
    let scene = Alone::new("objects-left");
    let mut killed: Daemon = scene.start_master(&format!("{STATICS}{}", full()), "192.0.2.51");
    wait_for(&scene, "rule", &[MASTER_RULES[0], MASTER_RULES[1], STATIC_RULE]);
    killed.kill_9();
    let slow = full().replace("advert_int 0.1", "advert_int 30");
    let next = scene.start(&format!("{STATICS}{slow}"));
    next.wait_for_log("(VI_1) Entering BACKUP STATE (init)", LIMIT);
    let left = [MASTER_ROUTES[0], MASTER_ROUTES[2]];
    let left = if under_test().is_ours() { &[][..] } else { &left };
    wait_for(&scene, "route", &[left, &[STATIC_ROUTE]].concat());
    wait_for(&scene, "rule", &[STATIC_RULE]);
    scene.wait_until_held("192.0.2.77");
}

#[test]
fn with_dont_release_vrrp_routes_and_rules_stay() {
    let scene = Alone::new("objects-stay");
    let mut daemon = scene.daemon().option("--dont-release-vrrp").start(&full());
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    wait_for(&scene, "rule", &MASTER_RULES);
    assert!(daemon.stop().success());
    wait_for(&scene, "route", &MASTER_ROUTES);
    wait_for(&scene, "rule", &MASTER_RULES);
}

#[test]
fn what_the_kernel_refuses_is_named_and_the_rest_is_there() {
    let scene = Alone::new("objects-refused");
    let routes = "virtual_routes {
    nat 203.0.115.0/24 dev eth0
    203.0.113.0/24 via 192.0.2.253 dev eth0
  }";
    let daemon = scene.start_master(&routing(routes), "192.0.2.51");
    wait_for(&scene, "route", &["203.0.113.0/24 via 192.0.2.253 dev eth0"]);
    daemon.wait_for_log("Netlink: error: Invalid argument", LIMIT);
    assert!(daemon.log().has("type=RTM_NEWROUTE(24)"));
}

#[test]
fn the_instances_of_a_track_group_need_the_links_of_its_objects() {
    let scene = Alone::new("objects-group");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let group = "track_group fixed {\n  group {\n    VI_1\n  }\n}\n";
    let statics =
        "static_routes {\n  203.0.113.0/24 via 198.51.100.9 dev eth1 track_group fixed\n}\n";
    let daemon = scene.start_master(&format!("{group}{statics}{}", routing("")), "192.0.2.51");
    wait_for(&scene, "route", &["203.0.113.0/24 via 198.51.100.9 dev eth1"]);
    scene.host.ok(["ip", "link", "set", "eth1", "down"]);
    daemon.wait_for_log("(VI_1) Entering FAULT STATE", LIMIT);
    scene.wait_until_gone("192.0.2.51");
    scene.host.ok(["ip", "link", "set", "eth1", "up"]);
    scene.wait_until_held("192.0.2.51");
    wait_for(&scene, "route", &["203.0.113.0/24 via 198.51.100.9 dev eth1"]);
}

/// Debian's package shows no protocol of what is not tracked.
#[test]
fn the_dump_of_the_state_shows_them() {
    let scene = Alone::new("objects-dump");
    let group = "track_group fixed {\n  group {\n    VI_1\n  }\n}\n";
    let statics = STATICS
        .replace("scope global", "track_group fixed")
        .replace("192.0.2.254 dev eth0", "192.0.2.254 dev eth0 track_group fixed");
    let tracked = full().replace(" no_track", "");
    let daemon = scene.start(&format!("{group}{statics}{tracked}"));
    wait_for(&scene, "rule", &[MASTER_RULES[0], MASTER_RULES[1], STATIC_RULE]);
    let text = crate::dumps::dump(&scene, &daemon, "DATA", "keepalived.data");
    let sections = [
        "------< Static Addresses >------\n     192.0.2.77/24 brd 192.0.2.255 dev eth0 scope global \
         track_group fixed set\n------< Static Routes >------\n     prepend 198.51.100.0/24 src \
         192.0.2.77 via inet 192.0.2.254 dev eth0 proto 18 track_group fixed\n------< Static Rules \
         >------\n     from 192.0.2.77 priority 100 tos 0x0 protocol 18 lookup 100\n------< Static \
         Track groups >------\n Static Track Group = fixed\n   VRRP member instances :\n     VI_1\n",
        "   Virtual Routes :\n     prepend 203.0.113.0/24 via inet 192.0.2.253 dev eth0 proto 18 \
         metric 7\n     prepend 203.0.114.0/24 src 192.0.2.51 via inet 192.0.2.253 dev eth0 proto 18\n     \
         prepend 203.0.116.0/24 dev eth0 table 99 proto 18 mtu lock 1400\n   Virtual Rules :\n     \
         from 192.0.2.51 priority 101 tos 0x0 protocol 18 lookup 99\n     from all to 198.18.0.0/15 \
         priority 102 tos 0x0 iif eth0 protocol 18 type blackhole\n",
    ];
    for section in sections {
        assert!(text.contains(section), "{section}\nis not in\n{text}");
    }
    let json = crate::dumps::dump(&scene, &daemon, "JSON", "keepalived.json");
    let json = json.replace("\\/", "/");
    for part in [
        "\"vroutes\":[\"prepend 203.0.113.0/24 via inet 192.0.2.253 dev eth0 proto 18 metric 7\",",
        "\"vrules\":[\"from 192.0.2.51 priority 101 tos 0x0 protocol 18 lookup 99\",",
    ] {
        assert!(json.contains(part), "{part}\nis not in\n{json}");
    }
}
