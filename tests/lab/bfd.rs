//! BFD beside FRR's bfdd, an implementation of another make.

use std::time::Duration;

use testkit::lab::{Daemon, Frr, FrrPeer, Host, Lab};

use crate::support::{LIMIT, beside_others, under_test, with_each_pairing};

/// What both ends wish: slow enough for a machine that is busy with other tests.
const PACE: &str = "min_rx 200\n  min_tx 200\n  multiplier 5";
const FRR_PACE: &str =
    "  receive-interval 200\n  transmit-interval 200\n  detect-multiplier 5\n  no shutdown\n !";
const VIP: &str = "192.0.2.51";

/// Our daemon on `a` (192.0.2.1), FRR on `b` (192.0.2.2).
struct Neighbors {
    lab: Lab,
    a: Host,
    b: Host,
}

impl Neighbors {
    fn new(label: &str) -> Self {
        let lab = Lab::new(label);
        let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
        Self { lab, a, b }
    }

    fn start(&self, configuration: &str) -> Daemon {
        self.a.daemon(&under_test()).start(configuration)
    }

    fn start_frr(&self) -> Frr {
        self.b.frr(&peer("192.0.2.1 local-address 192.0.2.2 interface eth0", ""))
    }

    /// Waits until FRR says this of all its sessions.
    fn wait_for_peers(&self, frr: &Frr, what: &str, holds: impl Fn(&FrrPeer) -> bool) {
        self.lab.wait_until(&format!("FRR: {what}"), LIMIT, || {
            let peers = frr.peers();
            !peers.is_empty() && peers.iter().all(&holds)
        });
    }

    fn wait_until_up(&self, frr: &Frr) {
        self.wait_for_peers(frr, "up", |peer| peer.status == "up");
    }
}

fn peer(head: &str, more: &str) -> String {
    format!(" peer {head}\n{more}{FRR_PACE}")
}

fn session(name: &str, own: &str, neighbor: &str, more: &str) -> String {
    format!("bfd_instance {name} {{\n  neighbor_ip {neighbor}\n  source_ip {own}\n  {more}\n}}\n")
}

fn usual(more: &str) -> String {
    session("b1", "192.0.2.1", "192.0.2.2", &format!("{PACE}\n  {more}"))
}

fn tracking(weight: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n  interface eth0\n  virtual_router_id 51\n  priority 100\n  \
         version 3\n  advert_int 0.1\n  track_bfd {{\n    b1 {weight}\n  }}\n  \
         virtual_ipaddress {{\n    {VIP}\n  }}\n}}\n"
    )
}

#[test]
fn sessions_of_both_families_come_up_and_a_neighbor_that_dies_is_noticed() {
    let _machine = beside_others();
    let scene = Neighbors::new("bfd-families");
    for (host, ip) in [(&scene.a, "2001:db8::1/64"), (&scene.b, "2001:db8::2/64")] {
        host.enable_ipv6();
        host.ok(["ip", "addr", "add", ip, "dev", "eth0", "nodad"]);
    }
    let v6 = session("b6", "2001:db8::1", "2001:db8::2", &format!("{PACE}\n  hoplimit 255"));
    let daemon = scene.start(&format!("{}{v6}", usual("")));
    let peers = [
        peer("192.0.2.1 local-address 192.0.2.2 interface eth0", ""),
        peer("2001:db8::1 local-address 2001:db8::2 interface eth0", ""),
    ];
    let mut frr = scene.b.frr(&peers.join("\n"));
    scene.wait_until_up(&frr);
    for name in ["b1", "b6"] {
        daemon.wait_for_log(&format!("({name}) Entering Up state"), LIMIT);
    }
    // The poll sequence has told it that we send faster now.
    scene.wait_for_peers(&frr, "our interval", |peer| peer.remote_transmit == 200);
    frr.bfdd().kill_9();
    for name in ["b1", "b6"] {
        daemon.wait_for_log(&format!("({name}) Expired after 1000 ms"), LIMIT);
    }
    drop(frr);
    let frr = scene.b.frr(&peers.join("\n"));
    scene.wait_until_up(&frr);
    for name in ["b1", "b6"] {
        daemon.wait_for_log_times(&format!("({name}) Entering Up state"), 2, LIMIT);
    }
}

