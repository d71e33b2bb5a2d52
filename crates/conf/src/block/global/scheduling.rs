//! Rows of `global_defs`: priorities, memory and processors of the parts of the daemon.

use std::time::Duration;

use super::Row;
use super::value::{self as read, set};
use crate::block::RootDraft;
use crate::globals::PartScheduling;
use crate::line::Line;

/// Scheduling.
pub(super) static SCHEDULING: &[Row] = &[
    Row::now("max_auto_priority", "limit of raising the own priority", max_auto_priority).takes(
        "[PRIORITY]",
        "-1 to 99; 99 without a number",
        "0",
    ),
    Row::now("min_auto_priority_delay", "lateness that raises the own priority", |root, line| {
        let word = line.given(1, "min_auto_priority_delay requires delay time")?;
        let delay = read::checked(line, &word, 1..=10_000_000, |keyword, value| {
            format!("{keyword} '{value}' must be in [1, 10000000] - ignoring")
        })?;
        root.globals.scheduling.min_auto_priority_delay = Duration::from_micros(delay);
        Some(())
    })
    .takes("MICROSECS", "1-10000000", "1000000"),
    Row::now("vrrp_priority", "nice value of VRRP", |root, line| {
        nice(&mut root.globals.scheduling.vrrp, line, "vrrp")
    })
    .takes("NICE", "-20 to 19", "as it was started"),
    Row::now("vrrp_no_swap", "keeps VRRP in memory", |root, _| {
        set(&mut root.globals.scheduling.vrrp.no_swap)
    })
    .takes("", "", "off"),
    Row::now("vrrp_rt_priority", "real-time priority of VRRP", |root, line| {
        realtime(&mut root.globals.scheduling.vrrp, line, "vrrp")
    })
    .takes("PRIORITY", "1-99", "not in real time"),
    Row::now("vrrp_cpu_affinity", "processors of VRRP", |root, line| {
        processors(&mut root.globals.scheduling.vrrp, line, "vrrp")
    })
    .takes("CPU...", "", "all"),
    Row::now("vrrp_rlimit_rttime", "limit of real-time running in microseconds", |root, line| {
        limit(&mut root.globals.scheduling.vrrp, line, "vrrp")
    })
    .takes("MICROSECS", "1-4294967295", "no limit"),
    Row::now("vrrp_rlimit_rtime", "old spelling of vrrp_rlimit_rttime", |root, line| {
        old_limit(&mut root.globals.scheduling.vrrp, line, "vrrp")
    })
    .takes("MICROSECS", "1-4294967295", "no limit"),
    Row::now("checker_priority", "nice value of the checkers", |root, line| {
        nice(&mut root.globals.scheduling.checkers, line, "checker")
    })
    .takes("NICE", "-20 to 19", "as it was started"),
    Row::now("checker_no_swap", "keeps the checkers in memory", |root, _| {
        set(&mut root.globals.scheduling.checkers.no_swap)
    })
    .takes("", "", "off"),
    Row::now("checker_rt_priority", "real-time priority of the checkers", |root, line| {
        realtime(&mut root.globals.scheduling.checkers, line, "checker")
    })
    .takes("PRIORITY", "1-99", "not in real time"),
    Row::now("checker_cpu_affinity", "processors of the checkers", |root, line| {
        processors(&mut root.globals.scheduling.checkers, line, "checker")
    })
    .takes("CPU...", "", "all"),
    Row::now("checker_rlimit_rttime", "limit of real-time running of them", |root, line| {
        limit(&mut root.globals.scheduling.checkers, line, "checker")
    })
    .takes("MICROSECS", "1-4294967295", "no limit"),
    Row::now("checker_rlimit_rtime", "old spelling of checker_rlimit_rttime", |root, line| {
        old_limit(&mut root.globals.scheduling.checkers, line, "checker")
    })
    .takes("MICROSECS", "1-4294967295", "no limit"),
    Row::now("bfd_priority", "nice value of BFD", |root, line| {
        nice(&mut root.globals.scheduling.bfd, line, "bfd")
    })
    .takes("NICE", "-20 to 19", "as it was started"),
    Row::now("bfd_no_swap", "keeps BFD in memory", |root, _| {
        set(&mut root.globals.scheduling.bfd.no_swap)
    })
    .takes("", "", "off"),
    Row::now("bfd_rt_priority", "real-time priority of BFD", |root, line| {
        realtime(&mut root.globals.scheduling.bfd, line, "bfd")
    })
    .takes("PRIORITY", "1-99", "not in real time"),
    Row::now("bfd_cpu_affinity", "processors of BFD", |root, line| {
        processors(&mut root.globals.scheduling.bfd, line, "bfd")
    })
    .takes("CPU...", "", "all"),
    Row::now("bfd_rlimit_rttime", "limit of real-time running of BFD", |root, line| {
        limit(&mut root.globals.scheduling.bfd, line, "bfd")
    })
    .takes("MICROSECS", "1-4294967295", "no limit"),
    Row::now("bfd_rlimit_rtime", "old spelling of bfd_rlimit_rttime", |root, line| {
        old_limit(&mut root.globals.scheduling.bfd, line, "bfd")
    })
    .takes("MICROSECS", "1-4294967295", "no limit"),
];

