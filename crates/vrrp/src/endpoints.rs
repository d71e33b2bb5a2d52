//! Where adverts come in, and whom they are for.

use std::collections::BTreeMap;

use net::{Family, Link};

use crate::advert;
use crate::config::{Authentication, Cast, Instance, ReceiveBuffers};
use crate::effect::Endpoint;
use crate::gate::Gate;
use crate::router::{Phase, Router};
use crate::units::InstanceId;

impl Router {
    /// Multicast and unicast instances may share a number, and unicast ones with different
    /// source addresses as well (compat 11 §14).
    pub(crate) fn addressee(
        &self,
        gate: &Gate,
        addressed: advert::Addressed,
    ) -> Option<InstanceId> {
        let advert::Addressed { vrid, source: from, destination: to } = addressed;
        let candidates = self.index.get(&(vrid, Family::of(from), gate.clone()))?;
        let fits = |id: &&InstanceId| {
            let instance = &self.instances[id];
            match &instance.config.cast {
                Cast::Multicast { .. } => to.is_multicast(),
                Cast::Unicast { .. } => {
                    instance.verdict.source.is_some_and(|source| source.ip == to)
                }
            }
        };
        let knows = |id: &&InstanceId| match &self.instances[id].config.cast {
            Cast::Multicast { .. } => true,
            Cast::Unicast { peers } => peers.iter().any(|peer| peer.address == from),
        };
        let mut fitting = candidates.iter().filter(fits);
        let found = match (fitting.next(), fitting.next()) {
            // Whoever is refused has to be told so.
            (None, _) => candidates.first(),
            (Some(only), None) => Some(only),
            (Some(first), Some(second)) => [first, second].into_iter().chain(fitting).find(knows),
        };
        found.copied()
    }

    /// Makes the look-up table of [`Self::addressee`] anew.
    pub(crate) fn index_instances(&mut self) {
        self.index.clear();
        self.wants_clock = false;
        for id in &self.sequence {
            let config = &self.instances[id].config;
            if config.obstacle.is_some() {
                continue;
            }
            self.wants_clock |= config.hmac.is_some();
            let key = (config.vrid.number(), config.family, config.seat.gate());
            self.index.entry(key).or_default().push(*id);
        }
    }

    /// One socket for each gate, family and protocol, in every group that an instance there uses.
    pub(crate) fn wanted_endpoints(&self) -> Vec<Endpoint> {
        let mut endpoints: BTreeMap<(Gate, Family, bool), Endpoint> = BTreeMap::new();
        if self.phase == Phase::Stopped {
            return Vec::new();
        }
        for id in &self.sequence {
            let config = &self.instances[id].config;
            let device = config.seat.device().map(|device| self.world.links.get(device));
            if device == Some(None) || config.obstacle.is_some() {
                continue;
            }
            let link = device.flatten();
            let gate = config.seat.gate();
            let authenticated = matches!(config.authentication, Authentication::Ah(_));
            let key = (gate.clone(), config.family, authenticated);
            let endpoint = endpoints.entry(key).or_insert_with(|| Endpoint {
                gate,
                index: link.map(|link| link.index),
                family: config.family,
                authenticated,
                groups: Vec::new(),
                receive_buffer: None,
            });
            let buffer = buffer_of(config, self.settings.receive_buffers, link);
            if buffer > 0 {
                endpoint.receive_buffer = Some(endpoint.receive_buffer.unwrap_or(0) + buffer);
            }
            if let Cast::Multicast { group } = &config.cast
                && !endpoint.groups.contains(group)
            {
                endpoint.groups.push(*group);
            }
        }
        endpoints.into_values().collect()
    }
}

/// What a packet may measure where no link says so.
const USUAL_MTU: u32 = 1500;

/// What an instance adds to the receive buffer of its socket (compat 11 §2).
fn buffer_of(config: &Instance, policy: ReceiveBuffers, link: Option<&Link>) -> u64 {
    if config.options.receive_buffer > 0 {
        return config.options.receive_buffer.into();
    }
    match policy {
        ReceiveBuffers::System => 0,
        ReceiveBuffers::Bytes(bytes) => bytes.into(),
        ReceiveBuffers::Mtus(times) => {
            u64::from(times) * u64::from(link.map_or(USUAL_MTU, |link| link.mtu))
        }
        ReceiveBuffers::Adverts(times) => {
            let bytes = u64::try_from(advert::size(config)).unwrap_or(u64::MAX);
            u64::from(times).saturating_mul(bytes)
        }
    }
}
