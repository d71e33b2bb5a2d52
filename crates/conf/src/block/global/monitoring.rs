//! Rows of `global_defs`: SNMP and D-Bus.

use super::Row;
use super::value::{self as read, set};
use crate::block::RootDraft;
use crate::line::Line;
use crate::value::Decimal;

/// SNMP and D-Bus.
pub(super) static MONITORING: &[Row] = &[
    Row::later("snmp_socket", "where the SNMP master agent listens", socket).takes(
        "SOCKET",
        "udp:ADDRESS:PORT or the like, at most 4095 bytes",
        "unix:/var/agentx/master",
    ),
    Row::later("enable_traps", "sends SNMP notifications", |root, _| {
        set(&mut root.globals.snmp.traps)
    })
    .takes("", "", "off"),
    Row::later("enable_snmp_vrrp", "serves the VRRP part of the keepalived MIB", |root, _| {
        set(&mut root.globals.snmp.vrrp)
    })
    .takes("", "", "off"),
    Row::later("enable_snmp_keepalived", "old spelling of enable_snmp_vrrp", |root, _| {
        set(&mut root.globals.snmp.vrrp)
    })
    .takes("", "", "off"),
    Row::later("enable_snmp_rfc", "serves the MIBs of both RFCs", |root, _| {
        set(&mut root.globals.snmp.rfc_v2)?;
        set(&mut root.globals.snmp.rfc_v3)
    })
    .takes("", "", "off"),
    Row::later("enable_snmp_rfcv2", "serves the VRRPv2 MIB", |root, _| {
        set(&mut root.globals.snmp.rfc_v2)
    })
    .takes("", "", "off"),
    Row::later("enable_snmp_rfcv3", "serves the VRRPv3 MIB", |root, _| {
        set(&mut root.globals.snmp.rfc_v3)
    })
    .takes("", "", "off"),
    Row::later("enable_snmp_checker", "serves the checker part of that MIB", |root, _| {
        set(&mut root.globals.snmp.checker)
    })
    .takes("", "", "off"),
    Row::later(
        "snmp_vs_stats_update_interval",
        "age of virtual server statistics",
        |root, line| {
            let word = line.required(1)?;
            root.globals.snmp.virtual_server_interval = read::timer(line, &word, AGES)?;
            Some(())
        },
    )
    .takes("SECS", "0.001-30", "5"),
    Row::later("snmp_rs_stats_update_interval", "age of real server statistics", |root, line| {
        let word = line.required(1)?;
        root.globals.snmp.real_server_interval = Some(read::timer(line, &word, AGES)?);
        Some(())
    })
    .takes("SECS", "0.001-30", "snmp_vs_stats_update_interval"),
    Row::later("enable_dbus", "serves D-Bus", |root, _| set(&mut root.globals.dbus.enabled))
        .takes("", "", "off"),
    Row::later("dbus_service_name", "name on the bus", |root, line| {
        let name = read::one(line, "dbus_service_name missing - ignoring")?;
        root.globals.dbus.service_name = Some(name);
        Some(())
    })
    .takes("NAME", "", "org.keepalived.Vrrp1"),
    Row::later(
        "dbus_no_interface_name",
        "path element of instances without interface",
        |root, line| {
            let name = read::one(line, "dbus_no_interface_name missing - ignoring")?;
            root.globals.dbus.no_interface_name = Some(name);
            Some(())
        },
    )
    .takes("NAME", "", "none"),
];

/// How old statistics may be.
const AGES: Decimal = Decimal::micros(1_000, 30_000_000);

fn socket(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.given(1, "SNMP error : snmp socket name missing")?;
    if line.len() > 2 {
        line.error("Too many parameters specified for snmp_socket - ignoring");
        return None;
    }
    if word.text.len() > SOCKET {
        line.error_at(&word, "SNMP error : snmp socket name too long - ignoring");
        return None;
    }
    if let Some(earlier) = &root.globals.snmp.socket {
        line.error(format!("SNMP socket already set to {earlier} - ignoring"));
        return None;
    }
    root.globals.snmp.socket = Some(word.text);
    Some(())
}

/// The longest name of a socket in bytes (a path of the system).
const SOCKET: usize = 4095;
