//! `global_defs`: one row per keyword.
//!
//! How a value is read is in `global_value`; compat 02 has the ranges and the bad-value rules.

use super::{global_value as read, reload};
use crate::globals::Globals;
use crate::keyword::Keyword;
use crate::value::Decimal;

type Row = Keyword<Globals>;

/// The rows of `global_defs`.
pub(crate) static GLOBAL: &[Row] = &[
    Row::now("process_names", "gives the parts of the daemon distinct process names", |g, _| {
        g.names.distinct = true;
        Some(())
    }),
    Row::now("process_name", "name of the main process", |g, line| {
        g.names.main = Some(read::process_name(line)?);
        Some(())
    }),
    Row::now("vrrp_process_name", "name of the VRRP process", |g, line| {
        g.names.vrrp = Some(read::process_name(line)?);
        Some(())
    }),
    Row::now("checker_process_name", "name of the checker process", |g, line| {
        g.names.checker = Some(read::process_name(line)?);
        Some(())
    }),
    Row::now("lvs_process_name", "old spelling of checker_process_name", |g, line| {
        g.names.checker = Some(read::process_name(line)?);
        Some(())
    }),
    Row::now("bfd_process_name", "name of the BFD process", |g, line| {
        g.names.bfd = Some(read::process_name(line)?);
        Some(())
    }),
    Row::now("use_symlink_paths", "runs scripts by their configured path", |g, line| {
        g.scripts.use_symlink_paths = read::boolean(line)?;
        Some(())
    }),
    Row::inert("set_supplementary_groups", "gives scripts the further groups of their user"),
    Row::now("router_id", "name of this machine in mails and SNMP", |g, line| {
        g.router_id = Some(read::one(line, "routerid name missing - ignoring")?);
        Some(())
    }),
    Row::now("notification_email_from", "sender of alert mails", |g, line| {
        g.mail.from = Some(read::one(line, "emailfrom missing - ignoring")?);
        if line.len() > 2 {
            line.error("emailfrom - ignoring extra entries");
        }
        Some(())
    }),
    Row::now("smtp_server", "mail server and port", read::smtp_server),
    Row::now("smtp_helo_name", "name said to the mail server", |g, line| {
        g.mail.helo_name = line.word(1).map(|word| word.text);
        Some(())
    }),
    Row::now("smtp_connect_timeout", "seconds to wait for the mail server", read::smtp_timeout),
    Row::now("notification_email", "receivers of alert mails", read::notification_email),
    Row::now("smtp_alert", "mail about everything that can send mail", |g, line| {
        g.mail.alert = Some(read::boolean(line)?);
        Some(())
    }),
    Row::now("smtp_alert_vrrp", "mail about instances and groups", |g, line| {
        g.mail.alert_vrrp = Some(read::boolean(line)?);
        Some(())
    }),
    Row::now("smtp_alert_checker", "mail about virtual and real servers", |g, line| {
        g.mail.alert_checker = Some(read::boolean(line)?);
        Some(())
    }),
    Row::inert("startup_script", "runs once before anything starts"),
    Row::inert("startup_script_timeout", "seconds for the startup script"),
    Row::inert("shutdown_script", "runs once after everything has ended"),
    Row::inert("shutdown_script_timeout", "seconds for the shutdown script"),
    Row::now("max_auto_priority", "limit of raising the own priority", read::max_auto_priority),
    Row::now("min_auto_priority_delay", "lateness that raises the own priority", |g, line| {
        let delay = read::number(line, 1..=10_000_000, read::min_auto_priority_delay)?;
        g.scheduling.min_auto_priority_delay = read::micros(delay);
        Some(())
    }),
    Row::now("checker_log_all_failures", "logs each failed attempt of a check", |g, line| {
        g.checkers.log_all_failures = read::boolean(line)?;
        Some(())
    }),
    Row::now("dynamic_interfaces", "lets interfaces come and go", read::dynamic_interfaces),
    Row::now("no_email_faults", "sends no mail about faults", |g, _| {
        g.mail.no_faults = true;
        Some(())
    }),
    Row::now("default_interface", "interface of static addresses", read::default_interface),
    Row::inert("disable_local_igmp", "reports no link-local multicast groups"),
    Row::inert("v3_checksum_as_v2", "VRRPv3 checksums without the pseudo header"),
    Row::inert("lvs_timeouts", "connection timeouts of IPVS"),
    Row::inert("lvs_flush", "empties the IPVS table at the start"),
    Row::inert("lvs_flush_on_stop", "empties the IPVS table at the stop"),
    Row::inert("lvs_flush_onstop", "old spelling of lvs_flush_on_stop"),
    Row::inert("lvs_sync_daemon", "runs the IPVS connection synchronisation"),
    Row::now("vrrp_mcast_group4", "IPv4 group of adverts", read::group_v4),
    Row::now("vrrp_mcast_group6", "IPv6 group of adverts", read::group_v6),
    Row::now("vrrp_garp_master_delay", "seconds to the second burst of a new master", |g, line| {
        g.vrrp.garp_delay = read::whole_seconds(line, 0..=4294)?;
        Some(())
    }),
    Row::now("vrrp_garp_master_repeat", "announcements of a burst", |g, line| {
        g.vrrp.garp_repeat = read::repeat(line)?;
        Some(())
    }),
    Row::now("vrrp_garp_master_refresh", "seconds between announcements of a master", |g, line| {
        g.vrrp.garp_refresh = read::refresh(line);
        Some(())
    }),
    Row::now("vrrp_garp_master_refresh_repeat", "announcements of a refresh", |g, line| {
        g.vrrp.garp_refresh_repeat = read::repeat(line)?;
        Some(())
    }),
    Row::now("vrrp_garp_lower_prio_delay", "second burst after a lower advert", |g, line| {
        g.vrrp.garp_lower_priority_delay = Some(read::whole_seconds(line, 0..=4294)?);
        Some(())
    }),
    Row::now("vrrp_garp_lower_prio_repeat", "announcements after a lower advert", |g, line| {
        let repeat = read::number(line, 0..=2_147_483_647, read::ignored)?;
        g.vrrp.garp_lower_priority_repeat = Some(repeat);
        Some(())
    }),
    Row::now("vrrp_down_timer_adverts", "silent intervals before a takeover", |g, line| {
        g.vrrp.down_timer_adverts = read::number(line, 1..=100, read::down_timer)?;
        Some(())
    }),
    Row::now("vrrp_garp_interval", "pause between gratuitous ARPs", |g, line| {
        g.vrrp.garp_interval = Some(read::pause(line)?);
        Some(())
    }),
    Row::now("vrrp_gna_interval", "pause between neighbour adverts", |g, line| {
        g.vrrp.gna_interval = Some(read::pause(line)?);
        Some(())
    }),
    Row::now("vrrp_min_garp", "announces once only", read::min_garp),
    Row::inert("vrrp_garp_extra_if", "announces on other interfaces from time to time"),
    Row::inert("vrrp_vmac_garp_intvl", "old spelling of vrrp_garp_extra_if"),
    Row::now("vrrp_lower_prio_no_advert", "does not answer a lower advert", |g, line| {
        g.vrrp.lower_priority_no_advert = Some(read::boolean(line)?);
        Some(())
    }),
    Row::now("vrrp_higher_prio_send_advert", "answers a higher advert once", |g, line| {
        g.vrrp.higher_priority_send_advert = read::boolean(line)?;
        Some(())
    }),
    Row::now("vrrp_version", "VRRP version of instances that set none", read::version),
    Row::later("vrrp_iptables", "filters by iptables", read::iptables),
    Row::later("vrrp_ipsets", "names of the ip sets", read::iptables),
    Row::inert("nftables", "filters by nftables"),
    Row::inert("nftables_priority", "priority of the nftables chains"),
    Row::inert("nftables_ifindex", "uses interface numbers in nftables sets"),
    Row::now("vrrp_check_unicast_src", "takes unicast adverts from peers only", |g, _| {
        g.vrrp.check_unicast_source = true;
        Some(())
    }),
    Row::now("vrrp_skip_check_adv_addr", "compares addresses once per master", |g, line| {
        g.vrrp.skip_address_check = read::boolean(line)?;
        Some(())
    }),
    Row::now("vrrp_strict", "keeps instances to the letter of the RFC", |g, line| {
        g.vrrp.strict = read::boolean(line)?;
        Some(())
    }),
    Row::now("vrrp_priority", "nice value of VRRP", read::nice),
    Row::now("vrrp_no_swap", "keeps VRRP in memory", |g, _| {
        g.scheduling.no_swap = true;
        Some(())
    }),
    Row::now("vrrp_rt_priority", "real-time priority of VRRP", read::realtime),
    Row::inert("vrrp_cpu_affinity", "processors of VRRP"),
    Row::now("vrrp_rlimit_rttime", "limit of real-time running in microseconds", read::rttime),
    Row::now("vrrp_rlimit_rtime", "old spelling of vrrp_rlimit_rttime", read::rttime),
    Row::inert("nftables_ipvs", "marks packets for virtual server groups"),
    Row::inert("nftables_ipvs_priority", "priority of that chain"),
    Row::inert("nftables_ipvs_start_fwmark", "first mark to use"),
    Row::inert("nftables_counters", "counts in nftables rules"),
    Row::inert("notify_fifo", "pipe for all notifications"),
    Row::inert("notify_fifo_script", "reads that pipe"),
    Row::inert("vrrp_notify_fifo", "pipe for VRRP notifications"),
    Row::inert("vrrp_notify_fifo_script", "reads that pipe"),
    Row::inert("vrrp_notify_priority_changes", "writes priority changes to the pipes"),
    Row::inert("fifo_write_vrrp_states_on_reload", "writes all states after a reload"),
    Row::inert("lvs_notify_fifo", "pipe for checker notifications"),
    Row::inert("lvs_notify_fifo_script", "reads that pipe"),
    Row::inert("checker_priority", "nice value of the checkers"),
    Row::inert("checker_no_swap", "keeps the checkers in memory"),
    Row::inert("checker_rt_priority", "real-time priority of the checkers"),
    Row::inert("checker_cpu_affinity", "processors of the checkers"),
    Row::inert("checker_rlimit_rttime", "limit of real-time running of the checkers"),
    Row::inert("checker_rlimit_rtime", "old spelling of checker_rlimit_rttime"),
    Row::inert("bfd_priority", "nice value of BFD"),
    Row::inert("bfd_no_swap", "keeps BFD in memory"),
    Row::inert("bfd_rt_priority", "real-time priority of BFD"),
    Row::inert("bfd_cpu_affinity", "processors of BFD"),
    Row::inert("bfd_rlimit_rttime", "limit of real-time running of BFD"),
    Row::inert("bfd_rlimit_rtime", "old spelling of bfd_rlimit_rttime"),
    Row::inert("snmp_socket", "where the SNMP master agent listens"),
    Row::inert("enable_traps", "sends SNMP notifications"),
    Row::inert("enable_snmp_vrrp", "serves the VRRP part of the keepalived MIB"),
    Row::inert("enable_snmp_keepalived", "old spelling of enable_snmp_vrrp"),
    Row::inert("enable_snmp_rfc", "serves the MIBs of both RFCs"),
    Row::inert("enable_snmp_rfcv2", "serves the VRRPv2 MIB"),
    Row::inert("enable_snmp_rfcv3", "serves the VRRPv3 MIB"),
    Row::inert("enable_snmp_checker", "serves the checker part of the keepalived MIB"),
    Row::inert("snmp_vs_stats_update_interval", "age of virtual server statistics"),
    Row::inert("snmp_rs_stats_update_interval", "age of real server statistics"),
    Row::inert("enable_dbus", "serves D-Bus"),
    Row::inert("dbus_service_name", "name on the bus"),
    Row::inert("dbus_no_interface_name", "path element of instances without interface"),
    Row::now("script_user", "account that scripts run as", read::script_user),
    Row::now("enable_script_security", "refuses scripts that others could change", |g, _| {
        g.scripts.secure = true;
        Some(())
    }),
    Row::inert("vrrp_netlink_cmd_rcv_bufs", "receive buffer for commands"),
    Row::inert("vrrp_netlink_cmd_rcv_bufs_force", "exceeds the system's limit"),
    Row::inert("vrrp_netlink_monitor_rcv_bufs", "receive buffer for events"),
    Row::inert("vrrp_netlink_monitor_rcv_bufs_force", "exceeds the system's limit"),
    Row::inert("process_monitor_rcv_bufs", "receive buffer for process events"),
    Row::inert("process_monitor_rcv_bufs_force", "exceeds the system's limit"),
    Row::inert("lvs_netlink_cmd_rcv_bufs", "receive buffer for commands of the checkers"),
    Row::inert("lvs_netlink_cmd_rcv_bufs_force", "exceeds the system's limit"),
    Row::inert("lvs_netlink_monitor_rcv_bufs", "receive buffer for events of the checkers"),
    Row::inert("lvs_netlink_monitor_rcv_bufs_force", "exceeds the system's limit"),
    Row::now("rs_init_notifies", "tells of real servers that work from the start", |g, line| {
        g.checkers.notify_at_start = read::boolean(line)?;
        Some(())
    }),
    Row::now("no_checker_emails", "mails about real servers only", |g, line| {
        g.mail.no_checkers = read::boolean(line)?;
        Some(())
    }),
    Row::inert("vrrp_rx_bufs_policy", "size of VRRP receive buffers"),
    Row::inert("vrrp_rx_bufs_multiplier", "factor of that size"),
    Row::later("vrrp_startup_delay", "seconds before instances act", |g, line| {
        let word = line.required(1)?;
        g.startup_delay = line.seconds(&word, Decimal::micros(1_000, 4_294_967_295));
        Some(())
    }),
    Row::inert("vrrp_delay_after_boot", "the same, counted from the boot"),
    Row::inert("log_unknown_vrids", "logs adverts of unknown virtual routers"),
    Row::now("vrrp_owner_ignore_adverts", "the address owner does not listen", |g, line| {
        g.vrrp.owner_ignores_adverts = read::boolean(line)?;
        Some(())
    }),
    Row::inert("vmac_prefix", "prefix of VMAC interface names"),
    Row::inert("vmac_addr_prefix", "the same for addresses on other interfaces"),
    Row::now("umask", "mask of the modes of new files", read::umask),
    Row::now("random_seed", "makes random values repeatable", read::random_seed),
    Row::now("reload_check_config", "refuses a reload with mistakes", reload::check),
    Row::now("reload_time_file", "file that says when to reload", reload::time_file),
    Row::now("reload_repeat", "repeats that reload every day", |g, _| {
        g.reload.repeat = true;
        Some(())
    }),
    Row::now("reload_file", "file that exists while configuration is read", reload::file),
    Row::now("include_check", "problems of include lines that are errors", read::include_check),
    Row::now("config_save_dir", "keeps copies of the configuration", reload::save_directory),
    Row::now("tmp_config_directory", "where the copy is kept", reload::config_directory),
    Row::inert("data_use_instance", "instance name in dump files"),
    Row::inert("json_version", "layout of the JSON dump"),
    Row::inert("iproute_usr_dir", "directory of the names of iproute2"),
    Row::inert("iproute_etc_dir", "directory of their overrides"),
    Row::inert("state_dump_file", "name of the state dump"),
    Row::inert("stats_dump_file", "name of the statistics dump"),
    Row::inert("json_dump_file", "name of the JSON dump"),
    Row::inert("linkbeat_use_polling", "polls every interface"),
];
