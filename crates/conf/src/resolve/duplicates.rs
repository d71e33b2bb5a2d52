//! Refuses virtual routers that could not be told apart (compat 11 §14).

use net::LinkName;
use vrrp::config::{Cast, Instance, Obstacle};

use super::Resolver;
use crate::diagnostic::Diagnostic;
use crate::globals::DynamicInterfaces;

/// Compares every two instances with the same identifier.
pub(crate) fn check(resolver: &mut Resolver<'_>, instances: &mut [Instance]) {
    let bases: Vec<Option<LinkName>> =
        instances.iter().map(|instance| Some(base(resolver, instance.seat.link()?))).collect();
    for at in 0..instances.len() {
        let (before, rest) = instances.split_at_mut(at + 1);
        let Some(one) = before.last_mut() else { continue };
        for (other, base) in rest.iter().zip(&bases[at + 1..]) {
            if one.vrid == other.vrid && one.family == other.family && bases[at] == *base {
                compare(resolver, one, other, base.as_ref());
            }
        }
    }
}

/// The link whose segment it shares: that below a macvlan or ipvlan, or itself.
fn base(resolver: &Resolver<'_>, name: &LinkName) -> LinkName {
    let links = &resolver.environment.links;
    let below = resolver.link(name.as_str()).and_then(|link| link.kind.base());
    let below = below.and_then(|index| links.iter().find(|link| link.index == index));
    below.map_or_else(|| name.clone(), |link| link.name.clone())
}

fn compare(
    resolver: &mut Resolver<'_>,
    one: &mut Instance,
    other: &Instance,
    base: Option<&LinkName>,
) {
    match (&one.cast, &other.cast) {
        (Cast::Multicast { group }, Cast::Multicast { group: others }) if group == others => {
            // Without a link nothing is sent to a group.
            if let Some(base) = base {
                same_number(resolver, one, other, base);
            }
        }
        (Cast::Unicast { peers }, Cast::Unicast { peers: others }) => {
            let shared =
                peers.iter().any(|peer| others.iter().any(|other| other.address == peer.address));
            let same = match base {
                Some(_) => one.seat.source() == other.seat.source(),
                None => one.seat == other.seat,
            };
            if shared && same {
                resolver.fatal(format!(
                    "({}) duplicate VRID conflict with {} VRID {}",
                    other.name, one.name, one.vrid
                ));
            }
        }
        (Cast::Multicast { .. }, _) | (Cast::Unicast { .. }, _) => {}
    }
}

/// Where interfaces may come to be on another one, this may change: the first one waits in FAULT.
fn same_number(resolver: &mut Resolver<'_>, one: &mut Instance, other: &Instance, base: &LinkName) {
    let family = match one.family {
        net::Family::V4 => 4,
        net::Family::V6 => 6,
    };
    let (name, vrid) = (&one.name, one.vrid);
    if resolver.globals.dynamic_interfaces != DynamicInterfaces::AllowChanges {
        resolver.fatal(format!(
            "{name} and {} both use VRID {vrid} with IPv{family} on interface {base}",
            other.name
        ));
        return;
    }
    let message = format!(
        "({name}) - warning, VRID {vrid} for IPv{family} is currently duplicated on {}",
        other.name
    );
    resolver.add(Diagnostic::notice(message));
    one.obstacle = one.obstacle.or(Some(Obstacle::SameNumber));
}
