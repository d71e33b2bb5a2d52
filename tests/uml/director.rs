//! One director on a site, with the program under test: the words of its configuration, and what
//! tests ask of its table and its log.

use testkit::lab::{Daemon, IpvsWrites};
use testkit::site::Site;

use crate::support::{LIMIT, under_test};

/// Only these words stand in front of a real server's own.
pub(crate) const QUICK: &str = "warmup 0\n connect_timeout 1";

/// `a` of a site with a running daemon, and everything it asks of the kernel.
pub(crate) struct Director {
    pub(crate) site: Site,
    pub(crate) daemon: Daemon,
    pub(crate) writes: IpvsWrites,
}

impl Director {
    /// Starts the daemon of `a`, which also holds 192.0.2.51.
    pub(crate) fn start(site: Site, configuration: &str) -> Self {
        site.a.add_address("eth0", "192.0.2.51/32");
        let writes = site.a.ipvs_writes();
        let daemon = site.a.daemon(&under_test()).start(configuration);
        daemon.wait_for_log("Startup complete", LIMIT);
        Self { site, daemon, writes }
    }

    /// What `ipvsadm` shows of 192.0.2.51 and this port: `192.0.2.11:80=1 192.0.2.12:80=1`.
    pub(crate) fn table(&self, port: u16) -> String {
        let table = self.site.a.ipvs();
        let Some(service) = table.service(&format!("TCP 192.0.2.51:{port}")) else {
            return "no service".to_owned();
        };
        let weights = service.weights().into_iter();
        let servers: Vec<_> =
            weights.map(|(server, weight)| format!("{server}={weight}")).collect();
        servers.join(" ")
    }

    /// Waits until [`Self::table`] is this.
    pub(crate) fn wait_for_table(&self, port: u16, wanted: &str) {
        self.site
            .lab
            .wait_until(&format!("port {port}: {wanted:?}"), LIMIT, || self.table(port) == wanted);
    }

    /// The lines about a server or a service, but for those that announce its checks.
    pub(crate) fn lines_about(&self, subject: &str) -> Vec<String> {
        let texts = self.daemon.log().texts().into_iter();
        texts.filter(|text| text.contains(subject) && !text.starts_with("Activating")).collect()
    }

    /// Waits for so many lines and insists that they are these, whatever else is in the log.
    pub(crate) fn expect_lines(&self, subject: &str, wanted: &[&str]) {
        let what = format!("{} lines about {subject}", wanted.len());
        let lab = &self.site.lab;
        lab.wait_until(&what, LIMIT, || self.lines_about(subject).len() >= wanted.len());
        let lines = self.lines_about(subject);
        assert_eq!(lines, wanted, "about {subject}\n{}", self.site.lab.logs());
    }

    /// What was asked of the kernel since the last call, sorted.
    pub(crate) fn changes(&self) -> Vec<String> {
        let mut changes = self.writes.take();
        changes.sort();
        changes
    }
}

/// A virtual server at 192.0.2.51 that forwards by direct routing, in turn.
pub(crate) fn service(port: u16, more: &str, servers: &str) -> String {
    service_by("DR", port, more, servers)
}

/// The same, by another method.
pub(crate) fn service_by(method: &str, port: u16, more: &str, servers: &str) -> String {
    format!(
        "virtual_server 192.0.2.51 {port} {{\n lb_algo rr\n lb_kind {method}\n protocol TCP\n \
         {more}\n{servers}}}\n"
    )
}

/// A real server, `192.0.2.11 80`.
pub(crate) fn real(place: &str, more: &str) -> String {
    format!(" real_server {place} {{\n {more}\n }}\n")
}
