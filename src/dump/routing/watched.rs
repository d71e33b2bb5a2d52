//! Files, processes and BFD sessions that instances and groups watch.

use std::fmt::{Result, Write};

use conf::Config;
use vrrp::config::{Factor, ParameterMatch, TrackFile, TrackProcess, Tracked, Watched};
use vrrp::{FileView, Name, ProcessView, Recount, Snapshot};

use super::trackers::reverse;
use super::{section, trackers};

/// The watched things themselves, each with those that watch it.
pub(super) fn write(text: &mut String, config: &Config, router: Option<&Snapshot>) -> Result {
    let vrrp = &config.vrrp;
    section(text, "VRRP Track files", vrrp.files.is_empty())?;
    for file in &vrrp.files {
        let mut views = router.iter().flat_map(|router| &router.files);
        write_file(text, file, views.find(|view| view.config.name == file.name))?;
        let trackers =
            trackers::lines(vrrp, &file.name, |one| &one.watched.files, |one| &one.watched.files);
        write!(text, "   Tracking instances :\n{trackers}")?;
    }
    section(text, "VRRP Track processes", vrrp.processes.is_empty())?;
    for process in &vrrp.processes {
        let mut views = router.iter().flat_map(|router| &router.processes);
        write_process(text, process, views.find(|view| view.config.name == process.name))?;
        let trackers = trackers::lines(
            vrrp,
            &process.name,
            |one| &one.watched.processes,
            |one| &one.watched.processes,
        );
        write!(text, "   Tracking instances :\n{trackers}")?;
    }
    write_sessions(text, config, router)
}

/// Only the sessions that VRRP is told of.
fn write_sessions(text: &mut String, config: &Config, router: Option<&Snapshot>) -> Result {
    let watched = config.bfd.sessions.iter().map(|session| {
        let name = Name::new(&session.name);
        let trackers = trackers::lines(
            &config.vrrp,
            &name,
            |one| &one.watched.sessions,
            |one| &one.watched.sessions,
        );
        (session, name, trackers)
    });
    let watched: Vec<_> = watched.filter(|(.., trackers)| !trackers.is_empty()).collect();
    section(text, "VRRP Track BFDs", watched.is_empty())?;
    for (session, name, trackers) in watched {
        writeln!(text, " VRRP Track BFD = {name}")?;
        writeln!(text, "   Weight = {}{}", session.weight, reverse(session.reverse))?;
        if let Some(router) = router {
            let up = router.sessions_up.contains(&name);
            writeln!(text, "   Bfd is {}", if up { "up" } else { "down" })?;
        }
        write!(text, "   Tracking VRRP instances :\n   Tracking instances :\n{trackers}")?;
    }
    Ok(())
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
    if watched.sessions.is_empty() {
        return Ok(());
    }
    writeln!(text, "   Tracked BFDs :")?;
    watched.sessions.iter().try_for_each(|tracked| {
        let (weight, reverse) = (tracked.weight.number(), reverse(tracked.reverse));
        writeln!(text, "     {}: weight {weight}{reverse}", tracked.object)
    })
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
