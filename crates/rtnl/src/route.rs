//! Routes as route netlink writes them: what a route becomes when it is added or removed.
//!
//! How the news of a removed route are read is decided in `trace`; what a route says about its
//! path is written in `metric`, how packets are wrapped in `tunnel`.

mod metric;
mod trace;
mod tunnel;

use net::{Family, Link, LinkIndex, LinkName, NextHop, Route, RouteKind, Table};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteMplsTtlPropagation,
    RouteNextHop, RouteNextHopFlags, RoutePreference, RouteRealm, RouteType, RouteVia,
};

pub use trace::RouteTrace;

/// A route whose interfaces are known by their numbers: what the kernel can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedRoute {
    route: Route,
    table: u32,
    /// The interface of each hop.
    links: Vec<Option<LinkIndex>>,
}

impl PlacedRoute {
    /// Looks the interfaces up that the route names.
    ///
    /// # Errors
    /// The name of one that is not there, or that should be a VRF and is none.
    pub fn new<'l>(
        route: &Route,
        known: impl Fn(&LinkName) -> Option<&'l Link>,
    ) -> Result<Self, LinkName> {
        let table = match &route.table {
            Table::Number(number) => *number,
            Table::Vrf(name) => {
                known(name).and_then(|link| link.kind.vrf_table()).ok_or_else(|| name.clone())?
            }
        };
        let index = |hop: &NextHop| {
            let name = hop.link.as_ref();
            name.map(|name| known(name).map(|link| link.index).ok_or_else(|| name.clone()))
                .transpose()
        };
        let links = route.hops.as_slice().iter().map(index).collect::<Result<_, _>>()?;
        Ok(Self { route: route.clone(), table, links })
    }

    /// The route.
    #[must_use]
    pub const fn route(&self) -> &Route {
        &self.route
    }

    /// What the kernel tells of it when it is removed.
    #[must_use]
    pub fn trace(&self) -> Option<RouteTrace> {
        RouteTrace::of(&self.remove())
    }

    /// The message that adds it.
    pub(crate) fn add(&self) -> RouteMessage {
        let Route { metrics, expires, preference, ttl_propagate, .. } = &self.route;
        let mut message = self.remove();
        let attributes = &mut message.attributes;
        attributes.extend(expires.map(RouteAttribute::Expires));
        let preference = preference.map(|preference| RoutePreference::from(preference.0));
        attributes.extend(preference.map(RouteAttribute::Preference));
        let propagation = ttl_propagate.map(|on| match on {
            true => RouteMplsTtlPropagation::Enabled,
            false => RouteMplsTtlPropagation::Disabled,
        });
        attributes.extend(propagation.map(RouteAttribute::TtlPropagate));
        let metrics = metric::all(metrics);
        if !metrics.is_empty() {
            attributes.push(RouteAttribute::Metrics(metrics));
        }
        message
    }

    /// The message that removes it. What the kernel adapts on its own, such as a metric that is
    /// too large, is left out: the kernel would not find the route by it.
    pub(crate) fn remove(&self) -> RouteMessage {
        let route = &self.route;
        let mut message = RouteMessage::default();
        message.header = self.header();
        let attributes = &mut message.attributes;
        let destination = route.destination.map(|to| RouteAttribute::Destination(to.ip.into()));
        attributes.extend(destination);
        attributes.extend(route.source.map(|from| RouteAttribute::Source(from.ip.into())));
        attributes.push(RouteAttribute::Table(self.table));
        attributes.extend(route.preferred_source.map(|ip| RouteAttribute::PrefSource(ip.into())));
        attributes.extend(route.metric.map(RouteAttribute::Priority));
        match &route.hops {
            net::Hops::One(hop) => {
                let index = self.links.first().copied().flatten();
                attributes.extend(index.map(|index| RouteAttribute::Oif(index.0)));
                attributes.extend(hop_attributes(hop, route.family));
            }
            net::Hops::Many(_) => attributes.push(RouteAttribute::MultiPath(self.next_hops())),
        }
        message
    }

    fn header(&self) -> RouteHeader {
        let route = &self.route;
        let on_link = matches!(&route.hops, net::Hops::One(hop) if hop.on_link);
        RouteHeader {
            address_family: family(route.family),
            destination_prefix_length: route.destination.map_or(0, |to| to.length),
            source_prefix_length: route.source.map_or(0, |from| from.length),
            tos: route.tos,
            table: u8::try_from(self.table).unwrap_or(RouteHeader::RT_TABLE_UNSPEC),
            protocol: route.protocol.into(),
            scope: route.scope.0.into(),
            kind: kind(route.kind),
            flags: if on_link { RouteFlags::Onlink } else { RouteFlags::empty() },
        }
    }

    fn next_hops(&self) -> Vec<RouteNextHop> {
        let places = self.route.hops.as_slice().iter().zip(&self.links);
        let next_hop = |(hop, index): (&NextHop, &Option<LinkIndex>)| {
            let mut next = RouteNextHop::default();
            next.hops = hop.weight;
            next.interface_index = index.map_or(0, |index| index.0);
            if hop.on_link {
                next.flags = RouteNextHopFlags::Onlink;
            }
            next.attributes = hop_attributes(hop, self.route.family);
            next
        };
        places.map(next_hop).collect()
    }
}

/// What is said of a hop besides its interface.
fn hop_attributes(hop: &NextHop, own: Family) -> Vec<RouteAttribute> {
    let gateway = hop.gateway.map(|ip| match ip {
        _ if Family::of(ip) == own => RouteAttribute::Gateway(ip.into()),
        std::net::IpAddr::V4(ip) => RouteAttribute::Via(RouteVia::Inet(ip)),
        std::net::IpAddr::V6(ip) => RouteAttribute::Via(RouteVia::Inet6(ip)),
    });
    let realms = hop.realms.map(|net::Realms { source, destination }| {
        RouteAttribute::Realm(RouteRealm { source, destination })
    });
    let tunnel = hop.tunnel.as_ref().into_iter().flat_map(tunnel::attributes);
    gateway.into_iter().chain(realms).chain(tunnel).collect()
}

pub(crate) const fn family(family: Family) -> AddressFamily {
    match family {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    }
}

pub(crate) fn known_family(family: AddressFamily) -> Option<Family> {
    [Family::V4, Family::V6].into_iter().find(|known| self::family(*known) == family)
}

const fn kind(kind: RouteKind) -> RouteType {
    match kind {
        RouteKind::Unicast => RouteType::Unicast,
        RouteKind::Local => RouteType::Local,
        RouteKind::Broadcast => RouteType::Broadcast,
        RouteKind::Anycast => RouteType::Anycast,
        RouteKind::Multicast => RouteType::Multicast,
        RouteKind::Blackhole => RouteType::BlackHole,
        RouteKind::Unreachable => RouteType::Unreachable,
        RouteKind::Prohibit => RouteType::Prohibit,
        RouteKind::Throw => RouteType::Throw,
        RouteKind::Nat => RouteType::Nat,
        RouteKind::ExternalResolve => RouteType::ExternalResolve,
    }
}

/// The address of a route attribute, where it is one of IP.
pub(crate) fn ip(address: &RouteAddress) -> Option<std::net::IpAddr> {
    if let RouteAddress::Inet(ip) = address {
        Some((*ip).into())
    } else if let RouteAddress::Inet6(ip) = address {
        Some((*ip).into())
    } else {
        None
    }
}
