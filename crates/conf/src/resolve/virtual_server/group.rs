//! What a virtual server gets from its `virtual_server_group`, and whether it may have it.

use std::collections::HashSet;

use lvs::config::GroupEntry;
use net::{Family, Forwarding};

use super::{Resolver, note};
use crate::block::virtual_server::{ServiceDraft, VirtualServerDraft};
use crate::block::virtual_server_group::VirtualServerGroupDraft;
use crate::diagnostic::Diagnostic;

/// As many services a group may be; keepalived has no limit, and more would take it hours.
const MOST: u128 = 65_536;

/// Says which groups nobody uses.
pub(super) fn unused(
    resolver: &mut Resolver<'_>,
    groups: &[VirtualServerGroupDraft],
    servers: &[VirtualServerDraft],
) {
    let name = |vs: &VirtualServerDraft| match &vs.service {
        ServiceDraft::Group { name, .. } => Some(name.clone()),
        ServiceDraft::Address(..) | ServiceDraft::Mark(_) => None,
    };
    let used: HashSet<String> = servers.iter().filter_map(name).collect();
    for group in groups.iter().filter(|group| !used.contains(&group.name.value)) {
        let message = format!("Virtual server group {} is not used", group.name.value);
        let hint = format!("write virtual_server group {}, or remove it", group.name.value);
        resolver.add(Diagnostic::notice(message).at(group.name.span).hint(hint));
    }
}

/// Gives a virtual server what is in its group; false when it cannot be served so.
pub(super) fn join(
    resolver: &mut Resolver<'_>,
    groups: &[VirtualServerGroupDraft],
    vs: &mut VirtualServerDraft,
) -> bool {
    let ServiceDraft::Group { name, .. } = &vs.service else { return true };
    let Some(group) = groups.iter().find(|group| group.name.value == *name) else {
        let what = "specified but not configured - ignoring virtual server";
        let message = format!("Virtual server group {name} {what} {}", vs.name());
        let known = groups.iter().map(|group| group.name.value.as_str());
        let hint = match crate::suggest::closest(name, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write a block virtual_server_group {name}"),
        };
        // keepalived logs it, and its test finds nothing wrong.
        note(resolver, vs, message, &hint);
        return false;
    };
    if let Err((message, hint)) = fits(vs, group) {
        note(resolver, vs, message, &hint);
        return false;
    }
    let size = group.entries.iter().fold(0_u128, |sum, entry| sum.saturating_add(entry.size()));
    if size > MOST {
        let (name, vs_name) = (name_of(group), vs.name());
        let what = "addresses are too many for virtual server";
        let message = format!("{name}: {size} {what} {vs_name} - ignoring");
        let hint = format!("{MOST} at most; use fwmark for whole networks");
        resolver.add(Diagnostic::general(message).about(vs.span).hint(hint));
        return false;
    }
    vs.members.clone_from(&group.entries);
    let said = group.entries.iter().find_map(GroupEntry::family);
    vs.family = vs.family.or(said);
    true
}

fn name_of(group: &VirtualServerGroupDraft) -> &str {
    &group.name.value
}

/// Whether the addresses are of the family of the virtual server, and not too many.
fn fits(vs: &VirtualServerDraft, group: &VirtualServerGroupDraft) -> Result<(), (String, String)> {
    let (name, server) = (name_of(group), vs.name());
    let tunnels = vs
        .real_servers
        .iter()
        .map(|rs| rs.method)
        .chain(vs.sorry_server.iter().map(|ss| ss.method))
        .all(|method| matches!(method.or(vs.method), Some(Forwarding::Tunnel(_))));
    if group.has(Family::V4) && group.has(Family::V6) {
        let what = "virtual server group with IPv4 & IPv6 doesn't match virtual server";
        let message = format!("{name}: {what} {server} - ignoring");
        let hint = "only lvs_method TUN serves both families; make a group of each".to_owned();
        return if tunnels { Ok(()) } else { Err((message, hint)) };
    }
    let other = |family: Family| group.has(family) && vs.family.is_some_and(|own| own != family);
    if other(Family::V4) || other(Family::V6) {
        let message =
            format!("{name}: address family doesn't match virtual server {server} - ignoring");
        return Err((message, "ip_family must be that of the group, or be left out".to_owned()));
    }
    Ok(())
}
