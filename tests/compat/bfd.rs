//! BFD sessions, and virtual routers that track them: the same on both programs, each of which is
//! its own neighbour here.

use std::time::Duration;

use testkit::lab::{Capture, Daemon, Host, Lab};

use crate::support::{FAST, LIMIT, instance, under_test, usual};

/// Slow enough for a machine that is busy with other tests.
const PACE: &str = "min_rx 200\n  min_tx 200\n  multiplier 5";

/// Hosts `a` (192.0.2.1) and `b` (192.0.2.2), whose programs are neighbours.
struct Neighbors {
    lab: Lab,
    a: Host,
    b: Host,
    capture: Capture,
}

impl Neighbors {
    fn new(label: &str) -> Self {
        let lab = Lab::new(label);
        let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
        let capture = lab.capture();
        Self { lab, a, b, capture }
    }

    /// Starts a daemon on `a` with its session and whatever tracks it.
    fn start(&self, tracking: &str) -> Daemon {
        self.a.daemon(&under_test()).start(&format!("{}{tracking}", on_a(PACE)))
    }

    /// Starts the neighbour on `b`.
    fn start_neighbor(&self) -> Daemon {
        self.b.daemon(&under_test()).start(&session("192.0.2.2", "192.0.2.1", PACE))
    }

    fn wait_until_held(&self, ip: &str) {
        self.lab.wait_until(&format!("a to hold {ip}"), LIMIT, || self.a.holds(ip));
    }

    fn wait_until_gone(&self, ip: &str) {
        self.lab.wait_until(&format!("a to lose {ip}"), LIMIT, || !self.a.holds(ip));
    }

    /// Waits until the newest advert of this virtual router carries this priority.
    fn wait_for_priority(&self, vrid: u8, priority: u8) {
        self.lab.wait_until(&format!("priority {priority} of {vrid}"), LIMIT, || {
            let adverts = self.capture.adverts_from("a");
            let last = adverts.iter().rev().find(|advert| advert.vrid == vrid);
            last.is_some_and(|advert| advert.priority == priority)
        });
    }
}

fn session(own: &str, neighbor: &str, more: &str) -> String {
    format!("bfd_instance b1 {{\n  neighbor_ip {neighbor}\n  source_ip {own}\n  {more}\n}}\n")
}

fn on_a(more: &str) -> String {
    session("192.0.2.1", "192.0.2.2", more)
}

const TRACKED: &str = "track_bfd {\n    b1\n  }";
const UP: &str = "VRRP_Instance(VI_1) Tracked BFD instance b1 is UP";
const DOWN: &str = "VRRP_Instance(VI_1) Tracked BFD instance b1 is DOWN";

#[test]
fn without_weight_a_session_that_is_down_is_a_fault_from_the_start() {
    let scene = Neighbors::new("bfd-fault");
    let daemon = scene.start(&usual(TRACKED));
    daemon.wait_for_log("Received BFD event: instance b1 is in state Down", LIMIT);
    let idle = Duration::from_millis(1_500);
    scene.lab.insist("a without its address", idle, || !scene.a.holds("192.0.2.51"));
    assert_eq!(scene.capture.counts(), (0, 0));
    let mut neighbor = scene.start_neighbor();
    scene.wait_until_held("192.0.2.51");
    neighbor.kill_9();
    scene.wait_until_gone("192.0.2.51");
    let _neighbor = scene.start_neighbor();
    scene.wait_until_held("192.0.2.51");
    assert!(daemon.log().has("(VI_1) entering FAULT state"), "{}", scene.lab.logs());
    assert!(daemon.log().has("(b1) Expired after 10"), "{}", scene.lab.logs());
    daemon.log().expect_in_order(&[
        "(b1) Entering Up state",
        UP,
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) Entering MASTER STATE",
        "(b1) Entering Down state (Local diagnostic - Control Detection Time Expired, Remote \
         diagnostic - No Diagnostic)",
        DOWN,
        "(VI_1) Entering FAULT STATE",
        "(b1) Entering Up state",
        UP,
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) Entering MASTER STATE",
    ]);
}

