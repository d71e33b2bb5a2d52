//! The statements outside every block that are settings of the whole daemon.

use std::time::Duration;

use super::{Writer, decimal};
use crate::{GarpGroup, Globals, IpvsNamespace, LinkPolling, Links, TlsMaterial};

/// Those that stand before `global_defs`.
pub(super) fn before(globals: &Globals, out: &mut Writer) {
    out.value("net_namespace", globals.net_namespace.as_ref());
    match &globals.ipvs.namespace {
        None => {}
        Some(IpvsNamespace::Initial) => out.statement("net_namespace_ipvs", &[]),
        Some(IpvsNamespace::Named(name)) => out.statement("net_namespace_ipvs", &[name]),
    }
    out.flag("namespace_with_ipsets", globals.namespace_with_ipsets);
    out.value("instance", globals.instance.as_ref());
    out.flag("use_pid_dir", globals.use_pid_dir);
    let wait = super::changed(globals.child_wait_time, Duration::from_secs(5));
    out.seconds("child_wait_time", wait);
    out.flag("linkbeat_use_polling", globals.links.poll_all);
}

/// Those that stand behind it.
pub(super) fn after(globals: &Globals, out: &mut Writer) {
    watched(&globals.links, out);
    for group in &globals.links.garp_groups {
        out.block("garp_group", &[], |out| garp_group(group, out));
    }
    if let Some(tls) = &globals.checkers.tls {
        out.block("SSL", &[], |out| material(tls, out));
    }
}

fn watched(links: &Links, out: &mut Writer) {
    if !links.polled.is_empty() {
        out.block("linkbeat_interfaces", &[], |out| {
            for polled in &links.polled {
                let by = polled.by.map(|by| match by {
                    LinkPolling::Mii => "MII",
                    LinkPolling::Ethtool => "ETHTOOL",
                    LinkPolling::Flags => "IOCTL",
                });
                let words: Vec<&str> = by.into_iter().collect();
                out.statement(polled.link.as_str(), &words);
            }
        });
    }
    if !links.delays.is_empty() {
        out.block("interface_up_down_delays", &[], |out| {
            for delay in &links.delays {
                let (down, up) = (decimal(delay.down), decimal(delay.up));
                out.statement(delay.link.as_str(), &[&down, &up]);
            }
        });
    }
}

fn garp_group(group: &GarpGroup, out: &mut Writer) {
    out.decimal("garp_interval", group.arp);
    out.decimal("gna_interval", group.neighbour);
    for link in &group.single {
        out.statement("interface", &[link.as_str()]);
    }
    if !group.shared.is_empty() {
        out.block("interfaces", &[], |out| {
            for link in &group.shared {
                out.statement(link.as_str(), &[]);
            }
        });
    }
}

fn material(tls: &TlsMaterial, out: &mut Writer) {
    out.value("password", tls.password.as_ref());
    out.value("ca", tls.ca.as_ref());
    out.value("certificate", tls.certificate.as_ref());
    out.value("key", tls.key.as_ref());
}
