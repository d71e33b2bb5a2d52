//! The configuration language from outside: whole files in, resolved values and findings out.
//!
//! Each `cases/NAME.conf` is compared with `cases/NAME.txt`; `UPDATE_GOLDENS=1` writes them anew.

mod corpus;
mod coverage;
mod differential;
mod examples;
mod files;
mod generate;
mod generated;
mod hints;
mod includes;
mod manual;
mod objects;
mod print_conf;
mod properties;
mod reread;
mod verdict;

use std::fs;
use std::path::{Path, PathBuf};

use conf::{Environment, Loaded};
use net::{Link, LinkIndex, LinkKind, LinkName, MacAddress};

fn link(name: &str, index: u32, loopback: bool) -> Link {
    Link {
        name: LinkName::new(name).expect("the names of the cases are valid"),
        index: LinkIndex(index),
        flags: 0x11043,
        up: true,
        loopback,
        multicast: !loopback,
        arp: !loopback,
        mac: Some(MacAddress([2, 0, 0, 0, 0, 1])),
        mtu: 1500,
        hardware: 1,
        kind: if loopback { LinkKind::Other } else { LinkKind::Ethernet },
        master: None,
        addresses: Vec::new(),
    }
}

/// A machine with the interfaces that the cases use, of every kind.
fn environment() -> Environment {
    let names = ["lo", "eth0", "eth1", "ens33", "bond0"];
    let links = names.iter().zip(1..).map(|(name, index)| link(name, index, *name == "lo"));
    let base = Some(LinkIndex(2));
    let special = [
        ("quiet0", LinkKind::Ethernet),
        ("tun0", LinkKind::Other),
        ("mac0", LinkKind::Macvlan { base, private: true }),
        ("mac1", LinkKind::Macvlan { base, private: false }),
        ("ipv0", LinkKind::Ipvlan { base, l2: true }),
        ("ipv1", LinkKind::Ipvlan { base, l2: false }),
        ("vrf0", LinkKind::Vrf { table: 100 }),
    ];
    let special = special.into_iter().zip(6..).map(|((name, kind), index)| Link {
        kind,
        multicast: name != "quiet0",
        ..link(name, index, false)
    });
    Environment {
        links: links.chain(special).collect(),
        host_name: "lb1.example.com".to_owned(),
        search_path: "/usr/bin:/bin".to_owned(),
        variables: [("REGION".to_owned(), "north".to_owned())].into(),
        generated_limit: Some(1 << 20),
        processors: Some(4),
        testing: true,
        ..Environment::default()
    }
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/cases")
}

fn show(loaded: &Loaded) -> String {
    let Loaded { config, report } = loaded;
    let status = report.is_fatal().map_or("runs".to_owned(), |status| format!("exits {status}"));
    let mut parts = vec![format!("test exits {}, daemon {status}", report.test_exit_code())];
    parts.extend(report.log_lines());
    parts.push(format!("\n{}", report.render(false)));
    if config.globals != conf::Globals::default() {
        parts.push(changed_globals(&config.globals));
    }
    parts.push(format!("{:#?}", config.vrrp));
    if config.bfd_configured {
        parts.push(format!("{:#?}", config.bfd));
    }
    if let Some(daemon) = &config.sync_daemon {
        parts.push(format!("sync daemon: {daemon:?}"));
    }
    parts.push(format!("{:#?}", config.mail_alerts));
    if *config.lvs != lvs::config::Config::default() {
        parts.push(format!("{:#?}", config.lvs));
    }
    parts.join("\n") + "\n"
}

/// The daemon-wide settings of which something is not the default.
fn changed_globals(globals: &conf::Globals) -> String {
    let (all, default) = (format!("{globals:#?}"), format!("{:#?}", conf::Globals::default()));
    let settings = |text: &str| -> Vec<String> {
        let mut settings: Vec<String> = Vec::new();
        for line in text.lines() {
            match settings.last_mut() {
                Some(last) if line.starts_with("     ") || line.starts_with("    }") => {
                    *last += &format!("\n{line}");
                }
                _ => settings.push(line.to_owned()),
            }
        }
        settings
    };
    let default = settings(&default);
    let shown = settings(&all).into_iter().enumerate();
    // The first and the last line are the braces.
    let changed = shown.filter(|(at, text)| text == "}" || *at == 0 || !default.contains(text));
    changed.map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_case_is_read_as_before() {
    let directory = cases();
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let mut different = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "conf") {
            continue;
        }
        count += 1;
        let shown = show(&conf::load(&path, &environment()));
        let shown = shown.replace(&format!("{}/", directory.display()), "");
        let golden = path.with_extension("txt");
        if update {
            fs::write(&golden, &shown).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != shown {
            println!("--- {} now gives:\n{shown}", path.display());
            different.push(path);
        }
    }
    assert!(count >= 10, "only {count} cases in {}", directory.display());
    assert!(different.is_empty(), "different: {different:?}; UPDATE_GOLDENS=1 writes them anew");
}

#[test]
fn no_password_is_ever_shown() {
    let text = "vrrp_instance V {\n authentication {\n auth_type PASS\n autp_pass hunter2\n \
                auth_pass \"hunter2\n auth_pass hunter2hunter2\n auth_pass hunter2\n }\n}\n";
    let loaded = conf::load_text("t", text.as_bytes(), &environment());
    let shown = show(&loaded);
    assert!(shown.contains("Truncating auth_pass"));
    assert!(!shown.contains("hunter"), "{shown}");
    // Nor a key, wherever it was written.
    let text = "vrrp_instance V {\n auth_hmac {\n key hunter2hunter2 7\n key 7 hunter2\n \
                key hunter2\n active_key hunter2\n time_window hunter2\n kee 7 hunter2\n \
                key 8 hunter2-hunter2-hunter2-hunter2-hunter2\n active_key 8\n }\n}\n";
    let shown = show(&conf::load_text("t", text.as_bytes(), &environment()));
    assert!(shown.contains("length 7 not in range") && !shown.contains("hunter"), "{shown}");
    // Nor by way of a definition.
    let text = "$P=hunter2hunter2\nvrrp_instance V {\n authentication {\n \
                auth_type PASS\n auth_pass $P\n autp_pass $P\n auth_pass $P\"\n $R=\"hunter2\n \
                ~SEQ(i,1 auth_pass hunter2\n ~SEQ(i,1,0,1) auth_pass hunter2\n }\n}\n";
    let loaded = conf::load_text("t", text.as_bytes(), &environment());
    let shown = show(&loaded);
    assert!(shown.contains("Truncating auth_pass") && shown.contains("`$P` is defined at t:1"));
    assert!(!shown.contains("hunter"), "{shown}");
}
