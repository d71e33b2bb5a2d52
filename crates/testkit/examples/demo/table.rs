//! The services of `examples/balanced`, and a director's IPVS table as far as they are concerned.

use testkit::lab::{Host, IpvsService, IpvsTable};

/// What the servers answer for.
pub(crate) struct Service {
    pub(crate) what: &'static str,
    pub(crate) vip: &'static str,
    pub(crate) port: u16,
}

pub(crate) const WEB: Service = Service { what: "web", vip: "192.0.2.51", port: 8080 };
pub(crate) const MAIL: Service = Service { what: "mail", vip: "192.0.2.52", port: 25 };
pub(crate) const FILES: Service = Service { what: "files", vip: "192.0.2.53", port: 21 };
pub(crate) const SERVICES: [&Service; 3] = [&WEB, &MAIL, &FILES];
/// The first server has this last number in its address.
const FIRST_SERVER: usize = 11;

impl Service {
    /// `192.0.2.51:8080`.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.vip, self.port)
    }

    /// Its part of a table.
    pub(crate) fn find<'a>(&self, table: &'a IpvsTable) -> Option<&'a IpvsService> {
        table.service(&format!("TCP {}", self.address()))
    }

    /// The names of its servers in a table.
    pub(crate) fn servers(&self, table: &IpvsTable) -> Vec<String> {
        let servers = self.find(table).map_or(&[][..], |service| &service.servers);
        let mut names: Vec<String> =
            servers.iter().filter_map(|server| server_name(&server.address)).collect();
        names.sort();
        names
    }

    /// One line of a table, for people.
    pub(crate) fn line(&self, table: &IpvsTable) -> String {
        let how = self.find(table).map_or("not there".to_owned(), |service| {
            format!("{} {}", service.scheduler, service.options)
        });
        let servers = self.servers(table).join(" ");
        format!("{:<5}  {:<15}  {how}  ->  {servers}", self.what, self.address())
    }

    /// How many connections, packets and bytes each of its servers has had.
    pub(crate) fn counters(&self, host: &Host) -> Vec<String> {
        let printed = host.ok(["ipvsadm", "-Ln", "--stats", "--exact", "-t", &self.address()]);
        let mut lines: Vec<String> = printed.lines().skip(3).map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

/// Services, schedulers, servers and weights: all of a table but what changes by itself.
pub(crate) fn settled(table: &IpvsTable) -> Vec<String> {
    let line = |service: &IpvsService| {
        let IpvsService { name, scheduler, options, .. } = service;
        format!("{name} {scheduler} {options} {:?}", service.weights())
    };
    let mut lines: Vec<String> = table.services.iter().map(line).collect();
    lines.sort();
    lines
}

/// `real1` for `192.0.2.11:8080`.
fn server_name(address: &str) -> Option<String> {
    let (ip, _) = address.rsplit_once(':')?;
    let (_, last) = ip.rsplit_once('.')?;
    let number = last.parse::<usize>().ok()?.checked_sub(FIRST_SERVER)? + 1;
    Some(format!("real{number}"))
}
