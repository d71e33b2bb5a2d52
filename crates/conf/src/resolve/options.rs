//! Settles the switches of an instance: what it says, what its daemon says, and what strict mode
//! allows (compat 11 §8).

use vrrp::config::{LaterOptions, Options, UnicastChecksum};
use vrrp::{Priority, Version};

use super::Resolver;
use super::basics::Basics;
use crate::block::vrrp_instance::InstanceDraft;
use crate::block::vrrp_sync_group::GroupDraft;

/// The switches of an instance.
pub(super) fn resolve(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    (basics, group): (Basics, Option<&GroupDraft>),
) -> Options {
    let name = &draft.name;
    let global = resolver.globals.vrrp.clone();
    let mut no_advert =
        draft.lower_priority_no_advert.or(global.lower_priority_no_advert).unwrap_or(basics.strict);
    if basics.strict && !no_advert {
        resolver
            .error(format!("({name}) Strict mode requires no lower priority advert. resetting"));
        no_advert = true;
    }
    let mut send_advert =
        draft.higher_priority_send_advert.unwrap_or(global.higher_priority_send_advert);
    if basics.strict && send_advert {
        resolver.error(format!(
            "({name}) strict mode requires higher_prio_send_advert to be clear. resetting"
        ));
        send_advert = false;
    }
    let later = later(resolver, draft, basics);
    let owner = basics.priority.is_owner();
    if !owner && draft.owner_ignores_adverts == Some(true) {
        resolver.error(format!("({name}) owner_ignore_adverts needs priority 255 - ignoring"));
    }
    let ignores = draft.owner_ignores_adverts.unwrap_or(global.owner_ignores_adverts);
    let wish = &draft.options;
    Options {
        strict: basics.strict,
        lower_priority_no_advert: no_advert,
        higher_priority_send_advert: send_advert,
        skip_address_check: draft.skip_address_check.unwrap_or(global.skip_address_check),
        check_unicast_source: !draft.peers.is_empty()
            && (draft.check_unicast_source || global.check_unicast_source),
        owner_ignores_adverts: owner && (ignores || basics.strict),
        tells_priority: wish
            .tells_priority
            .or(group.and_then(|group| group.tells_priority))
            .unwrap_or(global.notify_priority_changes),
        tracks_source: wish.tracks_source && draft.source.is_some(),
        promotes_secondaries: wish.promote_secondaries
            && draft.vmac.is_none()
            && draft.ipvlan.is_none(),
        polls_link: wish.polls_link,
        unicast_checksum: match draft.peers.is_empty() {
            true => UnicastChecksum::Detected,
            false => wish.unicast_checksum,
        },
        checksum_as_v2: wish.checksum_as_v2.unwrap_or(global.checksum_as_v2),
        steps_down_for: steps_down(resolver, draft),
        receive_buffer: wish.receive_buffer,
        later,
    }
}

/// `timer_expired_backup`: whoever preempts would only come back.
fn steps_down(resolver: &mut Resolver<'_>, draft: &InstanceDraft) -> Option<Priority> {
    let priority = draft.options.steps_down_for?;
    if draft.nopreempt {
        return Some(priority);
    }
    let name = &draft.name;
    resolver.error(format!("({name}) timer_expired_backup needs nopreempt - ignoring"));
    None
}

/// What nothing acts on yet.
fn later(resolver: &mut Resolver<'_>, draft: &InstanceDraft, basics: Basics) -> LaterOptions {
    let (name, wish) = (&draft.name, &draft.options);
    let owner = basics.priority.is_owner();
    let must_refuse = basics.strict && !owner && basics.version == Version::V2;
    if must_refuse && draft.accept == Some(true) {
        resolver.error(format!(
            "({name}) warning - accept mode for VRRP version 2 does not comply with RFC3768 - \
             resetting"
        ));
    }
    let accepts = !must_refuse && draft.accept.unwrap_or(!basics.strict || owner);
    LaterOptions { refuses_packets: !accepts, vmac_for_addresses: wish.vmac_for_addresses }
}
