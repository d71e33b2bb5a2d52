//! Settles the interface of its own that an instance runs on, and the rules around it (compat 11
//! §10).

use std::collections::HashMap;

use net::{Family, MacAddress};
use vrrp::Vrid;
use vrrp::config::{Device, Ipvlan, Obstacle, Vmac};

use super::{Resolver, obstacle};
use crate::block::address::AddressDraft;
use crate::block::vrrp_instance::InstanceDraft;
use crate::diagnostic::Diagnostic;

/// What it runs on, and what keeps it from that.
pub(crate) fn resolve(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    (family, strict): (Family, bool),
) -> (Device, Option<Obstacle>) {
    let obstacle = obstacle::find(resolver, draft, family);
    (device(resolver, draft, strict), obstacle)
}

fn device(resolver: &mut Resolver<'_>, draft: &InstanceDraft, strict: bool) -> Device {
    let name = &draft.name;
    let based = draft.interface.is_some();
    let own = based && (draft.vmac.is_some() || draft.ipvlan.is_some());
    if draft.options.send_from_base && !own {
        resolver.error(format!("({name}) vmac_xmit_base is only valid with a vmac"));
    } else if draft.options.send_from_base && strict {
        resolver.error(format!("({name}) xmit_base is incompatible with strict mode - resetting"));
    }
    if draft.options.promote_secondaries && own {
        resolver.error(format!(
            "({name}) promote_secondaries is automatically set for vmacs - ignoring"
        ));
    }
    // Peers would not know the MAC address of a macvlan.
    let peers = !draft.peers.is_empty();
    let unicast = peers || draft.unicast_keyword;
    if own && unicast && !draft.options.send_from_base {
        let message = format!("({name}) unicast with use_vmac requires vmac_xmit_base - setting");
        resolver.add(Diagnostic::general(message).at(draft.closed));
    }
    let send_from_base = (draft.options.send_from_base || peers) && !strict;
    if draft.vmac.is_some() && draft.ipvlan.is_some() {
        let message = format!("({name}) use_vmac is ignored, since use_ipvlan is there too");
        resolver.add(Diagnostic::notice(message).about(draft.span));
    }
    match (&draft.ipvlan, &draft.vmac) {
        _ if !based => Device::Link,
        (Some(ipvlan), _) => Device::Ipvlan(Ipvlan {
            name: ipvlan.name.as_ref().map(|(name, _)| name.clone()),
            address: ipvlan.address,
            mode: ipvlan.mode.unwrap_or_default(),
            group: ipvlan.group,
            send_from_base,
        }),
        (None, Some(_)) => Device::Vmac(Vmac { send_from_base, ..vmac(resolver, draft, strict) }),
        (None, None) => Device::Link,
    }
}

fn vmac(resolver: &mut Resolver<'_>, draft: &InstanceDraft, strict: bool) -> Vmac {
    let name = &draft.name;
    let Some(written) = &draft.vmac else { return Vmac::default() };
    let mut mac = written.mac.as_deref().and_then(|octets| completed(octets, draft.vrid));
    if strict && written.mac.is_some() {
        resolver.error(format!("({name}): cannot specify MAC address with strict mode - clearing"));
        mac = None;
    }
    redundant(resolver, draft);
    Vmac {
        name: written.name.as_ref().map(|(name, _)| name.clone()),
        mac,
        notify: written.notify,
        group: written.group,
        send_from_base: false,
    }
}

/// Five octets are completed by the number.
fn completed(octets: &[u8], vrid: Option<Vrid>) -> Option<MacAddress> {
    match octets {
        [a, b, c, d, e] => Some(MacAddress([*a, *b, *c, *d, *e, vrid?.number()])),
        [a, b, c, d, e, f] => Some(MacAddress([*a, *b, *c, *d, *e, *f])),
        _ => None,
    }
}

/// The addresses of an instance on a macvlan need none of their own.
fn redundant(resolver: &mut Resolver<'_>, draft: &InstanceDraft) {
    let foreign = |address: &AddressDraft| address.dev.is_some();
    for address in draft.addresses.iter().chain(&draft.excluded) {
        let covered = !foreign(address) || draft.options.vmac_for_addresses;
        if let Some(span) = address.own_device.filter(|_| covered) {
            let message = format!(
                "({}) use_vmac specified for VIP/eVIP {} and vrrp instance",
                draft.name, address.text
            );
            resolver.add(Diagnostic::general(message).about(span));
        }
    }
}

/// No two instances may name the same interface.
pub(crate) fn same_names(resolver: &mut Resolver<'_>, drafts: &[InstanceDraft]) {
    let mut known: HashMap<&str, &str> = HashMap::new();
    for draft in drafts {
        let vmac = draft.vmac.as_ref().and_then(|vmac| vmac.name.as_ref());
        let ipvlan = draft.ipvlan.as_ref().and_then(|ipvlan| ipvlan.name.as_ref());
        for (link, word) in vmac.into_iter().chain(ipvlan) {
            match known.get(link.as_str()) {
                Some(other) => {
                    let message = format!(
                        "({}) VRRP instance {other} is already using {link} - ignoring name",
                        draft.name
                    );
                    resolver.add(Diagnostic::general(message).at(word.span));
                }
                None => {
                    known.insert(link.as_str(), &draft.name);
                }
            }
        }
    }
}
