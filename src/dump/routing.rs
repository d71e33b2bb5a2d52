//! The VRRP part of the dump: instances, sync groups, check scripts, links (compat 03 §7.4).
//!
//! What is only true at run time is there when there is a [`Moment`] to tell of.

mod instance;
mod link;
mod notify;
mod sockets;
mod trackers;
mod watched;

use std::fmt::{Result, Write};

use conf::Config;
use vrrp::config::{Script, SyncGroup};
use vrrp::{GroupView, ScriptView};

use super::command::quoted;
use super::{Moment, object};

/// All of it.
pub(super) fn text(config: &Config, moment: Option<Moment<'_>>) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = write(&mut text, config, moment);
    text
}

fn write(text: &mut String, config: &Config, moment: Option<Moment<'_>>) -> Result {
    let vrrp = &config.vrrp;
    let router = moment.map(|moment| &moment.shown.router);
    object::write_statics(text, vrrp, moment)?;
    section(text, "VRRP Topology", vrrp.instances.is_empty())?;
    for one in &vrrp.instances {
        instance::write(text, one, config, moment)?;
    }
    let open = moment.map_or(&[][..], |moment| &moment.shown.sockets);
    section(text, "VRRP Sockpool", open.is_empty())?;
    open.iter().try_for_each(|pair| sockets::write(text, pair, &vrrp.instances))?;
    section(text, "VRRP Sync groups", vrrp.groups.is_empty())?;
    for group in &vrrp.groups {
        let mut views = router.iter().flat_map(|router| &router.groups);
        write_group(text, group, config, views.find(|view| view.config.name == group.name))?;
    }
    section(text, "VRRP Scripts", vrrp.scripts.is_empty())?;
    for script in &vrrp.scripts {
        let mut views = router.iter().flat_map(|router| &router.scripts);
        write_script(text, script, config, views.find(|view| view.config.name == script.name))?;
    }
    watched::write(text, config, router)?;
    let Some(router) = router else { return Ok(()) };
    section(text, "Interfaces", router.links.is_empty())?;
    router.links.iter().try_for_each(|view| link::write(text, view, config))
}

fn section(text: &mut String, title: &str, empty: bool) -> Result {
    if empty { Ok(()) } else { writeln!(text, "------< {title} >------") }
}

fn write_group(
    text: &mut String,
    group: &SyncGroup,
    config: &Config,
    view: Option<&GroupView>,
) -> Result {
    match view {
        Some(view) => {
            writeln!(text, " VRRP Sync Group = {}, {}", group.name, view.state)?;
            let (faulty, awaiting) = (view.faulty, view.awaiting);
            writeln!(text, "   Num member fault {faulty}, num member init {awaiting}")?;
        }
        None => writeln!(text, " VRRP Sync Group = {}", group.name)?,
    }
    writeln!(text, "   VRRP member instances :")?;
    group.members.iter().try_for_each(|member| writeln!(text, "     {member}"))?;
    let mails = config.mail_alerts.groups.contains(&group.name);
    writeln!(text, "   Using smtp notification = {}", yes(mails))?;
    instance::write_tracked(text, "interfaces", &group.tracked_links)?;
    instance::write_tracked(text, "scripts", &group.tracked_scripts)?;
    watched::write_tracked(text, &group.watched)?;
    notify::write(text, &group.notify)
}

fn write_script(
    text: &mut String,
    script: &Script,
    config: &Config,
    view: Option<&ScriptView>,
) -> Result {
    writeln!(text, " VRRP Script = {}", script.name)?;
    writeln!(text, "   Command = {}", quoted(&script.command.argv))?;
    writeln!(text, "   Interval = {} sec", script.interval.as_secs_f64())?;
    writeln!(text, "   Timeout = {} sec", script.timeout.as_secs_f64())?;
    writeln!(text, "   Rise = {}", script.rise)?;
    writeln!(text, "   Fall = {}", script.fall)?;
    if let Some(view) = view {
        write_result(text, script, view)?;
    }
    writeln!(text, "   Script uid:gid = {}:{}", script.command.uid, script.command.gid)?;
    writeln!(text, "   VRRP instances :")?;
    writeln!(text, "   Tracking instances :")?;
    let trackers = trackers::lines(
        &config.vrrp,
        &script.name,
        |instance| &instance.tracked_scripts,
        |group| &group.tracked_scripts,
    );
    text.push_str(&trackers);
    match view {
        Some(view) => writeln!(text, "   State = {}", if view.runs { "running" } else { "idle" }),
        None => Ok(()),
    }
}

/// keepalived counts from 0 (bad) to rise + fall - 1 (good).
fn write_result(text: &mut String, script: &Script, view: &ScriptView) -> Result {
    let (result, status) = match view.good {
        Some(true) => (script.rise + script.fall - 1 - view.doubts, "GOOD"),
        Some(false) => (view.doubts, "BAD"),
        None => return writeln!(text, "   Status = INIT"),
    };
    writeln!(text, "   Result = {result}")?;
    writeln!(text, "   Status = {status}")
}

const fn yes(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}
