//! A reload of the same file, seen from outside: the segment sees nothing but the adverts that
//! are due anyway, the kernel nothing at all, and no script is told. And one that changes what the
//! kernel already has: nothing is taken away that stays wanted.

use std::time::{Duration, SystemTime};

use testkit::lab::{Host, Process, Program};

use crate::support::{LIMIT, Pair, beside_others, did_not_run, holds_all, under_test};

/// Reloads of the same file, and how long each is watched.
const RELOADS: usize = 5;
const WATCHED: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(500);
/// A late advert may fall into the time that is watched; one for each reload may not.
const AT_THE_EDGES: usize = 2;

const VIPS: [&str; 7] = [
    "192.0.2.50",
    "192.0.2.51",
    "10.9.0.50",
    "192.0.2.60",
    "fe80::50",
    "2001:db8::50",
    "10.9.0.70",
];

/// Multicast and unicast, both families, excluded addresses, a group, checks with and without
/// weight, links, scripts that want to hear of it.
fn everything(host: &Host, priority: u8, own: u8, peer: u8) -> String {
    let instance = |name: &str, vrid: u8, lines: &str, ips: &str| {
        format!(
            "vrrp_instance {name} {{\n  state BACKUP\n  interface eth0\n  virtual_router_id {vrid}\n  \
             priority {priority}\n  version 3\n  advert_int 0.5\n  garp_master_delay 1\n  {lines}\n  \
             virtual_ipaddress {{\n    {ips}\n  }}\n}}\n"
        )
    };
    let told = host.file("told").display().to_string();
    let notify = host.script("tell", &format!("echo \"$@\" >>{told}")).display().to_string();
    let excluded = "virtual_ipaddress_excluded {\n    10.9.0.50/24 label eth0:x\n  }";
    let checked = "track_script {\n    good\n    heavy weight 5\n  }\n  track_interface {\n    \
                   lo weight 3\n  }";
    let unicast = format!(
        "unicast_src_ip 192.0.2.{own}\n  unicast_peer {{\n    192.0.2.{peer}\n  }}\n  nopreempt"
    );
    format!(
        "global_defs {{\n  script_user root\n  enable_script_security\n}}\n\
         vrrp_script good {{\n  script \"/bin/true\"\n  interval 60\n}}\n\
         vrrp_script heavy {{\n  script \"/bin/true\"\n  interval 60\n  weight 2\n}}\n\
         vrrp_sync_group G {{\n  group {{\n    V1\n    V2\n  }}\n  notify {notify}\n}}\n{}{}{}{}",
        instance("V1", 51, excluded, "192.0.2.50/24 dev eth0 label eth0:v\n    192.0.2.51"),
        instance("V2", 52, &format!("notify {notify}"), "192.0.2.60"),
        instance("V3", 53, checked, "fe80::50\n    2001:db8::50/64"),
        instance("V4", 54, &unicast, "10.9.0.70"),
    )
}

/// Everything that changes in the kernel of a host from now on.
fn monitor(pair: &Pair, host: &Host) -> Process {
    let words = ["ip", "monitor", "link", "address", "route", "rule"];
    let process = host.spawn("monitor", words);
    // It does not say when it listens: it has to be seen at work, and then to be done with that.
    pair.lab.wait_until("the monitor to listen", LIMIT, || {
        host.ok(["ip", "address", "add", "127.0.0.9/32", "dev", "lo"]);
        host.ok(["ip", "address", "del", "127.0.0.9/32", "dev", "lo"]);
        process.log().has("127.0.0.9")
    });
    std::thread::sleep(Duration::from_millis(300));
    process
}

fn adverts_of(pair: &Pair, host: &str) -> Vec<u8> {
    pair.capture.adverts_from(host).iter().map(|advert| advert.vrid).collect()
}

