//! Makes the values of the core from a virtual server that is complete.

use lvs::config::{Identity, Quorum, RealServer, SorryServer, VirtualServer};
use net::{
    DestinationKey, Family, Forwarding, Granularity, ModuleName, Persistence, Protocol, Service,
    ServiceKey,
};

use super::{Resolver, check, note};
use crate::block::real_server::RealServerDraft;
use crate::block::virtual_server::{ServiceDraft, VirtualServerDraft};
use crate::resolve::script;

/// The virtual server; `None` when it is not run yet, and that was said.
pub(super) fn virtual_server(
    resolver: &mut Resolver<'_>,
    vs: &VirtualServerDraft,
) -> Option<VirtualServer> {
    let Some(key) = key(vs) else {
        let message = format!("Virtual server {} needs its group and is not run yet", vs.name());
        let hint = "write a virtual_server for each address of the group";
        note(resolver, vs, message, hint);
        return None;
    };
    let service = Service {
        key,
        scheduler: ModuleName::new(vs.scheduler.unwrap_or("wlc"))?,
        flags: vs.flags,
        persistence: persistence(vs, key.family()),
    };
    let sorry_server = vs.sorry_server.as_ref().map(|ss| SorryServer {
        key: DestinationKey { ip: ss.address, port: ss.port },
        forwarding: ss.method.unwrap_or(Forwarding::Nat),
        inhibit: ss.inhibit,
    });
    Some(VirtualServer {
        identity: Identity::Service(key),
        services: vec![service],
        quorum: Quorum { needed: vs.quorum.unwrap_or(1), hysteresis: vs.hysteresis.unwrap_or(0) },
        omega: vs.omega,
        quorum_up: script::check_notify(resolver, vs.quorum_up.as_ref()),
        quorum_down: script::check_notify(resolver, vs.quorum_down.as_ref()),
        sorry_server,
        real_servers: vs.real_servers.iter().map(|rs| real_server(resolver, vs, rs)).collect(),
    })
}

fn key(vs: &VirtualServerDraft) -> Option<ServiceKey> {
    match vs.service {
        ServiceDraft::Address(ip, port) => {
            let protocol = vs.protocol.unwrap_or(Protocol::Udp);
            Some(ServiceKey::Address { protocol, ip, port })
        }
        ServiceDraft::Mark(mark) => {
            Some(ServiceKey::Mark { family: vs.family.unwrap_or(Family::V4), mark })
        }
        ServiceDraft::Group(_) => None,
    }
}

fn persistence(vs: &VirtualServerDraft, family: Family) -> Option<Persistence> {
    vs.persistence.map(|timeout| Persistence {
        timeout,
        granularity: vs.granularity.unwrap_or(Granularity::whole(family)),
        engine: vs.engine.clone(),
    })
}

fn real_server(
    resolver: &mut Resolver<'_>,
    vs: &VirtualServerDraft,
    rs: &RealServerDraft,
) -> RealServer {
    let owner = check::Owner { vs, rs, timing: rs.timing.or(vs.timing) };
    RealServer {
        key: DestinationKey { ip: rs.address, port: rs.port },
        forwarding: rs.method.unwrap_or(Forwarding::Nat),
        weight: rs.weight.or(vs.weight).unwrap_or(1),
        upper_threshold: rs.upper_threshold,
        lower_threshold: rs.lower_threshold,
        inhibit_on_failure: rs.inhibit_on_failure.unwrap_or(vs.inhibit_on_failure),
        notify_up: script::check_notify(resolver, rs.notify_up.as_deref()),
        notify_down: script::check_notify(resolver, rs.notify_down.as_deref()),
        checks: rs.checks.iter().filter_map(|draft| owner.check(resolver, draft)).collect(),
    }
}
