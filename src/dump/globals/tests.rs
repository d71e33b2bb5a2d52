//! A setting of every group is found in the text, in keepalived's words where it has some.

use conf::{Environment, Globals, load_text};

use super::text;

fn shown(settings: &str) -> String {
    let file = format!("global_defs {{\nscript_user root\n{settings}\n}}\n");
    let environment = Environment { processors: Some(4), ..Environment::default() };
    text(&load_text("test", file.as_bytes(), &environment).config.globals)
}

/// Per group: what is configured, and the line that tells of it.
const SETTINGS: [(&str, &str); 25] = [
    ("router_id me", "Router ID = me"),
    ("bfd_process_name c", "BFD process name = c"),
    ("smtp_server 192.0.2.9 2525", "Smtp server port = 2525"),
    ("notification_email {\na@b.c\n}", "  a@b.c"),
    ("smtp_alert_vrrp off", "Default smtp_alert_vrrp = off"),
    ("no_email_faults", "Send emails for fault transitions = off"),
    ("enable_script_security", "Script security enabled"),
    ("use_symlink_paths", "Keep symlinks in script paths"),
    ("notify_fifo /run/f root", "Global notify fifo = /run/f, uid:gid 0:0"),
    ("dynamic_interfaces allow_if_changes", "Allow interface changes = true"),
    ("default_interface eth7", "Default interface = eth7"),
    ("vrrp_priority -3", "VRRP process priority = -3"),
    ("bfd_cpu_affinity 1 2", "BFD CPU Affinity = 1 2"),
    ("vrrp_garp_extra_if all 12", "Gratuitous ARP for each secondary i/f = 12s"),
    ("vrrp_garp_interval 0.5", "Gratuitous ARP interval = 0.500000"),
    ("checker_log_all_failures", "Checkers log all failures = true"),
    ("lvs_flush_on_stop VS", "LVS flush on stop = VS"),
    ("lvs_timeouts tcp 100 udp 30", "LVS UDP timeout = 30"),
    ("nftables tab", "nftables table name = tab"),
    ("enable_snmp_rfcv3", "SNMP RFCv3 enabled"),
    ("dbus_service_name org.x", "DBus service name = org.x"),
    ("vrrp_rx_bufs_policy MTU", "rx_bufs_policy = MTU"),
    ("umask 022", "umask = 022"),
    ("reload_check_config /var/f", "Test config before reload, log to /var/f"),
    ("data_use_instance", "Use instance name in data dumps"),
];

#[test]
fn a_setting_of_every_group_is_shown() {
    let unset = text(&Globals::default());
    for (setting, line) in SETTINGS {
        let line = format!(" {line}");
        assert!(shown(setting).lines().any(|shown| shown == line), "{setting}: no {line:?}");
        assert!(!unset.lines().any(|shown| shown == line), "{line:?} is always there");
    }
}

#[test]
fn what_is_not_configured_is_shown_as_it_works() {
    let text = text(&Globals::default());
    for line in ["VRRP IPv6 mcast group = ff02::12", "Default interface = eth0", "umask = 0177"] {
        assert!(text.contains(&format!("\n {line}\n")), "no {line:?} in\n{text}");
    }
    assert!(!text.contains("Smtp server port"), "{text}");
}
