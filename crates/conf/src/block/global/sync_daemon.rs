//! Reads `lvs_sync_daemon`. Whether its instance exists is decided in `resolve`.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use net::LinkName;
use vrrp::Name;

use super::value::wrong;
use crate::block::RootDraft;
use crate::diagnostic::Diagnostic;
use crate::globals::SyncDaemon;
use crate::line::Line;
use crate::reader::Word;
use crate::value;

/// The words that name an option.
const OPTIONS: [&str; 6] = ["inst", "id", "maxlen", "port", "ttl", "group"];

pub(super) fn read(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.word(1) else {
        line.error("lvs_sync_daemon requires interface");
        return None;
    };
    if let Some(earlier) = &root.globals.ipvs.sync_daemon {
        let instance = earlier.instance.as_ref().map_or("", Name::as_str);
        let message = format!(
            "lvs_sync_daemon has already been specified as {} {instance} - ignoring",
            earlier.link
        );
        line.error(message);
        return None;
    }
    let link = link(line, &word)?;
    let mut daemon = SyncDaemon {
        link,
        instance: None,
        id: None,
        max_length: None,
        port: None,
        ttl: None,
        group: None,
    };
    let mut at = bare(&mut daemon, line);
    while let Some(name) = line.word(at) {
        at += option(&mut daemon, line, &name, at + 1);
    }
    line.cx.sync_link = Some(daemon.link.to_string());
    root.globals.ipvs.sync_daemon = Some(daemon);
    root.sync_daemon_span = Some(line.span());
    Some(())
}

fn link(line: &mut Line<'_, '_>, word: &Word) -> Option<LinkName> {
    let refused = |error: net::NameError| {
        let why = if error == net::NameError::TooLong { "too long" } else { "invalid" };
        let message = format!("lvs_sync_daemon interface name '{}' {why} - ignoring", word.text);
        line.add(Diagnostic::general(message).at(word.span).hint(error.to_string()));
    };
    LinkName::new(&word.text).map_err(refused).ok()
}

/// The old form: an instance as second word and an id as third. Returns where options begin.
fn bare(daemon: &mut SyncDaemon, line: &mut Line<'_, '_>) -> usize {
    let plain = |word: Word| (!OPTIONS.contains(&word.text.as_str())).then_some(word);
    let Some(instance) = line.word(2).and_then(plain) else {
        return 2;
    };
    daemon.instance = Some(Name::new(&instance.text));
    let Some(word) = line.word(3).and_then(plain) else {
        return 3;
    };
    id(daemon, line, &word);
    if daemon.id.is_some() {
        let message = "Please use keyword \"id\" before lvs_sync_daemon SYNCID";
        wrong(line, &word, message.to_owned(), &format!("write id {}", word.text));
    }
    4
}

fn id(daemon: &mut SyncDaemon, line: &mut Line<'_, '_>, word: &Word) {
    daemon.id = line.number(word, 0..=255);
    if daemon.id.is_none() {
        let message = format!("Invalid syncid ({}) - defaulting to vrid", word.text);
        wrong(line, word, message, "write a number from 0 to 255");
    }
}

/// Reads one option; returns how many words it has.
fn option(daemon: &mut SyncDaemon, line: &mut Line<'_, '_>, name: &Word, at: usize) -> usize {
    if !OPTIONS.contains(&name.text.as_str()) {
        let message = format!("Unknown option {} specified for lvs_sync_daemon", name.text);
        wrong(line, name, message, "write inst, id, maxlen, port, ttl or group and a value");
        return 1;
    }
    let Some(word) = line.word(at) else {
        let default = if name.text == "id" { ", defaulting to vrid" } else { " - ignoring" };
        let message = format!("No value specified for lvs_sync_daemon {}{default}", name.text);
        line.error_at(name, message);
        return 1;
    };
    match name.text.as_str() {
        "inst" => instance(daemon, line, &word),
        "id" => id(daemon, line, &word),
        "maxlen" => daemon.max_length = number(line, name, &word, 1..=65_507),
        "port" => daemon.port = number(line, name, &word, 1..=65_535),
        "ttl" => daemon.ttl = number(line, name, &word, 1..=255),
        _ => daemon.group = group(line, &word),
    }
    2
}

fn instance(daemon: &mut SyncDaemon, line: &mut Line<'_, '_>, word: &Word) {
    if let Some(earlier) = &daemon.instance {
        let message = format!(
            "lvs_sync_daemon vrrp instance has already been specified as {earlier} - ignoring"
        );
        line.error_at(word, message);
        return;
    }
    daemon.instance = Some(Name::new(&word.text));
}

fn number<T: TryFrom<i64>>(
    line: &mut Line<'_, '_>,
    name: &Word,
    word: &Word,
    range: RangeInclusive<i64>,
) -> Option<T> {
    let hint = format!("write a number from {} to {}", range.start(), range.end());
    let number = line.number(word, range);
    if number.is_none() {
        let message = format!("Invalid lvs_sync_daemon {} ({}) - ignoring", name.text, word.text);
        wrong(line, word, message, &hint);
    }
    number
}

fn group(line: &mut Line<'_, '_>, word: &Word) -> Option<IpAddr> {
    let message = match value::address(&word.text) {
        Some(group) if group.is_multicast() => return Some(group),
        Some(_) => {
            format!("lvs_sync_daemon group address {} is not multicast - ignoring", word.text)
        }
        None => format!("Invalid lvs_sync_daemon group ({}) - ignoring", word.text),
    };
    wrong(line, word, message, "write a multicast address");
    None
}