#[test]
fn a_reload_of_the_same_file_sends_nothing_writes_nothing_and_tells_nobody() {
    let _machine = beside_others();
    if under_test() == Program::Original {
        did_not_run("the original sends adverts at a reload");
        return;
    }
    let pair = Pair::new("quiet-reload");
    pair.a.enable_ipv6();
    pair.b.enable_ipv6();
    let (first, second) = (everything(&pair.a, 150, 1, 2), everything(&pair.b, 100, 2, 1));
    let (a, b) = pair.start((&under_test(), &first), (&under_test(), &second));
    pair.wait_until_on(&pair.a, &pair.b, &VIPS);
    // Each address is announced five times, and five times again.
    pair.lab.wait_until("all announcements", LIMIT, || pair.capture.counts().1 >= 10 * VIPS.len());

    let monitors = [monitor(&pair, &pair.a), monitor(&pair, &pair.b)];
    let seen = monitors.each_ref().map(|monitor| monitor.log().text());
    let told = [pair.a.read("told"), pair.b.read("told")];
    pair.capture.clear();
    let start = SystemTime::now();
    for number in 1..=RELOADS {
        for daemon in [&a, &b] {
            daemon.hup();
            daemon.wait_for_log_times("Reload complete", number, LIMIT);
        }
        pair.lab.insist("a with its addresses", WATCHED, || holds_all(&pair.a, &VIPS));
    }
    let watched = start.elapsed().unwrap_or_default();
    let due = usize::try_from(watched.as_millis() / INTERVAL.as_millis()).unwrap();
    let sent = adverts_of(&pair, "a");
    for vrid in 51..=54 {
        let count = sent.iter().filter(|seen| **seen == vrid).count();
        assert!(count <= due + AT_THE_EDGES, "{count} adverts of {vrid}, {due} were due");
        assert!(count + AT_THE_EDGES >= due, "{count} adverts of {vrid}, {due} were due");
    }
    assert_eq!(adverts_of(&pair, "b"), [] as [u8; 0], "a backup says nothing");
    assert_eq!(pair.capture.counts().1, 0, "nothing was announced");
    assert_eq!(monitors.each_ref().map(|monitor| monitor.log().text()), seen);
    assert_eq!([pair.a.read("told"), pair.b.read("told")], told);
    let adverts = pair.capture.adverts_from("a");
    for vrid in [51, 52, 54] {
        let ids = adverts.iter().filter(|seen| seen.vrid == vrid).map(|seen| seen.identification);
        let ids: Vec<_> = ids.collect();
        assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "{vrid}: {ids:?}");
    }
}

#[test]
fn two_routers_that_swap_their_numbers_keep_every_address_all_the_time() {
    let _machine = beside_others();
    if under_test() == Program::Original {
        did_not_run("the original takes the addresses away meanwhile");
        return;
    }
    let pair = Pair::new("swap");
    let two = |first: u8, second: u8| {
        let instance = |name: &str, vrid: u8, ip: &str| {
            format!(
                "vrrp_instance {name} {{\n  interface eth0\n  virtual_router_id {vrid}\n  \
                 version 3\n  advert_int 0.1\n  priority 200\n  \
                 virtual_ipaddress {{\n    {ip}\n  }}\n}}\n"
            )
        };
        instance("V1", first, VIPS[0]) + &instance("V2", second, VIPS[3])
    };
    let a = pair.a.daemon(&under_test()).start(&two(51, 52));
    let both = [VIPS[0], VIPS[3]];
    pair.lab.wait_until("both addresses", LIMIT, || holds_all(&pair.a, &both));
    let monitor = monitor(&pair, &pair.a);
    let seen = monitor.log().text();
    pair.capture.clear();
    a.reload(&two(52, 51));
    a.wait_for_log("Reload complete", LIMIT);
    pair.lab.wait_until("adverts under the new numbers", LIMIT, || {
        let adverts = pair.capture.adverts_from("a");
        let says = |vrid, last| adverts.iter().any(|it| it.vrid == vrid && it.vrrp[11] == last);
        says(52, 50) && says(51, 60)
    });
    assert_eq!(monitor.log().text(), seen, "the kernel was left alone");
    assert!(holds_all(&pair.a, &both));
    assert_eq!(a.log().count("Entering MASTER STATE"), 2, "{}", pair.lab.logs());
}
