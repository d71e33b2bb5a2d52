//! Packets for nobody: too short to be of any virtual router, or of one that is not configured.

use std::net::{IpAddr, Ipv4Addr};

use net::Family;

use crate::advert;
use crate::effect::Effect;
use crate::event::{Event, What};
use crate::gate::Gate;
use crate::router::Router;
use crate::units::Name;

impl Router {
    /// A packet that ends before it says whom it is for.
    pub(crate) fn on_short(&mut self, gate: &Gate, bytes: &[u8]) {
        let family = if bytes.first().is_some_and(|first| first >> 4 == 6) {
            Family::V6
        } else {
            Family::V4
        };
        let authenticated = family == Family::V4 && advert::is_under_ah(bytes);
        let (length, nobody) = (bytes.len(), IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        self.complain(gate, (None, nobody), |silent| What::TooShort {
            length,
            family,
            authenticated,
            silent,
        });
    }

    /// An advert of a virtual router that is not configured here (`log_unknown_vrids`).
    pub(crate) fn on_unknown(&mut self, gate: &Gate, addressed: advert::Addressed) {
        if !self.settings.names_unknown {
            return;
        }
        let advert::Addressed { vrid, source, destination } = addressed;
        let from = (!destination.is_multicast()).then_some(source);
        self.complain(gate, (Some(vrid), source), |silent| What::UnknownRouter {
            vrid,
            from,
            silent,
        });
    }

    /// The same complaint is a line at once and then one a minute.
    fn complain(
        &mut self,
        gate: &Gate,
        (vrid, from): (Option<u8>, IpAddr),
        what: impl FnOnce(u32) -> What,
    ) {
        if let Some(silent) = self.strays.note((gate.clone(), vrid), from, self.now) {
            let event = Event { subject: Name::new(&gate.to_string()), what: what(silent) };
            self.effects.push_back(Effect::Report(event));
        }
    }
}
