//! Files, processes and BFD sessions that instances and groups watch.

use std::fmt::{Result, Write};

use conf::Config;
use vrrp::config::{Factor, ParameterMatch, TrackFile, TrackProcess, Tracked, Watched};
use vrrp::{FileView, Name, ProcessView, Recount, Snapshot};

use super::{instance, section};

/// The watched things themselves, each with the instances that watch it.
pub(super) fn write(text: &mut String, config: &Config, router: Option<&Snapshot>) -> Result {
    let vrrp = &config.vrrp;
    section(text, "VRRP Track files", vrrp.files.is_empty())?;
    for file in &vrrp.files {
        let mut views = router.iter().flat_map(|router| &router.files);
        write_file(text, file, views.find(|view| view.config.name == file.name))?;
        write_instances(text, config, |watched| factor(&watched.files, &file.name))?;
    }
    section(text, "VRRP Track processes", vrrp.processes.is_empty())?;
    for process in &vrrp.processes {
        let mut views = router.iter().flat_map(|router| &router.processes);
        write_process(text, process, views.find(|view| view.config.name == process.name))?;
        write_instances(text, config, |watched| factor(&watched.processes, &process.name))?;
    }
    write_sessions(text, config)
}

/// Only the sessions that VRRP is told of.
fn write_sessions(text: &mut String, config: &Config) -> Result {
    let weight = |watched: &Watched, name: &str| {
        let mut sessions = watched.sessions.iter();
        let found = sessions.find(|tracked| tracked.object.as_str() == name)?;
        Some((i32::from(found.weight.number()), found.reverse))
    };
    let sessions: Vec<String> =
        config.bfd.sessions.iter().map(|session| session.name.to_string()).collect();
    let watched = |name: &&String| {
        config.vrrp.instances.iter().any(|instance| weight(&instance.watched, name).is_some())
    };
    let sessions: Vec<&String> = sessions.iter().filter(watched).collect();
    section(text, "VRRP Track BFDs", sessions.is_empty())?;
    for name in sessions {
        writeln!(text, " VRRP Track BFD = {name}")?;
        write_instances(text, config, |watched| weight(watched, name))?;
    }
    Ok(())
}

/// The weight of what is tracked, and whether it is reversed.
fn factor(all: &[Tracked<Name, Factor>], name: &Name) -> Option<(i32, bool)> {
    let found = all.iter().find(|tracked| tracked.object == *name)?;
    Some((i32::from(found.weight.number()), found.reverse))
}

fn write_instances(
    text: &mut String,
    config: &Config,
    weight: impl Fn(&Watched) -> Option<(i32, bool)>,
) -> Result {
    writeln!(text, "   Tracking instances :")?;
    for instance in &config.vrrp.instances {
        if let Some((weight, reversed)) = weight(&instance.watched) {
            writeln!(text, "     {}, weight {weight}{}", instance.name, reverse(reversed))?;
        }
    }
    Ok(())
}

const fn reverse(reversed: bool) -> &'static str {
    if reversed { " reverse" } else { "" }
}

fn write_file(text: &mut String, file: &TrackFile, view: Option<&FileView>) -> Result {
    writeln!(text, " Track file = {}", file.name)?;
    writeln!(text, "   File = {}", file.path)?;
    if let Some(initial) = file.initial {
        let overwrite = if initial.overwrite { ", overwritten" } else { "" };
        writeln!(text, "   Initial value = {}{overwrite}", initial.value)?;
    }
    if let Some(value) = view.and_then(|view| view.value) {
        writeln!(text, "   Status = {value}")?;
    }
    write_weight(text, file.weight, file.reverse)
}

fn write_process(text: &mut String, process: &TrackProcess, view: Option<&ProcessView>) -> Result {
    writeln!(text, " VRRP Track process = {}", process.name)?;
    let (program, parameters) = process.command.split_first().unzip();
    writeln!(text, "   Process = {}", program.map_or("", String::as_str))?;
    if let Some(parameters) = parameters.filter(|parameters| !parameters.is_empty()) {
        writeln!(text, "   Parameters = {}", parameters.join(" "))?;
    }
    // keepalived says no word for the exact one.
    let compared = match process.parameters {
        ParameterMatch::Ignored => None,
        ParameterMatch::Exact => Some(""),
        ParameterMatch::Partial => Some(" = partial"),
        ParameterMatch::Initial => Some(" = initial"),
    };
    if let Some(compared) = compared {
        writeln!(text, "   Param match{compared}")?;
    }
    writeln!(text, "   Min processes = {}", process.quorum)?;
    if let Some(most) = process.most {
        writeln!(text, "   Max processes = {most}")?;
    }
    if let Some(view) = view {
        writeln!(text, "   Current processes = {}", view.count)?;
        writeln!(text, "   Have quorum = {}", view.enough == Some(true))?;
    }
    write_weight(text, process.weight, process.reverse)?;
    writeln!(text, "   Terminate delay = {:.6}s", process.end_delay.as_secs_f64())?;
    writeln!(text, "   Fork delay = {:.6}s", process.start_delay.as_secs_f64())?;
    if let Some(view) = view {
        for (name, why) in [("Fork", Recount::Forked), ("Terminate", Recount::Exited)] {
            let runs = if view.waits_for == Some(why) { "running" } else { "not running" };
            writeln!(text, "   {name} delay timer {runs}")?;
        }
    }
    writeln!(text, "   Full command = {}", process.full_command)
}

fn write_weight(text: &mut String, weight: Factor, reversed: bool) -> Result {
    writeln!(text, "   Weight = {}{}", weight.number(), reverse(reversed))
}

/// What one instance or group watches.
pub(super) fn write_tracked(text: &mut String, watched: &Watched) -> Result {
    write_factors(text, "files", &watched.files)?;
    write_factors(text, "processes", &watched.processes)?;
    instance::write_tracked(text, "BFDs", &watched.sessions)
}

fn write_factors(text: &mut String, kind: &str, all: &[Tracked<Name, Factor>]) -> Result {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(text, "   Tracked {kind} :")?;
    all.iter().try_for_each(|tracked| {
        let (weight, reverse) = (tracked.weight.number(), reverse(tracked.reverse));
        writeln!(text, "     {}, weight {weight}{reverse}", tracked.object)
    })
}
