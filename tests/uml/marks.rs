//! Groups whose packets nftables marks: each group and protocol is one service of a mark. Kernels of
//! guests have no nftables; what it does is tested on the host's.

use std::collections::BTreeSet;

use testkit::guest;
use testkit::site::Site;

use crate::director::{Director, real};
use crate::support::{LIMIT, under_test};

/// A virtual server of this group and protocol.
fn service(group: &str, protocol: &str) -> String {
    let servers = ["192.0.2.11 80", "192.0.2.12 80"].map(|place| real(place, "weight 2")).concat();
    format!(
        "virtual_server group {group} {{\n lb_algo rr\n lb_kind NAT\n protocol {protocol}\n{servers}}}\n"
    )
}

fn group(name: &str, entries: &str) -> String {
    format!("virtual_server_group {name} {{\n {entries}\n}}\n")
}

const GLOBALS: &str = "global_defs {\n nftables_ipvs\n}\n";

fn services(director: &Director) -> BTreeSet<String> {
    let services = director.site.a.ipvs().services.into_iter();
    services
        .map(|service| {
            let servers: Vec<_> = service.servers.iter().map(|one| one.address.clone()).collect();
            format!("{} {}", service.name, servers.len())
        })
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn each_group_and_protocol_is_one_service_of_a_mark_that_it_keeps() {
    guest::run(|| {
        let site = Site::nat("marks");
        let web = group("WEB", "192.0.2.51-192.0.2.59 80\n 192.0.2.99 80");
        let marked = group("MARKED", "192.0.2.77 80\n fwmark 5");
        let text = [
            GLOBALS,
            &web,
            &marked,
            &service("WEB", "TCP"),
            &service("WEB", "UDP"),
            &service("MARKED", "TCP"),
        ];
        let mut director = Director::start(site, &text.concat());
        let first = set(&["FWM 1000 2", "FWM 1001 2", "FWM 5 2", "TCP 192.0.2.77:80 2"]);
        let lab = &director.site.lab;
        lab.wait_until("the services", LIMIT, || services(&director) == first);
        if under_test().is_ours() {
            let refused = "nftables: cannot mark packets for groups";
            director.daemon.wait_for_log(refused, LIMIT);
            let other = group("OTHER", "192.0.2.60 443");
            let text = [GLOBALS, &other, &web, &service("OTHER", "TCP"), &service("WEB", "UDP")];
            director.changes();
            director.daemon.reload(&text.concat());
            let second = set(&["FWM 1001 2", "FWM 1000 2"]);
            lab.wait_until("the other services", LIMIT, || services(&director) == second);
            let udp = |change: &String| change.contains("FWM 1001");
            assert!(!director.changes().iter().any(udp), "who keeps a mark does not notice");
            assert_eq!(director.daemon.log().count(refused), 1, "it is told once");
        }
        assert!(director.daemon.stop().success());
        assert_eq!(services(&director), BTreeSet::new());
    });
}