/// Every part of what both ends go by, each time that the time changes after which the other end
/// is dead.
#[test]
fn what_both_ends_go_by_is_a_table() {
    let scene = Neighbors::new("bfd-table");
    let slow = "min_rx 200\n  min_tx 300\n  multiplier 4";
    let daemon = scene.a.daemon(&under_test()).start(&on_a(slow));
    let neighbor = scene.start_neighbor();
    neighbor.wait_for_log("(b1) Entering Up state", LIMIT);
    daemon.wait_for_log("     Detection time is 1000000 us (was 5000000 us)", LIMIT);
    daemon.log().expect_in_order(&[
        "(b1) ---------------< Session parameters >--------------",
        "              min_tx  min_rx  tx_intv  mult  detect_time",
        "     local   1000000  200000  1000000     4      5000000",
        "     remote  1000000  200000  1000000     5      4000000",
        "     Detection time is 5000000 us (was 0 us)",
        "(b1) ---------------< Session parameters >--------------",
        "              min_tx  min_rx  tx_intv  mult  detect_time",
        // Who was heard first decides what stands in its rows.
        "     Detection time is 1000000 us (was 5000000 us)",
    ]);
}

#[test]
fn states_on_the_way_up_are_told_who_asks_for_every_detail() {
    let scene = Neighbors::new("bfd-extra");
    let quiet = scene.start("");
    let _neighbor = scene.b.daemon(&under_test()).option("-D").start(&session(
        "192.0.2.2",
        "192.0.2.1",
        "min_rx 200\n  min_tx 200\n  multiplier 5\n  idle_tx 1000",
    ));
    let second = scene.lab.host("c", "192.0.2.3/24");
    let to_c = "bfd_instance b2 {\n  neighbor_ip 192.0.2.3\n}\n";
    let to_d = "bfd_instance b2 {\n  neighbor_ip 192.0.2.4\n}\n";
    let third = scene.lab.host("d", "192.0.2.4/24");
    let talkative = second.daemon(&under_test()).option("-D").start(to_d);
    let other = third.daemon(&under_test()).option("-D").start(to_c);
    quiet.wait_for_log("(b1) Entering Up state", LIMIT);
    talkative.wait_for_log("(b2) Entering Up state", LIMIT);
    assert!(!quiet.log().has("Entering Init state"), "{}", scene.lab.logs());
    let init = "(b2) Entering Init state";
    assert!(talkative.log().has(init) || other.log().has(init), "{}", scene.lab.logs());
}

/// A lost neighbour is a warning, everything else is information.
#[test]
fn a_neighbor_that_falls_silent_is_a_warning() {
    let scene = Neighbors::new("bfd-levels");
    let syslog = scene.a.syslog();
    let configuration = format!("{}{}", on_a(PACE), usual(TRACKED));
    let daemon = scene.a.daemon(&under_test()).with_syslog(&syslog).start(&configuration);
    let mut neighbor = scene.start_neighbor();
    scene.wait_until_held("192.0.2.51");
    neighbor.kill_9();
    daemon.wait_for_log("(VI_1) sent 0 priority", LIMIT);
    let there = || !syslog.severities("(VI_1) sent 0 priority").is_empty();
    scene.lab.wait_until("the lines in the syslog", LIMIT, there);
    for (line, severity) in [
        ("(b1) Expired after 10", 4),
        ("(b1) Entering Down state (Local diagnostic - ", 4),
        ("(b1) Entering Up state", 6),
        (DOWN, 6),
        ("(VI_1) Entering MASTER STATE", 6),
    ] {
        assert_eq!(syslog.severities(line), [severity], "{line}");
    }
    let of_bfd = |line: &testkit::lab::SyslogLine| line.text.starts_with("(b1) ");
    let lines = syslog.lines();
    let idents = lines.iter().filter(|line| of_bfd(line)).map(|line| &line.ident);
    assert!(idents.clone().count() > 2);
    for ident in idents {
        assert!(ident.starts_with("Keepalived_bfd["), "{ident}");
    }
    assert!(lines.iter().all(|line| line.facility == 3), "{lines:?}");
}

