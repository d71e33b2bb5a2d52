//! The scene of most tests: one host on a segment, the program under test on it.

use std::time::Duration;

use testkit::lab::{Capture, Daemon, DaemonBuilder, Host, Lab, Program};

/// Generous: what has not happened by then does not happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
/// What fast instances of these tests have in common: a master is there after 0.36 s.
pub(crate) const FAST: &str = "version 3\n  advert_int 0.1";

/// The program that this run is about.
pub(crate) fn under_test() -> Program {
    Program::under_test(env!("CARGO_BIN_EXE_keepalived"))
}

/// A host `a` with 192.0.2.1 and everything it sends.
pub(crate) struct Alone {
    pub(crate) lab: Lab,
    pub(crate) host: Host,
    pub(crate) capture: Capture,
}

impl Alone {
    pub(crate) fn new(label: &str) -> Self {
        let lab = Lab::new(label);
        let host = lab.host("a", "192.0.2.1/24");
        let capture = lab.capture();
        Self { lab, host, capture }
    }

    pub(crate) fn daemon(&self) -> DaemonBuilder {
        self.host.daemon(&under_test())
    }

    pub(crate) fn start(&self, configuration: &str) -> Daemon {
        self.daemon().start(configuration)
    }

    /// Starts it and waits until it is master of this address.
    pub(crate) fn start_master(&self, configuration: &str, ip: &str) -> Daemon {
        let daemon = self.start(configuration);
        daemon.wait_for_log("Entering MASTER STATE", LIMIT);
        self.wait_until_held(ip);
        daemon
    }

    pub(crate) fn wait_until_held(&self, ip: &str) {
        self.lab.wait_until(&format!("a to hold {ip}"), LIMIT, || self.host.holds(ip));
    }

    pub(crate) fn wait_until_gone(&self, ip: &str) {
        self.lab.wait_until(&format!("a to lose {ip}"), LIMIT, || !self.host.holds(ip));
    }

    /// Waits until the newest advert of `a` carries this priority.
    pub(crate) fn wait_for_priority(&self, priority: u8) {
        self.lab.wait_until(&format!("an advert of priority {priority}"), LIMIT, || {
            self.capture.adverts_from("a").last().is_some_and(|advert| advert.priority == priority)
        });
    }
}

/// An instance of priority 100 on eth0 with one address; `more` are further lines of its block.
pub(crate) fn instance(name: &str, vrid: u8, ip: &str, more: &str) -> String {
    format!(
        "vrrp_instance {name} {{\n  state BACKUP\n  interface eth0\n  virtual_router_id {vrid}\n  \
         priority 100\n  {more}\n  virtual_ipaddress {{\n    {ip}\n  }}\n}}\n"
    )
}

/// The usual instance VI_1 (VRID 51, 192.0.2.51), fast.
pub(crate) fn usual(more: &str) -> String {
    instance("VI_1", 51, "192.0.2.51", &format!("{FAST}\n  {more}"))
}

/// Bytes as they are printed in documents: `45 c0 00 28`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    parts.join(" ")
}
