//! What the daemon writes when a signal asks for its state, its counters or JSON: the names of the
//! files, every line that monitoring reads, every name that programs look for.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use testkit::lab::{Daemon, Forged};

use crate::support::{Alone, FAST, LIMIT, instance, under_test, usual};

/// What 2.4 has of `auth_hmac`.
const TRAILER: [&str; 6] = [
    "auth_ext_missing",
    "auth_ext_malformed",
    "auth_ext_unknown_key",
    "auth_ext_invalid_hmac",
    "auth_ext_stale",
    "auth_ext_replay",
];

/// Asks for a dump and waits for its file; what was there before is removed first.
pub(crate) fn dump(scene: &Alone, daemon: &Daemon, request: &str, file: &str) -> String {
    let path = scene.host.file(file);
    let _ = std::fs::remove_file(&path);
    daemon.request(request);
    // keepalived 2.2.7 writes JSON in place: a file that does not grow is complete.
    let mut text = String::new();
    scene.lab.wait_until(file, LIMIT, || {
        let before = std::mem::replace(&mut text, scene.host.read(file));
        !text.is_empty() && text == before
    });
    text
}

/// The counters of the only instance, by name.
pub(crate) fn counters(scene: &Alone, daemon: &Daemon) -> Value {
    let json = dump(scene, daemon, "JSON", "keepalived.json");
    let all: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
    all[0]["stats"].clone()
}

/// The lines of the statistics of an instance that has counted nothing but what `count` says.
fn statistics(count: impl Fn(&str) -> u32) -> Vec<String> {
    let trailer = ["Missing", "Malformed", "Unknown Key", "Invalid HMAC", "Stale", "Replay"];
    let trailer: &[&str] = if under_test().is_ours() { &trailer } else { &[] };
    let sections: [(&str, &[&str]); 5] = [
        ("Advertisements", &["Received", "Sent"]),
        ("", &["Became master", "Released master"]),
        (
            "Packet Errors",
            &["Length", "TTL", "Invalid Type", "Advertisement Interval", "Address List"],
        ),
        ("Authentication Errors", &["Invalid Type", "Type Mismatch", "Failure"]),
        ("Authentication Extension Errors", trailer),
    ];
    let mut lines = vec!["VRRP Instance: VI_1".to_owned()];
    for (title, keys) in sections.into_iter().chain([("Priority Zero", &["Received", "Sent"][..])])
    {
        let indent = if title.is_empty() { "  " } else { "    " };
        if !title.is_empty() && !keys.is_empty() {
            lines.push(format!("  {title}:"));
        }
        let line = |key: &&str| format!("{indent}{key}: {}", count(&format!("{title}/{key}")));
        lines.extend(keys.iter().map(line));
    }
    lines
}

#[test]
fn the_statistics_are_lines_that_monitoring_reads() {
    let scene = Alone::new("dump-stats");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    b.forge(&Forged { ttl: 254, ..Forged::v3("192.0.2.2", 51, 200, "192.0.2.51") });
    daemon.wait_for_log("invalid TTL/HL", LIMIT);
    b.forge(&Forged::v3("192.0.2.2", 51, 0, "192.0.2.51"));
    daemon.wait_for_log("Master received priority 0 message", LIMIT);
    let text = dump(&scene, &daemon, "STATS", "keepalived.stats");
    daemon.wait_for_log("Printing VRRP stats for process(", LIMIT);
    let sent = |line: &str| line.starts_with("    Sent: ") && !line.ends_with(": 0");
    let known = |line: &&str| !sent(line);
    let expected = statistics(|key| match key {
        "Advertisements/Received" | "/Became master" | "Packet Errors/TTL" => 1,
        "Priority Zero/Received" => 1,
        _ => 0,
    });
    let mut expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    // How many it has sent by now is chance.
    assert_eq!(text.lines().filter(|line| sent(line)).count(), 1, "{text}");
    assert_eq!(expected.remove(3), "    Sent: 0");
    assert_eq!(text.lines().filter(known).collect::<Vec<_>>(), expected);
}

