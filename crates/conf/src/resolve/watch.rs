//! Decides what instances and groups watch beside links and scripts: files, processes, BFD
//! sessions.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use vrrp::config::{
    Factor, Instance, ParameterMatch, SyncGroup, TrackFile, TrackProcess, Tracked, Watched,
};
use vrrp::{Name, Weight};

use super::Resolver;
use super::track::Unweighted;
use crate::block::RootDraft;
use crate::block::track::TrackDraft;
use crate::block::weight::WeightDraft;
use crate::diagnostic::Diagnostic;

/// The weights of what is declared, by name.
#[derive(Debug, Default)]
pub(crate) struct Known {
    files: HashMap<String, WeightDraft>,
    processes: HashMap<String, WeightDraft>,
    sessions: HashMap<String, WeightDraft>,
}

/// The declared files and processes; from now on they and the sessions can be named.
pub(crate) fn declared(
    resolver: &mut Resolver<'_>,
    root: &RootDraft,
) -> (Vec<TrackFile>, Vec<TrackProcess>) {
    let one = WeightDraft { weight: Factor::ONE.number(), reverse: false };
    let none = WeightDraft { weight: 0, reverse: false };
    let known = &mut resolver.watchable;
    let factor = |draft: WeightDraft| Factor::new(draft.weight).unwrap_or_default();
    let files = root.files.iter().filter_map(|draft| {
        let (name, weight) = (&draft.name.text, draft.weight.unwrap_or(one));
        known.files.insert(name.clone(), weight);
        Some(TrackFile {
            name: Name::new(name),
            path: draft.path.as_ref()?.text.clone(),
            weight: factor(weight),
            reverse: weight.reverse,
            initial: draft.initial,
        })
    });
    let files = files.collect();
    let processes = root.processes.iter().map(|draft| {
        let (name, weight) = (&draft.name.text, draft.weight.unwrap_or(none));
        known.processes.insert(name.clone(), weight);
        let has_parameters = draft.command.len() > 1;
        let exact = if has_parameters { ParameterMatch::Exact } else { ParameterMatch::Ignored };
        TrackProcess {
            name: Name::new(name),
            command: draft.command.clone(),
            full_command: draft.full_command || has_parameters || draft.parameters.is_some(),
            parameters: draft.parameters.unwrap_or(exact),
            weight: factor(weight),
            reverse: weight.reverse,
            quorum: draft.quorum,
            most: draft.most,
            end_delay: draft.end_delay,
            start_delay: draft.start_delay,
        }
    });
    let processes = processes.collect();
    for session in &root.sessions {
        let weight = WeightDraft { weight: session.weight, reverse: session.reverse };
        known.sessions.insert(session.name.to_string(), weight);
    }
    (files, processes)
}

/// What an instance or a group wrote.
pub(crate) struct Lists<'d> {
    pub(crate) files: &'d [TrackDraft],
    pub(crate) processes: &'d [TrackDraft],
    pub(crate) sessions: &'d [TrackDraft],
}

/// The lists with their weights; what is not declared is reported and left out.
pub(crate) fn resolve(
    resolver: &mut Resolver<'_>,
    owner: &str,
    lists: &Lists<'_>,
    unweighted: Unweighted<'_>,
) -> Watched {
    let mut watched = Watched::default();
    for entry in lists.files {
        let Some(found) = find(resolver, owner, ("file", entry)) else { continue };
        // A file that says nothing of its weight is watched without one.
        let found = match (unweighted, found.weight) {
            (Unweighted::No, _) | (_, 0) => found,
            (_, 1) if entry.weight.is_none() => WeightDraft { weight: 0, ..found },
            _ => {
                ignored(resolver, owner, ("file", entry), unweighted);
                continue;
            }
        };
        watched.files.extend(factored(entry, found));
    }
    for entry in lists.processes {
        // Processes keep their weights (compat 11 §6).
        let found = find(resolver, owner, ("process", entry));
        watched.processes.extend(found.and_then(|found| factored(entry, found)));
    }
    for entry in lists.sessions {
        let Some(found) = find(resolver, owner, ("bfd", entry)) else { continue };
        if unweighted != Unweighted::No && found.weight != 0 {
            ignored(resolver, owner, ("bfd", entry), unweighted);
            continue;
        }
        let weight = Weight::new(found.weight).unwrap_or_default();
        let object = Name::new(&entry.name.text);
        watched.sessions.push(Tracked { object, weight, reverse: found.reverse });
    }
    watched
}

fn factored(entry: &TrackDraft, found: WeightDraft) -> Option<Tracked<Name, Factor>> {
    let weight = Factor::new(found.weight)?;
    Some(Tracked { object: Name::new(&entry.name.text), weight, reverse: found.reverse })
}

