//! What is printed of VRRP and BFD gives the same configuration when it is read again.

use conf::Config;

use super::{cases, environment};

fn assert_same(name: &str, one: &Config, other: &Config, printed: &str) {
    let shown =
        |config: &Config| format!("{:#?}", (&config.vrrp, &config.bfd, &config.sync_daemon));
    for (before, after) in shown(one).lines().zip(shown(other).lines()) {
        assert_eq!(before, after, "{name}, printed as:\n{printed}");
    }
    assert_eq!(one.vrrp, other.vrrp, "{name}, printed as:\n{printed}");
    assert_eq!(&one.bfd, &other.bfd, "{name}");
    assert_eq!(one.sync_daemon, other.sync_daemon, "{name}");
}

#[test]
fn every_virtual_router_survives_being_printed() {
    let mut count = 0;
    for entry in std::fs::read_dir(cases()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("kw-vrrp-") || !name.ends_with(".conf") {
            continue;
        }
        count += 1;
        let loaded = conf::load(&path, &environment());
        let printed = conf::print(&loaded.config);
        let again = conf::load_text(&name, printed.as_bytes(), &environment());
        assert_same(&name, &loaded.config, &again.config, &printed);
    }
    assert!(count >= 5, "only {count} cases");
}
