//! One way of running a pair, and the life that every pair goes through.

use testkit::lab::{Daemon, Host, Program};

use crate::support::{LIMIT, Pair, SETTLED, did_not_run, holds_all, holds_none, with_each_pairing};

pub(super) const VIP: &str = "192.0.2.50";

/// One way of running a pair.
#[derive(Clone)]
pub(super) struct Form {
    label: &'static str,
    /// Further lines of the better director's instance, and of the other's.
    lines: [String; 2],
    priorities: [u8; 2],
    unicast: bool,
    over_v6: bool,
    /// Ours has no interface of its own, the original has.
    anywhere: bool,
    vips: Vec<String>,
}

impl Form {
    pub(super) fn new(label: &'static str, lines: &str) -> Self {
        let lines = [lines.to_owned(), lines.to_owned()];
        let vips = vec![VIP.to_owned()];
        let (unicast, over_v6, anywhere) = (false, false, false);
        Self { label, lines, priorities: [150, 100], unicast, over_v6, anywhere, vips }
    }

    pub(super) fn unicast(self) -> Self {
        Self { unicast: true, ..self }
    }

    /// Ours does without an interface, which the original cannot.
    pub(super) fn anywhere(self) -> Self {
        Self { anywhere: true, ..self.unicast() }
    }

    /// Over IPv6 the first address has to be link-local.
    pub(super) fn over_v6(self) -> Self {
        let vips = ["fe80::50", "2001:db8::50"].map(str::to_owned).to_vec();
        Self { over_v6: true, vips, ..self }
    }

    pub(super) fn with_priorities(self, better: u8, worse: u8) -> Self {
        Self { priorities: [better, worse], ..self }
    }

    /// Other lines for the worse director.
    pub(super) fn against(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.lines[1]);
        self
    }

    /// So many addresses instead of the usual ones.
    pub(super) fn with_addresses(mut self, count: u8) -> Self {
        let ip = |n| if self.over_v6 { format!("fe80::5:{n}") } else { format!("10.9.0.{n}") };
        self.vips = (1..=count).map(ip).collect();
        self
    }

    pub(super) fn vips(&self) -> Vec<&str> {
        self.vips.iter().map(String::as_str).collect()
    }

    pub(super) fn better(&self, on: &Program) -> String {
        self.director(on, 0, (1, 2))
    }

    pub(super) fn worse(&self, on: &Program) -> String {
        self.director(on, 1, (2, 1))
    }

    fn director(&self, on: &Program, role: usize, (own, peer): (u8, u8)) -> String {
        let network = if self.over_v6 { "2001:db8::" } else { "192.0.2." };
        let unicast = format!(
            "unicast_src_ip {network}{own}\n  unicast_peer {{\n    {network}{peer}\n  }}\n"
        );
        let unicast = if self.unicast { unicast.as_str() } else { "" };
        let state = if self.priorities[role] == 255 { "MASTER" } else { "BACKUP" };
        let interface = if self.anywhere && on.is_ours() { "" } else { "interface eth0" };
        let vips: Vec<String> = self.vips.iter().map(|vip| format!("{vip} dev eth0")).collect();
        format!(
            "vrrp_instance VI_1 {{\n  state {state}\n  {interface}\n  virtual_router_id 51\n  \
             priority {}\n  {}\n  {unicast}  virtual_ipaddress {{\n    {}\n  }}\n}}\n",
            self.priorities[role],
            self.lines[role],
            vips.join("\n    ")
        )
    }

    /// The segment, with IPv6 where it is needed.
    fn pair(&self) -> Pair {
        let pair = Pair::new(self.label);
        if self.over_v6 {
            // The link-local addresses follow from these: the second one is the higher.
            let usable = |host: &Host, own: &str| {
                let mac = format!("02:00:00:00:00:0{}", host.name());
                host.ok(["ip", "link", "set", "dev", "eth0", "address", &mac]);
                host.enable_ipv6();
                host.ok(["ip", "address", "add", own, "dev", "eth0", "nodad"]);
            };
            usable(&pair.a, "2001:db8::1/64");
            usable(&pair.b, "2001:db8::2/64");
        }
        pair
    }

    /// How often the worse one is master before the better one is there. A router of another pace
    /// has to be told of it before its own time is over.
    fn earlier(&self) -> usize {
        usize::from(self.lines[0] != self.lines[1])
    }

    /// Both run, and the better one is master and stays it.
    pub(super) fn start(&self, master: &Program, backup: &Program) -> (Pair, Daemon, Daemon) {
        let pair = self.pair();
        let (a, b) = if self.earlier() == 0 {
            // 2.2.7 says that it waits before it does: on a busy machine who comes second would win.
            let a = pair.a.daemon(master).start(&self.better(master));
            pair.wait_until_on(&pair.a, &pair.b, &self.vips());
            (a, pair.b.daemon(backup).start(&self.worse(backup)))
        } else {
            let b = pair.b.daemon(backup).start(&self.worse(backup));
            pair.wait_until_on(&pair.b, &pair.a, &self.vips());
            (pair.a.daemon(master).start(&self.better(master)), b)
        };
        pair.wait_until_on(&pair.a, &pair.b, &self.vips());
        pair.insist_on(&pair.a, &pair.b, &self.vips(), SETTLED);
        let times = b.log().count("Entering MASTER STATE");
        assert_eq!(times, self.earlier(), "no flap\n{}", pair.lab.logs());
        assert_eq!(a.log().count("Entering MASTER STATE"), 1, "no flap\n{}", pair.lab.logs());
        (pair, a, b)
    }

    /// The whole life of a pair whose better half takes back what it lost.
    pub(super) fn lives(&self) {
        let vips = self.vips();
        with_each_pairing(|master, backup| {
            let (pair, mut a, mut b) = self.start(master, backup);
            assert!(a.stop().success());
            pair.wait_until_on(&pair.b, &pair.a, &vips);
            let mut a = pair.a.daemon(master).start(&self.better(master));
            pair.wait_until_on(&pair.a, &pair.b, &vips);

            a.kill_9();
            pair.lab.wait_until("b to take over", LIMIT, || holds_all(&pair.b, &vips));
            assert!(holds_all(&pair.a, &vips), "a killed daemon cannot remove its address");
            let mut a = pair.a.daemon(master).start(&self.better(master));
            pair.wait_until_on(&pair.a, &pair.b, &vips);
            pair.insist_on(&pair.a, &pair.b, &vips, SETTLED);
            let times = b.log().count("Entering MASTER STATE");
            assert_eq!(times, self.earlier() + 2, "{}", pair.lab.logs());
            announced_by_b(&pair, &vips);

            assert!(b.stop().success() && a.stop().success());
            assert!(holds_none(&pair.a, &vips) && holds_none(&pair.b, &vips));
        });
    }

    /// The same where the whole matrix is asked for (`LAB_MATRIX=all`); elsewhere it says so.
    pub(super) fn lives_in_the_matrix(&self) {
        if whole_matrix(self.label) {
            self.lives();
        }
    }
}

/// Whether tests that only the whole matrix needs shall run.
pub(super) fn whole_matrix(label: &str) -> bool {
    let whole = std::env::var("LAB_MATRIX").is_ok_and(|text| text == "all");
    if !whole {
        did_not_run(&format!("{label} is for the whole matrix (LAB_MATRIX=all)"));
    }
    whole
}

fn announced_by_b(pair: &Pair, vips: &[&str]) {
    for vip in vips {
        let announced = pair.capture.announcements_of(vip);
        assert!(announced.iter().any(|it| it.origin.host == pair.b.name()), "{vip}");
    }
}
