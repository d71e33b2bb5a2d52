//! What the real world does to routers: pauses, cut segments, strangers with the same number, floods
//! of bad packets.

use std::thread;
use std::time::Duration;

use testkit::lab::{Forged, Host, Lab};

use crate::support::{
    LIMIT, Pair, SETTLED, beside_others, did_not_run, holds_all, holds_none, under_test,
    with_each_pairing,
};

const VIP: &str = "192.0.2.160";
const KEY: &str = "net.ipv4.igmp_link_local_mcast_reports";
/// The same complaint is a line once in this time.
const QUIET: Duration = Duration::from_secs(61);
const FAST: &str = "version 3\n  advert_int 0.1";

fn director(vrid: u8, priority: u8, ip: &str, more: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n  interface eth0\n  virtual_router_id {vrid}\n  \
         priority {priority}\n  {FAST}\n  {more}\n  virtual_ipaddress {{\n    {ip}\n  }}\n}}\n"
    )
}

fn announced_by(pair: &Pair, host: &str) -> usize {
    let seen = pair.capture.announcements_of(VIP);
    seen.iter().filter(|one| one.origin.host == host).count()
}

#[test]
fn a_stalled_master_says_so_and_announces_its_addresses_again() {
    let _machine = beside_others();
    let pair = Pair::new("stalled");
    let (better, worse) = (director(51, 200, VIP, ""), director(51, 100, VIP, ""));
    let (a, _b) = pair.start((&under_test(), &better), (&under_test(), &worse));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    a.pause();
    pair.lab.wait_until("b to take over", LIMIT, || pair.b.holds(VIP));
    let before = announced_by(&pair, "a");
    a.resume();
    a.wait_for_log("did not get to run until", LIMIT);
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.lab.wait_until("a to announce", LIMIT, || announced_by(&pair, "a") > before);
    assert_eq!(a.log().count("Entering MASTER STATE"), 1, "{}", pair.lab.logs());
}

/// Since 2.2.8; since 2.3.2 under both names, one of which is complained about.
#[test]
fn with_timer_expired_backup_a_stalled_master_leaves_the_field_to_its_successor() {
    leaves_the_field("stalled-backup", "timer_expired_backup");
}

#[test]
fn with_thread_timer_expired_too() {
    leaves_the_field("stalled-thread", "thread_timer_expired");
}

fn leaves_the_field(label: &str, keyword: &str) {
    let _machine = beside_others();
    let pair = Pair::new(label);
    let more = &format!("nopreempt\n  {keyword}");
    let (better, worse) = (director(51, 200, VIP, more), director(51, 100, VIP, "nopreempt"));
    let (a, b) = pair.start((&under_test(), &better), (&under_test(), &worse));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    a.pause();
    pair.lab.wait_until("b to take over", LIMIT, || pair.b.holds(VIP));
    a.resume();
    a.wait_for_log("VRRP thread timer expired", LIMIT);
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    pair.insist_on(&pair.b, &pair.a, &[VIP], SETTLED);
    assert!(pair.capture.adverts_from("a").iter().all(|advert| advert.priority == 200));
    assert_eq!(b.log().count("Entering BACKUP STATE"), 1, "{}", pair.lab.logs());
}

/// Whoever of the two is heard first: the loser says a last word, which the original has to be told.
#[test]
fn the_winner_of_a_joined_segment_announces_again() {
    with_each_pairing(|winner, loser| {
        let pair = Pair::new("joined");
        let more = match loser.is_ours() {
            true => "garp_master_delay 0",
            false => "garp_master_delay 0\n  higher_prio_send_advert",
        };
        let better = director(51, 200, VIP, "garp_master_delay 0");
        let worse = director(51, 100, VIP, more);
        let (_a, _b) = pair.start((winner, &better), (loser, &worse));
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
        for _ in 0..5 {
            pair.a.isolate();
            pair.lab.wait_until("b to take over", LIMIT, || pair.b.holds(VIP));
            let before = announced_by(&pair, "a");
            pair.a.rejoin();
            pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
            let again = || announced_by(&pair, "a") >= before + 5;
            pair.lab.wait_until("a to announce", LIMIT, again);
        }
    });
}

/// The loser is stopped while it cannot hear that there is a better one; its farewell is heard.
#[test]
fn a_master_that_hears_a_farewell_announces_again() {
    let _machine = beside_others();
    let pair = Pair::new("farewell");
    let quiet = "garp_master_delay 0";
    let better = pair.a.daemon(&under_test()).start(&director(51, 200, VIP, quiet));
    better.wait_for_log("Entering MASTER STATE", LIMIT);
    let before = announced_by(&pair, "a");
    pair.b.forge(&Forged { priority: 0, ..Forged::v3("192.0.2.2", 51, 0, VIP) });
    if under_test().is_ours() {
        let again = || announced_by(&pair, "a") >= before + 5;
        pair.lab.wait_until("a to announce", LIMIT, again);
    } else {
        did_not_run("the original only answers");
    }
}

