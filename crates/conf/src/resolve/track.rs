//! Decides what instances and groups track: own and foreign links, and scripts.

use net::LinkName;
use vrrp::config::Tracked;
use vrrp::{Name, Weight};

use super::Resolver;
use crate::block::track::TrackDraft;
use crate::diagnostic::Diagnostic;

/// Why members of a group, and address owners, track without weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unweighted<'a> {
    /// Weights count.
    No,
    /// The instance belongs to a sync group that tracks these links.
    SyncGroup(&'a [TrackDraft]),
    /// The instance owns its addresses.
    Owner,
}

/// The links of a `track_interface` list.
pub(crate) fn links(
    resolver: &mut Resolver<'_>,
    owner: &str,
    entries: &[TrackDraft],
    own: Option<&str>,
    unweighted: Unweighted<'_>,
) -> Vec<Tracked<LinkName>> {
    let mut tracked = Vec::new();
    for entry in entries {
        let name = &entry.name.text;
        let missing = format!("({owner}) tracked interface {name} doesn't exist");
        let Some(object) = resolver.usable_link(name, entry.name.span, missing) else {
            continue;
        };
        if own == Some(name.as_str()) {
            let message = format!("({owner}) Ignoring track_interface {name} since own interface");
            resolver.add(Diagnostic::general(message).about(entry.name.span));
            continue;
        }
        let wanted = Weight::new(entry.weight.unwrap_or(0)).unwrap_or_default();
        let weight = match unweighted {
            Unweighted::No => wanted,
            _ if wanted == Weight::FAULT => wanted,
            Unweighted::SyncGroup(of_group) => {
                ignored(resolver, owner, "interface", name, "SYNC group");
                if of_group.iter().any(|entry| entry.name.text == *name) {
                    continue;
                }
                Weight::FAULT
            }
            Unweighted::Owner => {
                ignored(resolver, owner, "interface", name, "address owner");
                continue;
            }
        };
        let reverse = entry.reverse.unwrap_or(false);
        tracked.push(Tracked { object, weight, reverse });
    }
    tracked
}

/// The scripts of a `track_script` list.
pub(crate) fn scripts(
    resolver: &mut Resolver<'_>,
    owner: &str,
    entries: &[TrackDraft],
    unweighted: Unweighted<'_>,
) -> Vec<Tracked<Name>> {
    let mut tracked = Vec::new();
    for entry in entries {
        let name = &entry.name.text;
        let refused = resolver.refused_scripts.contains(name);
        if refused && entry.declared {
            continue;
        }
        let known = resolver.scripts.get(name).filter(|_| entry.declared);
        let Some(known) = known else {
            let message = format!("({owner}) track script {name} not found, ignoring...");
            let hint = if refused || resolver.scripts.contains_key(name) {
                "a vrrp_script must stand above the instances that track it"
            } else {
                "there is no usable vrrp_script of that name"
            };
            let found = Diagnostic::general(message).at(entry.name.span).hint(hint);
            resolver.add(found);
            continue;
        };
        let weight = entry.weight.unwrap_or(known.weight);
        let reverse = entry.reverse.unwrap_or(known.reverse);
        let weight = Weight::new(weight).unwrap_or_default();
        let reason = match unweighted {
            Unweighted::SyncGroup(_) => "SYNC group",
            Unweighted::Owner => "address_owner",
            Unweighted::No => "",
        };
        if weight != Weight::FAULT && !reason.is_empty() {
            ignored(resolver, owner, "script", name, reason);
            continue;
        }
        tracked.push(Tracked { object: Name::new(name), weight, reverse });
    }
    tracked
}

fn ignored(resolver: &mut Resolver<'_>, owner: &str, kind: &str, name: &str, reason: &str) {
    resolver
        .error(format!("({owner}) ignoring tracked {kind} {name} with weights due to {reason}"));
}
