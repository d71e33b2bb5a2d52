//! Words of routes and rules, as `ip` shows what the kernel made of them.

use testkit::lab::Host;

use crate::support::{Alone, FAST, LIMIT, instance};

/// An instance that holds one route or rule of each line.
fn master(scene: &Alone, block: &str, lines: &[(&str, &str)]) -> testkit::lab::Daemon {
    let lines: Vec<&str> = lines.iter().map(|(line, _)| *line).collect();
    let block = format!("{block} {{\n    {}\n  }}", lines.join("\n    "));
    let more = format!("{FAST}\n  {block}");
    scene.start_master(&instance("VI_1", 51, "192.0.2.51", &more), "192.0.2.51")
}

/// What `ip` says of most routes of an instance; left out of what is compared.
const USUAL: &str = " table main proto keepalived scope global";

fn single_spaced(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn routes(host: &Host, family: &str) -> Vec<String> {
    let shown = host.ok(["ip", "-d", family, "route", "show", "table", "all"]);
    // Further lines of a route are its ways.
    let shown = shown.replace("\n\t", " ");
    let own = shown.lines().filter(|line| !line.contains("proto kernel"));
    own.map(|line| single_spaced(line).replace(USUAL, "")).collect()
}

fn rules(host: &Host) -> Vec<String> {
    let shown = host.ok(["ip", "rule", "show"]);
    shown.lines().filter(|line| line.contains("proto keepalived")).map(single_spaced).collect()
}

/// Waits until each line is there as it shall be.
fn wait_for(scene: &Alone, what: &str, shown: impl Fn() -> Vec<String>, lines: &[(&str, &str)]) {
    for (line, wanted) in lines {
        let name = format!("the {what} {line:?} as {wanted:?}, among {:#?}", shown());
        scene.lab.wait_until(&name, LIMIT, || shown().iter().any(|one| one == wanted));
    }
}

/// Routes as they are written, and as `ip` shows them.
const ROUTES: [(&str, &str); 17] = [
    (
        "203.0.113.1/32 dev eth0 scope link",
        "unicast 203.0.113.1 dev eth0 table main proto keepalived scope link",
    ),
    ("blackhole 203.0.113.2/32", "blackhole 203.0.113.2"),
    ("unreachable 203.0.113.3/32 metric 5", "unreachable 203.0.113.3 metric 5"),
    ("prohibit 203.0.113.4/32", "prohibit 203.0.113.4"),
    ("throw 203.0.113.5/32 table 77", "throw 203.0.113.5 table 77 proto keepalived scope global"),
    (
        "203.0.113.6/32 via 192.0.2.253 dev eth0 tos 0x10",
        "unicast 203.0.113.6 tos 0x10 via 192.0.2.253 dev eth0",
    ),
    (
        "203.0.113.7/32 via 192.0.2.253 dev eth0 realms 3/4",
        "unicast 203.0.113.7 via 192.0.2.253 dev eth0 realms 3/4",
    ),
    (
        "203.0.113.8/32 via 192.0.2.253 dev eth0 mtu 1400 advmss lock 1300 window 9000",
        "unicast 203.0.113.8 via 192.0.2.253 dev eth0 mtu 1400 window 9000 advmss lock 1300",
    ),
    (
        "203.0.113.9/32 via 192.0.2.253 dev eth0 cwnd lock 7 ssthresh 8 reordering 9",
        "unicast 203.0.113.9 via 192.0.2.253 dev eth0 ssthresh 8 cwnd lock 7 reordering 9",
    ),
    (
        "203.0.113.10/32 via 192.0.2.253 dev eth0 rtt 400ms rttvar 300ms rto_min 250ms",
        "unicast 203.0.113.10 via 192.0.2.253 dev eth0 rtt 400ms rttvar 300ms rto_min 250ms",
    ),
    (
        "203.0.113.11/32 via 192.0.2.253 dev eth0 initcwnd 11 initrwnd 12 hoplimit 13",
        "unicast 203.0.113.11 via 192.0.2.253 dev eth0 hoplimit 13 initcwnd 11 initrwnd 12",
    ),
    (
        "203.0.113.12/32 via 192.0.2.253 dev eth0 features ecn quickack 1",
        "unicast 203.0.113.12 via 192.0.2.253 dev eth0 features ecn quickack 1",
    ),
    (
        "203.0.113.13/32 via 192.0.2.253 dev eth0 congctl cubic fastopen_no_cookie 1",
        "unicast 203.0.113.13 via 192.0.2.253 dev eth0 congctl cubic fastopen_no_cookie 1",
    ),
    (
        "203.0.113.14/32 via 198.51.100.9 dev eth0 onlink",
        "unicast 203.0.113.14 via 198.51.100.9 dev eth0 onlink",
    ),
    (
        "203.0.113.15/32 nexthop via 192.0.2.252 dev eth0 weight 2 nexthop via 192.0.2.253 \
             dev eth0 weight 5",
        "unicast 203.0.113.15 nexthop via 192.0.2.252 dev eth0 weight 2 nexthop via 192.0.2.253 dev eth0 weight 5",
    ),
    (
        "203.0.113.16/32 via 192.0.2.253 dev eth0 protocol 44 no_track",
        "unicast 203.0.113.16 via 192.0.2.253 dev eth0 table main proto 44 scope global",
    ),
    (
        "203.0.113.17/32 nexthop via 198.51.100.8 dev eth0 onlink weight 3 nexthop via 192.0.2.253 \
             dev eth0",
        "unicast 203.0.113.17 nexthop via 198.51.100.8 dev eth0 weight 3 onlink nexthop via 192.0.2.253 dev eth0 weight 1",
    ),
];

#[test]
fn words_of_routes_reach_the_kernel() {
    let scene = Alone::new("route-words");
    let _daemon = master(&scene, "virtual_routes", &ROUTES);
    wait_for(&scene, "route", || routes(&scene.host, "-4"), &ROUTES);
}

#[test]
fn words_of_routes_over_ipv6_reach_the_kernel() {
    let scene = Alone::new("route-words6");
    scene.host.enable_ipv6();
    scene.host.add_address("eth0", "2001:db8::1/64");
    let lines = [
        (
            "2001:db8:1::/64 via 2001:db8::9 dev eth0 pref high",
            "unicast 2001:db8:1::/64 via 2001:db8::9 dev eth0 metric 1024 pref high",
        ),
        (
            "2001:db8:3::/64 via 2001:db8::9 dev eth0 metric 9 hoplimit 33",
            "unicast 2001:db8:3::/64 via 2001:db8::9 dev eth0 metric 9 hoplimit 33 pref medium",
        ),
    ];
    // Its time runs while the test does.
    let passing = ("2001:db8:2::/64 via 2001:db8::9 dev eth0 expires 900", "");
    let _daemon = master(&scene, "virtual_routes", &[&lines[..], &[passing]].concat());
    wait_for(&scene, "route", || routes(&scene.host, "-6"), &lines);
    let all = routes(&scene.host, "-6");
    let passing = all.iter().find(|line| line.contains("2001:db8:2::/64"));
    let seconds = passing.and_then(|line| line.split(" expires ").nth(1)?.split("sec").next());
    let seconds = seconds.and_then(|text| text.parse::<u32>().ok());
    assert!(seconds.is_some_and(|left| (800..=900).contains(&left)), "{all:#?}");
}

#[test]
fn words_of_rules_reach_the_kernel() {
    let scene = Alone::new("rule-words");
    let lines = [
        (
            "from 10.0.0.0/8 to 10.1.0.0/16 table 99 preference 201",
            "201: from 10.0.0.0/8 to 10.1.0.0/16 lookup 99 proto keepalived",
        ),
        (
            "not from 10.0.0.0/8 table 99 preference 202",
            "202: not from 10.0.0.0/8 lookup 99 proto keepalived",
        ),
        (
            "fwmark 0x10/0xff table 99 preference 203",
            "203: from all fwmark 0x10/0xff lookup 99 proto keepalived",
        ),
        ("tos 0x10 table 99 preference 204", "204: from all tos 0x10 lookup 99 proto keepalived"),
        (
            "from 10.0.0.1 realms 3/4 table 99 preference 205",
            "205: from 10.0.0.1 lookup 99 realms 3/4 proto keepalived",
        ),
        ("oif eth0 table 99 preference 206", "206: from all oif eth0 lookup 99 proto keepalived"),
        (
            "from 10.0.0.2 suppress_prefixlength 24 table 99 preference 207",
            "207: from 10.0.0.2 lookup 99 suppress_prefixlength 24 proto keepalived",
        ),
        (
            "from 10.0.0.3 suppress_ifgroup 5 table 99 preference 208",
            "208: from 10.0.0.3 lookup 99 suppress_ifgroup 5 proto keepalived",
        ),
        (
            "tunnel-id 77 table 99 preference 209",
            "209: from all tun_id 77 lookup 99 proto keepalived",
        ),
        (
            "uidrange 100-200 table 99 preference 210",
            "210: from all uidrange 100-200 lookup 99 proto keepalived",
        ),
        (
            "ipproto tcp sport 1000-2000 dport 80-90 table 99 preference 211",
            "211: from all ipproto tcp sport 1000-2000 dport 80-90 lookup 99 proto keepalived",
        ),
        (
            "from 10.0.0.4 goto 32766 preference 212",
            "212: from 10.0.0.4 goto 32766 proto keepalived",
        ),
        (
            "from 10.0.0.5 unreachable preference 213",
            "213: from 10.0.0.5 unreachable proto keepalived",
        ),
        ("from 10.0.0.6 prohibit preference 214", "214: from 10.0.0.6 prohibit proto keepalived"),
        ("iif eth0 table 99 preference 216", "216: from all iif eth0 lookup 99 proto keepalived"),
        ("l3mdev preference 215", "215: from all lookup [l3mdev-table] proto keepalived"),
    ];
    let _daemon = master(&scene, "virtual_rules", &lines);
    wait_for(&scene, "rule", || rules(&scene.host), &lines);
}
