//! The IPVS table of a host, as `ipvsadm -Ln` prints it. Reads; decides nothing about the table.

use super::{Host, need};

/// All virtual services of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpvsTable {
    /// In the kernel's order.
    pub services: Vec<IpvsService>,
}

/// A virtual service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpvsService {
    /// `TCP 192.0.2.51:80`, `UDP [2001:db8::51]:53`, `FWM 7`.
    pub name: String,
    /// `wlc`, `rr`, …
    pub scheduler: String,
    /// What stands behind the scheduler: `persistent 300`, `ops`, `IPv6`; empty mostly.
    pub options: String,
    /// Its real servers.
    pub servers: Vec<IpvsServer>,
}

/// A real server of a virtual service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpvsServer {
    /// Address and port, `192.0.2.11:80`.
    pub address: String,
    /// How packets get there.
    pub forward: Forward,
    /// Its weight.
    pub weight: u32,
    /// Connections that are open.
    pub active: u32,
    /// Connections that are closing, and all of UDP.
    pub inactive: u32,
}

/// How packets get to a real server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forward {
    /// Network address translation.
    Masq,
    /// Direct routing.
    Route,
    /// IP in IP.
    Tunnel,
    /// To the director itself.
    Local,
}

impl Host {
    /// The table of this host.
    pub fn ipvs(&self) -> IpvsTable {
        need(&["ipvsadm"]);
        parse(&self.ok(["ipvsadm", "-Ln"]))
    }

    /// Changes the table by hand: the words of one `ipvsadm` command.
    ///
    /// # Panics
    /// When ipvsadm refuses.
    pub fn ipvsadm(&self, words: &str) {
        need(&["ipvsadm"]);
        self.ok(["ipvsadm"].into_iter().chain(words.split_whitespace()));
    }
}

impl IpvsTable {
    /// The service of this name: `TCP 192.0.2.51:80`.
    pub fn service(&self, name: &str) -> Option<&IpvsService> {
        self.services.iter().find(|service| service.name == name)
    }

    /// The real server of a service; `None` when either is not there.
    pub fn server(&self, service: &str, address: &str) -> Option<&IpvsServer> {
        self.service(service)?.server(address)
    }
}

impl IpvsService {
    /// The real server of this address and port.
    pub fn server(&self, address: &str) -> Option<&IpvsServer> {
        self.servers.iter().find(|server| server.address == address)
    }

    /// Address, port and weight of all real servers, sorted.
    pub fn weights(&self) -> Vec<(&str, u32)> {
        let mut weights: Vec<_> =
            self.servers.iter().map(|server| (server.address.as_str(), server.weight)).collect();
        weights.sort_unstable();
        weights
    }
}

/// Three lines of heading, a line for each service, and one with an arrow for each server.
fn parse(text: &str) -> IpvsTable {
    let mut table = IpvsTable::default();
    for line in text.lines().skip(3) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["->", server @ ..] => {
                let service = table.services.last_mut().expect("a server stands below its service");
                let server = read_server(server);
                service
                    .servers
                    .push(server.unwrap_or_else(|| panic!("lab: ipvsadm says {line:?}")));
            }
            [protocol, address, scheduler, options @ ..] => table.services.push(IpvsService {
                name: format!("{protocol} {address}"),
                scheduler: (*scheduler).to_owned(),
                options: options.join(" "),
                servers: Vec::new(),
            }),
            other => panic!("lab: ipvsadm says {other:?}"),
        }
    }
    table
}

fn read_server(words: &[&str]) -> Option<IpvsServer> {
    let [address, forward, weight, active, inactive] = words else {
        return None;
    };
    Some(IpvsServer {
        address: (*address).to_owned(),
        forward: Forward::read(forward)?,
        weight: weight.parse().ok()?,
        active: active.parse().ok()?,
        inactive: inactive.parse().ok()?,
    })
}

impl Forward {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "Masq" => Self::Masq,
            "Route" => Self::Route,
            "Tunnel" => Self::Tunnel,
            "Local" => Self::Local,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "IP Virtual Server version 1.2.1 (size=4096)\n\
        Prot LocalAddress:Port Scheduler Flags\n  \
        -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n\
        TCP  192.0.2.51:80 wlc persistent 300\n  \
        -> 192.0.2.11:80                Route   3      1          2         \n\
        FWM  7 IPv6 rr ops\n  \
        -> [2001:db8::11]:0             Tunnel  0      0          0         \n";

    #[test]
    fn a_table_is_read_with_its_options_and_counts() {
        let table = parse(PRINTED);
        let web = table.service("TCP 192.0.2.51:80").expect("it is there");
        assert_eq!((&*web.scheduler, &*web.options), ("wlc", "persistent 300"));
        assert_eq!(web.weights(), [("192.0.2.11:80", 3)]);
        let server = web.server("192.0.2.11:80").expect("it is there");
        assert_eq!((server.forward, server.active, server.inactive), (Forward::Route, 1, 2));
        assert_eq!(table.services.len(), 2);
        assert_eq!(table.services[1].servers[0].forward, Forward::Tunnel);
    }

    #[test]
    fn an_empty_table_has_no_services() {
        let heading: Vec<&str> = PRINTED.lines().take(3).collect();
        assert_eq!(parse(&heading.join("\n")), IpvsTable::default());
    }
}
