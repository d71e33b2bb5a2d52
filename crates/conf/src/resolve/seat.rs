//! Decides what an instance is bound to: its interface, or its source address (compat 11 §9).

use std::net::IpAddr;

use net::LinkName;
use vrrp::config::Seat;

use super::Resolver;
use crate::block::vrrp_instance::InstanceDraft;
use crate::diagnostic::{Diagnostic, Stop};

/// What it is bound to; `None`, reported, when there is nothing.
pub(crate) fn resolve(resolver: &mut Resolver<'_>, draft: &InstanceDraft) -> Option<Seat> {
    match &draft.interface {
        Some(_) => link(resolver, draft),
        None => address(resolver, draft),
    }
}

fn link(resolver: &mut Resolver<'_>, draft: &InstanceDraft) -> Option<Seat> {
    let (name, written) = (&draft.name, draft.interface.as_ref()?);
    if !draft.options.vrfs.is_empty() {
        resolver.error(format!("({name}) vrf can only be specified without interface - clearing"));
    }
    let missing =
        format!("WARNING - interface {} for vrrp_instance {name} doesn't exist", written.value);
    let link = resolver.usable_link(&written.value, written.span, missing)?;
    Some(Seat::Link { link, source: draft.source })
}

fn address(resolver: &mut Resolver<'_>, draft: &InstanceDraft) -> Option<Seat> {
    let name = &draft.name;
    let unicast = draft.unicast_keyword || !draft.peers.is_empty();
    if unicast && (draft.vmac.is_some() || draft.ipvlan.is_some()) {
        let message = format!(
            "({name}): Cannot use VMAC/ipvlan with unicast and no interface - clearing use_vmac"
        );
        resolver.add(Diagnostic::general(message).at(draft.closed).hint("add interface"));
    }
    let vrf = vrf(resolver, draft);
    // With neither it would send to a group, which takes a link.
    if draft.peers.is_empty() && !draft.fault_without_peers {
        let message = format!("({name}) Unknown interface!");
        let found = Diagnostic::general(message).about(draft.span).stopping(Stop::Unusable);
        let hint = "add interface, the one it sends its adverts on, or unicast_peer";
        resolver.add(found.hint(hint));
        return None;
    }
    let Some(source) = draft.source else {
        let message = format!("({name}): Unicast instances must have unicast_src_ip or interface");
        let found = Diagnostic::general(message).about(draft.span).stopping(Stop::Unusable);
        resolver.add(found.hint("add unicast_src_ip, an address of this machine, or interface"));
        return None;
    };
    if is_of_a_link(source) {
        let message = format!("({name}) the link-local unicast_src_ip {source} needs an interface");
        let found = Diagnostic::general(message).about(draft.span).stopping(Stop::Unusable);
        resolver.add(found.hint("add interface: every link has such addresses"));
        return None;
    }
    Some(Seat::Address { source, vrf: vrf? })
}

/// Whether an address says nothing without a link.
const fn is_of_a_link(source: IpAddr) -> bool {
    match source {
        IpAddr::V4(_) => false,
        IpAddr::V6(source) => source.is_unicast_link_local(),
    }
}

/// The VRF, if one is configured; nothing at all when it is missing.
fn vrf(resolver: &mut Resolver<'_>, draft: &InstanceDraft) -> Option<Option<LinkName>> {
    let mut vrf = Some(None);
    for written in &draft.options.vrfs {
        let (name, wanted) = (&draft.name, &written.value);
        let missing = format!("({name}) WARNING - VRF interface {wanted} doesn't exist");
        vrf = resolver.usable_link(wanted, written.span, missing).map(Some);
        if resolver.link(wanted).is_some_and(|link| link.kind.vrf_table().is_none()) {
            let message = format!("({name}) interface {wanted} is not a VRF");
            let hint = "only what comes in on it is heard; name a VRF, or use interface";
            resolver.add(Diagnostic::notice(message).at(written.span).hint(hint));
        }
    }
    vrf
}
