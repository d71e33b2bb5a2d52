//! A rack that dies has hundreds of scripts to start: they take turns, VRRP with its own check
//! script does not notice, and none is lost.

use std::fmt::Write as _;
use std::time::Duration;

use testkit::guest;
use testkit::lab::Lab;

use crate::support::{LIMIT, under_test};

const SERVERS: usize = 100;
/// Each script takes a tenth of a second of a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Scripts that run at a time.
const AT_A_TIME: usize = 16;
/// Says when it begins and ends. The lines are in order, while counting files would take time.
const SCRIPT: &str = "cd \"$(dirname \"$0\")\" && echo begins >>down.log
sleep 1
echo ends >>down.log
";

/// A virtual server whose servers all refuse at once, each with a script that says so.
fn configuration(script: &str) -> String {
    let mut text = String::from(
        "global_defs {\n  enable_script_security\n  script_user root\n}\n\
         vrrp_script chk {\n  script \"/bin/true\"\n  interval 5\n}\n\
         vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n  priority 100\n  \
         virtual_ipaddress {\n    192.0.2.51\n  }\n  track_script {\n    chk\n  }\n}\n\
         virtual_server 192.0.2.51 80 {\n  lb_algo rr\n  lb_kind NAT\n  protocol TCP\n  \
         delay_loop 60\n  warmup 0\n",
    );
    for port in 1..=SERVERS {
        let _ = writeln!(
            text,
            "  real_server 192.0.2.1 {port} {{\n    notify_down \"{script} {port}\"\n    \
             TCP_CHECK {{\n      connect_timeout 1\n      retry 0\n    }}\n  }}"
        );
    }
    text + "}\n"
}

#[test]
fn many_scripts_take_turns_and_neither_disturb_vrrp_nor_get_lost() {
    guest::run(|| {
        let lab = Lab::new("burst");
        let director = lab.host("a", "192.0.2.1/24");
        let script = director.script("down", SCRIPT);
        let daemon =
            director.daemon(&under_test()).start(&configuration(&script.display().to_string()));
        lab.wait_until("every script to have run", PATIENCE, || {
            director.read("down.log").lines().count() >= 2 * SERVERS
        });
        lab.wait_until("it to be master", LIMIT, || director.holds("192.0.2.51"));
        for trouble in ["timed_out", "already running", "FAULT"] {
            assert!(!daemon.log().has(trouble), "{}", daemon.log().text());
        }
        let (begun, most) = begun_and_most(&director.read("down.log"));
        assert_eq!(begun, SERVERS, "each runs once");
        // On a busy machine some take so long that the others no longer wait for them.
        let slow = daemon.log().count("not waiting for it");
        assert!((2..=AT_A_TIME + slow).contains(&most), "{most} at a time, {slow} slow ones");
    });
}

/// How many have begun, and how many there were at a time at most.
fn begun_and_most(log: &str) -> (usize, usize) {
    let (mut begun, mut ended, mut most) = (0, 0, 0);
    for line in log.lines() {
        *(if line == "begins" { &mut begun } else { &mut ended }) += 1;
        most = most.max(begun - ended);
    }
    (begun, most)
}
