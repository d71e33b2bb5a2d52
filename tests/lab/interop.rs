//! Ours beside the original, each as master and as backup, in every form in which pairs are run:
//! election, a settled time without a flap, handover at a stop, return, and takeover after a kill.

use testkit::lab::{Daemon, Program};

use crate::support::{LIMIT, Pair, SETTLED, holds_all, holds_none, with_each_pairing};

const VIP: &str = "192.0.2.50";
const OTHER_VIP: &str = "198.51.100.50";

/// One way of running a pair; both directors have these lines.
struct Form {
    label: &'static str,
    lines: &'static str,
    unicast: bool,
    vips: &'static [&'static str],
}

/// Over IPv6 the first address has to be link-local.
const V6: &[&str] = &["fe80::50", "2001:db8::50"];

impl Form {
    const fn new(label: &'static str, lines: &'static str) -> Self {
        Self { label, lines, unicast: false, vips: &[VIP] }
    }

    const fn unicast(self) -> Self {
        Self { unicast: true, ..self }
    }

    const fn over_v6(self) -> Self {
        Self { vips: V6, ..self }
    }

    fn director(&self, priority: u8, own: u8, peer: u8) -> String {
        let network = if self.vips == V6 { "2001:db8::" } else { "192.0.2." };
        let unicast = format!(
            "unicast_src_ip {network}{own}\n  unicast_peer {{\n    {network}{peer}\n  }}\n"
        );
        let unicast = if self.unicast { unicast.as_str() } else { "" };
        format!(
            "vrrp_instance VI_1 {{\n  state BACKUP\n  interface eth0\n  virtual_router_id 51\n  \
             priority {priority}\n  {}\n  {unicast}  virtual_ipaddress {{\n    {}\n  }}\n}}\n",
            self.lines,
            self.vips.join("\n    ")
        )
    }

    fn better(&self) -> String {
        self.director(150, 1, 2)
    }

    fn worse(&self) -> String {
        self.director(100, 2, 1)
    }

    /// The segment, with IPv6 where it is needed.
    fn pair(&self) -> Pair {
        let pair = Pair::new(self.label);
        if self.vips == V6 {
            for (host, own) in [(&pair.a, "2001:db8::1/64"), (&pair.b, "2001:db8::2/64")] {
                host.enable_ipv6();
                host.ok(["ip", "address", "add", own, "dev", "eth0", "nodad"]);
            }
        }
        pair
    }

    fn start(&self, master: &Program, backup: &Program) -> (Pair, Daemon, Daemon) {
        let pair = self.pair();
        let (a, b) = pair.start((master, &self.better()), (backup, &self.worse()));
        pair.wait_until_on(&pair.a, &pair.b, self.vips);
        pair.insist_on(&pair.a, &pair.b, self.vips, SETTLED);
        assert!(!b.log().has("Entering MASTER STATE"), "no flap\n{}", pair.lab.logs());
        assert_eq!(a.log().count("Entering MASTER STATE"), 1, "no flap\n{}", pair.lab.logs());
        (pair, a, b)
    }

    /// The whole life of a pair whose better half takes back what it lost.
    fn lives(&self) {
        let vips = self.vips;
        with_each_pairing(|master, backup| {
            let (pair, mut a, mut b) = self.start(master, backup);
            assert!(a.stop().success());
            pair.wait_until_on(&pair.b, &pair.a, vips);
            let mut a = pair.a.daemon(master).start(&self.better());
            pair.wait_until_on(&pair.a, &pair.b, vips);

            a.kill_9();
            pair.lab.wait_until("b to take over", LIMIT, || holds_all(&pair.b, vips));
            assert!(holds_all(&pair.a, vips), "a killed daemon cannot remove its address");
            let mut a = pair.a.daemon(master).start(&self.better());
            pair.wait_until_on(&pair.a, &pair.b, vips);
            pair.insist_on(&pair.a, &pair.b, vips, SETTLED);
            assert_eq!(b.log().count("Entering MASTER STATE"), 2, "{}", pair.lab.logs());
            for vip in vips {
                let announced = pair.capture.announcements_of(vip);
                assert!(announced.iter().any(|it| it.origin.host == pair.b.name()), "{vip}");
            }

            assert!(b.stop().success() && a.stop().success());
            assert!(holds_none(&pair.a, vips) && holds_none(&pair.b, vips));
        });
    }
}