#[test]
fn a_cut_is_noticed_at_both_ends_and_the_address_moves_away_and_back() {
    let _machine = beside_others();
    let scene = Neighbors::new("bfd-cut");
    let daemon = scene.start(&format!("{}{}", usual(""), tracking("")));
    let frr = scene.start_frr();
    scene.lab.wait_until("the address", LIMIT, || scene.a.holds(VIP));
    scene.b.isolate();
    scene.lab.wait_until("no address", LIMIT, || !scene.a.holds(VIP));
    scene.wait_for_peers(&frr, "expired", |peer| {
        peer.status == "down" && peer.diagnostic == "control detection time expired"
    });
    scene.b.rejoin();
    scene.lab.wait_until("the address again", LIMIT, || scene.a.holds(VIP));
    daemon.log().expect_in_order(&[
        "VRRP_Instance(VI_1) Tracked BFD instance b1 is UP",
        "(VI_1) Entering MASTER STATE",
        "VRRP_Instance(VI_1) Tracked BFD instance b1 is DOWN",
        "(VI_1) Entering FAULT STATE",
        "VRRP_Instance(VI_1) Tracked BFD instance b1 is UP",
        "(VI_1) Entering MASTER STATE",
    ]);
}

#[test]
fn a_neighbor_that_is_shut_down_on_purpose_moves_nothing() {
    let _machine = beside_others();
    let scene = Neighbors::new("bfd-admin-down");
    let daemon = scene.start(&format!("{}{}", usual(""), tracking("")));
    let frr = scene.start_frr();
    scene.lab.wait_until("the address", LIMIT, || scene.a.holds(VIP));
    let ours = "peer 192.0.2.1 local-address 192.0.2.2 interface eth0";
    frr.configure(&[ours, "shutdown"]);
    let down = "(b1) Entering Down state (Local diagnostic - Neighbor Signaled Session Down, ";
    daemon.wait_for_log(down, LIMIT);
    scene.lab.insist("the address", Duration::from_secs(3), || scene.a.holds(VIP));
    frr.configure(&[ours, "no shutdown"]);
    scene.wait_until_up(&frr);
    daemon.wait_for_log_times("(b1) Entering Up state", 2, LIMIT);
    assert!(!daemon.log().has("Tracked BFD instance b1 is DOWN"), "{}", scene.lab.logs());
    assert!(scene.a.holds(VIP));
}

#[test]
fn a_passive_session_waits_for_the_neighbor() {
    let _machine = beside_others();
    let scene = Neighbors::new("bfd-passive");
    let daemon = scene.start(&usual("passive"));
    let head = "192.0.2.1 local-address 192.0.2.2 interface eth0";
    let frr = scene.b.frr(&peer(head, "  passive-mode\n"));
    scene.wait_for_peers(&frr, "there", |_| true);
    scene.lab.insist("silence", Duration::from_secs(4), || {
        frr.peers().iter().all(|peer| peer.received == 0 && peer.status == "down")
    });
    frr.configure(&[&format!("peer {head}"), "no passive-mode"]);
    scene.wait_until_up(&frr);
    daemon.wait_for_log("(b1) Entering Up state", LIMIT);
}

#[test]
fn a_reload_changes_intervals_without_a_flap() {
    let _machine = beside_others();
    let scene = Neighbors::new("bfd-reload");
    let daemon = scene.start(&usual(""));
    let frr = scene.start_frr();
    scene.wait_until_up(&frr);
    scene.wait_for_peers(&frr, "our interval", |peer| peer.remote_transmit == 200);
    let slower = usual("").replace("min_tx 200", "min_tx 300");
    daemon.reload(&format!("{slower}{}", tracking("")));
    scene.wait_for_peers(&frr, "our new interval", |peer| peer.remote_transmit == 300);
    // The daemon that tracked nothing before knows that the session is up.
    scene.lab.wait_until("the address", LIMIT, || scene.a.holds(VIP));
    daemon.reload(&format!("{slower}{}", tracking("weight 10")));
    scene.lab.insist("no flap", Duration::from_secs(3), || {
        frr.peers().iter().all(|peer| peer.status == "up" && peer.downs == 0)
    });
    assert_eq!(daemon.log().count("(b1) Entering Up state"), 1);
    assert!(scene.a.holds(VIP));
}

