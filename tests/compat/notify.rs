//! Notify scripts and FIFOs: who is told what, in which order, and what is already done by then.

use std::os::unix::fs::PermissionsExt as _;

use testkit::lab::Host;

use crate::support::{Alone, FAST, LIMIT, instance, under_test, usual};

/// Writes a script that appends its arguments and how often the VIP is set to `events`.
fn recorder(host: &Host, events: &str) -> String {
    let body = format!(
        "vip=$(ip -o addr show dev eth0 | grep -c 192.0.2.51)\necho \"$* vip=$vip\" >>{}",
        host.file(events).display()
    );
    host.script(&format!("record-{events}"), &body).display().to_string()
}

fn lines(host: &Host, events: &str) -> Vec<String> {
    host.read(events).lines().map(str::to_owned).collect()
}

fn wait_for(scene: &Alone, events: &str, count: usize) {
    scene.lab.wait_until(&format!("{count} lines of {events}"), LIMIT, || {
        lines(&scene.host, events).len() >= count
    });
}

/// A master loses its link and gets it back.
fn fail_and_recover(scene: &Alone) {
    scene.host.unplug();
    wait_for(scene, "events", 3);
    scene.host.plug();
    wait_for(scene, "events", 5);
}

/// The usual instance, but so slow that a script is told of BACKUP long before it is master.
fn slow(more: &str) -> String {
    instance("VI_1", 51, "192.0.2.51", &format!("version 3\n  advert_int 0.5\n  {more}"))
}

const SCRIPTS_AS_ROOT: &str = "global_defs {\n  script_user root\n}\n";

#[test]
fn the_notify_script_gets_kind_name_state_and_priority_at_each_transition() {
    let scene = Alone::new("notify");
    let script = recorder(&scene.host, "events");
    let configuration = format!("{SCRIPTS_AS_ROOT}{}", slow(&format!("notify {script}")));
    let mut daemon = scene.start_master(&configuration, "192.0.2.51");
    wait_for(&scene, "events", 2);
    fail_and_recover(&scene);
    assert!(daemon.stop().success());
    let expected = [
        "INSTANCE VI_1 BACKUP 100 vip=0",
        "INSTANCE VI_1 MASTER 100 vip=1",
        "INSTANCE VI_1 FAULT 100 vip=0",
        "INSTANCE VI_1 BACKUP 100 vip=0",
        "INSTANCE VI_1 MASTER 100 vip=1",
        "INSTANCE VI_1 STOP 100 vip=0",
    ];
    assert_eq!(lines(&scene.host, "events"), expected, "{}", scene.lab.logs());
}

#[test]
fn each_state_has_a_script_of_its_own_that_gets_only_its_configured_arguments() {
    let scene = Alone::new("notify-each");
    let script = recorder(&scene.host, "events");
    let each: Vec<String> = ["backup", "master", "fault", "stop"]
        .iter()
        .map(|state| format!("notify_{state} \"{script} to {state}\""))
        .collect();
    let configuration = format!("{SCRIPTS_AS_ROOT}{}", slow(&each.join("\n  ")));
    let mut daemon = scene.start_master(&configuration, "192.0.2.51");
    wait_for(&scene, "events", 2);
    fail_and_recover(&scene);
    assert!(daemon.stop().success());
    let expected = ["to backup vip=0", "to master vip=1", "to fault vip=0"];
    let again = ["to backup vip=0", "to master vip=1", "to stop vip=0"];
    assert_eq!(lines(&scene.host, "events"), [expected, again].concat(), "{}", scene.lab.logs());
}

#[test]
fn an_instance_whose_script_fails_from_the_start_is_told_fault_once() {
    let scene = Alone::new("notify-first-fault");
    let script = recorder(&scene.host, "events");
    let check = "vrrp_script chk {\n  script /bin/false\n  interval 1\n}\n";
    let more = format!("notify {script}\n  track_script {{\n    chk\n  }}");
    let mut daemon = scene.start(&format!("{SCRIPTS_AS_ROOT}{check}{}", usual(&more)));
    daemon.wait_for_log("VRRP_Script(chk) failed (exited with status 1)", LIMIT);
    wait_for(&scene, "events", 1);
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    assert!(daemon.stop().success());
    let expected = ["INSTANCE VI_1 FAULT 100 vip=0", "INSTANCE VI_1 STOP 100 vip=0"];
    assert_eq!(lines(&scene.host, "events"), expected, "{}", scene.lab.logs());
}

#[test]
fn a_sync_group_is_told_after_its_members_and_with_priority_0() {
    let scene = Alone::new("notify-group");
    let script = recorder(&scene.host, "events");
    let group = format!(
        "vrrp_sync_group G1 {{\n  group {{\n    VI_1\n    VI_2\n  }}\n  notify {script}\n  \
         notify_master \"{script} group is master\"\n}}\n"
    );
    let second = instance("VI_2", 52, "192.0.2.52", "version 3\n  advert_int 0.5");
    let configuration = format!("{SCRIPTS_AS_ROOT}{group}{}{second}", slow(""));
    let mut daemon = scene.start_master(&configuration, "192.0.2.52");
    wait_for(&scene, "events", 3);
    assert!(daemon.stop().success());
    let mut events = lines(&scene.host, "events");
    assert_eq!(events.remove(0), "GROUP G1 BACKUP 0 vip=0");
    assert_eq!(events.pop().as_deref(), Some("GROUP G1 STOP 0 vip=0"));
    events.sort();
    assert_eq!(events, ["GROUP G1 MASTER 0 vip=1", "group is master vip=1"]);
    daemon.log().expect_in_order(&["VRRP_Group(G1) Syncing instances to MASTER state"]);
}