#[test]
fn weights_change_the_priority() {
    let scene = Neighbors::new("bfd-weights");
    let tracking = |vrid: u8, weight: &str| {
        let more = format!("{FAST}\n  track_bfd {{\n    b1 {weight}\n  }}");
        instance(&format!("VI_{vrid}"), vrid, &format!("192.0.2.{vrid}"), &more)
    };
    let all = [(61, "weight -20"), (62, "weight 20"), (63, "weight 20 reverse")];
    let blocks: String = all.iter().map(|(vrid, weight)| tracking(*vrid, weight)).collect();
    let _daemon = scene.start(&blocks);
    for (vrid, priority) in [(61, 80), (62, 100), (63, 100)] {
        scene.wait_for_priority(vrid, priority);
    }
    let mut neighbor = scene.start_neighbor();
    for (vrid, priority) in [(61, 100), (62, 120), (63, 80)] {
        scene.wait_for_priority(vrid, priority);
    }
    neighbor.kill_9();
    for (vrid, priority) in [(61, 80), (62, 100), (63, 100)] {
        scene.wait_for_priority(vrid, priority);
    }
}

#[test]
fn the_weight_of_the_session_counts_where_the_instance_gives_none() {
    let scene = Neighbors::new("bfd-default-weight");
    let configuration = format!("{}{}", on_a(&format!("{PACE}\n  weight -30")), usual(TRACKED));
    let _daemon = scene.a.daemon(&under_test()).start(&configuration);
    scene.wait_for_priority(51, 70);
    let _neighbor = scene.start_neighbor();
    scene.wait_for_priority(51, 100);
}

#[test]
fn a_session_of_the_group_takes_all_members_along() {
    let scene = Neighbors::new("bfd-group");
    let group =
        "vrrp_sync_group G {\n  group {\n    VI_1\n    VI_2\n  }\n  track_bfd {\n    b1\n  }\n}\n";
    let second = instance("VI_2", 52, "192.0.2.52", FAST);
    let daemon = scene.start(&format!("{group}{}{second}", usual("")));
    let mut neighbor = scene.start_neighbor();
    for ip in ["192.0.2.51", "192.0.2.52"] {
        scene.wait_until_held(ip);
    }
    neighbor.kill_9();
    for ip in ["192.0.2.51", "192.0.2.52"] {
        scene.wait_until_gone(ip);
    }
    for line in [DOWN, "VRRP_Instance(VI_2) Tracked BFD instance b1 is DOWN"] {
        daemon.wait_for_log(line, LIMIT);
    }
    daemon.wait_for_log("VRRP_Group(G) Syncing instances to FAULT state", LIMIT);
}

#[test]
fn a_reload_does_not_disturb_a_session() {
    let scene = Neighbors::new("bfd-reload");
    let daemon = scene.start(&usual(TRACKED));
    let neighbor = scene.start_neighbor();
    scene.wait_until_held("192.0.2.51");
    daemon.reload(&format!("{}{}", on_a(PACE), usual(&format!("{TRACKED}\n  nopreempt"))));
    daemon.wait_for_log("Received BFD event: instance b1 is in state Up", LIMIT);
    daemon.wait_for_log_times("Received BFD event: instance b1 is in state Up", 2, LIMIT);
    scene.lab.insist("a with its address", Duration::from_secs(3), || {
        scene.a.holds("192.0.2.51") && !neighbor.log().has("Entering Down state")
    });
    assert_eq!(daemon.log().count("(b1) Entering Up state"), 1);
    assert!(!daemon.log().has("(b1) Entering Down state"), "{}", scene.lab.logs());
    assert_eq!(daemon.log().count(UP), 1);
}

#[test]
fn whoever_stops_says_nothing_and_the_neighbor_notices_by_itself() {
    let scene = Neighbors::new("bfd-stop");
    let mut daemon = scene.start("");
    let neighbor = scene.start_neighbor();
    neighbor.wait_for_log("(b1) Entering Up state", LIMIT);
    daemon.wait_for_log("(b1) Entering Up state", LIMIT);
    assert!(daemon.stop().success());
    neighbor.wait_for_log("(b1) Expired after 10", LIMIT);
    neighbor.wait_for_log(
        "(b1) Entering Down state (Local diagnostic - Control Detection Time Expired, Remote \
         diagnostic - No Diagnostic)",
        LIMIT,
    );
}

