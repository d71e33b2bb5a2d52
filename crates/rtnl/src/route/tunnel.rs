//! How packets of a route are wrapped (`RTA_ENCAP`).

use std::net::{Ipv4Addr, Ipv6Addr};

use net::{IpTunnel, Tunnel};
use netlink_packet_core::DefaultNla;
use netlink_packet_route::route::{
    MplsLabel, RouteAttribute, RouteIp6Tunnel, RouteIp6TunnelFlags, RouteIpTunnel,
    RouteIpTunnelFlags, RouteLwEnCapType, RouteLwTunnelEncap, RouteMplsIpTunnel,
};

/// `ILA_ATTR_LOCATOR`.
const LOCATOR: u16 = 1;

/// The two attributes of a wrapping.
pub(super) fn attributes(tunnel: &Tunnel) -> [RouteAttribute; 2] {
    let (kind, parts) = match tunnel {
        Tunnel::Ip(tunnel) => (RouteLwEnCapType::Ip, ip(tunnel)),
        Tunnel::Ip6(tunnel) => (RouteLwEnCapType::Ip6, ip6(tunnel)),
        Tunnel::Mpls(labels) => (RouteLwEnCapType::Mpls, vec![mpls(labels)]),
        Tunnel::Ila(locator) => (RouteLwEnCapType::Ila, vec![ila(*locator)]),
    };
    [RouteAttribute::EncapType(kind), RouteAttribute::Encap(parts)]
}

fn ip(tunnel: &IpTunnel<Ipv4Addr>) -> Vec<RouteLwTunnelEncap> {
    let parts = [
        tunnel.id.map(RouteIpTunnel::Id),
        tunnel.destination.map(RouteIpTunnel::Destination),
        tunnel.source.map(RouteIpTunnel::Source),
        tunnel.ttl.map(RouteIpTunnel::Ttl),
        tunnel.tos.map(RouteIpTunnel::Tos),
        tunnel.flags.map(|flags| RouteIpTunnel::Flags(RouteIpTunnelFlags::from_bits_retain(flags))),
    ];
    parts.into_iter().flatten().map(RouteLwTunnelEncap::Ip).collect()
}

fn ip6(tunnel: &IpTunnel<Ipv6Addr>) -> Vec<RouteLwTunnelEncap> {
    let parts = [
        tunnel.id.map(RouteIp6Tunnel::Id),
        tunnel.destination.map(RouteIp6Tunnel::Destination),
        tunnel.source.map(RouteIp6Tunnel::Source),
        tunnel.ttl.map(RouteIp6Tunnel::Hoplimit),
        tunnel.tos.map(RouteIp6Tunnel::Tc),
        tunnel
            .flags
            .map(|flags| RouteIp6Tunnel::Flags(RouteIp6TunnelFlags::from_bits_retain(flags))),
    ];
    parts.into_iter().flatten().map(RouteLwTunnelEncap::Ip6).collect()
}

/// The last label is the bottom of the stack (RFC 3032 §2.1).
fn mpls(labels: &[u32]) -> RouteLwTunnelEncap {
    let last = labels.len().saturating_sub(1);
    let label = |(place, label): (usize, &u32)| MplsLabel {
        label: *label,
        traffic_class: 0,
        bottom_of_stack: place == last,
        ttl: 0,
    };
    let labels = labels.iter().enumerate().map(label).collect();
    RouteLwTunnelEncap::Mpls(RouteMplsIpTunnel::Destination(labels))
}

fn ila(locator: u64) -> RouteLwTunnelEncap {
    RouteLwTunnelEncap::Other(DefaultNla::new(LOCATOR, locator.to_be_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use netlink_packet_core::{Emitable, Nla};

    use super::*;

    fn encoded(tunnel: &Tunnel) -> Vec<u8> {
        let [kind, parts] = attributes(tunnel);
        assert_eq!((kind.kind(), parts.kind() & 0x3fff), (21, 22));
        let mut bytes = vec![0; parts.buffer_len()];
        parts.emit(&mut bytes);
        bytes.split_off(4)
    }

    #[test]
    fn labels_form_a_stack() {
        let bytes = encoded(&Tunnel::Mpls(vec![16, 0xf_ffff]));
        assert_eq!(bytes, [12, 0, 1, 0, 0, 1, 0, 0, 0xff, 0xff, 0xf1, 0]);
    }

    #[test]
    fn a_locator_is_in_network_order() {
        let bytes = encoded(&Tunnel::Ila(0x0001_0002_0003_0004));
        assert_eq!(bytes, [12, 0, 1, 0, 0, 1, 0, 2, 0, 3, 0, 4]);
    }
}
