//! Configurations with many real servers that nobody checks: only the programming of the kernel
//! costs anything.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

/// The weight of all servers but the changed one.
const WEIGHT: u32 = 1;
/// Where all servers are.
pub(crate) const ROUTE: &str = "198.18.0.0/15";
const FIRST_VIP: u32 = u32::from_be_bytes([198, 19, 0, 1]);
const FIRST_SERVER: u32 = u32::from_be_bytes([198, 18, 0, 1]);

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

    /// All of the same weight.
    pub(crate) fn configuration(self) -> String {
        self.with_weight(Ipv4Addr::UNSPECIFIED, WEIGHT)
    }

    /// The first real server of this virtual server has another weight than all others.
    pub(crate) fn with_weight(self, of: Ipv4Addr, weight: u32) -> String {
        let mut text = String::new();
        for service in 0..self.services {
            let vip = Ipv4Addr::from(FIRST_VIP + service);
            let head = "lvs_sched rr\n  lvs_method DR\n  protocol TCP";
            // Writing into a string cannot fail.
            let _ = writeln!(text, "virtual_server {vip} 80 {{\n  {head}");
            for server in 0..self.servers {
                let ip = Ipv4Addr::from(FIRST_SERVER + service * self.servers + server);
                let weight = if vip == of && server == 0 { weight } else { WEIGHT };
                let _ = writeln!(text, "  real_server {ip} 80 {{\n    weight {weight}\n  }}");
            }
            text.push_str("}\n");
        }
        text
    }
}
