//! What `global_defs` says of the parts of the daemon: scheduling, IPVS, nftables, SNMP, buffers.

use super::{Writer, changed};
use crate::{
    BufferPolicy, Buffers, Firewall, Flush, Globals, Ipvs, PartScheduling, ReceiveBuffer,
    Scheduling, Snmp, SyncDaemon, VrrpBuffer,
};

pub(super) fn print(globals: &Globals, out: &mut Writer) {
    scheduling(&globals.scheduling, out);
    out.flag("checker_log_all_failures", globals.checkers.log_all_failures);
    out.flag("rs_init_notifies", globals.checkers.notify_at_start);
    ipvs(&globals.ipvs, out);
    firewall(&globals.firewall, out);
    snmp(&globals.snmp, out);
    out.flag("enable_dbus", globals.dbus.enabled);
    out.value("dbus_service_name", globals.dbus.service_name.as_ref());
    out.value("dbus_no_interface_name", globals.dbus.no_interface_name.as_ref());
    buffers(&globals.buffers, out);
    out.decimal("vrrp_startup_delay", globals.startup_delay);
    out.decimal("vrrp_delay_after_boot", globals.delay_after_boot);
}

fn scheduling(scheduling: &Scheduling, out: &mut Writer) {
    let default = Scheduling::default();
    out.value(
        "max_auto_priority",
        changed(scheduling.max_auto_priority, default.max_auto_priority),
    );
    let delay = changed(scheduling.min_auto_priority_delay, default.min_auto_priority_delay);
    out.micros("min_auto_priority_delay", delay);
    part("vrrp", &scheduling.vrrp, out);
    part("checker", &scheduling.checkers, out);
    part("bfd", &scheduling.bfd, out);
}

fn part(name: &str, part: &PartScheduling, out: &mut Writer) {
    out.value(&format!("{name}_priority"), changed(part.nice, 0));
    out.flag(&format!("{name}_no_swap"), part.no_swap);
    out.value(&format!("{name}_rt_priority"), part.realtime);
    if !part.processors.is_empty() {
        let numbers: Vec<String> = part.processors.iter().map(ToString::to_string).collect();
        let words: Vec<&str> = numbers.iter().map(String::as_str).collect();
        out.statement(&format!("{name}_cpu_affinity"), &words);
    }
    out.micros(&format!("{name}_rlimit_rttime"), part.realtime_limit);
}

fn ipvs(ipvs: &Ipvs, out: &mut Writer) {
    let timeouts = &ipvs.timeouts;
    let mut words = Vec::new();
    for (name, time) in [("tcp", timeouts.tcp), ("tcpfin", timeouts.tcp_fin), ("udp", timeouts.udp)]
    {
        words.extend(time.map(|time| [name.to_owned(), time.as_secs().to_string()]));
    }
    if !words.is_empty() {
        let words: Vec<&str> = words.iter().flatten().map(String::as_str).collect();
        out.statement("lvs_timeouts", &words);
    }
    out.flag("lvs_flush", ipvs.flush);
    match ipvs.flush_on_stop {
        None => {}
        Some(Flush::Table) => out.statement("lvs_flush_on_stop", &[]),
        Some(Flush::VirtualServers) => out.statement("lvs_flush_on_stop", &["VS"]),
    }
    if let Some(daemon) = &ipvs.sync_daemon {
        sync_daemon(daemon, out);
    }
    let default = Ipvs::default().audit_interval;
    out.value("lvs_audit_interval", changed(ipvs.audit_interval, default).map(|t| t.as_secs()));
}

fn sync_daemon(daemon: &SyncDaemon, out: &mut Writer) {
    let options = [
        ("inst", daemon.instance.as_ref().map(ToString::to_string)),
        ("id", daemon.id.map(|id| id.to_string())),
        ("maxlen", daemon.max_length.map(|length| length.to_string())),
        ("port", daemon.port.map(|port| port.to_string())),
        ("ttl", daemon.ttl.map(|ttl| ttl.to_string())),
        ("group", daemon.group.map(|group| group.to_string())),
    ];
    let mut words = vec![daemon.link.as_str()];
    for (name, value) in &options {
        if let Some(value) = value {
            words.extend([*name, value.as_str()]);
        }
    }
    out.statement("lvs_sync_daemon", &words);
}

fn firewall(firewall: &Firewall, out: &mut Writer) {
    let default = Firewall::default();
    out.value("nftables", firewall.table.as_ref());
    out.value("nftables_priority", changed(firewall.priority, default.priority));
    out.flag("nftables_ifindex", firewall.link_numbers);
    out.flag("nftables_counters", firewall.counters);
    out.value("nftables_ipvs", firewall.ipvs.table.as_ref());
    let priority = changed(firewall.ipvs.priority, default.ipvs.priority);
    out.value("nftables_ipvs_priority", priority);
    let mark = changed(firewall.ipvs.first_mark, default.ipvs.first_mark);
    out.value("nftables_ipvs_start_fwmark", mark);
}

fn snmp(snmp: &Snmp, out: &mut Writer) {
    out.value("snmp_socket", snmp.socket.as_ref());
    out.flag("enable_traps", snmp.traps);
    out.flag("enable_snmp_vrrp", snmp.vrrp);
    out.flag("enable_snmp_checker", snmp.checker);
    out.flag("enable_snmp_rfcv2", snmp.rfc_v2);
    out.flag("enable_snmp_rfcv3", snmp.rfc_v3);
    let default = Snmp::default().virtual_server_interval;
    let interval = changed(snmp.virtual_server_interval, default);
    out.decimal("snmp_vs_stats_update_interval", interval);
    out.decimal("snmp_rs_stats_update_interval", snmp.real_server_interval);
}

fn buffers(buffers: &Buffers, out: &mut Writer) {
    buffer("vrrp_netlink_cmd_rcv_bufs", buffers.vrrp_commands, out);
    buffer("vrrp_netlink_monitor_rcv_bufs", buffers.vrrp_monitor, out);
    buffer("process_monitor_rcv_bufs", buffers.process_monitor, out);
    buffer("lvs_netlink_cmd_rcv_bufs", buffers.lvs_commands, out);
    buffer("lvs_netlink_monitor_rcv_bufs", buffers.lvs_monitor, out);
    let policy = buffers.vrrp.policy.map(|policy| match policy {
        BufferPolicy::Mtu => "MTU".to_owned(),
        BufferPolicy::Advert => "ADVERT".to_owned(),
        BufferPolicy::Bytes(bytes) => bytes.to_string(),
    });
    out.value("vrrp_rx_bufs_policy", policy);
    let multiplier = changed(buffers.vrrp.multiplier, VrrpBuffer::default().multiplier);
    out.value("vrrp_rx_bufs_multiplier", multiplier);
}

fn buffer(keyword: &str, buffer: ReceiveBuffer, out: &mut Writer) {
    out.value(keyword, buffer.bytes);
    out.flag(&format!("{keyword}_force"), buffer.force);
}
