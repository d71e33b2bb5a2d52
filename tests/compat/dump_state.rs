//! The dump of the state (SIGUSR1): every line about instances, sockets, groups, what is tracked and
//! links, in its place. What only one of the two programs has is marked.

use std::net::IpAddr;

use testkit::lab::{Daemon, Forged, Host};

use crate::dumps::dump;
use crate::support::{Alone, LIMIT, under_test};

const CONFIGURATION: &str = include_str!("dump_state/keepalived.conf");
/// A line begins with a blank when both have it, with `-` when only the original has it, and with
/// `+` when only ours does.
const LINES: &str = include_str!("dump_state/lines.txt");

fn expected() -> Vec<&'static str> {
    let ours = under_test().is_ours();
    let here = |line: &&str| line.starts_with(' ') || line.starts_with('+') == ours;
    LINES.lines().filter(here).map(|line| &line[1..]).collect()
}

/// The line without what differs from run to run: times, descriptors, addresses that links made up.
fn lasting(line: &str, host: &Host) -> String {
    let (key, value) = line.split_once(" = ").unwrap_or((line, ""));
    match (key.trim_start(), value) {
        ("Last transition" | "Read timeout", time) if time.ends_with(')') => {
            let seconds = time.split(' ').next().map(str::parse::<f64>);
            assert!(matches!(seconds, Some(Ok(seconds)) if seconds > 1e9), "{line}");
            format!("{key} = TIME")
        }
        ("MAC", mac) if mac.len() == 17 => format!("{key} = OWN"),
        ("IPv6 address" | "Using src_ip", ip) if ip.contains("ff:fe") => format!("{key} = OWN"),
        ("File", _) => line.replace(&host.file("value").display().to_string(), "VALUE"),
        (start, _) if start.starts_with("fd_in ") => line.replace(|c: char| c.is_ascii_digit(), ""),
        _ => line.to_owned(),
    }
}

fn start(scene: &Alone) -> Daemon {
    scene.host.enable_ipv6();
    // All its links are on one segment, but each answers for itself.
    scene.host.ok(["sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1"]);
    scene.host.add_link("eth1", "198.51.100.1/24");
    scene.host.add_link("eth2", "203.0.113.1/24");
    scene.host.ok(["ip", "link", "set", "eth2", "down"]);
    for link in ["eth0", "eth1"] {
        scene.lab.wait_until("a link-local address", LIMIT, || {
            let shown = scene.host.ok(["ip", "-6", "addr", "show", "dev", link]);
            shown.contains("inet6 fe80") && !shown.contains("tentative")
        });
    }
    scene.host.write("value", "5\n");
    let value = scene.host.file("value").display().to_string();
    let daemon = scene.start(&CONFIGURATION.replace("VALUE", &value));
    daemon.wait_for_log("(VI_6) Entering MASTER STATE", LIMIT);
    daemon.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    scene.wait_until_held("192.0.2.61");
    scene.wait_until_held("fe80::56");
    daemon.wait_for_log("VRRP_Script(chk) succeeded", LIMIT);
    daemon
}

/// Adverts of the masters of two instances, after which these wait for long.
fn masters() -> [Forged; 2] {
    let unicast = Forged {
        destination: IpAddr::from([192, 0, 2, 1]),
        ttl: 100,
        interval: 5,
        auth_type: 1,
        auth_data: *b"secret12",
        ..Forged::v2("192.0.2.2", 52, 200, "192.0.2.52")
    };
    [unicast, Forged { interval: 3_000, ..Forged::v3("192.0.2.2", 57, 200, "192.0.2.57") }]
}

#[test]
fn the_state_is_shown_line_by_line() {
    let scene = Alone::new("dump-state");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let daemon = start(&scene);
    masters().iter().for_each(|advert| b.forge(advert));
    let mut text = String::new();
    scene.lab.wait_until("both masters to be known", LIMIT, || {
        text = dump(&scene, &daemon, "DATA", "keepalived.data");
        text.matches("   Master router = 192.0.2.2\n").count() == 2
    });
    let lines = text.lines().skip_while(|line| *line != "------< VRRP Topology >------");
    // Kernels may give a namespace links of their own, and 2.2.7 says of some when it looked.
    let mut named = true;
    let known = lines.filter(|line| {
        let link = line.strip_prefix(" Name = ");
        named = link.map_or(named, |name| name == "lo" || name.starts_with("eth"));
        named && !line.contains("Last checked")
    });
    let known: Vec<String> = known.map(|line| lasting(line, &scene.host)).collect();
    assert_eq!(known, expected(), "{text}");
    // 2.2.7 shows it.
    assert!(!under_test().is_ours() || !text.contains("secret12"), "{text}");
}
