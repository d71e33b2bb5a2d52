//! Files, processes and BFD sessions that instances and groups watch.

use std::fmt::{Result, Write};

use conf::Config;
use vrrp::Name;
use vrrp::config::{Factor, ParameterMatch, TrackFile, TrackProcess, Tracked, Watched};

use super::{instance, section};

/// The watched things themselves, each with the instances that watch it.
pub(super) fn write(text: &mut String, config: &Config) -> Result {
    let vrrp = &config.vrrp;
    section(text, "VRRP Track files", vrrp.files.is_empty())?;
    for file in &vrrp.files {
        write_file(text, file)?;
        write_instances(text, config, |watched| factor(&watched.files, &file.name))?;
    }
    section(text, "VRRP Track processes", vrrp.processes.is_empty())?;
    for process in &vrrp.processes {
        write_process(text, process)?;
        write_instances(text, config, |watched| factor(&watched.processes, &process.name))?;
    }
    write_sessions(text, config)
}

/// Only the sessions that VRRP is told of.
fn write_sessions(text: &mut String, config: &Config) -> Result {
    let weight = |watched: &Watched, name: &str| {
        let mut sessions = watched.sessions.iter();
        let found = sessions.find(|tracked| tracked.object.as_str() == name)?;
        Some(i32::from(found.weight.number()))
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

fn factor(all: &[Tracked<Name, Factor>], name: &Name) -> Option<i32> {
    let found = all.iter().find(|tracked| tracked.object == *name)?;
    Some(i32::from(found.weight.number()))
}

fn write_instances(
    text: &mut String,
    config: &Config,
    weight: impl Fn(&Watched) -> Option<i32>,
) -> Result {
    writeln!(text, "   Tracking instances :")?;
    for instance in &config.vrrp.instances {
        if let Some(weight) = weight(&instance.watched) {
            writeln!(text, "     {}, weight {weight}", instance.name)?;
        }
    }
    Ok(())
}

fn write_file(text: &mut String, file: &TrackFile) -> Result {
    writeln!(text, " Track file = {}", file.name)?;
    writeln!(text, "   File = {}", file.path)?;
    if let Some(initial) = file.initial {
        let overwrite = if initial.overwrite { ", overwritten" } else { "" };
        writeln!(text, "   Initial value = {}{overwrite}", initial.value)?;
    }
    write_weight(text, file.weight, file.reverse)
}

fn write_process(text: &mut String, process: &TrackProcess) -> Result {
    writeln!(text, " Track process = {}", process.name)?;
    let (program, parameters) = process.command.split_first().unzip();
    writeln!(text, "   Process = {}", program.map_or("", String::as_str))?;
    if let Some(parameters) = parameters.filter(|parameters| !parameters.is_empty()) {
        writeln!(text, "   Parameters = {}", parameters.join(" "))?;
    }
    let compared = match process.parameters {
        ParameterMatch::Ignored => None,
        ParameterMatch::Exact => Some("EXACT"),
        ParameterMatch::Partial => Some("PARTIAL"),
        ParameterMatch::Initial => Some("INITIAL"),
    };
    if let Some(compared) = compared {
        writeln!(text, "   Param match = {compared}")?;
    }
    writeln!(text, "   Min processes = {}", process.quorum)?;
    if let Some(most) = process.most {
        writeln!(text, "   Max processes = {most}")?;
    }
    write_weight(text, process.weight, process.reverse)?;
    writeln!(text, "   Terminate delay = {}s", process.end_delay.as_secs_f64())?;
    writeln!(text, "   Fork delay = {}s", process.start_delay.as_secs_f64())?;
    writeln!(text, "   Full command = {}", process.full_command)
}

fn write_weight(text: &mut String, weight: Factor, reverse: bool) -> Result {
    let reverse = if reverse { " reverse" } else { "" };
    writeln!(text, "   Weight = {}{reverse}", weight.number())
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
        let reverse = if tracked.reverse { " reverse" } else { "" };
        writeln!(text, "     {} weight {}{reverse}", tracked.object, tracked.weight.number())
    })
}
