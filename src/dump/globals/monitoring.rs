//! What others can ask: health checks' log, SNMP, D-Bus.

use conf::{Checkers, Dbus, Snmp};

use super::{Sheet, enabled};

pub(super) fn checkers(checkers: Checkers, sheet: &mut Sheet) {
    let Checkers { log_all_failures, notify_at_start } = checkers;
    sheet.set("Checkers log all failures", log_all_failures);
    sheet.set("rs_init_notifies", u8::from(notify_at_start));
}

pub(super) fn snmp(snmp: &Snmp, sheet: &mut Sheet) {
    let Snmp {
        socket,
        traps,
        vrrp,
        checker,
        rfc_v2,
        rfc_v3,
        virtual_server_interval,
        real_server_interval,
    } = snmp;
    let parts = [("vrrp", vrrp), ("checker", checker), ("RFCv2", rfc_v2), ("RFCv3", rfc_v3)];
    for (part, on) in parts.into_iter().chain([("traps", traps)]) {
        sheet.say(format_args!("SNMP {part} {}", enabled(*on)));
    }
    sheet.set("SNMP socket", socket.as_deref().unwrap_or("default (unix:/var/agentx/master)"));
    let interval = virtual_server_interval.as_secs_f64();
    sheet.set("SNMP virtual server stats update interval", interval);
    let interval = real_server_interval.map(|interval| interval.as_secs_f64());
    sheet.given("SNMP real server stats update interval", interval);
}

pub(super) fn dbus(dbus: &Dbus, sheet: &mut Sheet) {
    let Dbus { enabled: on, service_name, no_interface_name } = dbus;
    sheet.say(format_args!("DBus {}", enabled(*on)));
    sheet.set("DBus service name", service_name.as_deref().unwrap_or_default());
    sheet.given("DBus no interface name", no_interface_name.as_ref());
}
