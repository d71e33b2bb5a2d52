//! The dump of the state (SIGUSR1): the lines about instances, sync groups and scripts that people
//! parse, where 2.2.7 has them.

use crate::dumps::dump;
use crate::support::{Alone, LIMIT, under_test};

const CONFIGURATION: &str = r#"global_defs {
  script_user root
}
vrrp_script chk {
  script "/usr/bin/true x"
  interval 2
  timeout 3
  rise 2
  fall 3
}
vrrp_sync_group G {
  group {
    VI_1
    VI_6
  }
  track_script {
    chk
  }
  notify_master "/usr/bin/true m"
  smtp_alert
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 100
  version 3
  advert_int 0.1
  garp_master_delay 2
  garp_master_repeat 3
  garp_master_refresh 60
  garp_master_refresh_repeat 4
  garp_lower_prio_delay 7
  garp_lower_prio_repeat 6
  nopreempt
  smtp_alert
  track_interface {
    eth1 weight -5
  }
  track_script {
    chk weight 7
  }
  virtual_ipaddress {
    192.0.2.51
  }
  virtual_ipaddress_excluded {
    192.0.2.61
  }
  notify_backup "/usr/bin/true b"
  notify_master "/usr/bin/true m"
  notify_fault "/usr/bin/true f"
  notify_stop "/usr/bin/true s"
  notify_deleted "/usr/bin/true d"
  notify "/usr/bin/true n"
  notify_master_rx_lower_pri "/usr/bin/true l"
}
vrrp_instance VI_6 {
  interface eth0
  virtual_router_id 56
  priority 90
  advert_int 0.1
  higher_prio_send_advert
  lower_prio_no_advert
  native_ipv6
  virtual_ipaddress {
    fe80::56
  }
}
vrrp_instance VI_2 {
  interface eth0
  virtual_router_id 52
  priority 80
  advert_int 5
  preempt_delay 9
  skip_check_adv_addr
  unicast_src_ip 192.0.2.1
  unicast_peer {
    192.0.2.2 min_ttl 3 max_ttl 200
  }
  check_unicast_src
  authentication {
    auth_type AH
    auth_pass secret12
  }
  virtual_ipaddress {
    192.0.2.52
  }
}
"#;

/// What both say of it, in this order; each has more lines in between.
const LINES: &str = r#"------< VRRP Topology >------
 VRRP Instance = VI_1
   VRRP Version = 3
   Sync group = G
   State = MASTER
   Wantstate = MASTER
   Number of track scripts init = 0
   Master down timer = 360937 usecs
   Interface = eth0
   Using src_ip = 192.0.2.1
   Multicast address 224.0.0.18
   Gratuitous ARP delay = 2
   Gratuitous ARP repeat = 3
   Gratuitous ARP refresh = 60
   Gratuitous ARP refresh repeat = 4
   Gratuitous ARP lower priority delay = 7
   Gratuitous ARP lower priority repeat = 6
   Down timer adverts = 3
   Send advert after receive lower priority advert = true
   Send advert after receive higher priority advert = false
   Virtual Router ID = 51
   Priority = 100
   Effective priority = 100
   Advert interval = 100 milli-sec
   Accept = enabled
   Preempt = disabled
   Promote_secondaries = disabled
   Virtual IP (1):
     192.0.2.51 dev eth0 scope global set
   Virtual IP Excluded :
     192.0.2.61 dev eth0 scope global set
   Tracked interfaces :
     eth1 weight 0
   Using smtp notification = yes
   Notify deleted = Deleted
   Backup state transition script = '/usr/bin/true' 'b', uid:gid 0:0
   Master state transition script = '/usr/bin/true' 'm', uid:gid 0:0
   Fault state transition script = '/usr/bin/true' 'f', uid:gid 0:0
   Stop state transition script = '/usr/bin/true' 's', uid:gid 0:0
   Deleted state transition script = '/usr/bin/true' 'd', uid:gid 0:0
   Generic state transition script = '/usr/bin/true' 'n', uid:gid 0:0
   Master rx lower pri state transition script = '/usr/bin/true' 'l', uid:gid 0:0
 VRRP Instance = VI_6
   VRRP Version = 3
   Sync group = G
   Using Native IPv6
   State = MASTER
   Wantstate = MASTER
   Number of track scripts init = 0
   Master down timer = 364843 usecs
   Interface = eth0
   Gratuitous ARP delay = 5
   Gratuitous ARP repeat = 5
   Gratuitous ARP refresh = 0
   Gratuitous ARP refresh repeat = 1
   Gratuitous ARP lower priority delay = 5
   Gratuitous ARP lower priority repeat = 5
   Down timer adverts = 3
   Send advert after receive lower priority advert = false
   Send advert after receive higher priority advert = true
   Virtual Router ID = 56
   Priority = 90
   Effective priority = 90
   Advert interval = 100 milli-sec
   Accept = enabled
   Preempt = enabled
   Promote_secondaries = disabled
   Virtual IP (1):
     fe80::56 dev eth0 scope global deprecated set
   Using smtp notification = no
   Notify deleted = Fault
 VRRP Instance = VI_2
   VRRP Version = 2
   State = BACKUP
   Wantstate = BACKUP
   Number of track scripts init = 0
   Master down timer = 15687500 usecs
   Interface = eth0
   Skip checking advert IP addresses
   Using src_ip = 192.0.2.1 (from configuration)
   Gratuitous ARP delay = 5
   Gratuitous ARP repeat = 5
   Gratuitous ARP refresh = 0
   Gratuitous ARP refresh repeat = 1
   Gratuitous ARP lower priority delay = 5
   Gratuitous ARP lower priority repeat = 5
   Down timer adverts = 3
   Send advert after receive lower priority advert = true
   Send advert after receive higher priority advert = false
   Virtual Router ID = 52
   Priority = 80
   Effective priority = 80
   Advert interval = 5 sec
   Accept = enabled
   Preempt = enabled
   Preempt delay = 9 secs
   Promote_secondaries = disabled
   Authentication type = IPSEC_AH
   Virtual IP (1):
     192.0.2.52 dev eth0 scope global
   Unicast TTL = 255
   Check unicast src : yes
   Unicast Peer :
     192.0.2.2 min_ttl 3 max_ttl 200
   Using smtp notification = no
   Notify deleted = Fault