#[test]
fn the_fifo_gets_one_line_per_transition_the_group_first_at_the_start_and_last_later() {
    let scene = Alone::new("notify-fifo");
    let fifo = scene.host.file("fifo");
    let words = ["sh", "-c", "mkfifo \"$1\"; exec cat <>\"$1\"", "sh"].map(std::ffi::OsStr::new);
    let reader = scene.host.spawn("fifo-reader", words.into_iter().chain([fifo.as_os_str()]));
    scene.lab.wait_until("the fifo", LIMIT, || fifo.exists());
    let group = "vrrp_sync_group G1 {\n  group {\n    VI_1\n    VI_2\n  }\n}\n";
    let second = instance("VI_2", 52, "192.0.2.52", FAST);
    let global = format!("global_defs {{\n  vrrp_notify_fifo {}\n}}\n", fifo.display());
    let configuration = format!("{global}{group}{}{second}", usual(""));
    let mut daemon = scene.start_master(&configuration, "192.0.2.52");
    scene.lab.wait_until("six lines", LIMIT, || reader.log().lines().len() >= 6);
    assert!(daemon.stop().success());
    scene.lab.wait_until("nine lines", LIMIT, || reader.log().lines().len() >= 9);
    let mut texts = reader.log().texts();
    // Which member's timer ran out first is chance.
    texts[3..5].sort();
    let expected = [
        "GROUP \"G1\" BACKUP 0",
        "INSTANCE \"VI_1\" BACKUP 100",
        "INSTANCE \"VI_2\" BACKUP 100",
        "INSTANCE \"VI_1\" MASTER 100",
        "INSTANCE \"VI_2\" MASTER 100",
        "GROUP \"G1\" MASTER 0",
        "INSTANCE \"VI_1\" STOP 100",
        "INSTANCE \"VI_2\" STOP 100",
        "GROUP \"G1\" STOP 0",
    ];
    assert_eq!(texts, expected, "{}", scene.lab.logs());
}

/// A reader of so many lines for the pipe that is the last of its arguments.
fn pipe_reader(host: &Host, lines: &str, count: u32) -> String {
    let body = format!("exec sed -u {count}q <\"$2\" >>{}", host.file(lines).display());
    host.script("pipe-reader", &body).display().to_string()
}

#[test]
fn a_pipe_is_made_for_its_reader_and_goes_with_the_daemon() {
    let scene = Alone::new("notify-pipes");
    let reader = pipe_reader(&scene.host, "lines", 99);
    let (all, vrrp) = (scene.host.file("all"), scene.host.file("vrrp"));
    let globals = format!(
        "global_defs {{\n  script_user root\n  vrrp_notify_fifo {}\n  vrrp_notify_fifo_script \
         \"{reader} own\"\n  notify_fifo {}\n}}\n",
        vrrp.display(),
        all.display()
    );
    let mut daemon = scene.start_master(&format!("{globals}{}", usual("")), "192.0.2.51");
    wait_for(&scene, "lines", 2);
    let there = |path: &std::path::Path| {
        std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o777 == 0o600)
    };
    assert!(there(&all) && there(&vrrp));
    assert!(daemon.stop().success());
    scene.lab.wait_until("both pipes to go", LIMIT, || !all.exists() && !vrrp.exists());
    let mut expected = vec!["INSTANCE \"VI_1\" BACKUP 100", "INSTANCE \"VI_1\" MASTER 100"];
    if under_test().is_ours() {
        // keepalived ends the reader before it writes the last line.
        expected.push("INSTANCE \"VI_1\" STOP 100");
    }
    assert_eq!(lines(&scene.host, "lines"), expected);
}

#[test]
fn pipes_hear_of_changes_of_the_priority_where_that_is_wanted() {
    let scene = Alone::new("notify-priority");
    let reader = pipe_reader(&scene.host, "lines", 5);
    let flag = scene.host.file("flag");
    let globals = format!(
        "global_defs {{\n  script_user root\n  notify_fifo {}\n  notify_fifo_script \
         \"{reader} own\"\n}}\nvrrp_script chk {{\n  script \"/usr/bin/test ! -e {}\"\n  \
         interval 1\n  weight -30\n}}\n",
        scene.host.file("pipe").display(),
        flag.display()
    );
    let tracked = "track_script {\n    chk\n  }";
    let silent = instance("VI_2", 52, "192.0.2.52", &format!("{FAST}\n  {tracked}"));
    let telling = usual(&format!("notify_priority_changes\n  {tracked}"));
    let daemon = scene.start_master(&format!("{globals}{telling}{silent}"), "192.0.2.51");
    wait_for(&scene, "lines", 4);
    scene.host.write("flag", "");
    for name in ["VI_1", "VI_2"] {
        let changed = format!("({name}) Changing effective priority from 100 to 70");
        daemon.wait_for_log(&changed, LIMIT);
    }
    wait_for(&scene, "lines", 5);
    let all = lines(&scene.host, "lines");
    assert_eq!(all[4..], ["INSTANCE \"VI_1\" MASTER_PRIORITY 70"], "{all:?}");
    daemon.wait_for_log("notify fifo script terminated", LIMIT);
}
