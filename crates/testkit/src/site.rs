//! A whole LVS site as a lab: a client, two directors and three real servers.
//! Decides the addresses and who is plugged where; what forwards, a test starts on the directors.
//! Needs a kernel with IPVS, so a site stands in a [`guest`](crate::guest).
//!
//! ```text
//!  client 192.0.2.10 ──┬── a 192.0.2.1 ──┬── real1 … real3            direct routing, tunnel:
//!                      ├── b 192.0.2.2   │   192.0.2.11 … .13         all on one segment
//!                      │
//!  client 192.0.2.10 ──┼── a 192.0.2.1, 10.0.0.1 ──┬── real1 … real3  NAT: the servers are behind
//!                      └── b 192.0.2.2, 10.0.0.2 ──┘   10.0.0.11 … .13
//! ```
//!
//! ```no_run
//! use testkit::site::Site;
//! use testkit::{guest, lab::Program};
//!
//! guest::run(|| {
//!     let site = Site::direct_routing("web", &["192.0.2.51"]);
//!     let _web = site.web_servers(80);
//!     let _daemon = site.a.daemon(&Program::Original).start("virtual_server 192.0.2.51 80 { … }");
//!     assert_eq!(site.client.get("http://192.0.2.51/").as_deref(), Ok("real1"));
//! });
//! ```

use crate::lab::{Delivery, Host, Lab, Segment, WebServer};

/// The directors' address on the servers' segment, which is the servers' gateway: the director
/// that is master has to hold it (`10.0.0.254/24` on `eth1`).
pub const GATEWAY: &str = "10.0.0.254";
const SERVERS: u8 = 3;

/// The hosts of a site. All have `eth0`; the directors of a NAT site have `eth1` as well.
pub struct Site {
    /// The lab they are in.
    pub lab: Lab,
    /// 192.0.2.10.
    pub client: Host,
    /// The first director, 192.0.2.1.
    pub a: Host,
    /// The second director, 192.0.2.2.
    pub b: Host,
    /// `real1` to `real3`, the last number of their addresses 11 to 13.
    pub servers: Vec<Host>,
    /// The segment of the servers, when it is not the client's.
    pub inner: Option<Segment>,
}

impl Site {
    /// Directors and servers on one segment; the servers take packets for these addresses on `lo`.
    pub fn direct_routing(label: &str, vips: &[&str]) -> Self {
        Self::flat(label, Delivery::DirectRouting, vips)
    }

    /// Directors and servers on one segment; the servers take packets for these addresses out of
    /// tunnels.
    pub fn tunnel(label: &str, vips: &[&str]) -> Self {
        Self::flat(label, Delivery::Tunnel, vips)
    }

    /// Servers on a segment of their own, whose only way out is [`GATEWAY`].
    pub fn nat(label: &str) -> Self {
        let lab = Lab::new(label);
        let [client, a, b] = outer_hosts(&lab);
        let inner = lab.segment("inner");
        inner.join(&a, "eth1", "10.0.0.1/24");
        inner.join(&b, "eth1", "10.0.0.2/24");
        [&a, &b].into_iter().for_each(Host::forwards);
        let servers = numbered_servers(|name, last| inner.host(name, &format!("10.0.0.{last}/24")));
        servers.iter().for_each(|server| server.default_route(GATEWAY));
        Self { lab, client, a, b, servers, inner: Some(inner) }
    }

    fn flat(label: &str, delivery: Delivery, vips: &[&str]) -> Self {
        let lab = Lab::new(label);
        let [client, a, b] = outer_hosts(&lab);
        let servers = numbered_servers(|name, last| lab.host(name, &format!("192.0.2.{last}/24")));
        let site = Self { lab, client, a, b, servers, inner: None };
        if vips.iter().any(|vip| vip.contains(':')) {
            site.speak_ipv6();
        }
        site.servers.iter().for_each(|server| server.realserver(delivery, vips));
        site
    }

    /// Starts nginx on every real server; each answers with its name.
    pub fn web_servers(&self, port: u16) -> Vec<WebServer> {
        self.servers.iter().map(|server| server.web_server(port, server.name())).collect()
    }

    /// Gives every host of a flat site the address 2001:db8::N, with the N of its IPv4 address.
    fn speak_ipv6(&self) {
        let named = [(&self.client, 10), (&self.a, 1), (&self.b, 2)].into_iter();
        for (host, last) in named.chain(self.servers.iter().zip(11..)) {
            host.enable_ipv6();
            host.add_address("eth0", &format!("2001:db8::{last}/64"));
        }
    }
}

fn outer_hosts(lab: &Lab) -> [Host; 3] {
    let hosts = [("client", 10), ("a", 1), ("b", 2)];
    hosts.map(|(name, last)| lab.host(name, &format!("192.0.2.{last}/24")))
}

fn numbered_servers(build: impl Fn(&str, u8) -> Host) -> Vec<Host> {
    (1..=SERVERS).map(|number| build(&format!("real{number}"), 10 + number)).collect()
}
