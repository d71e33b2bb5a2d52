//! Completes routes, rules and what is static: interfaces must exist, rules need a preference,
//! groups must be there.

use net::{Family, LinkName, Route, Rule};
use vrrp::Name;
use vrrp::config::{Held, Instance, Static, Statics, TrackGroup};

use super::{Resolver, address, needed};
use crate::block::RootDraft;
use crate::block::address::AddressDraft;
use crate::block::route::RouteDraft;
use crate::block::rule::RuleDraft;
use crate::block::statics::StaticsDraft;
use crate::diagnostic::{Class, Diagnostic};
use crate::reader::Word;

/// The routes of an instance.
pub(crate) fn routes(resolver: &mut Resolver<'_>, drafts: &[RouteDraft]) -> Vec<Held<Route>> {
    let mut held = Vec::new();
    for draft in drafts {
        let route = route(resolver, draft);
        held.extend(route.map(|object| Held { object, tracked: draft.tracked }));
    }
    held
}

/// The rules of an instance.
pub(crate) fn rules(resolver: &mut Resolver<'_>, drafts: &[RuleDraft]) -> Vec<Held<Rule>> {
    let mut held = Vec::new();
    for draft in drafts {
        let rule = rule(resolver, draft);
        held.extend(rule.map(|object| Held { object, tracked: draft.tracked }));
    }
    held
}

/// The route if its interfaces may be used.
fn route(resolver: &mut Resolver<'_>, draft: &RouteDraft) -> Option<Route> {
    for link in &draft.links {
        let missing = format!("WARNING - interface {} for VROUTE nexthop doesn't exist", link.text);
        resolver.usable_link(&link.text, link.span, missing)?;
    }
    Some(draft.route.clone())
}

/// The preference of the first rule that has none; those after it get lower ones.
const PREFERENCE: u32 = 16_384;

fn rule(resolver: &mut Resolver<'_>, draft: &RuleDraft) -> Option<Rule> {
    for link in &draft.links {
        let missing = format!("WARNING - interface {} for rule doesn't exist", link.text);
        resolver.usable_link(&link.text, link.span, missing)?;
    }
    let preference = draft.preference.unwrap_or_else(|| numbered(resolver, draft));
    Some(Rule {
        family: draft.family,
        preference,
        selector: draft.selector.clone(),
        action: draft.action,
        realms: draft.realms,
        suppress_prefix_length: draft.suppress_prefix_length,
        suppress_group: draft.suppress_group,
        protocol: draft.protocol,
    })
}

fn numbered(resolver: &mut Resolver<'_>, draft: &RuleDraft) -> u32 {
    let count = match draft.family {
        Family::V4 => &mut resolver.numbered_rules[0],
        Family::V6 => &mut resolver.numbered_rules[1],
    };
    let preference = PREFERENCE.saturating_sub(*count);
    *count += 1;
    let message = format!(
        "Rule has no preference specified - setting to {preference}. This is probably not what \
         you want."
    );
    resolver.add(Diagnostic::general(message).at(draft.span).hint("add preference NUMBER"));
    preference
}

/// What is always in the kernel.
pub(crate) fn statics(resolver: &mut Resolver<'_>, drafts: &StaticsDraft) -> Statics {
    let mut statics = Statics::default();
    for draft in &drafts.addresses {
        let Some(own) = default_link(resolver, draft) else { continue };
        let found = address::resolve(resolver, std::slice::from_ref(draft), Some(&own), &[]);
        let group = group(resolver, drafts, (draft.group.as_ref(), draft.tracked));
        statics.addresses.extend(found.into_iter().map(|found| Static {
            object: found.address,
            tracked: found.tracked,
            group: group.clone(),
        }));
    }
    for draft in &drafts.routes {
        let Some(object) = route(resolver, draft) else { continue };
        let group = group(resolver, drafts, (draft.group.as_ref(), draft.tracked));
        statics.routes.push(Static { object, tracked: draft.tracked, group });
    }
    for draft in &drafts.rules {
        let Some(object) = rule(resolver, draft) else { continue };
        let group = group(resolver, drafts, (draft.group.as_ref(), draft.tracked));
        statics.rules.push(Static { object, tracked: draft.tracked, group });
    }
    statics
}

