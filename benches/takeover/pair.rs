//! A settled pair of directors, both of the same program, and everything they send.

use std::thread;
use std::time::Duration;

use testkit::lab::{Capture, Daemon, Host, Lab, Program};

/// Generous: what has not happened by then does not happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);
/// How long a pair is left alone before something is done to it.
const SETTLED: Duration = Duration::from_millis(500);
/// Priority of the first master, and of its backup.
const PRIORITIES: [u8; 2] = [200, 100];

/// The interval of all adverts here.
pub(crate) const INTERVAL: Duration = Duration::from_millis(10);
/// From the last advert of a master to that of its backup: three intervals and the skew time,
/// (256 - 100) / 256 of an interval.
pub(crate) const BOUND_MS: f64 = 36.1;

/// Director `a`, which is master, and `b`, its backup. Daemons come first: they end before the lab.
pub(crate) struct Pair {
    pub(crate) master: Daemon,
    pub(crate) backup: Daemon,
    pub(crate) a: Host,
    pub(crate) capture: Capture,
    pub(crate) lab: Lab,
}

/// What a pair is started with.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    /// What its lab is called when it fails.
    pub(crate) label: &'static str,
    /// How many virtual addresses there are.
    pub(crate) addresses: usize,
    /// Whether the daemons run with `-D`.
    pub(crate) detail: bool,
}

impl Pair {
    /// Starts the master, then the backup once all addresses are announced, and lets them settle.
    pub(crate) fn start(program: &Program, setup: Setup) -> Self {
        let lab = Lab::new(setup.label);
        let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
        let capture = lab.capture();
        let [high, low] = PRIORITIES.map(|priority| configuration(priority, setup.addresses));
        let start = |host: &Host, text: &str| {
            let daemon = host.daemon(program);
            if setup.detail { daemon.start(text) } else { daemon.without_detail().start(text) }
        };
        let master = start(&a, &high);
        lab.wait_until("a to announce all addresses", LIMIT, || {
            capture.announced_by("a") == setup.addresses
        });
        let backup = start(&b, &low);
        backup.wait_for_log("Entering BACKUP STATE", LIMIT);
        thread::sleep(SETTLED);
        Self { master, backup, a, capture, lab }
    }

    /// How often either has changed its state so far.
    pub(crate) fn state_changes(&self) -> usize {
        [&self.master, &self.backup]
            .map(|daemon| changes(daemon, "MASTER") + changes(daemon, "BACKUP"))
            .iter()
            .sum()
    }

    /// Whether the backup believes to be master too.
    pub(crate) fn has_two_masters(&self) -> bool {
        changes(&self.backup, "MASTER") >= changes(&self.backup, "BACKUP")
    }
}

fn changes(daemon: &Daemon, to: &str) -> usize {
    daemon.log().count(&format!("Entering {to} STATE"))
}

/// The first address is in the advert, the rest are excluded from it: it has room for 255.
fn configuration(priority: u8, addresses: usize) -> String {
    let mut all = (0..addresses).map(|n| format!("10.99.{}.{}", n / 250, n % 250 + 1));
    let first = all.next().unwrap_or_default();
    let rest: Vec<String> = all.collect();
    let excluded = if rest.is_empty() {
        String::new()
    } else {
        format!("  virtual_ipaddress_excluded {{\n    {}\n  }}\n", rest.join("\n    "))
    };
    format!(
        "vrrp_instance VI_1 {{\n  state BACKUP\n  interface eth0\n  virtual_router_id 51\n  \
         priority {priority}\n  version 3\n  advert_int 0.01\n  \
         virtual_ipaddress {{\n    {first}\n  }}\n{excluded}}}\n"
    )
}
