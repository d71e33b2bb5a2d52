//! Routes, rules and what is always there, in the words of keepalived's dumps (compat 03 §7.4).

use std::fmt::{Display, Result, Write};

use net::Address;
use vrrp::config::{Config, Held, Static, TrackGroup, VirtualAddress};

use super::{Moment, address};

/// What is static: the first sections of the routing part.
pub(super) fn write_statics(
    text: &mut String,
    config: &Config,
    moment: Option<Moment<'_>>,
) -> Result {
    let statics = &config.statics;
    let held = moment.map(|moment| moment.held);
    let shown = |fixed: &Static<Address>| {
        let tracked = fixed.tracked;
        let one = VirtualAddress { tracked, ..VirtualAddress::new(fixed.object.clone()) };
        address::shown(&one, held).of_group(fixed.group.as_ref()).to_string()
    };
    section(text, "Static Addresses", &statics.addresses, shown)?;
    section(text, "Static Routes", &statics.routes, fixed)?;
    section(text, "Static Rules", &statics.rules, fixed)?;
    if !config.track_groups.is_empty() {
        writeln!(text, "------< Static Track groups >------")?;
    }
    config.track_groups.iter().try_for_each(|group| write_group(text, group))
}

fn section<T>(text: &mut String, title: &str, all: &[T], line: impl Fn(&T) -> String) -> Result {
    if !all.is_empty() {
        writeln!(text, "------< {title} >------")?;
    }
    all.iter().try_for_each(|one| writeln!(text, "     {}", line(one)))
}

fn write_group(text: &mut String, group: &TrackGroup) -> Result {
    writeln!(text, " Static Track Group = {}", group.name)?;
    writeln!(text, "   VRRP member instances :")?;
    group.members.iter().try_for_each(|member| writeln!(text, "     {member}"))
}

/// The routes or rules of an instance.
pub(super) fn write_held<T: Display>(text: &mut String, title: &str, all: &[Held<T>]) -> Result {
    if !all.is_empty() {
        writeln!(text, "   {title} :")?;
    }
    all.iter().try_for_each(|one| writeln!(text, "     {}", held(one)))
}

/// A route or a rule of an instance.
pub(super) fn held<T: Display>(held: &Held<T>) -> String {
    format!("{}{}", held.object, untracked(held.tracked))
}

fn fixed<T: Display>(fixed: &Static<T>) -> String {
    let group = fixed.group.as_ref().map(|group| format!(" track_group {group}"));
    format!("{}{}{}", fixed.object, untracked(fixed.tracked), group.unwrap_or_default())
}

const fn untracked(tracked: bool) -> &'static str {
    if tracked { "" } else { " no_track" }
}
