//! Settles the members and trackers of sync groups.

use std::collections::HashSet;

use net::LinkName;
use vrrp::Name;
use vrrp::config::{Instance, SyncGroup, Tracked, Watched};

use super::track::{self, Unweighted};
use super::{Resolver, instance, watch};
use crate::block::RootDraft;
use crate::block::vrrp_sync_group::GroupDraft;
use crate::diagnostic::Diagnostic;
use crate::reader::Word;

/// Whether the group names this instance.
pub(crate) fn has_member(group: &GroupDraft, instance: &str) -> bool {
    group.members.iter().flatten().any(|member| member.text == instance)
}

/// Resolves all groups; a group without members is left out.
pub(crate) fn resolve_all(
    resolver: &mut Resolver<'_>,
    root: &RootDraft,
    instances: &[Instance],
) -> Vec<SyncGroup> {
    let mut taken = HashSet::new();
    let mut groups = Vec::new();
    for draft in &root.groups {
        groups.extend(resolve(resolver, (draft, root), instances, &mut taken));
    }
    groups
}

fn resolve(
    resolver: &mut Resolver<'_>,
    (draft, root): (&GroupDraft, &RootDraft),
    instances: &[Instance],
    taken: &mut HashSet<String>,
) -> Option<SyncGroup> {
    let name = &draft.name.text;
    // Its scripts are checked even if it is left out.
    let notify = instance::notify(resolver, &draft.notify);
    let Some(written) = &draft.members else {
        let message = format!("Sync group {name} has no virtual router(s). removing");
        resolver.add(Diagnostic::general(message).about(draft.name.span));
        trackers(resolver, draft, Unweighted::No);
        return None;
    };
    let (members, named) = members(resolver, (name, written), (root, instances), taken);
    match named {
        0 => {
            resolver.error(format!(
                "Sync group {name}, no matching virtual router found in group declaration - \
                 removing"
            ));
            trackers(resolver, draft, Unweighted::No);
            return None;
        }
        1 => resolver.error(format!(
            "Sync group {name} has only 1 virtual router(s) - this probably isn't what you want"
        )),
        _ => {}
    }
    let owns = |member: &Name| {
        instances.iter().any(|instance| instance.name == *member && instance.priority.is_owner())
    };
    let owners = members.iter().filter(|member| owns(member)).count();
    if owners > 0 && owners < members.len() {
        resolver.error(format!(
            "Sync group {name} has some member(s) as address owner and some not as address owner. \
             This won't work."
        ));
    }
    let unweighted = if owners > 0 { Unweighted::Owner } else { Unweighted::No };
    let (tracked_links, tracked_scripts, watched) = trackers(resolver, draft, unweighted);
    let group = SyncGroup {
        name: Name::new(name),
        members,
        tracked_links,
        tracked_scripts,
        watched,
        weights_of_members: draft.tracking_weight,
        notify,
    };
    // What it tracks is judged even if its members exist but none of them runs.
    (!group.members.is_empty()).then_some(group)
}

/// What it tracks; it is judged even if the group is left out.
fn trackers(
    resolver: &mut Resolver<'_>,
    draft: &GroupDraft,
    unweighted: Unweighted<'_>,
) -> (Vec<Tracked<LinkName>>, Vec<Tracked<Name>>, Watched) {
    let name = &draft.name.text;
    let lists = watch::Lists {
        files: &draft.tracked_files,
        processes: &draft.tracked_processes,
        sessions: &draft.tracked_sessions,
    };
    let links = track::links(resolver, name, &draft.tracked_links, None, unweighted);
    let scripts = track::scripts(resolver, name, &draft.tracked_scripts, unweighted);
    (links, scripts, watch::resolve(resolver, name, &lists, unweighted))
}

/// The members that run, and how many were named rightly.
fn members(
    resolver: &mut Resolver<'_>,
    (name, written): (&str, &[Word]),
    (root, instances): (&RootDraft, &[Instance]),
    taken: &mut HashSet<String>,
) -> (Vec<Name>, usize) {
    let mut members: Vec<Name> = Vec::new();
    let mut named = 0_usize;
    for member in written {
        let known = root.instances.iter().any(|instance| instance.name == member.text);
        let message = if !known {
            format!(
                "Virtual router {} specified in sync group {name} doesn't exist - ignoring",
                member.text
            )
        } else if !taken.insert(member.text.clone()) {
            format!(
                "Virtual router {} cannot exist in more than one sync group; ignoring {name}",
                member.text
            )
        } else {
            named += 1;
            let runs = instances.iter().find(|instance| instance.name.as_str() == member.text);
            members.extend(runs.map(|instance| instance.name.clone()));
            continue;
        };
        resolver.add(Diagnostic::general(message).about(member.span));
    }
    (members, named)
}