#[test]
fn a_v2_multicast_pair_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v2", "advert_int 1").lives();
}

#[test]
fn a_pair_with_a_password_elects_hands_over_returns_and_survives_a_kill() {
    let lines = "advert_int 1\n  authentication {\n    auth_type PASS\n    auth_pass 1111\n  }";
    Form::new("interop-pass", lines).lives();
}

#[test]
fn a_v2_unicast_pair_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v2-unicast", "advert_int 1").unicast().lives();
}

#[test]
fn a_v3_multicast_pair_at_100_ms_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v3", "version 3\n  advert_int 0.1").lives();
}

#[test]
fn a_v3_unicast_pair_elects_hands_over_returns_and_survives_a_kill() {
    let lines = "version 3\n  advert_int 0.1";
    Form::new("interop-v3-unicast", lines).unicast().lives();
}

#[test]
fn a_pair_under_ah_elects_hands_over_returns_and_survives_a_kill() {
    let lines = "advert_int 1\n  authentication {\n    auth_type AH\n    auth_pass 1111\n  }";
    Form::new("interop-ah", lines).lives();
}

#[test]
fn an_ipv6_pair_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v6", "version 3\n  advert_int 0.1").over_v6().lives();
}

#[test]
fn an_ipv6_unicast_pair_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v6-unicast", "version 3\n  advert_int 0.1").unicast().over_v6().lives();
}

#[test]
fn with_nopreempt_the_better_router_stays_backup_until_the_other_dies() {
    let lines = "version 3\n  advert_int 0.1\n  nopreempt";
    let form = Form::new("interop-nopreempt", lines);
    with_each_pairing(|master, backup| {
        let (pair, mut a, mut b) = form.start(master, backup);
        assert!(a.stop().success());
        pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
        let a = pair.a.daemon(master).start(&form.better());
        a.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
        pair.insist_on(&pair.b, &pair.a, &[VIP], SETTLED);
        b.kill_9();
        pair.lab.wait_until("a to take over", LIMIT, || pair.a.holds(VIP));
        let _b = pair.b.daemon(backup).start(&form.worse());
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    });
}

/// Two instances on two links that may only be master together.
fn grouped(priority: u8) -> String {
    let instance = |name: &str, link: &str, vrid: u8, ip: &str| {
        format!(
            "vrrp_instance {name} {{\n  state BACKUP\n  interface {link}\n  \
             virtual_router_id {vrid}\n  priority {priority}\n  version 3\n  advert_int 0.1\n  \
             virtual_ipaddress {{\n    {ip}\n  }}\n}}\n"
        )
    };
    let group = "vrrp_sync_group G1 {\n  group {\n    VI_1\n    VI_2\n  }\n}\n";
    let first = instance("VI_1", "eth0", 51, VIP);
    format!("{group}{first}{}", instance("VI_2", "eth1", 52, OTHER_VIP))
}

#[test]
fn a_sync_group_moves_as_one_when_one_of_its_links_fails_and_comes_back() {
    with_each_pairing(|master, backup| {
        let pair = Pair::new("interop-group");
        pair.a.add_link("eth1", "198.51.100.1/24");
        pair.b.add_link("eth1", "198.51.100.2/24");
        let both = [VIP, OTHER_VIP];
        let (mut a, mut b) = pair.start((master, &grouped(150)), (backup, &grouped(100)));
        pair.wait_until_on(&pair.a, &pair.b, &both);
        pair.insist_on(&pair.a, &pair.b, &both, SETTLED);
        pair.a.unplug_link("eth1");
        pair.wait_until_on(&pair.b, &pair.a, &both);
        pair.a.plug_link("eth1");
        pair.wait_until_on(&pair.a, &pair.b, &both);
        assert!(a.stop().success());
        pair.wait_until_on(&pair.b, &pair.a, &both);
        assert!(b.stop().success());
        assert!(holds_none(&pair.a, &both) && holds_none(&pair.b, &both));
    });
}
