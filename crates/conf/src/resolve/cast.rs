//! Decides whom an instance sends to: a group, or its peers (compat 11 §9).

use net::Family;
use vrrp::config::Cast;

use super::Resolver;
use crate::block::vrrp_instance::InstanceDraft;
use crate::diagnostic::Diagnostic;

/// Whom it sends to and with which TTL; `None` when it cannot be run.
pub(crate) fn resolve(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    (family, strict): (Family, bool),
) -> Option<(Cast, u8)> {
    let name = &draft.name;
    if draft.peers.is_empty() {
        return multicast(resolver, draft, family);
    }
    if strict && may_send_to_a_group(resolver, draft) {
        resolver.fatal(format!("({name}) Unicast peers are not supported in strict mode"));
        return None;
    }
    if draft.group.is_some() {
        resolver.error(format!("({name}) multicast destination specified with unicast - ignoring"));
    }
    let peers = draft.peers.clone();
    Some((Cast::Unicast { peers }, draft.unicast_ttl.unwrap_or(255)))
}

/// Whether its link carries multicast, so that it need not have peers.
fn may_send_to_a_group(resolver: &Resolver<'_>, draft: &InstanceDraft) -> bool {
    let link = draft.interface.as_ref().and_then(|written| resolver.link(&written.value));
    link.is_none_or(|link| link.multicast)
}

fn multicast(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    family: Family,
) -> Option<(Cast, u8)> {
    let name = &draft.name;
    if draft.unicast_ttl.is_some() {
        let message = format!("({name}): Cannot use unicast_ttl without unicast peers - resetting");
        resolver.add(Diagnostic::general(message).at(draft.closed));
    }
    if draft.fault_without_peers {
        let message = format!("({name}) has no unicast peers and stays in FAULT");
        resolver.add(Diagnostic::notice(message).about(draft.span));
        return Some((Cast::Unicast { peers: Vec::new() }, 255));
    }
    if draft.unicast_keyword {
        resolver.error(format!(
            "({name}) A unicast keyword has been specified without any unicast peers. Defaulting \
             to multicast. This usage is deprecated - please update your configuration."
        ));
    }
    let group = draft.group.unwrap_or_else(|| resolver.globals.vrrp.group(family));
    Some((Cast::Multicast { group }, 255))
}
