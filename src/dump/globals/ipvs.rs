//! IPVS itself, and what is filtered and marked by nftables.

use conf::{Firewall, Flush, Ipvs, IpvsMarks, IpvsNamespace, IpvsTimeouts, SyncDaemon};

use super::Sheet;

pub(super) fn namespace(namespace: Option<&IpvsNamespace>, sheet: &mut Sheet) {
    let name = match namespace {
        None => "(main namespace)",
        Some(IpvsNamespace::Initial) => "(default)",
        Some(IpvsNamespace::Named(name)) => name,
    };
    sheet.set("Network namespace ipvs", name);
}

/// Everything but the namespace, which stands before it.
pub(super) fn table(ipvs: &Ipvs, sheet: &mut Sheet) {
    let Ipvs { namespace: _, timeouts, flush, flush_on_stop, sync_daemon, audit_interval } = ipvs;
    let IpvsTimeouts { tcp, tcp_fin, udp } = timeouts;
    sheet.given("LVS TCP timeout", tcp.map(|time| time.as_secs()));
    sheet.given("LVS TCP FIN timeout", tcp_fin.map(|time| time.as_secs()));
    sheet.given("LVS UDP timeout", udp.map(|time| time.as_secs()));
    if let Some(daemon) = sync_daemon {
        syncd(daemon, sheet);
    }
    sheet.set("LVS flush", flush);
    let at_stop = match flush_on_stop {
        None => "disabled",
        Some(Flush::Table) => "full",
        Some(Flush::VirtualServers) => "VS",
    };
    sheet.set("LVS flush on stop", at_stop);
    sheet.set("LVS audit interval", audit_interval.as_secs());
}

fn syncd(daemon: &SyncDaemon, sheet: &mut Sheet) {
    let SyncDaemon { link, instance, id, max_length, port, ttl, group } = daemon;
    sheet.set("LVS syncd interface", link);
    sheet.given("LVS syncd instance", instance.as_ref());
    sheet.given("LVS syncd id", *id);
    sheet.given("LVS syncd maxlen", *max_length);
    sheet.given("LVS syncd mcast group", *group);
    sheet.given("LVS syncd mcast port", *port);
    sheet.given("LVS syncd mcast ttl", *ttl);
}

pub(super) fn firewall(firewall: &Firewall, sheet: &mut Sheet) {
    let Firewall { table, priority, link_numbers, counters, ipvs } = firewall;
    if let Some(table) = table {
        sheet.set("nftables table name", table);
        sheet.set("nftables base chain priority", priority);
    }
    sheet.say_if(*link_numbers, "nftables force use ifindex for link local IPv6");
    let IpvsMarks { table, priority, first_mark } = ipvs;
    if let Some(table) = table {
        sheet.set("ipvs nftables table name", table);
        sheet.set("ipvs nftables base chain priority", priority);
        sheet.set("ipvs nftables start fwmark", first_mark);
    }
    let counted = if *counters { "with" } else { "without" };
    sheet.say(format_args!("nftables {counted} counters"));
}