/// The weight of an entry: its own, else that of its object.
fn find(
    resolver: &mut Resolver<'_>,
    owner: &str,
    (kind, entry): (&str, &TrackDraft),
) -> Option<WeightDraft> {
    let (known, keyword) = match kind {
        "file" => (&resolver.watchable.files, "track_file"),
        "process" => (&resolver.watchable.processes, "vrrp_track_process"),
        _ => (&resolver.watchable.sessions, "bfd_instance"),
    };
    let name = &entry.name.text;
    let Some(default) = known.get(name).filter(|_| entry.declared) else {
        let meant = crate::suggest::closest(name, known.keys().map(String::as_str));
        let hint = match meant {
            Some(meant) if meant == name => {
                format!("a {keyword} must stand above the instances that track it")
            }
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("there is no usable {keyword} of that name"),
        };
        let message = format!("({owner}) track {kind} {name} not found, ignoring...");
        let found = Diagnostic::general(message).at(entry.name.span).hint(hint);
        resolver.add(found);
        return None;
    };
    Some(WeightDraft {
        weight: entry.weight.unwrap_or(default.weight),
        reverse: entry.reverse.unwrap_or(default.reverse),
    })
}

fn ignored(
    resolver: &mut Resolver<'_>,
    owner: &str,
    (kind, entry): (&str, &TrackDraft),
    unweighted: Unweighted<'_>,
) {
    let reason = match unweighted {
        Unweighted::SyncGroup(_) => "SYNC group",
        Unweighted::Owner | Unweighted::No => "address_owner",
    };
    let message = format!(
        "({owner}) ignoring tracked {kind} {} with weights due to {reason}",
        entry.name.text
    );
    resolver.add(Diagnostic::general(message).about(entry.name.span));
}

/// Says which files and processes nothing tracks; these files are followed by checks.
pub(crate) fn unused(
    resolver: &mut Resolver<'_>,
    root: &RootDraft,
    followed: &BTreeMap<Arc<str>, PathBuf>,
) {
    let of_instances = root.instances.iter();
    let named = of_instances
        .map(|draft| (&draft.tracked_files, &draft.tracked_processes))
        .chain(root.groups.iter().map(|draft| (&draft.tracked_files, &draft.tracked_processes)));
    let mut files: HashSet<&str> = followed.keys().map(|name| &**name).collect();
    let mut processes = HashSet::new();
    for (of_files, of_processes) in named {
        files.extend(of_files.iter().map(|entry| entry.name.text.as_str()));
        processes.extend(of_processes.iter().map(|entry| entry.name.text.as_str()));
    }
    let all_files = root.files.iter().map(|draft| ("file", &draft.name, &files));
    let all_processes = root.processes.iter().map(|draft| ("process", &draft.name, &processes));
    for (kind, name, known) in all_files.chain(all_processes) {
        if !known.contains(name.text.as_str()) {
            let message = format!("Track {kind} {} is not used", name.text);
            let found = Diagnostic::notice(message).about(name.span);
            resolver.add(found.hint(format!("name it in the track_{kind} of an instance")));
        }
    }
}

/// What a group and a member both track has the group's weight, unless the member has none.
pub(crate) fn shared(
    resolver: &mut Resolver<'_>,
    groups: &[SyncGroup],
    instances: &mut [Instance],
) {
    for group in groups {
        let members = instances.iter_mut().filter(|one| group.members.contains(&one.name));
        for member in members {
            let mut say = |kind: &str, names: Vec<String>| {
                for object in names {
                    let message = format!(
                        "({}) track_{kind} {object} is configured on VRRP instance and sync \
                         group. Remove vrrp instance config",
                        member.name
                    );
                    resolver.add(Diagnostic::notice(message));
                }
            };
            let links = overridden(&mut member.tracked_links, &group.tracked_links);
            say("interface", links);
            let scripts = overridden(&mut member.tracked_scripts, &group.tracked_scripts);
            say("script", scripts);
            let (own, all) = (&mut member.watched, &group.watched);
            say("file", overridden(&mut own.files, &all.files));
            say("process", overridden(&mut own.processes, &all.processes));
            say("bfd", overridden(&mut own.sessions, &all.sessions));
        }
    }
}

/// The names that both lists have; weights of members that are not 0 become the group's.
fn overridden<T, W>(own: &mut [Tracked<T, W>], of_group: &[Tracked<T, W>]) -> Vec<String>
where
    T: PartialEq + ToString,
    W: Copy + Default + PartialEq,
{
    let mut names = Vec::new();
    for tracked in own {
        if let Some(other) = of_group.iter().find(|other| other.object == tracked.object) {
            names.push(tracked.object.to_string());
            if tracked.weight != W::default() {
                tracked.weight = other.weight;
            }
        }
    }
    names
}