#[test]
fn the_last_statistics_begin_anew() {
    let scene = Alone::new("dump-clear");
    let daemon = scene.start_master(&usual(""), "192.0.2.51");
    let first = dump(&scene, &daemon, "STATS_CLEAR", "keepalived.stats");
    assert!(first.contains("Became master: 1"), "{first}");
    daemon.wait_for_log("Printing and clearing VRRP stats for process(", LIMIT);
    let second = dump(&scene, &daemon, "STATS", "keepalived.stats");
    assert!(second.contains("Became master: 0"), "{second}");
}

/// An instance with everything that JSON shows, and what a program finds about it.
#[test]
fn the_json_of_an_instance_has_every_name_in_its_place() {
    let scene = Alone::new("dump-json");
    scene.host.enable_ipv6();
    let check = "vrrp_script chk {\n  script \"/usr/bin/true 'two words' c\"\n  interval 1\n}\n";
    let more = format!(
        "{FAST}\n  garp_master_delay 2\n  garp_master_refresh 60\n  garp_lower_prio_delay 7\n  \
         nopreempt\n  track_script {{\n    chk\n  }}\n  notify_master \"/usr/bin/true 'a b' c\"\n  \
         notify /usr/bin/true\n  notify_deleted /usr/bin/true\n  smtp_alert\n  \
         virtual_ipaddress_excluded {{\n    192.0.2.61/25 brd 192.0.2.127 scope link\n    \
         2001:db8::61/64\n  }}"
    );
    let configuration = format!(
        "global_defs {{\n  script_user root\n}}\n{check}{}",
        instance("VI_1", 51, "192.0.2.51", &more)
    );
    let daemon = scene.start_master(&configuration, "192.0.2.61");
    scene.wait_until_held("2001:db8::61");
    let text = dump(&scene, &daemon, "JSON", "keepalived.json");
    let (before, rest) = text.split_once("\"last_transition\":").expect("a transition");
    let (moment, after) = rest.split_once(',').expect("more members");
    assert_eq!(
        before,
        "[{\"data\":{\"iname\":\"VI_1\",\"dont_track_primary\":0,\"skip_check_adv_addr\":0,\
         \"strict_mode\":0,\"vmac_ifname\":\"\",\"ifp_ifname\":\"eth0\",\"master_priority\":0,"
    );
    assert!(moment.parse::<f64>().is_ok_and(|moment| moment > 1e9), "{moment}");
    let (data, stats) = after.split_once("},\"stats\":").expect("counters");
    assert_eq!(
        data,
        "\"garp_delay\":2,\"garp_refresh\":60,\"garp_rep\":5,\"garp_refresh_rep\":1,\
         \"garp_lower_prio_delay\":7,\"garp_lower_prio_rep\":5,\"lower_prio_no_advert\":0,\
         \"higher_prio_send_advert\":0,\"vrid\":51,\"base_priority\":100,\
         \"effective_priority\":100,\"vipset\":true,\"promote_secondaries\":false,\
         \"adver_int\":0.1,\"master_adver_int\":0.1,\"accept\":1,\"nopreempt\":true,\
         \"preempt_delay\":0,\"state\":2,\"wantstate\":2,\"version\":3,\"smtp_alert\":true,\
         \"notify_deleted\":true,\"script_master\":\"'\\/usr\\/bin\\/true' 'a b' 'c'\",\
         \"script_deleted\":\"'\\/usr\\/bin\\/true'\",\"script\":\"'\\/usr\\/bin\\/true'\",\
         \"vips\":[\"192.0.2.51 dev eth0 scope global set\"],\
         \"evips\":[\"192.0.2.61\\/25 brd 192.0.2.127 dev eth0 scope link set\",\
         \"2001:db8::61\\/64 dev eth0 scope global preferred_lft forever set\"],\
         \"track_script\":[\"'\\/usr\\/bin\\/true' 'two words' 'c'\"],\"auth_type\":0"
    );
    let names: Vec<&str> = stats.split('"').skip(1).step_by(2).collect();
    let trailer: &[&str] = if under_test().is_ours() { &TRAILER } else { &[] };
    let expected: Vec<&str> = [
        &["advert_rcvd", "advert_sent", "become_master", "release_master"][..],
        &["packet_len_err", "advert_interval_err", "ip_ttl_err", "invalid_type_rcvd"],
        &["addr_list_err", "invalid_authtype", "authtype_mismatch", "auth_failure"],
        trailer,
        &["pri_zero_rcvd", "pri_zero_sent"],
    ]
    .concat();
    assert_eq!(names, expected);
    assert!(stats.ends_with("}}]\n"), "{stats:?}");
}

