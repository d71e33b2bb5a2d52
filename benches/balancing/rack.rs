//! A director and 2,000 real servers: one host that has all their addresses, so that all of them
//! live and die in the same moment.

use std::time::Duration;

use testkit::lab::{Capture, Host, Lab, WebServer};

use crate::table::Table;
use crate::virtual_servers::{Checks, ROUTE, Size};

pub(crate) const SIZE: Size = Size { services: 20, servers: 100 };
/// What all checks have; the delay between two rounds differs.
pub(crate) const CHECKS: Checks = Checks { delay: 1, retries: 1, before_retry: 1, timeout: 2 };
/// Nothing is checked while anybody looks.
pub(crate) const IDLE: Checks = Checks { delay: 7_200, ..CHECKS };
/// By then every real server has been checked more than once.
pub(crate) const SETTLED: Duration = Duration::from_secs(3);
/// The interval of all adverts here.
pub(crate) const INTERVAL: Duration = Duration::from_millis(10);
const PORT: u16 = 80;

/// The hosts. What runs on the director belongs to whoever starts it.
pub(crate) struct Rack {
    pub(crate) servers: WebServer,
    pub(crate) director: Host,
    pub(crate) capture: Capture,
    pub(crate) lab: Lab,
}

impl Rack {
    /// Builds it, with all servers alive.
    pub(crate) fn new(label: &str) -> Self {
        let lab = Lab::new(label);
        let director = lab.host("a", "192.0.2.1/24");
        let servers = lab.host("servers", "192.0.2.2/24");
        director.ok(["ip", "route", "add", ROUTE, "via", "192.0.2.2"]);
        servers.ok(["ip", "route", "add", "local", ROUTE, "dev", "lo"]);
        let servers = servers.web_server(PORT, "alive");
        let capture = lab.capture();
        Self { servers, director, capture, lab }
    }

    /// The director's table.
    pub(crate) fn table(&self) -> Table {
        Table::of(&self.director)
    }

    /// By how much adverts exceed their interval, in milliseconds, from now on for some time.
    pub(crate) fn lateness(&self, time: Duration) -> Vec<f64> {
        self.capture.clear();
        std::thread::sleep(time);
        let adverts = self.capture.adverts_from(self.director.name());
        let times = adverts.iter().map(|advert| advert.origin.at);
        let pairs = times.clone().zip(times.skip(1));
        let intervals = pairs.filter_map(|(one, next)| next.duration_since(one).ok());
        intervals.map(|time| (time.as_secs_f64() - INTERVAL.as_secs_f64()) * 1e3).collect()
    }
}

/// A master with one address and the fastest adverts that there are.
pub(crate) fn instance() -> String {
    "vrrp_instance VI_1 {\n  state MASTER\n  interface eth0\n  virtual_router_id 51\n  \
     priority 200\n  version 3\n  advert_int 0.01\n  virtual_ipaddress {\n    10.99.0.1\n  }\n}\n"
        .to_owned()
}
