//! Routes, rules and static objects: names from files, and the links that instances watch for them.

use net::{RuleAction, Table};

use crate::environment;
use crate::files::Directory;

fn load(text: &str) -> conf::Loaded {
    conf::load_text("t", text.as_bytes(), &environment())
}

#[test]
fn names_come_from_the_directories_that_are_named() {
    let own = Directory::new("iproute-etc");
    let shipped = Directory::new("iproute-usr");
    own.write("rt_tables", "77 blue\n");
    shipped.write("rt_tables", "1 blue\n78 green\n");
    shipped.write("rt_realms", "9 here\n");
    let directories = format!(
        "global_defs {{\n iproute_etc_dir {}\n iproute_usr_dir {}\n}}\n",
        own.0.display(),
        shipped.0.display()
    );
    let objects = "static_routes {\n 198.51.100.0/24 dev eth0 table blue realms here\n}\n\
                   static_rules {\n from all lookup green preference 7\n}\n";
    let statics = load(&format!("{directories}{objects}")).config.vrrp.statics;
    assert_eq!(statics.routes[0].object.table, Table::Number(77));
    let realms = statics.routes[0].object.hops.as_slice()[0].realms;
    assert_eq!(realms.map(|realms| realms.destination), Some(9));
    assert_eq!(statics.rules[0].object.action, RuleAction::Table(78));
    let without = load(objects);
    assert!(
        without.config.vrrp.statics.routes.is_empty()
            && without.config.vrrp.statics.rules.is_empty()
    );
}

#[test]
fn the_links_of_what_is_watched_are_tracked() {
    let instance = |more: &str| {
        format!(
            "vrrp_instance V {{\n interface eth0\n virtual_router_id 1\n \
             virtual_ipaddress {{\n 192.0.2.1\n }}\n {more}\n}}\n"
        )
    };
    let tracked = |text: &str| {
        let loaded = load(text);
        let links = loaded.config.vrrp.instances[0].tracked_links.iter();
        links.map(|tracked| tracked.object.to_string()).collect::<Vec<_>>().join(" ")
    };
    let routes = |line: &str| instance(&format!("virtual_routes {{\n {line}\n }}"));
    assert_eq!(tracked(&instance("")), "eth0");
    assert_eq!(tracked(&routes("198.51.100.0/24 dev eth1")), "eth0 eth1");
    assert_eq!(tracked(&routes("198.51.100.0/24 dev eth1 no_track")), "eth0");
    let hops = "198.51.100.0/24 nexthop via 192.0.2.8 dev eth1 nexthop via 192.0.2.9 dev bond0";
    assert_eq!(tracked(&routes(hops)), "eth0 eth1 bond0");
    let rule = "virtual_rules {\n from all iif eth1 oif bond0 lookup 9 preference 1\n }";
    assert_eq!(tracked(&instance(rule)), "eth0 eth1 bond0");
    let group = "track_group G {\n group {\n V\n }\n}\n";
    for statics in [
        "static_ipaddress {\n 192.0.2.9 dev eth1 track_group G\n}\n",
        "static_routes {\n 198.51.100.0/24 dev eth1 track_group G\n}\n",
        "static_rules {\n from all iif eth1 lookup 9 preference 1 track_group G\n}\n",
    ] {
        assert_eq!(tracked(&format!("{group}{statics}{}", instance(""))), "eth0 eth1");
        let alone = statics.replace(" track_group G", "");
        assert_eq!(tracked(&format!("{group}{alone}{}", instance(""))), "eth0");
    }
}