fn max_auto_priority(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let complaint = |keyword: &str, value: &str| {
        format!("{keyword} '{value}' must be in [0, 99] (or -1 to disable) - ignoring")
    };
    root.globals.scheduling.max_auto_priority =
        if line.len() > 1 { read::number(line, -1..=99, complaint)? } else { 99 };
    Some(())
}

fn nice(part: &mut PartScheduling, line: &mut Line<'_, '_>, name: &str) -> Option<()> {
    let word = line.given(1, &format!("No {name} process priority specified"))?;
    let nice = line.number(&word, -20..=19);
    if nice.is_none() {
        let message = format!("Invalid {name} process priority specified");
        read::wrong(line, &word, message, "write a nice value from -20 to 19");
    }
    part.nice = nice.unwrap_or(0);
    Some(())
}

fn realtime(part: &mut PartScheduling, line: &mut Line<'_, '_>, name: &str) -> Option<()> {
    let missing = format!("No {name} process real-time priority specified");
    let word = line.given(1, &missing)?;
    let Some(wanted) = line.integer(&word, i64::from(i32::MIN)..=i64::from(i32::MAX)) else {
        let message = format!("{name} process real-time priority '{}' invalid", word.text);
        read::wrong(line, &word, message, "write a number from 1 to 99");
        return None;
    };
    let clamped = wanted.clamp(1, 99);
    if clamped != wanted {
        let message = format!(
            "{name} process real-time priority {wanted} {} {clamped} - setting to {}",
            if wanted > clamped { "greater than maximum" } else { "less than minimum" },
            if wanted > clamped { "maximum" } else { "minimum" }
        );
        line.error_at(&word, message);
    }
    part.realtime = u8::try_from(clamped).ok();
    Some(())
}

/// Numbers of processors; a wrong one makes the whole list void.
fn processors(part: &mut PartScheduling, line: &mut Line<'_, '_>, name: &str) -> Option<()> {
    line.given(1, &format!("No {name} cpu_id set specified"))?;
    let last = line
        .cx
        .environment
        .processors
        .map_or(i64::from(u32::MAX), |count| i64::from(count.saturating_sub(1)));
    for word in line.statement.words.clone().into_iter().skip(1) {
        let Some(number) = line.number(&word, 0..=last) else {
            let message = format!("Invalid cpu_id:{} specified for {name} process", word.text);
            let hint = format!("write numbers of processors, at most {last}");
            read::wrong(line, &word, message, &hint);
            part.processors.clear();
            return None;
        };
        part.processors.insert(number);
    }
    Some(())
}

fn limit(part: &mut PartScheduling, line: &mut Line<'_, '_>, name: &str) -> Option<()> {
    let word = line.required(1)?;
    let limit: Option<u64> = line.number(&word, 1..=4_294_967_295);
    if limit.is_none() {
        let message = format!("Invalid {name} real-time limit - {}", word.text);
        read::wrong(line, &word, message, "write microseconds, at least 1");
    }
    part.realtime_limit = limit.map(|limit| Duration::from_micros(limit.max(2)));
    Some(())
}

fn old_limit(part: &mut PartScheduling, line: &mut Line<'_, '_>, name: &str) -> Option<()> {
    line.notice(format!(
        "\"{name}_rlimit_rtime\" is deprecated, please use \"{name}_rlimit_rttime\""
    ));
    limit(part, line, name)
}
