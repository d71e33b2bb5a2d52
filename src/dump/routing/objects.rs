//! Routes, rules and static objects, in the words that configure them.

use std::fmt::{Result, Write};

use conf::{route_words, rule_words};
use net::{Route, Rule};
use vrrp::config::{Config, Held, Instance, Static, VirtualAddress};

use super::section;
use crate::dump::address;

/// What is there whoever is master, and the groups that watch over it.
pub(super) fn write_statics(text: &mut String, config: &Config) -> Result {
    let statics = &config.statics;
    section(text, "Static Addresses", statics.addresses.is_empty())?;
    for fixed in &statics.addresses {
        let one = VirtualAddress {
            address: fixed.object.clone(),
            tracked: fixed.tracked,
            own_device: false,
        };
        let group = watcher(fixed);
        writeln!(text, " {}{group}", address::shown(&one, None))?;
    }
    section(text, "Static Routes", statics.routes.is_empty())?;
    write_fixed(text, &statics.routes, route_words)?;
    section(text, "Static Rules", statics.rules.is_empty())?;
    write_fixed(text, &statics.rules, rule_words)?;
    section(text, "Static Track groups", config.track_groups.is_empty())?;
    for group in &config.track_groups {
        writeln!(text, " Track group = {}", group.name)?;
        writeln!(text, "   VRRP member instances :")?;
        group.members.iter().try_for_each(|member| writeln!(text, "     {member}"))?;
    }
    Ok(())
}

fn write_fixed<T>(text: &mut String, all: &[Static<T>], words: fn(&T) -> Vec<String>) -> Result {
    all.iter().try_for_each(|fixed| {
        let (words, untracked) = (words(&fixed.object).join(" "), untracked(fixed.tracked));
        writeln!(text, " {words}{untracked}{}", watcher(fixed))
    })
}

fn watcher<T>(fixed: &Static<T>) -> String {
    fixed.group.as_ref().map(|group| format!(" track_group {group}")).unwrap_or_default()
}

const fn untracked(tracked: bool) -> &'static str {
    if tracked { "" } else { " no_track" }
}

/// What the master has beside its addresses.
pub(super) fn write_held(text: &mut String, instance: &Instance) -> Result {
    write_list::<Route>(text, "Virtual Routes", &instance.routes, route_words)?;
    write_list::<Rule>(text, "Virtual Rules", &instance.rules, rule_words)
}

fn write_list<T>(
    text: &mut String,
    title: &str,
    all: &[Held<T>],
    words: fn(&T) -> Vec<String>,
) -> Result {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(text, "   {title} :")?;
    all.iter().try_for_each(|held| {
        writeln!(text, "     {}{}", words(&held.object).join(" "), untracked(held.tracked))
    })
}
