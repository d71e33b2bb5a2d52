//! What the news of a removed route tell of it.

use std::net::IpAddr;

use net::{Family, Network, PROTOCOL_KEEPALIVED, Route, Table};
use netlink_packet_core::{DecodeError, Parseable};
use netlink_packet_route::route::{RouteAttribute, RouteMessage, RouteType};

use super::{ip, kind, known_family};

/// The place of the protocol in `struct rtmsg`.
const PROTOCOL: usize = 5;
/// The metric that the kernel gives a route of IPv6 without one (`IP6_RT_PRIO_USER`).
const METRIC_OF_IPV6: u32 = 1024;

/// A route of keepalived that was in the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTrace {
    family: Family,
    kind: RouteType,
    destination: Option<Network>,
    tos: u8,
    table: u32,
    metric: u32,
    gateway: Option<IpAddr>,
}

impl RouteTrace {
    /// Reads a message about a route; `None` for one of another maker. A router has a million of
    /// those, so that they are not even taken apart.
    pub(crate) fn parse(payload: &[u8]) -> Result<Option<Self>, DecodeError> {
        if payload.get(PROTOCOL) != Some(&PROTOCOL_KEEPALIVED) {
            return Ok(None);
        }
        Ok(Self::of(&RouteMessage::parse(payload)?))
    }

    pub(super) fn of(message: &RouteMessage) -> Option<Self> {
        let header = &message.header;
        let family = known_family(header.address_family)?;
        let mut trace = Self {
            family,
            kind: header.kind,
            destination: None,
            tos: header.tos,
            table: header.table.into(),
            metric: 0,
            gateway: None,
        };
        let length = header.destination_prefix_length;
        message.attributes.iter().for_each(|attribute| trace.take(attribute, length));
        Some(trace)
    }

    fn take(&mut self, attribute: &RouteAttribute, length: u8) {
        if let RouteAttribute::Destination(to) = attribute {
            self.destination = ip(to).map(|ip| Network { ip, length });
        } else if let RouteAttribute::Table(table) = attribute {
            self.table = *table;
        } else if let RouteAttribute::Priority(metric) = attribute {
            self.metric = *metric;
        } else if let RouteAttribute::Gateway(gateway) = attribute {
            self.gateway = ip(gateway);
        }
    }

    /// Whether it may have been this route, or one hop of it: some things are not compared, and
    /// the kernel tells of each hop of IPv6 by itself.
    #[must_use]
    pub fn may_be(&self, route: &Route) -> bool {
        let table = match &route.table {
            Table::Number(number) => *number == self.table,
            Table::Vrf(_) => true,
        };
        let metric = match (route.family, route.metric.unwrap_or(0)) {
            (Family::V6, 0) => METRIC_OF_IPV6,
            (Family::V4 | Family::V6, metric) => metric,
        };
        let led_there = |gateway: Option<IpAddr>| {
            self.gateway.is_none() || gateway.is_none() || gateway == self.gateway
        };
        table
            && (self.family, self.kind) == (route.family, kind(route.kind))
            && (self.tos, self.metric) == (route.tos, metric)
            && whole(self.destination) == whole(route.destination)
            && route.hops.as_slice().iter().any(|hop| led_there(hop.gateway))
    }
}

/// The network without the bits that do not count; `None` for everything.
fn whole(network: Option<Network>) -> Option<Network> {
    let Network { ip, length } = network.filter(|network| network.length > 0)?;
    let ip = match ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length.min(32))).unwrap_or(0);
            IpAddr::V4((ip.to_bits() & mask).into())
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length.min(128))).unwrap_or(0);
            IpAddr::V6((ip.to_bits() & mask).into())
        }
    };
    Some(Network { ip, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_that_do_not_count_are_left_out() {
        let of = |ip: &str, length| Some(Network { ip: ip.parse().unwrap(), length });
        assert_eq!(whole(of("198.51.100.7", 24)), of("198.51.100.0", 24));
        assert_eq!(whole(of("198.51.100.7", 32)), of("198.51.100.7", 32));
        assert_eq!(whole(of("2001:db8::7", 32)), of("2001:db8::", 32));
        assert_eq!(whole(of("0.0.0.0", 0)), None);
    }

    #[test]
    fn routes_of_other_makers_are_not_looked_at() {
        assert_eq!(RouteTrace::parse(&[2, 0, 0, 0, 254, 186]).unwrap(), None);
        assert!(RouteTrace::parse(&[2, 0, 0, 0, 254, 18]).is_err(), "a broken one of ours");
    }
}
