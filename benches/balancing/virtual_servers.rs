//! Configurations with many real servers.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

/// The weight of all servers but the changed one.
const WEIGHT: u32 = 1;
/// Where all servers are.
pub(crate) const ROUTE: &str = "198.18.0.0/15";
const FIRST_VIP: u32 = u32::from_be_bytes([198, 19, 0, 1]);
const FIRST_SERVER: u32 = u32::from_be_bytes([198, 18, 0, 1]);

/// How often servers are checked, and when one counts as failed; seconds.
#[derive(Clone, Copy)]
pub(crate) struct Checks {
    pub(crate) delay: u32,
    pub(crate) retries: u32,
    pub(crate) before_retry: u32,
    pub(crate) timeout: u32,
}

impl Checks {
    /// From a server's death to its leaving the table: the time between two checks, that of the
    /// retries, and a second for all else.
    pub(crate) const fn bound(self) -> u32 {
        self.delay + self.retries * self.before_retry + 1
    }

    /// In the configuration of a real server.
    pub(crate) fn block(self) -> String {
        let Self { delay, retries, before_retry, timeout } = self;
        format!(
            "TCP_CHECK {{\n      delay_loop {delay}\n      retry {retries}\n      \
             delay_before_retry {before_retry}\n      connect_timeout {timeout}\n    }}\n"
        )
    }
}

/// So many virtual servers of so many real servers each.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) services: u32,
    pub(crate) servers: u32,
}

impl Size {
    /// All destinations of all services.
    pub(crate) const fn destinations(self) -> usize {
        (self.services * self.servers) as usize
    }

    /// All of the same weight, which nobody checks.
    pub(crate) fn configuration(self) -> String {
        self.text(|_, _| format!("weight {WEIGHT}\n"))
    }

    /// The first real server of this virtual server has another weight than all others.
    pub(crate) fn with_weight(self, of: Ipv4Addr, weight: u32) -> String {
        self.text(|vip, server| {
            let weight = if vip == of && server == 0 { weight } else { WEIGHT };
            format!("weight {weight}\n")
        })
    }

    /// All are checked.
    pub(crate) fn with_checks(self, checks: Checks) -> String {
        let check = checks.block();
        self.text(|_, _| check.clone())
    }

    fn text(self, of_server: impl Fn(Ipv4Addr, u32) -> String) -> String {
        let mut text = String::new();
        for service in 0..self.services {
            let vip = Ipv4Addr::from(FIRST_VIP + service);
            let head = "lvs_sched rr\n  lvs_method DR\n  protocol TCP";
            // Writing into a string cannot fail.
            let _ = writeln!(text, "virtual_server {vip} 80 {{\n  {head}");
            for server in 0..self.servers {
                let ip = Ipv4Addr::from(FIRST_SERVER + service * self.servers + server);
                let body = of_server(vip, server);
                let _ = writeln!(text, "  real_server {ip} 80 {{\n    {body}  }}");
            }
            text.push_str("}\n");
        }
        text
    }
}
