//! Groups of addresses and marks: one set of servers and checks behind all of them, what a reload
//! takes from them and adds, and that nothing of them is left.
//!
//! On the original services stay behind after a reload, and a range that leaves its /24 is added
//! for ever: these tests are about ours where they do not say otherwise.

use std::collections::BTreeSet;

use testkit::guest;
use testkit::site::Site;

use crate::director::{Director, QUICK, real};
use crate::support::LIMIT;

const SERVERS: [&str; 2] = ["192.0.2.11 80", "192.0.2.12 80"];
const CHECK: &str = "TCP_CHECK {\n retry 0\n }";

/// A group with these entries, and a service that directs its packets to two servers.
fn group(entries: &[&str], more: &str) -> String {
    let servers = SERVERS.map(|place| real(place, CHECK)).concat();
    format!(
        "virtual_server_group WEB {{\n {}\n}}\nvirtual_server group WEB {{\n lb_algo rr\n \
         lb_kind DR\n protocol TCP\n delay_loop 1\n {QUICK}\n {more}\n{servers}}}\n",
        entries.join("\n ")
    )
}

/// The names of all services of the director.
fn services(director: &Director) -> BTreeSet<String> {
    director.site.a.ipvs().services.into_iter().map(|service| service.name).collect()
}

fn named(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Whether every service of the group has exactly these servers, by their last numbers.
fn all_have(director: &Director, servers: &[u8]) -> bool {
    let has = |service: &testkit::lab::IpvsService| {
        let theirs = service.servers.iter().map(|server| server.address.split(':').next());
        let wanted = servers.iter().map(|last| format!("192.0.2.{last}"));
        theirs.flatten().map(str::to_owned).collect::<BTreeSet<_>>() == wanted.collect()
    };
    director.site.a.ipvs().services.iter().all(has)
}

#[test]
fn all_entries_of_a_group_share_servers_and_checks() {
    guest::run(|| {
        let site = Site::direct_routing("groups", &["192.0.2.51"]);
        let mut listening = site.web_servers(80);
        let network = "persistence_timeout 60\n persistence_granularity 255.255.255.0";
        let text = group(&["192.0.2.51 80", "10.9.0.254-10.9.1.2 80", "fwmark 7"], network);
        let mut director = Director::start(site, &text);
        // The range goes on in the next /24.
        let addresses = ["10.9.0.254", "10.9.0.255", "10.9.1.0", "10.9.1.1", "10.9.1.2"];
        let mut wanted: Vec<String> =
            addresses.iter().map(|address| format!("TCP {address}:80")).collect();
        wanted.extend(["TCP 192.0.2.51:80".to_owned(), "FWM 7".to_owned()]);
        assert_eq!(services(&director), wanted.into_iter().collect());
        assert!(all_have(&director, &[11, 12]), "{:?}", director.site.a.ipvs());
        let saved = director.site.a.ok(["ipvsadm", "-Sn"]);
        let granular = saved.matches(" -s rr -p 60 -M 255.255.255.0").count();
        assert_eq!(granular, 7, "every service of the group joins networks: {saved}");

        // One check that fails takes the server out of all of them, and is told once.
        drop(listening.remove(0));
        let lab = &director.site.lab;
        lab.wait_until("the server to leave every service", LIMIT, || all_have(&director, &[12]));
        let line = "Removing service [192.0.2.11]:tcp:80 from VS [WEB]:0";
        assert_eq!(director.daemon.log().count(line), 1, "{}", lab.logs());

        assert!(director.daemon.stop().success());
        assert_eq!(services(&director), BTreeSet::new());
    });
}

/// Also on the original.
#[test]
fn what_a_reload_adds_to_a_group_is_said() {
    guest::run(|| {
        let site = Site::direct_routing("group-added", &["192.0.2.51"]);
        let _listening = site.web_servers(80);
        let entries = ["192.0.2.51 80", "10.9.0.1 80", "10.9.0.7-9 80", "fwmark 9"];
        let director = Director::start(site, &group(&entries[..1], ""));
        director.daemon.reload(&group(&entries, ""));
        let lines = [
            "VS [[10.9.0.1]:tcp:80] added into group WEB",
            "VS [[10.9.0.7]:tcp:80-10.9.0.9] added into group WEB",
            "VS [FWM 9] added into group WEB",
        ];
        for line in lines {
            director.daemon.wait_for_log(line, LIMIT);
        }
        let log = director.daemon.log().texts();
        let said = log.iter().filter(|text| text.contains("added into group"));
        assert_eq!(said.count(), lines.len(), "{}", director.site.lab.logs());
    });
}

#[test]
fn a_reload_takes_entries_away_and_adds_them_and_leaves_the_rest_alone() {
    guest::run(|| {
        let site = Site::direct_routing("group-reload", &["192.0.2.51"]);
        let _listening = site.web_servers(80);
        let mut director = Director::start(site, &group(&["192.0.2.51 80", "10.9.0.1 80"], ""));
        director.daemon.wait_for_log_times("success.", 2, LIMIT);
        director.changes();

        director.daemon.reload(&group(&["192.0.2.51 80", "fwmark 9"], ""));
        let lab = &director.site.lab;
        lab.wait_until("the new entries", LIMIT, || {
            services(&director) == named(&["TCP 192.0.2.51:80", "FWM 9"])
        });
        assert!(all_have(&director, &[11, 12]));
        let log = director.daemon.log();
        let gone = "VS [[10.9.0.1]:tcp:80] in group WEB no longer exists";
        assert_eq!(log.count(gone), 1, "{}", lab.logs());
        assert_eq!(log.count("VS [FWM 9] added into group WEB"), 1, "{}", lab.logs());
        let changes = director.changes();
        let kept = |change: &String| change.contains("192.0.2.51");
        assert!(!changes.iter().any(kept), "the entry that stays is left alone: {changes:?}");

        director.daemon.reload("# nothing\n");
        director.daemon.wait_for_log("Removing Virtual Server Group [WEB]", LIMIT);
        lab.wait_until("nothing", LIMIT, || services(&director).is_empty());
        assert!(director.daemon.stop().success());
        assert_eq!(services(&director), BTreeSet::new());
    });
}
