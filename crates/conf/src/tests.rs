//! Properties of a whole load: it ends, it never panics, it reads files of any kind of line.

use proptest::prelude::*;

use super::*;

fn environment() -> Environment {
    let eth0 = net::Link {
        name: net::LinkName::new("eth0").unwrap(),
        index: net::LinkIndex(2),
        flags: 0x11043,
        up: true,
        loopback: false,
        multicast: true,
        arp: true,
        mac: None,
        mtu: 1500,
        hardware: 1,
        kind: net::LinkKind::Ethernet,
        master: None,
        addresses: Vec::new(),
    };
    Environment {
        links: vec![eth0],
        host_name: "lb1".to_owned(),
        search_path: "/bin".to_owned(),
        testing: true,
        generated_limit: Some(1 << 20),
        ..Environment::default()
    }
}

fn load_any(text: &[u8]) -> Loaded {
    let loaded = load_text("t", text, &environment());
    // Showing is part of the promise.
    assert!(loaded.report.log_lines().all(|line| !line.contains('\n')));
    assert!(!loaded.report.render(false).contains("\u{7}"));
    loaded.config.lvs.virtual_servers.iter().for_each(the_core_may_rely_on);
    loaded
}

/// What the load balancing core never checks.
fn the_core_may_rely_on(vs: &lvs::config::VirtualServer) {
    let quorum = vs.quorum;
    assert!(quorum.hysteresis < quorum.needed || quorum.hysteresis == 0, "{quorum:?}");
    assert!(!vs.real_servers.is_empty() && !vs.services.is_empty());
    let keys: std::collections::HashSet<_> = vs.real_servers.iter().map(|rs| rs.key).collect();
    assert_eq!(keys.len(), vs.real_servers.len());
    let mut persistent = vs.services.iter().filter_map(|service| service.persistence.as_ref());
    assert!(persistent.all(|persistence| persistence.timeout > 0));
    for rs in &vs.real_servers {
        assert!(rs.weight <= 2_147_483_647);
        for check in &rs.checks {
            let lvs::config::CheckKind::Http(http) = &check.kind else { continue };
            assert!(!http.urls.is_empty());
        }
    }
}

/// A line of a virtual server, or one of its servers, with a value that may be wrong.
fn service_line() -> impl Strategy<Value = String> {
    let entries = reference().into_iter().filter(|entry| entry.block == "virtual_server");
    let words = entries.map(|entry| entry.name).filter(|name| *name != "real_server");
    let words: Vec<&'static str> = words.collect();
    let values = ["", "0", "1", "7", "TCP", "UDP", "wlc", "sh", "DR", "NAT", "TUN", "255.0.0.0"];
    let check = "TCP_CHECK {\nretry 2\n}\nHTTP_GET {\nurl {\npath /\n}\n}\n";
    let servers = ["1 80", "1 81", "1", "2", "3 80"];
    prop_oneof![
        (prop::sample::select(words), prop::sample::select(values.to_vec()))
            .prop_map(|(word, value)| format!("{word} {value}")),
        prop::sample::select(servers.to_vec())
            .prop_map(move |at| format!("real_server 198.51.100.{at} {{\n{check}}}")),
        Just("sorry_server 198.51.100.1".to_owned()),
    ]
}

/// Words that make sense somewhere, so that noise gets deep into the tables.
fn fragment() -> impl Strategy<Value = String> {
    let keywords: Vec<&'static str> = reference().iter().map(|entry| entry.name).collect();
    let values = [
        "{",
        "}",
        "\n",
        "\"",
        "'",
        "\\",
        "#",
        "!",
        "@x",
        "$A=1",
        "~SEQ(a,1)",
        "192.0.2.1",
        "fe80::1",
        "eth0",
        "-1",
        "0",
        "1",
        "255",
        "99999999999999999999",
        "1.5",
        "dev",
        "weight",
        "reverse",
        "MASTER",
        "PASS",
        "+",
        "brd",
        "/bin/sh -c 'x",
        "192.0.2.1/24",
        "on",
        "é\u{0}",
    ];
    prop_oneof![
        prop::sample::select(keywords).prop_map(|word| format!(" {word} ")),
        prop::sample::select(values.to_vec()).prop_map(|word| format!(" {word}")),
        Just("\n".to_owned()),
        Just(" {\n".to_owned()),
        "[ -~]{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_read_to_their_end(text in prop::collection::vec(any::<u8>(), 0..400)) {
        load_any(&text);
    }

    #[test]
    fn any_order_of_known_words_is_read_to_its_end(
        words in prop::collection::vec(fragment(), 0..120)
    ) {
        load_any(words.concat().as_bytes());
    }

    #[test]
    fn any_virtual_server_is_one_that_the_core_can_run(
        what in prop::sample::select(vec!["192.0.2.1 80", "192.0.2.1", "fwmark 7", "2001:db8::1"]),
        lines in prop::collection::vec(service_line(), 0..12)
    ) {
        let text = format!("virtual_server {what} {{\n{}\n}}\n", lines.join("\n"));
        load_any(text.as_bytes());
    }

    #[test]
    fn a_file_without_findings_is_no_error(vrid in 1..=255_u8, priority in 1..=254_u8) {
        let text = format!(
            "vrrp_instance V {{\n interface eth0\n virtual_router_id {vrid}\n \
             priority {priority}\n virtual_ipaddress {{ 192.0.2.1 }} }}"
        );
        let loaded = load_any(text.as_bytes());
        prop_assert_eq!(loaded.report.diagnostics(), &[]);
        prop_assert_eq!(loaded.report.test_exit_code(), 0);
        prop_assert_eq!(loaded.config.vrrp.instances[0].vrid.number(), vrid);
        prop_assert_eq!(loaded.config.vrrp.instances[0].priority.number(), priority);
    }
}

#[test]
fn a_deep_file_needs_no_deep_stack() {
    let braces = "global_defs {".repeat(2_000);
    let loaded = load_any(braces.as_bytes());
    assert_eq!(loaded.report.test_exit_code(), 5);
}

#[test]
fn each_finding_of_a_bad_file_is_made_once() {
    let text = b"vrrp_instance V {\n interface nope\n virtual_router_id 900\n wieght 3\n}\n";
    let lines: Vec<String> = load_any(text).report.log_lines().collect();
    let all: std::collections::HashSet<&String> = lines.iter().collect();
    assert_eq!(all.len(), lines.len());
    assert!(lines.contains(&"(t: Line 4) Unknown keyword 'wieght'".to_owned()), "{lines:?}");
}

#[test]
fn script_security_once_on_is_not_switched_off_by_a_new_file() {
    let secure = |secure_scripts| {
        let environment = Environment { secure_scripts, ..environment() };
        load_text("t", b"global_defs {\n}\n", &environment).config.globals.scripts.secure
    };
    assert!(secure(true));
    assert!(!secure(false));
}
