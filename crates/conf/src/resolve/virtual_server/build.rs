//! Makes the values of the core from a virtual server that is complete.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use lvs::config::{GroupEntry, Identity, Quorum, RealServer, SorryServer, VirtualServer};
use net::{
    DestinationKey, Family, Forwarding, Granularity, ModuleName, Persistence, Protocol, Service,
    ServiceKey,
};

use super::{Resolver, check};
use crate::block::real_server::RealServerDraft;
use crate::block::virtual_server::{ServiceDraft, VirtualServerDraft};
use crate::resolve::script;

/// The virtual server; `None` when it has nothing to serve.
pub(super) fn virtual_server(
    resolver: &mut Resolver<'_>,
    vs: &VirtualServerDraft,
) -> Option<VirtualServer> {
    let services = services(vs)?;
    let sorry_server = vs.sorry_server.as_ref().map(|ss| SorryServer {
        key: DestinationKey { ip: ss.address, port: ss.port },
        forwarding: ss.method.unwrap_or(Forwarding::Nat),
        inhibit: ss.inhibit,
    });
    Some(VirtualServer {
        identity: identity(vs, services.first()?.key),
        services,
        quorum: Quorum { needed: vs.quorum.unwrap_or(1), hysteresis: vs.hysteresis.unwrap_or(0) },
        omega: vs.omega,
        ha_suspend: vs.ha_suspend,
        mail: mails(resolver, vs.mail, false),
        snmp_name: vs.snmp_name.clone(),
        quorum_up: script::check_notify(resolver, vs.quorum_up.as_ref()),
        quorum_down: script::check_notify(resolver, vs.quorum_down.as_ref()),
        sorry_server,
        real_servers: vs.real_servers.iter().map(|rs| real_server(resolver, vs, rs)).collect(),
    })
}

/// Whether something is mailed: by its own word, that of all checks, that of all, or by default.
fn mails(resolver: &Resolver<'_>, own: Option<bool>, default: bool) -> bool {
    let mail = &resolver.globals.mail;
    own.or(mail.alert_checker).or(mail.alert).unwrap_or(default)
}

fn identity(vs: &VirtualServerDraft, key: ServiceKey) -> Identity {
    match &vs.service {
        ServiceDraft::Address(..) | ServiceDraft::Mark(_) => Identity::Service(key),
        ServiceDraft::Group { name, place } => {
            Identity::Group { name: name.as_str().into(), protocol: vs.protocol, place: *place }
        }
    }
}

/// One service, or one for each address of its group.
fn services(vs: &VirtualServerDraft) -> Option<Vec<Service>> {
    let scheduler = ModuleName::new(vs.scheduler.unwrap_or("wlc"))?;
    let service = |key: ServiceKey| Service {
        key,
        scheduler: scheduler.clone(),
        flags: vs.flags,
        persistence: persistence(vs, key.family()),
    };
    Some(keys(vs).into_iter().map(service).collect())
}

fn keys(vs: &VirtualServerDraft) -> Vec<ServiceKey> {
    let protocol = vs.protocol.unwrap_or(Protocol::Udp);
    let family = vs.family.unwrap_or(Family::V4);
    match vs.service {
        ServiceDraft::Address(ip, port) => vec![ServiceKey::Address { protocol, ip, port }],
        ServiceDraft::Mark(mark) => vec![ServiceKey::Mark { family, mark }],
        ServiceDraft::Group { .. } => {
            let mut seen = HashSet::new();
            let all = vs.members.iter().flat_map(|entry| members(*entry, protocol, family));
            all.filter(|key| seen.insert(*key)).collect()
        }
    }
}

/// The services of one line of a group.
fn members(
    entry: GroupEntry,
    protocol: Protocol,
    family: Family,
) -> Box<dyn Iterator<Item = ServiceKey>> {
    match entry {
        GroupEntry::Range { first: IpAddr::V4(first), last: IpAddr::V4(last), port } => {
            let all = first.to_bits()..=last.to_bits();
            Box::new(all.map(move |bits| {
                let ip = Ipv4Addr::from_bits(bits).into();
                ServiceKey::Address { protocol, ip, port }
            }))
        }
        GroupEntry::Range { first: IpAddr::V6(first), last: IpAddr::V6(last), port } => {
            let all = first.to_bits()..=last.to_bits();
            Box::new(all.map(move |bits| {
                let ip = Ipv6Addr::from_bits(bits).into();
                ServiceKey::Address { protocol, ip, port }
            }))
        }
        // Ends of two families cannot be written.
        GroupEntry::Range { .. } => Box::new(std::iter::empty()),
        GroupEntry::Mark { mark, family: own } => {
            let family = own.unwrap_or(family);
            Box::new(std::iter::once(ServiceKey::Mark { family, mark }))
        }
    }
}

/// The granularity of a group is that of single clients, whatever is written (compat 21 §4.1).
fn persistence(vs: &VirtualServerDraft, family: Family) -> Option<Persistence> {
    let group = matches!(vs.service, ServiceDraft::Group { .. });
    vs.persistence.map(|timeout| Persistence {
        timeout,
        granularity: vs.granularity.filter(|_| !group).unwrap_or(Granularity::whole(family)),
        engine: vs.engine.clone(),
    })
}

fn real_server(
    resolver: &mut Resolver<'_>,
    vs: &VirtualServerDraft,
    rs: &RealServerDraft,
) -> RealServer {
    let rare = rs.rare.as_deref();
    let timing = rare.map_or(vs.timing, |rare| rare.timing.or(vs.timing));
    let owner = check::Owner { vs, rs, timing };
    RealServer {
        key: DestinationKey { ip: rs.address, port: rs.port },
        forwarding: rs.method.unwrap_or(Forwarding::Nat),
        weight: rs.weight.or(vs.weight).unwrap_or(1),
        upper_threshold: rs.upper_threshold,
        lower_threshold: rs.lower_threshold,
        inhibit_on_failure: rs.inhibit_on_failure.unwrap_or(vs.inhibit_on_failure),
        mail: mails(resolver, rs.mail, true),
        snmp_name: rare.and_then(|rare| rare.snmp_name.clone()),
        notify_up: script::check_notify(resolver, rare.and_then(|rare| rare.notify_up.as_ref())),
        notify_down: script::check_notify(
            resolver,
            rare.and_then(|rare| rare.notify_down.as_ref()),
        ),
        checks: rs.checks.iter().filter_map(|draft| owner.check(resolver, draft)).collect(),
    }
}