------< VRRP Sync groups >------
 VRRP Sync Group = G, MASTER
   Num member fault 0, num member init 0
   VRRP member instances :
     VI_1
     VI_6
   Tracked scripts :
     chk weight 0
   Master state transition script = '/usr/bin/true' 'm', uid:gid 0:0
------< VRRP Scripts >------
 VRRP Script = chk
   Command = '/usr/bin/true' 'x'
   Interval = 2 sec
   Timeout = 3 sec
   Rise = 2
   Fall = 3
   Result = 4
   Status = GOOD
   Script uid:gid = 0:0
   VRRP instances :
   State = idle
"#;

/// The first line that is not there in its turn.
fn missing<'a>(text: &str, wanted: &'a str) -> Option<&'a str> {
    let mut lines = text.lines();
    wanted.lines().find(|wanted| !lines.any(|line| line == *wanted))
}

fn start(label: &str) -> (Alone, testkit::lab::Daemon) {
    let scene = Alone::new(label);
    scene.host.enable_ipv6();
    scene.host.add_link("eth1", "198.51.100.1/24");
    scene.lab.wait_until("a link-local address", LIMIT, || {
        scene.host.ok(["ip", "-6", "addr", "show", "dev", "eth0"]).contains("inet6 fe80")
    });
    let daemon = scene.start(CONFIGURATION);
    daemon.wait_for_log("(VI_6) Entering MASTER STATE", LIMIT);
    daemon.wait_for_log("(VI_1) Entering MASTER STATE", LIMIT);
    scene.wait_until_held("192.0.2.61");
    scene.wait_until_held("fe80::56");
    daemon.wait_for_log("VRRP_Script(chk) succeeded", LIMIT);
    (scene, daemon)
}

#[test]
fn the_state_of_instances_groups_and_scripts_is_shown_line_by_line() {
    let (scene, daemon) = start("dump-state");
    let text = dump(&scene, &daemon, "DATA", "keepalived.data");
    assert_eq!(missing(&text, LINES), None, "{text}");
    if under_test().is_ours() {
        assert!(!text.contains("secret12"), "{text}");
    }
    // When something is due, and since when it is so.
    for key in ["Last transition = 1", "Read timeout = 1", "Using src_ip = fe80::"] {
        assert!(text.lines().any(|line| line.trim_start().starts_with(key)), "{key}: {text}");
    }
}
