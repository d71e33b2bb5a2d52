//! Rows of `global_defs`: settings of checks, and of IPVS itself.

use std::time::Duration;

use super::Row;
use super::sync_daemon;
use super::value::{self as read, set, set_boolean};
use crate::block::RootDraft;
use crate::diagnostic::Diagnostic;
use crate::globals::Flush;
use crate::line::Line;
use crate::reader::Word;

/// Load balancing.
pub(super) static IPVS: &[Row] = &[
    Row::now("checker_log_all_failures", "logs each failed attempt of a check", |root, line| {
        set_boolean(&mut root.globals.checkers.log_all_failures, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("rs_init_notifies", "tells of real servers that work from the start", |root, line| {
        set_boolean(&mut root.globals.checkers.notify_at_start, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("lvs_timeouts", "connection timeouts of IPVS", timeouts).takes(
        "[tcp SECS] [tcpfin SECS] [udp SECS]",
        "0-2678400; 0 leaves it",
        "as the kernel has them",
    ),
    Row::now("lvs_flush", "empties the IPVS table at the start", |root, _| {
        set(&mut root.globals.ipvs.flush)
    })
    .takes("", "", "off"),
    Row::now("lvs_flush_on_stop", "empties the IPVS table at the stop", flush_on_stop)
        .takes("[VS]", "", "off"),
    Row::now("lvs_flush_onstop", "old spelling of lvs_flush_on_stop", flush_on_stop)
        .takes("[VS]", "", "off"),
    Row::now("lvs_sync_daemon", "runs the IPVS connection synchronisation", sync_daemon::read)
        .takes(
            "IFACE [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]",
            "id 0-255, maxlen 1-65507, port 1-65535, ttl 1-255",
            "off",
        ),
    Row::now(
        "lvs_audit_interval",
        "how often the IPVS table is looked at, to put back what others removed",
        |root, line| {
            let seconds = read::number(line, 0..=86_400, |keyword, value| {
                format!("{keyword} {value} is not from 0 to 86400 seconds - ignoring")
            })?;
            root.globals.ipvs.audit_interval = Duration::from_secs(seconds);
            Some(())
        },
    )
    .takes(
        "SECS",
        "0-86400; 0 is never, and looking takes at most half a hundredth of a processor",
        "10",
    ),
];

fn timeouts(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if line.len() < 3 {
        let message = "lvs_timeouts requires at least one option";
        let found = Diagnostic::general(message).at(line.statement.span);
        line.add(found.hint("write tcp, tcpfin or udp and seconds"));
        return None;
    }
    let timeouts = &mut root.globals.ipvs.timeouts;
    let mut at = 1;
    while let Some(option) = line.word(at) {
        let place = match option.text.as_str() {
            "tcp" => &mut timeouts.tcp,
            "tcpfin" => &mut timeouts.tcp_fin,
            "udp" => &mut timeouts.udp,
            unknown => {
                let message = format!("Unknown option {unknown} specified for lvs_timeouts");
                read::wrong(line, &option, message, "write tcp, tcpfin or udp and seconds");
                at += 1;
                continue;
            }
        };
        if let Some(timeout) = timeout(line, &option, at + 1) {
            *place = (!timeout.is_zero()).then_some(timeout);
        }
        at += 2;
    }
    Some(())
}

/// The longest timeout in seconds: 31 days.
const LONGEST: i64 = 31 * 24 * 60 * 60;

fn timeout(line: &mut Line<'_, '_>, option: &Word, at: usize) -> Option<Duration> {
    let Some(word) = line.word(at) else {
        line.error(format!("No value specified for lvs_timeout {} - ignoring", option.text));
        return None;
    };
    let seconds: Option<u64> = line.number(&word, 0..=LONGEST);
    if seconds.is_none() {
        let message = format!("Invalid lvs_timeout {} ({}) - ignoring", option.text, word.text);
        read::wrong(line, &word, message, "write seconds, at most 2678400 (31 days)");
    }
    seconds.map(Duration::from_secs)
}

fn flush_on_stop(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let flush = match line.word(1) {
        None => Flush::Table,
        Some(word) if word.text == "VS" => Flush::VirtualServers,
        Some(word) => {
            let message = format!("Unknown lvs_flush_on_stop type {}", word.text);
            read::wrong(line, &word, message, "write VS or nothing");
            return None;
        }
    };
    root.globals.ipvs.flush_on_stop = Some(flush);
    Some(())
}