/// The interface of an address without `dev`: `default_interface`, else eth0.
fn default_link(resolver: &mut Resolver<'_>, draft: &AddressDraft) -> Option<LinkName> {
    let default = resolver.globals.default_interface.clone();
    let default = default.or_else(|| LinkName::new("eth0").ok())?;
    if draft.dev.is_some() || resolver.link(default.as_str()).is_some() {
        return Some(default);
    }
    let message = format!(
        "Static address {} requires either an interface or default interface must exist",
        draft.text
    );
    let found = Diagnostic::new(Class::Fatal, message).at(draft.span);
    resolver.add(found.hint("add dev INTERFACE"));
    None
}

/// The group that a static object names, if it is there.
fn group(
    resolver: &mut Resolver<'_>,
    drafts: &StaticsDraft,
    (word, tracked): (Option<&Word>, bool),
) -> Option<Name> {
    let word = word?;
    if !drafts.groups.iter().any(|group| group.name.text == word.text) {
        let known = drafts.groups.iter().map(|group| group.name.text.as_str());
        let meant = crate::suggest::closest(&word.text, known);
        let message = format!("track_group {} not found", word.text);
        let found = Diagnostic::general(message).at(word.span);
        resolver.add(match meant {
            Some(name) => found.hint(format!("did you mean `{name}`?")),
            None => found.hint("a track_group of that name must be defined"),
        });
        return None;
    }
    if !tracked {
        let message = format!("track_group {} is not used together with no_track", word.text);
        resolver.add(Diagnostic::notice(message).at(word.span));
        return None;
    }
    Some(Name::new(&word.text))
}

/// The instances of a group need the links of the static objects that name it.
pub(crate) fn watch_statics(groups: &[TrackGroup], statics: &Statics, instances: &mut [Instance]) {
    for group in groups {
        let links = links_of(statics, &group.name);
        for member in instances.iter_mut().filter(|one| group.members.contains(&one.name)) {
            links.iter().for_each(|link| needed::track(&mut member.tracked_links, link));
        }
    }
}

fn links_of<'s>(statics: &'s Statics, group: &Name) -> Vec<&'s LinkName> {
    fn of<'s, T>(all: &'s [Static<T>], group: &Name) -> impl Iterator<Item = &'s T> {
        let theirs = all.iter().filter(move |one| one.group.as_ref() == Some(group));
        theirs.map(|one| &one.object)
    }
    let addresses = of(&statics.addresses, group).map(|address| &address.link);
    let routes = of(&statics.routes, group).flat_map(Route::links);
    addresses.chain(routes).chain(of(&statics.rules, group).flat_map(Rule::links)).collect()
}

/// The groups with their instances; those without any are left out.
pub(crate) fn track_groups(resolver: &mut Resolver<'_>, root: &RootDraft) -> Vec<TrackGroup> {
    let mut groups = Vec::new();
    for draft in &root.statics.groups {
        let name = &draft.name.text;
        let mut members = Vec::new();
        for member in &draft.members {
            if root.instances.iter().any(|instance| instance.name == member.text) {
                members.push(Name::new(&member.text));
                continue;
            }
            let message = format!(
                "Virtual router {} specified in track group {name} doesn't exist - ignoring",
                member.text
            );
            resolver.add(Diagnostic::notice(message).about(member.span));
        }
        if members.is_empty() {
            let message = format!("Track group {name} has no virtual router - removing");
            resolver.add(Diagnostic::notice(message).about(draft.name.span));
            continue;
        }
        groups.push(TrackGroup { name: Name::new(name), members });
    }
    groups
}