/// What only some instances have is in its place too.
#[test]
fn the_json_of_an_instance_has_what_it_holds_tracks_and_runs() {
    let scene = Alone::new("dump-json-more");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let scripts = ["backup", "fault", "stop", "master_rx_lower_pri"]
        .map(|event| format!("notify_{event} \"/usr/bin/true {event}\""))
        .join("\n  ");
    let more = format!(
        "{scripts}\n  track_interface {{\n    eth1 weight -5\n  }}\n  virtual_routes {{\n    \
         203.0.113.0/24 via 192.0.2.253 dev eth0\n  }}\n  virtual_rules {{\n    \
         from 192.0.2.0/24 table 99 preference 201\n  }}"
    );
    let configuration = format!("global_defs {{\n  script_user root\n}}\n{}", usual(&more));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    let json = dump(&scene, &daemon, "JSON", "keepalived.json");
    let (_, after) = json.split_once("\"notify_deleted\":false,").expect("a member");
    let (data, _) = after.split_once(",\"auth_type\"").expect("more members");
    assert_eq!(
        data,
        "\"script_backup\":\"'\\/usr\\/bin\\/true' 'backup'\",\
         \"script_fault\":\"'\\/usr\\/bin\\/true' 'fault'\",\
         \"script_stop\":\"'\\/usr\\/bin\\/true' 'stop'\",\
         \"script_master_rx_lower_pri\":\"'\\/usr\\/bin\\/true' 'master_rx_lower_pri'\",\
         \"vips\":[\"192.0.2.51 dev eth0 scope global set\"],\
         \"vroutes\":[\"prepend 203.0.113.0\\/24 via inet 192.0.2.253 dev eth0 proto 18\"],\
         \"vrules\":[\"from 192.0.2.0\\/24 priority 201 tos 0x0 protocol 18 lookup 99\"],\
         \"track_ifp\":[\"eth1\"]"
    );
}

/// It has been master twice, of which it ended one by a fault and one for a better router.
#[test]
fn the_counters_tell_what_has_happened() {
    let scene = Alone::new("dump-counters");
    scene.host.add_link("eth1", "198.51.100.1/24");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let daemon = scene.start_master(&usual("track_interface {\n    eth1\n  }"), "192.0.2.51");
    scene.host.unplug_link("eth1");
    daemon.wait_for_log("Entering FAULT STATE", LIMIT);
    scene.host.plug_link("eth1");
    daemon.wait_for_log_times("Entering MASTER STATE", 2, LIMIT);
    b.forge(&Forged::v3("192.0.2.2", 51, 0, "192.0.2.51"));
    daemon.wait_for_log("Master received priority 0 message", LIMIT);
    // Its next advert would come after long.
    let better = Forged::v3("192.0.2.2", 51, 200, "192.0.2.51");
    b.forge(&Forged { interval: 4_000, ..better });
    daemon.wait_for_log("Master received advert from 192.0.2.2 with higher priority 200", LIMIT);
    let of = |count: &Value, names: [&str; 5]| names.map(|name| count[name].as_u64());
    let count = counters(&scene, &daemon);
    let names =
        ["advert_rcvd", "become_master", "release_master", "pri_zero_rcvd", "pri_zero_sent"];
    assert_eq!(of(&count, names), [2, 2, 2, 1, 1].map(Some), "{count}");
    let sent = scene.capture.adverts_from("a").len();
    let counted = count["advert_sent"].as_u64().expect("a number");
    assert!(counted >= 4 && counted <= sent as u64, "{sent} seen, {counted} counted");
    let text = dump(&scene, &daemon, "STATS", "keepalived.stats");
    for line in ["Became master: 2", "Released master: 2", "    Received: 2", "    Sent: 1"] {
        assert!(text.contains(&format!("{line}\n")), "{line}: {text}");
    }
}

