//! What is printed reads as the same configuration again.

use std::path::Path;

use crate::{Environment, load_text, print};

/// What checks follow; its own parts of the print are not made yet.
const DECLARED: &str = "track_file load {\n file /run/load\n}\nbfd_instance peer {\n \
                        neighbor_ip 192.0.2.9\n}\n";

fn environment() -> Environment {
    Environment {
        search_path: "/usr/bin:/bin".to_owned(),
        generated_limit: Some(1 << 20),
        ..Environment::default()
    }
}

fn same_again(name: &str, text: &str) {
    let loaded = load_text(name, text.as_bytes(), &environment()).config;
    let first = loaded.lvs;
    let mut printed = DECLARED.to_owned();
    let mut config = crate::Config { lvs: first.clone(), ..crate::Config::default() };
    // What is said of servers at the stop follows from it.
    config.globals.ipvs.flush_on_stop = loaded.globals.ipvs.flush_on_stop;
    printed.push_str(&print(&config));
    let again = load_text("printed", printed.as_bytes(), &environment());
    assert!(
        *first == *again.config.lvs,
        "{name} became\n{printed}\n{}\n{:#?}\n{first:#?}",
        again.report.render(false),
        again.config.lvs
    );
}

#[test]
fn the_cases_of_load_balancing_are_printed_and_read_again() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/config/cases");
    let mut count = 0;
    for entry in std::fs::read_dir(cases).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".conf") {
            count += 1;
            same_again(&name, &std::fs::read_to_string(&path).unwrap());
        }
    }
    assert!(count >= 8, "{count} cases");
}

#[test]
fn hard_words_survive() {
    same_again(
        "hard",
        r#"virtual_server fwmark 1 {
    lvs_sched rr
    delay_loop 0.25
    real_server 192.0.2.1 {
        notify_up "/bin/sh -c 'echo \x7b \\ \x22 # !'" root root
        lvs_method NAT
        MISC_CHECK {
            misc_path "/bin/echo 'a b' "c""
        }
        HTTP_GET {
            connect_port 80
            url {
                path /
                regex "a\\d+ \x7b\"$x"
            }
        }
        PING_CHECK {
        }
    }
}
"#,
    );
}