#[test]
fn without_its_address_a_session_is_disabled_until_the_neighbor_is_heard() {
    let scene = Neighbors::new("bfd-disabled");
    let own = session("192.0.2.9", "192.0.2.2", PACE);
    let daemon = scene.a.daemon(&under_test()).start(&own);
    daemon.wait_for_log("(b1) Unable to open output socket, disabling instance", LIMIT);
    daemon.wait_for_log("(b1) Entering AdminDown state", LIMIT);
    scene.a.ok(["ip", "addr", "add", "192.0.2.9/24", "dev", "eth0"]);
    let neighbor = scene.b.daemon(&under_test()).start(&session("192.0.2.2", "192.0.2.9", PACE));
    daemon.wait_for_log("(b1) Entering Up state", LIMIT);
    neighbor.wait_for_log("(b1) Entering Up state", LIMIT);
}

#[test]
fn a_daemon_that_cannot_listen_ends_with_a_failure() {
    let scene = Neighbors::new("bfd-port");
    let first = scene.start("");
    first.wait_for_log("Startup complete", LIMIT);
    let mut second = scene.a.daemon(&under_test()).named("second").start(&on_a(PACE));
    let status = second.wait_exit();
    assert!(!status.success(), "{status:?}");
    assert!(second.log().has("Unable to open listening socket"), "{}", scene.lab.logs());
}

#[test]
fn the_pid_file_of_bfd_is_there_while_a_session_is_configured() {
    let scene = Neighbors::new("bfd-pid");
    let mut daemon = scene.start("");
    daemon.wait_for_log("Startup complete", LIMIT);
    let file = daemon.pid_files()[3].clone();
    scene.lab.wait_until("the pid file", LIMIT, || file.exists());
    assert!(daemon.stop().success());
    assert!(!file.exists());
    let with_router = format!("{}{}", on_a(PACE), usual(""));
    let mut without = scene.a.daemon(&under_test()).option("-B").start(&with_router);
    without.wait_for_log("Startup complete", LIMIT);
    assert!(!file.exists());
    assert!(without.stop().success());
}

#[test]
fn a_dump_shows_each_session_and_its_state() {
    let scene = Neighbors::new("bfd-dump");
    let daemon = scene.start("");
    let _neighbor = scene.start_neighbor();
    daemon.wait_for_log("(b1) Entering Up state", LIMIT);
    let shown = |line: &str| {
        daemon.request("DATA");
        scene.lab.wait_until(line, LIMIT, || {
            let text = scene.a.read("keepalived_bfd.data");
            text.lines().any(|shown| shown == line)
        });
    };
    shown("   local state = Up");
    // The poll sequence is over.
    scene.lab.wait_until("the intervals of a session that is up", LIMIT, || {
        daemon.request("DATA");
        std::thread::sleep(Duration::from_millis(300));
        scene.a.read("keepalived_bfd.data").contains("   remote detection time = 1000000 us\n")
    });
    for line in [
        "------< BFD Data >------",
        "------< BFD Topology >------",
        " BFD Instance = b1",
        "   Neighbor IP = 192.0.2.2",
        "   Source IP = 192.0.2.1",
        "   Required min RX interval = 200000 us",
        "   Desired min TX interval = 200000 us",
        "   Desired idle TX interval = 1000000 us",
        "   Detection multiplier = 5",
        "   TTL = 255",
        "   max_hops = 0",
        "   passive = false",
        "   send event to VRRP process = Yes",
        "   send event to checker process = Yes",
        "   send error = false",
        "   local state = Up",
        "   remote state = Up",
        "   local diag = No Diagnostic",
        "   remote diag = No Diagnostic",
        "   remote min tx intv = 200000 us",
        "   remote min rx intv = 200000 us",
        "   remote demand = 0",
        "   remote detect multiplier = 5",
        "   !poll, !final",
        "   local tx intv = 200000 us",
        "   remote tx intv = 200000 us",
        "   local detection time = 1000000 us",
    ] {
        shown(line);
    }
    let text = scene.a.read("keepalived_bfd.data");
    let discriminator =
        text.lines().find_map(|line| line.strip_prefix("   remote discriminator = 0x"));
    assert!(discriminator.is_some_and(|number| number != "0"), "{text}");
    assert!(text.contains("   last seen = "), "{text}");
    daemon.wait_for_log("Printing BFD data for process(", LIMIT);
}
