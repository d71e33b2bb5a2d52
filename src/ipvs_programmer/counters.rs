//! What the kernel counts of the virtual servers and their servers, read when somebody wants to know.
//!
//! Decides what belongs together: the services of a group are one (compat 21 §15). Whoever reads has
//! a socket of its own, so that nobody waits for him.

use std::collections::BTreeMap;

use ipvs::{Counted, Load, Traffic};
use net::{Destination, DestinationKey, Service};

use super::table::place;
use super::{Access, Error};

/// What was counted of one virtual server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    /// Of all its services.
    pub(crate) traffic: Traffic,
    /// One for each service.
    servers: Vec<(Service, BTreeMap<DestinationKey, Counted<Destination>>)>,
}

impl Counters {
    /// What was counted of a server; nothing where the kernel does not have it.
    pub(crate) fn of(&self, server: &Destination) -> Option<(Load, Traffic)> {
        let entries = self.servers.iter().filter_map(|(service, servers)| {
            servers.get(&place(server.key, server.forwarding, service.key))
        });
        let all: Vec<_> = entries.collect();
        let sums = (all.iter().map(|one| one.load).sum(), all.iter().map(|one| one.traffic).sum());
        (!all.is_empty()).then_some(sums)
    }
}

/// Reads the counters of virtual servers, each of which has these services; several may share one.
///
/// # Errors
/// When IPVS cannot be asked.
pub(crate) fn read<'a>(
    access: &Access,
    all: impl Iterator<Item = &'a [Service]>,
) -> Result<Vec<Counters>, Error> {
    let mut socket = access.open()?;
    let found = socket.counted_services()?.into_iter();
    let found: BTreeMap<_, _> = found.map(|counted| (counted.of.key, counted)).collect();
    let mut counters = Vec::new();
    for services in all {
        let mut one = Counters::default();
        for key in services.iter().map(|service| service.key) {
            let Some(counted) = found.get(&key) else { continue };
            one.traffic = one.traffic + counted.traffic;
            let servers = socket.counted_destinations(key)?.into_iter();
            let servers = servers.map(|counted| (counted.of.key, counted)).collect();
            one.servers.push((counted.of.clone(), servers));
        }
        counters.push(one);
    }
    Ok(counters)
}