#[test]
fn across_a_router_a_session_runs_with_multihop() {
    let _machine = beside_others();
    let lab = Lab::new("bfd-multihop");
    let far = lab.segment("far");
    let (a, router) = (lab.host("a", "192.0.2.1/24"), lab.host("r", "192.0.2.254/24"));
    let b = far.host("b", "198.51.100.2/24");
    far.join(&router, "eth1", "198.51.100.254/24");
    router.ok(["sysctl", "-qw", "net.ipv4.ip_forward=1"]);
    a.ok(["ip", "route", "add", "default", "via", "192.0.2.254"]);
    b.ok(["ip", "route", "add", "default", "via", "198.51.100.254"]);
    let multihop = |max_hops: u8| {
        let more = format!("{PACE}\n  multihop on\n  max_hops {max_hops}");
        session("b1", "192.0.2.1", "198.51.100.2", &more)
    };
    let frr = b.frr(&peer("192.0.2.1 multihop local-address 198.51.100.2", ""));
    let daemon = a.daemon(&under_test()).start(&multihop(0));
    daemon.wait_for_log("Packet ttl(254) < 255 - discarding", LIMIT);
    assert!(!daemon.log().has("Entering Up state"), "{}", lab.logs());
    daemon.reload(&multihop(1));
    daemon.wait_for_log("(b1) Entering Up state", LIMIT);
    lab.wait_until("FRR: up", LIMIT, || frr.peers().iter().any(|peer| peer.status == "up"));
    router.unplug_link("eth1");
    daemon.wait_for_log("(b1) Expired after", LIMIT);
    router.plug_link("eth1");
    daemon.wait_for_log_times("(b1) Entering Up state", 2, LIMIT);
}

#[test]
fn with_keepalived_sessions_of_both_families_come_up_and_a_dead_neighbor_is_noticed() {
    with_each_pairing(|first, second| {
        let scene = Neighbors::new("bfd-interop");
        for (host, ip) in [(&scene.a, "2001:db8::1/64"), (&scene.b, "2001:db8::2/64")] {
            host.enable_ipv6();
            host.ok(["ip", "addr", "add", ip, "dev", "eth0", "nodad"]);
        }
        let both = |v4: [&str; 2], v6: [&str; 2]| {
            session("b4", v4[0], v4[1], PACE) + &session("b6", v6[0], v6[1], PACE)
        };
        let on_a = both(["192.0.2.1", "192.0.2.2"], ["2001:db8::1", "2001:db8::2"]);
        let on_b = both(["192.0.2.2", "192.0.2.1"], ["2001:db8::2", "2001:db8::1"]);
        let daemon = scene.a.daemon(first).start(&on_a);
        let mut neighbor = scene.b.daemon(second).start(&on_b);
        for name in ["b4", "b6"] {
            let up = format!("({name}) Entering Up state");
            daemon.wait_for_log(&up, LIMIT);
            neighbor.wait_for_log(&up, LIMIT);
        }
        daemon.hup();
        scene.lab.insist("no flap", Duration::from_secs(3), || {
            !daemon.log().has("Entering Down state") && !neighbor.log().has("Entering Down state")
        });
        neighbor.kill_9();
        for name in ["b4", "b6"] {
            // With keepalived the time holds what it noticed late.
            daemon.wait_for_log(&format!("({name}) Expired after 10"), LIMIT);
        }
        let _neighbor = scene.b.daemon(second).start(&on_b);
        for name in ["b4", "b6"] {
            daemon.wait_for_log_times(&format!("({name}) Entering Up state"), 2, LIMIT);
        }
    });
}

#[test]
fn a_port_that_is_taken_at_a_reload_is_tried_again_and_nothing_else_suffers() {
    let _machine = beside_others();
    let scene = Neighbors::new("bfd-port");
    let mut first = scene.start(&session("other", "192.0.2.1", "192.0.2.3", PACE));
    first.wait_for_log("Startup complete", LIMIT);
    let router = tracking("weight 10").replace("  track_bfd {\n    b1 weight 10\n  }\n", "");
    let second = scene.a.daemon(&under_test()).named("second").start(&router);
    scene.lab.wait_until("the address", LIMIT, || scene.a.holds(VIP));
    second.reload(&format!("{}{router}", usual("")));
    second.wait_for_log("Unable to open listening socket: UDP port 3784", LIMIT);
    let frr = scene.start_frr();
    assert!(first.stop().success());
    scene.wait_until_up(&frr);
    second.wait_for_log("(b1) Entering Up state", LIMIT);
    assert_eq!(second.log().count("Unable to open listening socket"), 1);
    assert!(scene.a.holds(VIP));
}
