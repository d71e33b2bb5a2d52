//! Settles what an instance asks for that nothing acts on yet.

use vrrp::Version;
use vrrp::config::{LaterOptions, UnicastChecksum};

use super::Resolver;
use super::instance::Basics;
use crate::block::vrrp_instance::InstanceDraft;
use crate::diagnostic::Diagnostic;

/// The settings of an instance.
pub(super) fn resolve(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    basics: Basics,
) -> LaterOptions {
    let name = &draft.name;
    let wish = &draft.later;
    let owner = basics.priority.is_owner();
    let must_refuse = basics.strict && !owner && basics.version == Version::V2;
    let accepts = !must_refuse && draft.accept.unwrap_or(!basics.strict || owner);
    if wish.steps_down_for.is_some() && !draft.nopreempt {
        resolver.error(format!("({name}) timer_expired_backup needs nopreempt - ignoring"));
    }
    // One that does not exist is another complaint.
    let vrf = wish.vrf.as_ref().filter(|vrf| resolver.link(vrf.value.as_str()).is_some());
    if let (Some(vrf), true) = (vrf, draft.interface.is_some()) {
        let message = format!("({name}) Cannot specify VRF interface and interface - ignoring");
        resolver.add(Diagnostic::general(message).at(vrf.span));
    }
    LaterOptions {
        strict: basics.strict,
        refuses_packets: !accepts,
        vmac_for_addresses: wish.vmac_for_addresses,
        fault_without_peers: draft.fault_without_peers,
        unicast_checksum: match draft.peers.is_empty() {
            true => UnicastChecksum::Detected,
            false => wish.unicast_checksum,
        },
        checksum_as_v2: wish.checksum_as_v2.or(resolver
            .globals
            .vrrp
            .checksum_as_v2
            .then_some(true)),
        receive_buffer: wish.receive_buffer,
        steps_down_for: wish.steps_down_for.filter(|_| draft.nopreempt),
        extra_links: wish.extra_links,
    }
}
