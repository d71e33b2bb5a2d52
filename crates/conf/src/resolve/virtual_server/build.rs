//! Makes the values of the core from a virtual server that is complete.

use std::collections::{BTreeSet, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use lvs::config::{GroupEntry, Identity, Quorum, Rare, RealServer, SorryServer, VirtualServer};
use net::{
    DestinationKey, Family, Forwarding, Granularity, Marking, ModuleName, Persistence, Protocol,
    Service, ServiceKey,
};

use super::{Resolver, check};
use crate::block::real_server::{self, RealServerDraft};
use crate::block::virtual_server::{ServiceDraft, VirtualServerDraft};
use crate::resolve::script;

/// The virtual server; `None` when it has nothing to serve.
pub(super) fn virtual_server(
    resolver: &mut Resolver<'_>,
    vs: &VirtualServerDraft,
) -> Option<VirtualServer> {
    let first_mark = first_mark(resolver, vs);
    let services = services(vs, first_mark)?;
    let rare = vs.rare.as_deref();
    let sorry_server = vs.sorry_server.as_ref().map(|ss| SorryServer {
        key: DestinationKey { ip: ss.address, port: ss.port },
        forwarding: ss.method.unwrap_or(Forwarding::Nat),
        inhibit: ss.inhibit,
    });
    Some(VirtualServer {
        identity: identity(vs, services.first()?.key),
        services,
        marked: first_mark.map_or_else(Vec::new, |mark| marked(vs, mark)),
        quorum: Quorum { needed: vs.quorum.unwrap_or(1), hysteresis: vs.hysteresis.unwrap_or(0) },
        omega: vs.omega,
        ha_suspend: vs.ha_suspend,
        mail: mails(resolver, vs.mail, false),
        snmp_name: rare.and_then(|rare| rare.snmp_name.clone()),
        quorum_up: script::check_notify(resolver, rare.and_then(|rare| rare.quorum_up.as_ref())),
        quorum_down: script::check_notify(
            resolver,
            rare.and_then(|rare| rare.quorum_down.as_ref()),
        ),
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

/// The first mark, when nftables marks the packets of its group: one that names marks itself is
/// left to whoever sets them.
fn first_mark(resolver: &Resolver<'_>, vs: &VirtualServerDraft) -> Option<u32> {
    let marks = &resolver.globals.firewall.ipvs;
    let by_address = |entry: &GroupEntry| matches!(entry, GroupEntry::Range { .. });
    let group = matches!(vs.service, ServiceDraft::Group { .. });
    let wanted = marks.table.is_some() && group && vs.members.iter().all(by_address);
    wanted.then_some(marks.first_mark)
}

/// The packets of its group.
fn marked(vs: &VirtualServerDraft, mark: u32) -> Vec<Marking> {
    let protocol = vs.protocol.unwrap_or(Protocol::Udp);
    let marking = |entry: &GroupEntry| match *entry {
        GroupEntry::Range { first, last, port } => {
            let ports = if port == 0 { (0, u16::MAX) } else { (port, port) };
            Some(Marking { protocol, addresses: (first, last), ports, mark })
        }
        GroupEntry::Mark { .. } => None,
    };
    vs.members.iter().filter_map(marking).collect()
}

/// One service, or one for each address of its group; when nftables marks, one for each family.
fn services(vs: &VirtualServerDraft, first_mark: Option<u32>) -> Option<Vec<Service>> {
    let scheduler = ModuleName::new(vs.scheduler.unwrap_or("wlc"))?;
    let service = |key: ServiceKey| Service {
        key,
        scheduler: scheduler.clone(),
        flags: vs.flags,
        persistence: persistence(vs, key.family()),
    };
    let keys = match first_mark {
        Some(mark) => {
            families(vs).into_iter().map(|family| ServiceKey::Mark { family, mark }).collect()
        }
        None => keys(vs),
    };
    Some(keys.into_iter().map(service).collect())
}

/// The families of its group's addresses.
fn families(vs: &VirtualServerDraft) -> BTreeSet<Family> {
    vs.members.iter().filter_map(GroupEntry::family).collect()
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

/// A group's counts for those of its services that are of the granularity's family; the original
/// forgets it (compat 21 §17).
fn persistence(vs: &VirtualServerDraft, family: Family) -> Option<Persistence> {
    let fits = |granularity: &Granularity| granularity.family() == family;
    let rare = vs.rare.as_deref();
    let granularity = rare.and_then(|rare| rare.granularity).filter(fits);
    vs.persistence.map(|timeout| Persistence {
        timeout,
        granularity: granularity.unwrap_or(Granularity::whole(family)),
        engine: rare.and_then(|rare| rare.engine.clone()),
    })
}

fn real_server(
    resolver: &mut Resolver<'_>,
    vs: &VirtualServerDraft,
    rs: &RealServerDraft,
) -> RealServer {
    let drafted = rs.rare.as_deref();
    let timing = drafted.map_or(vs.timing(), |rare| rare.timing.or(vs.timing()));
    let owner = check::Owner { vs, rs, timing };
    RealServer {
        key: DestinationKey { ip: rs.address, port: rs.port },
        forwarding: rs.method.unwrap_or(Forwarding::Nat),
        weight: rs.weight.or(vs.weight).unwrap_or(1),
        upper_threshold: drafted.map_or(0, |rare| rare.upper_threshold),
        lower_threshold: drafted.map_or(0, |rare| rare.lower_threshold),
        inhibit_on_failure: rs.inhibit_on_failure.unwrap_or(vs.inhibit_on_failure),
        mail: mails(resolver, rs.mail, true),
        rare: drafted.and_then(|drafted| rare(resolver, drafted)),
        checks: rs.checks.iter().filter_map(|draft| owner.check(resolver, draft)).collect(),
    }
}

fn rare(resolver: &mut Resolver<'_>, drafted: &real_server::Rare) -> Option<Box<Rare>> {
    let rare = Rare {
        snmp_name: drafted.snmp_name.clone(),
        notify_up: script::check_notify(resolver, drafted.notify_up.as_ref()),
        notify_down: script::check_notify(resolver, drafted.notify_down.as_ref()),
    };
    (rare != Rare::default()).then(|| Box::new(rare))
}
