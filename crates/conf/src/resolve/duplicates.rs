//! Refuses virtual routers that could not be told apart (compat 11 §14).

use vrrp::config::{Cast, Instance};

use super::Resolver;

/// Compares every two instances with the same identifier.
pub(crate) fn check(resolver: &mut Resolver<'_>, instances: &[Instance]) {
    for (at, one) in instances.iter().enumerate() {
        for other in instances.iter().skip(at + 1) {
            if one.vrid != other.vrid || one.family != other.family {
                continue;
            }
            if let Some(message) = conflict(one, other) {
                resolver.fatal(message);
            }
        }
    }
}

fn conflict(one: &Instance, other: &Instance) -> Option<String> {
    match (&one.cast, &other.cast) {
        (Cast::Multicast { group }, Cast::Multicast { group: others })
            if group == others && one.seat.link() == other.seat.link() =>
        {
            let family = match one.family {
                net::Family::V4 => 4,
                net::Family::V6 => 6,
            };
            Some(format!(
                "{} and {} both use VRID {} with IPv{family} on interface {}",
                one.name,
                other.name,
                one.vrid,
                one.seat.gate()
            ))
        }
        (Cast::Unicast { peers }, Cast::Unicast { peers: others }) => {
            let shared =
                peers.iter().any(|peer| others.iter().any(|other| other.address == peer.address));
            let same = shared && one.seat == other.seat;
            same.then(|| {
                format!(
                    "({}) duplicate VRID conflict with {} VRID {}",
                    other.name, one.name, one.vrid
                )
            })
        }
        (Cast::Multicast { .. }, _) | (Cast::Unicast { .. }, _) => None,
    }
}
