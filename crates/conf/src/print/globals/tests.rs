//! What is printed of the daemon-wide settings is read as the same again.

use proptest::prelude::*;

use super::Writer;
use crate::{Environment, Globals, load_text, print};

fn environment() -> Environment {
    let link = |name: &str, index| net::Link {
        name: net::LinkName::new(name).unwrap(),
        index: net::LinkIndex(index),
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
    let names = ["eth0", "eth1", "ens33", "bond0"];
    Environment {
        links: names.iter().zip(1..).map(|(name, index)| link(name, index)).collect(),
        processors: Some(4),
        search_path: "/bin".to_owned(),
        testing: true,
        ..Environment::default()
    }
}

/// Reads, prints and reads again; shows what was printed.
fn round(text: &str) -> String {
    let first = load_text("first", text.as_bytes(), &environment());
    let mut out = Writer::default();
    super::print(&first.config, &mut out);
    super::super::reload::print(&first.config, &mut out);
    let printed = out.text;
    // The instance that a sync daemon follows.
    let again = format!("{printed}{INSTANCE}");
    let second = load_text("printed", again.as_bytes(), &environment());
    assert_eq!(first.config.globals, second.config.globals, "{printed}");
    assert_ne!(first.config.globals, Globals::default());
    let harmless = |line: &String| HARMLESS.iter().any(|words| line.contains(words));
    let serious: Vec<String> = second.report.log_lines().filter(|line| !harmless(line)).collect();
    assert!(serious.is_empty(), "{serious:#?}\n{printed}");
    printed
}

/// What may be said about a file that was printed.
const HARMLESS: [&str; 6] = [
    "has no effect yet",
    "very large",
    "script_security not enabled",
    "(VI_1)",
    "looked for",
    "deprecated",
];

const INSTANCE: &str = "vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 7
    advert_int 1
    virtual_ipaddress {
        192.0.2.7
    }
}
";

#[test]
fn ordinary_values_are_printed() {
    let printed = round(include_str!("../../../../../tests/config/cases/kw-global-good.conf"));
    assert!(printed.contains("vrrp_startup_delay 5.5\n"), "{printed}");
    assert!(
        printed.contains("startup_script \"/bin/true 'one word' two\" nobody root\n"),
        "{printed}"
    );
}

#[test]
fn the_least_values_are_printed() {
    let printed = round(include_str!("../../../../../tests/config/cases/kw-global-least.conf"));
    // Nothing else makes the repeat of refreshes zero.
    assert!(printed.contains("vrrp_min_garp\n"), "{printed}");
}

#[test]
fn the_greatest_values_are_printed() {
    let printed = round(include_str!("../../../../../tests/config/cases/kw-global-most.conf"));
    assert!(printed.contains("umask 0777\n"), "{printed}");
    // What is off is not there.
    assert!(!printed.contains("vrrp_strict"), "{printed}");
}

#[test]
fn other_forms_are_printed() {
    let printed = round(include_str!("../../../../../tests/config/cases/kw-global-policy.conf"));
    assert!(printed.contains("lvs_sync_daemon eth0 inst VI_1\n"), "{printed}");
    let printed = round(
        "global_defs {\nscript_user root\nstartup_script \"/bin/true 'a#b {$x}' \\\\\\\" ''\"\n}\n",
    );
    assert!(printed.contains("/bin/true 'a\\x23b \\x7b\\x24x\\x7d'"), "{printed}");
}

#[test]
fn defaults_are_not_printed() {
    assert_eq!(print(&crate::Config::default()), "");
}

/// A line of `global_defs` with words that may be wrong.
fn line() -> impl Strategy<Value = String> {
    let entries = crate::reference().into_iter().filter(|entry| entry.block == "global_defs");
    // Whoever has no account has no scripts, which is not a setting to print.
    let names = entries.map(|entry| entry.name).filter(|name| *name != "script_user");
    let names: Vec<&'static str> = names.collect();
    let word = prop_oneof![
        "-?[0-9]{1,10}",
        "[0-9]{1,4}[.][0-9]{1,6}",
        "[a-zA-Z][a-z0-9_.:@/-]{0,20}",
        "\"[ -!#-~é]{0,12}\"",
        prop::sample::select(vec!["on", "off", "all", "VS", "MTU", "tcp", "inst", "id", "eth0"])
            .prop_map(str::to_owned),
        prop::sample::select(vec!["/bin/true", "root", ":root", "224.0.0.7", "ff02::7", "{"])
            .prop_map(str::to_owned),
    ];
    let words = prop::collection::vec(word, 0..4);
    (prop::sample::select(names), words).prop_map(|(name, words)| {
        let block = if name == "notification_email" { "{\na@b\n}" } else { "" };
        format!("{name} {} {block}\n", words.join(" "))
    })
}

proptest! {
    #[test]
    fn any_settings_are_printed(lines in prop::collection::vec(line(), 1..12)) {
        let text = format!("global_defs {{\nscript_user root\n{}}}\n", lines.concat());
        let first = load_text("first", text.as_bytes(), &environment());
        let mut out = Writer::default();
        super::print(&first.config, &mut out);
    super::super::reload::print(&first.config, &mut out);
        let second = load_text("printed", out.text.as_bytes(), &environment());
        prop_assert_eq!(first.config.globals, second.config.globals, "{}", out.text);
    }
}
