//! Finds what keeps an instance from ever taking part: the kind of its link, or what is missing on
//! it. It is kept, in FAULT, since whoever watches it has to see that (compat 11 §19).

use net::{Family, LinkKind};
use vrrp::config::Obstacle;

use super::Resolver;
use crate::block::vrrp_instance::InstanceDraft;
use crate::diagnostic::Diagnostic;

/// Reports every obstacle, and gives the first.
pub(crate) fn find(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    family: Family,
) -> Option<Obstacle> {
    let ethernet = no_ethernet(resolver, draft);
    let address = no_ipvlan_address(resolver, draft, family);
    let multicast = no_multicast(resolver, draft);
    ethernet.or(address).or(multicast)
}

/// Its own interface can only be made on Ethernet.
fn no_ethernet(resolver: &mut Resolver<'_>, draft: &InstanceDraft) -> Option<Obstacle> {
    let own = draft.vmac.is_some() || draft.ipvlan.is_some();
    let written = draft.interface.as_ref().filter(|_| own)?;
    let link = resolver.link(&written.value)?;
    if link.kind != LinkKind::Other {
        return None;
    }
    let message = format!("({}): vmacs are only supported on Ethernet type interfaces", draft.name);
    let found = Diagnostic::general(message).about(written.span);
    resolver.add(found.hint("remove use_vmac or use_ipvlan, or run on an Ethernet interface"));
    Some(Obstacle::NoEthernet)
}

fn no_ipvlan_address(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    family: Family,
) -> Option<Obstacle> {
    let ipvlan = draft.ipvlan.as_ref().filter(|_| draft.interface.is_some())?;
    if ipvlan.address.is_some() || family == Family::V6 {
        return None;
    }
    let name = &draft.name;
    resolver.error(format!(
        "({name}) IPv4 ipvlan requires a source ip address to be configured. setting instance to \
         fault state"
    ));
    Some(Obstacle::NoIpvlanAddress)
}

fn no_multicast(resolver: &mut Resolver<'_>, draft: &InstanceDraft) -> Option<Obstacle> {
    let written = draft.interface.as_ref().filter(|_| draft.peers.is_empty())?;
    let link = resolver.link(&written.value)?;
    if link.multicast {
        return None;
    }
    let message = format!(
        "({}) interface {} does not support multicast, specify unicast peers - disabling",
        draft.name, link.name
    );
    resolver.add(Diagnostic::general(message).about(written.span).hint("add unicast_peer { }"));
    Some(Obstacle::NoMulticast)
}
