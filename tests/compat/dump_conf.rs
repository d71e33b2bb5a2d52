//! `-d`: what was understood of the configuration stands in the log, under keepalived's headings.

use crate::support::{Alone, LIMIT, instance};

const GLOBALS: &str = "global_defs {
  script_user root
  router_id me
  notification_email {
    a@b.example
  }
  notification_email_from x@y.example
  smtp_server 192.0.2.9 2525
  smtp_helo_name helo.example
  smtp_connect_timeout 17
  smtp_alert_vrrp off
  no_email_faults
  bfd_process_name three
  dynamic_interfaces allow_if_changes
  vrrp_notify_fifo FIFO
  vrrp_notify_fifo_script \"/usr/bin/true b\"
  lvs_timeouts tcp 100 tcpfin 20
  lvs_flush_on_stop VS
  vrrp_garp_extra_if all 12
  vrrp_garp_interval 0.5
  vrrp_rx_bufs_policy MTU
  vrrp_rx_bufs_multiplier 4
  vmac_prefix vm
  umask 022
}
";

/// What both say of it.
const LINES: [&str; 35] = [
    "------< Global definitions >------",
    " Network namespace ipvs = (main namespace)",
    " BFD process name = three",
    " Router ID = me",
    " Smtp server = 192.0.2.9",
    " Smtp server port = 2525",
    " Smtp HELO name = helo.example",
    " Smtp server connection timeout = 17",
    " Email notification from = x@y.example",
    " Email notification to:",
    "   a@b.example",
    " Default smtp_alert = unset",
    " Default smtp_alert_vrrp = off",
    " No test config before reload",
    " Dynamic interfaces = true",
    " Allow interface changes = true",
    " Send emails for fault transitions = off",
    " LVS TCP timeout = 100",
    " LVS TCP FIN timeout = 20",
    " LVS flush on stop = VS",
    " VRRP notify fifo = FIFO, uid:gid 0:0",
    " VRRP notify fifo script = '/usr/bin/true' 'b' 'FIFO', uid:gid 0:0",
    " Gratuitous ARP for each secondary i/f = 12s",
    " Gratuitous ARP interval = 0.500000",
    " VRRP default protocol version = 2",
    " Min auto priority delay = 1000000 usecs",
    " BFD process priority = 0",
    " SNMP RFCv3 disabled",
    " Script security disabled",
    " Default script uid:gid 0:0",
    " rx_bufs_policy = MTU",
    " rx_bufs_multiples = 4",
    " umask = 022",
    " VMAC prefix = vm",
    "------< VRRP Topology >------",
];

const OBJECTS: &str = "static_routes {
  198.51.100.0/24 via 192.0.2.254 dev eth0
}
vrrp_track_file load {
  file LOAD
  weight 2
}
";

#[test]
fn the_configuration_is_logged_under_the_same_headings() {
    let scene = Alone::new("dump-conf");
    let at = |name: &str| scene.host.file(name).display().to_string();
    let placed = |text: &str| text.replace("FIFO", &at("fifo")).replace("LOAD", &at("load"));
    scene.host.write("load", "0");
    let more = "advert_int 1\n  track_file {\n    load\n  }\n  virtual_routes {\n    \
                203.0.113.0/24 via 192.0.2.253 dev eth0\n  }";
    let vrrp = instance("VI_1", 51, "192.0.2.51", more);
    let daemon = scene.daemon().option("-d").start(&placed(&format!("{GLOBALS}{OBJECTS}{vrrp}")));
    daemon.wait_for_log("Startup complete", LIMIT);
    daemon.wait_for_log("VRRP Track files", LIMIT);
    daemon.wait_for_log("Track file = load", LIMIT);
    let missing = || {
        let log = daemon.log().texts();
        let there = |line: &&str| log.iter().any(|text| *text == placed(line));
        LINES.iter().copied().filter(|line| !there(line)).collect::<Vec<_>>()
    };
    scene.lab.wait_until("every line", LIMIT, || missing().is_empty());
    let of_instance =
        ["------< Static Routes >------", "   Virtual Routes :", "   Tracked files :"];
    of_instance.iter().for_each(|line| daemon.wait_for_log(line, LIMIT));
    daemon.wait_for_log("     load, weight 2", LIMIT);
}
