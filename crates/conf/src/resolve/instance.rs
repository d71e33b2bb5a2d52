//! Completes one virtual router: defaults, and the rules between its keywords.
//!
//! The order is that of compat 11 §19. An instance that needs what is not there yet is left out
//! with a notice.

use std::net::IpAddr;

use net::LinkName;
use vrrp::config::{
    Authentication, Deleted, Hmac, Instance, Notify, Seat, Tracked, VirtualAddress, Watched,
};
use vrrp::{Name, Priority, Version, Vrid};

use super::basics::{self, Basics};
use super::track::{self, Unweighted};
use super::{
    Resolver, address, announcement, authentication, cast, device, needed, object, options, script,
    seat, timing, watch,
};
use crate::block::address::AddressDraft;
use crate::block::notify::NotifyDraft;
use crate::block::vrrp_instance::InstanceDraft;
use crate::block::vrrp_sync_group::GroupDraft;
use crate::diagnostic::{Class, Diagnostic, Stop};

/// The instance; `None` when it is left out.
pub(crate) fn resolve(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    group: Option<&GroupDraft>,
) -> Option<Instance> {
    let vrid = vrid(resolver, draft);
    let seat = seat::resolve(resolver, draft);
    let basics = basics::resolve(resolver, draft);
    let (authentication, hmac) =
        authentication::resolve(resolver, draft, (basics.version, basics.family, basics.strict));
    let wish = (basics.initial, basics.priority.is_owner());
    let basics = Basics {
        initial: authentication::initial(resolver, draft, &authentication, wish),
        ..basics
    };
    let cast = cast::resolve(resolver, draft, (basics.family, basics.strict));
    let preemption =
        timing::preemption(resolver, draft, (basics.priority, basics.initial, basics.strict));
    let announcement = announcement::resolve(resolver, draft, basics.strict);
    let options = options::resolve(resolver, draft, (basics, group));
    let down_timer_adverts = down_timer(resolver, draft, basics.strict);
    let advert_interval = timing::advert_interval(resolver, draft, basics.version);
    let notify = notify(resolver, &draft.notify);
    let (tracked, tracked_scripts, watched) =
        trackers(resolver, draft, unweighted(basics.priority, group));
    let (device, obstacle) = device::resolve(resolver, draft, (basics.family, basics.strict));
    let routes = object::routes(resolver, &draft.routes);
    let rules = object::rules(resolver, &draft.rules);
    let trust = (&authentication, hmac.as_ref());
    let (addresses, excluded) = addresses(resolver, draft, seat.as_ref(), (basics, trust));
    let (seat, vrid) = (seat?, vrid?);
    let (cast, ttl) = cast?;
    Some(Instance {
        name: Name::new(&draft.name),
        vrid,
        version: basics.version,
        family: basics.family,
        ttl,
        priority: basics.priority,
        initial: basics.initial,
        advert_interval,
        down_timer_adverts,
        preemption,
        authentication,
        tracked_links: needed::all(
            draft,
            seat.device(),
            needed::of_holdings(&[&addresses, &excluded], &routes, &rules),
            tracked,
        ),
        seat,
        cast,
        addresses,
        excluded,
        tracked_scripts,
        watched,
        routes,
        rules,
        device,
        obstacle,
        hmac,
        announcement,
        options,
        notify,
    })
}

type Trackers = (Vec<Tracked<LinkName>>, Vec<Tracked<Name>>, Watched);

fn trackers(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    unweighted: Unweighted<'_>,
) -> Trackers {
    let name = &draft.name;
    let own = draft.interface.as_ref().map(|written| written.value.as_str());
    let links = track::links(resolver, name, &draft.tracked_links, own, unweighted);
    let scripts = track::scripts(resolver, name, &draft.tracked_scripts, unweighted);
    let lists = watch::Lists {
        files: &draft.tracked_files,
        processes: &draft.tracked_processes,
        sessions: &draft.tracked_sessions,
    };
    (links, scripts, watch::resolve(resolver, name, &lists, unweighted))
}

fn vrid(resolver: &mut Resolver<'_>, draft: &InstanceDraft) -> Option<Vrid> {
    if draft.vrid.is_none() {
        let message = format!("({}) the virtual router id must be set", draft.name);
        let found = Diagnostic::general(message).about(draft.span).stopping(Stop::Unusable);
        resolver.add(found.hint("add virtual_router_id, 1 to 255, the same on all its routers"));
    }
    draft.vrid
}