#[test]
fn a_backup_shows_its_master_and_hides_the_password() {
    let scene = Alone::new("dump-backup");
    let b = scene.lab.host("b", "192.0.2.2/24");
    let more = "state MASTER\n  advert_int 1\n  authentication {\n    auth_type PASS\n    \
                auth_pass secret12\n  }";
    let daemon = scene.start(&instance("VI_1", 51, "192.0.2.51", more));
    daemon.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
    let data = |key: &str| {
        let json = dump(&scene, &daemon, "JSON", "keepalived.json");
        serde_json::from_str::<Value>(&json).expect("JSON")[0]["data"][key].clone()
    };
    assert_eq!((data("state"), data("wantstate")), (1.into(), 2.into()));
    let master = Forged::v2("192.0.2.2", 51, 200, "192.0.2.51");
    b.forge(&Forged { auth_type: 1, auth_data: *b"secret12", ..master });
    scene.lab.wait_until("a master", LIMIT, || data("master_priority") == 200);
    assert_eq!(data("wantstate"), 1);
    assert_eq!((data("vipset"), data("auth_type")), (false.into(), 1.into()));
    let password = if under_test().is_ours() { "********" } else { "secret12" };
    assert_eq!(data("auth_data"), password);
}

#[test]
fn the_files_of_the_state_are_named_by_part_and_instance_and_only_root_reads_them() {
    let scene = Alone::new("dump-names");
    let globals = "instance one\nglobal_defs {\n  data_use_instance\n}\n";
    let configuration = format!("{globals}{}", usual(""));
    let daemon = scene.daemon().with_own_files().start(&configuration);
    daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    let vrrp = dump(&scene, &daemon, "DATA", "keepalived.one.data");
    let parent = scene.host.read("keepalived_parent.one.data");
    for text in [&vrrp, &parent] {
        assert!(text.starts_with("------< Global definitions >------\n"), "{text}");
    }
    assert!(vrrp.contains("\n VRRP Instance = VI_1\n"), "{vrrp}");
    assert!(!parent.contains("VI_1"), "{parent}");
    let mode = |name: &str| {
        let metadata = std::fs::metadata(scene.host.file(name)).expect("a file");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode("keepalived.one.data"), 0o600);
    assert_eq!(mode("keepalived_parent.one.data"), 0o600);
    for part in ["parent", "VRRP"] {
        daemon.wait_for_log(&format!("Printing {part} data for process("), LIMIT);
    }
    assert!(!dump(&scene, &daemon, "JSON", "keepalived.json").is_empty());
}

/// Since 2.3.3; 2.2.7 knows none of the keywords. What is there is replaced, not written into.
#[test]
fn dumps_go_where_the_configuration_says_since_2_4() {
    if !under_test().is_ours() {
        return;
    }
    let scene = Alone::new("dump-places");
    let place = scene.host.file("dumps");
    std::fs::create_dir(&place).expect("a directory");
    let globals = format!(
        "global_defs {{\n  state_dump_file {place}/state.txt\n  stats_dump_file {place}/\n  \
         json_dump_file other.json\n  json_version 2\n}}\n",
        place = place.display()
    );
    let daemon = scene.start_master(&format!("{globals}{}", usual("")), "192.0.2.51");
    let victim = scene.host.write("victim", "untouched");
    std::os::unix::fs::symlink(&victim, place.join("state.txt")).expect("a link");
    daemon.request("DATA");
    scene.lab.wait_until("the state", LIMIT, || {
        scene.host.read("dumps/state.txt").contains("VRRP Instance = VI_1")
    });
    assert_eq!(scene.host.read("victim"), "untouched");
    assert!(scene.host.read("dumps/state_parent.txt").contains("Global definitions"));
    dump(&scene, &daemon, "STATS", "dumps/keepalived.stats");
    let json = dump(&scene, &daemon, "JSON", "other.json");
    assert!(json.starts_with("{\"vrrp\":[{\"data\":{\"iname\":\"VI_1\","), "{json}");
    // Nothing half-written stays behind.
    let names = || std::fs::read_dir(&place).expect("a directory").filter_map(Result::ok);
    let mut names: Vec<_> = names().map(|entry| entry.file_name()).collect();
    names.sort();
    assert_eq!(names, ["keepalived.stats", "state.txt", "state_parent.txt"]);
}