/// After a pulled cable the better one comes back and announces as a new master does; the last word
/// of the other one is no news to it.
#[test]
fn a_return_after_a_pulled_cable_is_an_ordinary_one() {
    let _machine = beside_others();
    let pair = Pair::new("cable");
    let (better, worse) = (director(51, 200, VIP, ""), director(51, 100, VIP, ""));
    let (a, b) = pair.start((&under_test(), &better), (&under_test(), &worse));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.a.unplug();
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    pair.a.plug();
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    b.wait_for_log_times("Entering BACKUP STATE", 2, LIMIT);
    assert!(!a.log().has("lower priority 100, ours 200"), "{}", pair.lab.logs());
}

/// S3: two pairs that know nothing of each other, with the same number.
#[test]
fn a_second_pair_with_the_same_number_is_named_once_with_the_remedy() {
    let _machine = beside_others();
    let lab = Lab::new("strangers");
    let (first, second) = ("192.0.2.161", "192.0.2.162");
    let hosts: Vec<Host> = [("a", 1), ("b", 2), ("c", 3), ("d", 4)]
        .map(|(name, last)| lab.host(name, &format!("192.0.2.{last}/24")))
        .into();
    let start = |host: &Host, priority, ip| {
        host.daemon(&under_test()).start(&director(51, priority, ip, ""))
    };
    let ours = [start(&hosts[0], 200, first), start(&hosts[1], 100, first)];
    lab.wait_until("the first pair's address", LIMIT, || holds_all(&hosts[0], &[first]));
    let theirs = [start(&hosts[2], 199, second), start(&hosts[3], 99, second)];
    for daemon in &theirs {
        daemon.wait_for_log("another virtual router may use VRID 51 on this segment", LIMIT);
        daemon.wait_for_log("give one of them another virtual_router_id", LIMIT);
    }
    lab.insist("the first pair to be left in peace", Duration::from_secs(3), || {
        holds_all(&hosts[0], &[first]) && holds_none(&hosts[1], &[first])
    });
    for daemon in &theirs {
        let lines = daemon.log().count("another virtual router may use VRID 51");
        assert_eq!(lines, 1, "{}", lab.logs());
    }
    assert_eq!(ours[0].log().count("Entering"), 2, "{}", lab.logs());
}

#[test]
fn a_flood_of_bad_packets_is_one_line_and_no_change_of_state() {
    let _machine = beside_others();
    let pair = Pair::new("flood");
    let a = pair.a.daemon(&under_test()).start(&director(51, 100, VIP, ""));
    pair.lab.wait_until("the address", LIMIT, || pair.a.holds(VIP));
    let wrong = Forged { checksum_off_by: 1, ..Forged::v3("192.0.2.2", 51, 200, VIP) };
    for _ in 0..100 {
        pair.b.forge(&wrong);
    }
    a.wait_for_log("Invalid VRRPv3 checksum from 192.0.2.2", LIMIT);
    assert_eq!(a.log().count("Invalid VRRPv3 checksum"), 1, "{}", pair.lab.logs());
    assert!(pair.a.holds(VIP));
    // The next line of the kind says how many got none.
    thread::sleep(QUIET);
    pair.b.forge(&wrong);
    a.wait_for_log("Invalid VRRPv3 checksum from 192.0.2.2 (and 99 more like it)", LIMIT);
}

#[test]
fn a_master_that_never_hears_its_peer_says_what_may_be_in_the_way() {
    let _machine = beside_others();
    let pair = Pair::new("unheard");
    let to = |own: u8, other: u8| {
        format!("unicast_src_ip 192.0.2.{own}\n  unicast_peer {{\n    192.0.2.{other}\n  }}")
    };
    let (ours, theirs) = (director(51, 100, VIP, &to(1, 2)), director(51, 200, VIP, &to(2, 1)));
    // What firewalls do that know nothing of protocol 112.
    pair.a.ok(["nft", "add", "table", "ip", "wall"]);
    pair.a.ok([
        "nft",
        "add",
        "chain",
        "ip",
        "wall",
        "in",
        "{ type filter hook prerouting priority raw ; }",
    ]);
    pair.a.ok(["nft", "add", "rule", "ip", "wall", "in", "ip", "protocol", "112", "drop"]);
    let (a, b) = pair.start((&under_test(), &ours), (&under_test(), &theirs));
    a.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    a.wait_for_log(
        "(VI_1) is master and has heard no packet of 192.0.2.2 since the start: does IP protocol 112 \
         pass every firewall and network in between, and is VRID 51 run there?",
        QUIET + LIMIT,
    );
    assert!(b.log().has("with lower priority 100, ours 200"), "{}", pair.lab.logs());
    assert!(!b.log().has("has heard no packet"), "{}", pair.lab.logs());
}

#[test]
fn link_local_groups_are_not_reported_while_it_runs_when_nobody_wants_that() {
    let _machine = beside_others();
    let pair = Pair::new("quiet-igmp");
    let before = pair.a.sysctl(KEY);
    assert_eq!(before, "1");
    let text = format!("global_defs {{\n  disable_local_igmp\n}}\n{}", director(51, 100, VIP, ""));
    let mut a = pair.a.daemon(&under_test()).start(&text);
    pair.lab.wait_until("the address", LIMIT, || pair.a.holds(VIP));
    assert_eq!(pair.a.sysctl(KEY), "0");
    assert!(a.stop().success());
    assert_eq!(pair.a.sysctl(KEY), before);
}
