//! Rows of `global_defs`: names of the daemon and its processes, and which interfaces it takes.

use net::LinkName;

use super::Row;
use super::value::{self as read, set};
use crate::block::RootDraft;
use crate::diagnostic::Diagnostic;
use crate::globals::DynamicInterfaces;
use crate::line::Line;

/// Names and interfaces.
pub(super) static IDENTITY: &[Row] = &[
    Row::now("process_names", "gives the parts of the daemon distinct process names", |root, _| {
        set(&mut root.globals.names.distinct)
    })
    .takes("", "", "off"),
    Row::now("process_name", "name of the main process", |root, line| {
        process_name(&mut root.globals.names.main, line)
    })
    .takes("NAME", "1-15 bytes", "keepalived"),
    Row::now("vrrp_process_name", "name of the VRRP process", |root, line| {
        process_name(&mut root.globals.names.vrrp, line)
    })
    .takes("NAME", "1-15 bytes", "keepalived"),
    Row::now("checker_process_name", "name of the checker process", |root, line| {
        process_name(&mut root.globals.names.checker, line)
    })
    .takes("NAME", "1-15 bytes", "keepalived"),
    Row::now("lvs_process_name", "old spelling of checker_process_name", |root, line| {
        line.notice("\"lvs_process_name\" is deprecated, please use \"checker_process_name\"");
        process_name(&mut root.globals.names.checker, line)
    })
    .takes("NAME", "1-15 bytes", "keepalived"),
    Row::now("bfd_process_name", "name of the BFD process", |root, line| {
        process_name(&mut root.globals.names.bfd, line)
    })
    .takes("NAME", "1-15 bytes", "keepalived"),
    Row::now("router_id", "name of this machine in mails and SNMP", |root, line| {
        root.globals.router_id = Some(read::one(line, "routerid name missing - ignoring")?);
        Some(())
    })
    .takes("NAME", "", "the host's name"),
    Row::now("dynamic_interfaces", "lets interfaces come and go", dynamic_interfaces).takes(
        "[allow_if_changes]",
        "",
        "off",
    ),
    Row::now("default_interface", "interface of static addresses", default_interface)
        .takes("IFACE", "", "eth0"),
];

/// The longest name of a process in bytes (the kernel's limit).
const PROCESS_NAME: usize = 15;

fn process_name(place: &mut Option<String>, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    if word.text.len() > PROCESS_NAME {
        let message =
            format!("Process name {} more than {PROCESS_NAME} characters, truncating", word.text);
        line.error_at(&word, message);
    }
    *place = Some(read::truncated(&word.text, PROCESS_NAME).to_owned());
    Some(())
}

fn dynamic_interfaces(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    root.globals.dynamic_interfaces = match line.word(1) {
        None => DynamicInterfaces::On,
        Some(word) if word.text == "allow_if_changes" => DynamicInterfaces::AllowChanges,
        Some(word) => {
            let message = format!("Unknown dynamic_interfaces option '{}'", word.text);
            read::wrong(line, &word, message, "write allow_if_changes or nothing");
            DynamicInterfaces::On
        }
    };
    Some(())
}

fn default_interface(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.word(1) else {
        line.error("default_interface requires interface name");
        return None;
    };
    match LinkName::new(&word.text) {
        Ok(name) => root.globals.default_interface = Some(name),
        Err(error) => {
            let found = Diagnostic::general(format!("Invalid default_interface {}", word.text));
            line.add(found.at(word.span).hint(error.to_string()));
        }
    }
    Some(())
}