/// Whether its trackers may have weights.
fn unweighted(priority: Priority, group: Option<&GroupDraft>) -> Unweighted<'_> {
    match group {
        _ if priority.is_owner() => Unweighted::Owner,
        Some(group) if !group.tracking_weight => Unweighted::SyncGroup(&group.tracked_links),
        Some(_) | None => Unweighted::No,
    }
}

fn down_timer(resolver: &mut Resolver<'_>, draft: &InstanceDraft, strict: bool) -> u8 {
    let adverts = draft.down_timer_adverts.unwrap_or(resolver.globals.vrrp.down_timer_adverts);
    if strict && adverts != 3 {
        let name = &draft.name;
        resolver.error(format!(
            "({name}) down_timer_adverts is incompatible with strict mode - resetting"
        ));
        return 3;
    }
    adverts
}

type Addresses = (Vec<VirtualAddress>, Vec<VirtualAddress>);

fn addresses(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    seat: Option<&Seat>,
    (basics, trust): (Basics, (&Authentication, Option<&Hmac>)),
) -> Addresses {
    let name = &draft.name;
    let mut none_on_purpose = draft.no_addresses;
    if none_on_purpose && basics.strict {
        let message = format!(
            "({name}) no_virtual_ipaddress and strict mode incompatible, clearing \
             no_virtual_ipaddress"
        );
        resolver.add(Diagnostic::new(Class::Warning, message));
        none_on_purpose = false;
    }
    let usable = |address: &AddressDraft| draft.interface.is_some() || address.dev.is_some();
    homeless(resolver, draft);
    if !draft.addresses.iter().any(usable) && !none_on_purpose {
        if basics.version == Version::V3 || basics.strict {
            resolver.fatal(format!("({name}) No VIP specified; at least one is required"));
        } else {
            let message = format!("({name}) No VIP specified; at least one is sensible");
            let found = Diagnostic::new(Class::Warning, message).about(draft.span);
            resolver.add(found.hint("add virtual_ipaddress { ADDRESS/LENGTH }"));
        }
    }
    link_local(resolver, draft, basics);
    let own = seat.and_then(Seat::link);
    let mut advertised = address::resolve(resolver, &draft.addresses, own, &[]);
    let mut excluded = address::resolve(resolver, &draft.excluded, own, &advertised);
    let kind = (basics.version, basics.family);
    if seat.is_some() {
        address::limit(resolver, name, own, (kind, trust), (&mut advertised, &mut excluded));
    }
    (advertised, excluded)
}

/// The first address of IPv6 is to be one of the link (RFC 9568 §5.2.9).
fn link_local(resolver: &mut Resolver<'_>, draft: &InstanceDraft, basics: Basics) {
    let Some(first) = draft.addresses.first() else { return };
    let IpAddr::V6(ip) = first.ip else { return };
    if ip.is_unicast_link_local() {
        return;
    }
    let name = &draft.name;
    let found = match basics.strict {
        true => {
            Diagnostic::general(format!("({name}) the first IPv6 VIP address must be link local"))
        }
        false => {
            Diagnostic::notice(format!("({name}) the first IPv6 VIP address should be link local"))
        }
    };
    resolver.add(found.about(first.span).hint("put an address of fe80::/10 before it"));
}

/// Without an interface every address needs one of its own.
fn homeless(resolver: &mut Resolver<'_>, draft: &InstanceDraft) {
    if draft.interface.is_some() {
        return;
    }
    let lists = [("vip", &draft.addresses), ("evip", &draft.excluded)];
    for (what, address) in lists.iter().flat_map(|(what, all)| all.iter().map(move |a| (what, a))) {
        if address.dev.is_none() {
            let message =
                format!("({}): no interface for {what} {} - removing", draft.name, address.text);
            let found = Diagnostic::general(message).about(address.span);
            resolver.add(found.hint("add dev INTERFACE"));
        }
    }
}

/// The scripts that can be run.
pub(crate) fn notify(resolver: &mut Resolver<'_>, draft: &NotifyDraft) -> Notify {
    let mut resolve = |draft: &Option<_>| script::notify(resolver, draft.as_ref());
    Notify {
        master: resolve(&draft.master),
        backup: resolve(&draft.backup),
        fault: resolve(&draft.fault),
        stop: resolve(&draft.stop),
        any: resolve(&draft.any),
        master_rx_lower_priority: resolve(&draft.master_rx_lower_priority),
        deleted: draft.deleted.as_ref().map(|command| Deleted { command: resolve(command) }),
    }
}
