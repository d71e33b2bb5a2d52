//! In which order scripts hear of an instance, and for how long one may hold up the next or the end.
//! keepalived runs all of them side by side.

use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use testkit::lab::{Host, Lab};

use crate::support::{LIMIT, beside_others, did_not_run, under_test};

/// An instance that is master after a moment, and whose states are told by these lines.
fn told_by(lines: &str) -> String {
    format!(
        "global_defs {{\n script_user root\n}}\nvrrp_instance VI_1 {{\n interface eth0\n \
         virtual_router_id 51\n priority 100\n version 3\n advert_int 0.1\n {lines}\n \
         virtual_ipaddress {{\n 192.0.2.51\n }}\n}}\n"
    )
}

/// A script that does this, and then tells that it has been done.
fn script(host: &Host, name: &str, first: &str) -> String {
    let body = format!("{first}\necho {name} >>{}", host.file("told").display());
    host.script(name, &body).display().to_string()
}

/// What a script does that never ends by itself and cannot be asked to.
fn for_ever(host: &Host) -> String {
    let pid = host.file("pid");
    format!("trap '' TERM\necho $$ >{0}.new\nmv {0}.new {0}\nsleep 600", pid.display())
}

fn told(host: &Host) -> Vec<String> {
    host.read("told").lines().map(str::to_owned).collect()
}

/// The script that never ends: killed with its test.
struct Forever(i32);

impl Forever {
    fn of(host: &Host) -> Self {
        Self(host.read("pid").trim().parse().expect("the script has told its number"))
    }

    fn runs(&self) -> bool {
        Path::new("/proc").join(self.0.to_string()).exists()
    }

    fn kill(&self) {
        // It leads its group; that fails only when it has ended already.
        let _ = kill(Pid::from_raw(-self.0), Signal::SIGKILL);
    }
}

impl Drop for Forever {
    fn drop(&mut self) {
        self.kill();
    }
}

#[test]
fn the_scripts_of_an_instance_run_one_after_the_other() {
    let _machine = beside_others();
    if !under_test().is_ours() {
        return did_not_run("the original runs scripts side by side");
    }
    let lab = Lab::new("notify-order");
    let host = lab.host("a", "192.0.2.1/24");
    let lines = format!(
        "notify_backup {}\n notify_master {}",
        script(&host, "backup", "sleep 2"),
        script(&host, "master", "")
    );
    let daemon = host.daemon(&under_test()).start(&told_by(&lines));
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    lab.wait_until("both scripts", LIMIT, || told(&host).len() >= 2);
    assert_eq!(told(&host), ["backup", "master"], "{}", lab.logs());
}

#[test]
fn a_script_that_hangs_holds_up_the_next_for_a_while_only_and_is_named() {
    let _machine = beside_others();
    if !under_test().is_ours() {
        return did_not_run("the original runs scripts side by side");
    }
    let lab = Lab::new("notify-hangs");
    let host = lab.host("a", "192.0.2.1/24");
    let hangs = script(&host, "backup", &for_ever(&host));
    let lines = format!("notify_backup {hangs}\n notify_master {}", script(&host, "master", ""));
    let daemon = host.daemon(&under_test()).start(&told_by(&lines));
    lab.wait_until("the second script", LIMIT, || told(&host) == ["master"]);
    let hanging = Forever::of(&host);
    assert!(hanging.runs(), "it was not waited for, and not killed either");
    let late = format!("Script '{hangs}' still runs after 5 s - not waiting for it");
    daemon.log().expect_in_order(&["(VI_1) Entering MASTER STATE", &late]);
    hanging.kill();
    lab.wait_until("it to be buried", LIMIT, || !hanging.runs());
}

#[test]
fn a_script_of_the_stop_that_hangs_does_not_hold_up_the_end_and_is_named() {
    let _machine = beside_others();
    if !under_test().is_ours() {
        return did_not_run("the original ends such a script by force");
    }
    let lab = Lab::new("notify-stop");
    let host = lab.host("a", "192.0.2.1/24");
    let hangs = script(&host, "stop", &for_ever(&host));
    let lines = format!("notify_stop {hangs}");
    let mut daemon = host.daemon(&under_test()).start(&told_by(&lines));
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    assert!(daemon.stop().success());
    let hanging = Forever::of(&host);
    assert!(hanging.runs(), "the daemon has gone before it");
    assert!(!host.holds("192.0.2.51"));
    let left = format!("Script '{hangs}' still runs at the stop - not waiting for it");
    assert!(daemon.log().has(&left), "{}", lab.logs());
}
