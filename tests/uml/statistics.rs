//! What the kernel counts of services and servers, as the dump shows it beside what `ipvsadm` says,
//! and what is known of them at that moment.

use testkit::guest;
use testkit::site::Site;

use crate::director::{Director, QUICK, real, service};
use crate::support::{LIMIT, given};

const VIP: &str = "192.0.2.51";
const CHECK: &str = "TCP_CHECK {\n retry 0\n }";

/// What follows `name = ` in the lines of a part of the dump, up to a comma.
fn value(part: &str, name: &str) -> String {
    let start = format!("{name} = ");
    let line = part.lines().find_map(|line| line.trim_start().strip_prefix(&start));
    line.unwrap_or_else(|| panic!("no {name} in {part}")).split(',').next().unwrap_or("").to_owned()
}

/// The part of the dump about a server, or about the virtual server before its servers.
fn part<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(heading).unwrap_or_else(|| panic!("no {heading} in {text}"));
    rest.split("------<").next().unwrap_or(rest)
}

fn dump(director: &Director) -> String {
    let host = &director.site.a;
    std::fs::remove_file(host.file("keepalived_check.data")).ok();
    director.daemon.request("DATA");
    let there = || host.file("keepalived_check.data").exists();
    director.site.lab.wait_until("the dump", LIMIT, there);
    host.read("keepalived_check.data")
}

#[test]
fn a_dump_shows_what_the_kernel_counted_and_who_is_up() {
    guest::run(|| {
        let site = Site::direct_routing("statistics", &[VIP]);
        let mut web = site.web_servers(80);
        let servers = ["192.0.2.11 80", "192.0.2.12 80"];
        let servers = servers.map(|place| real(place, &format!("weight 3\n {CHECK}"))).concat();
        let text = service(80, &format!("{QUICK}\n delay_loop 1"), &servers);
        let director = Director::start(site, &text);
        director.daemon.wait_for_log_times("success.", 2, LIMIT);
        for _ in 0..6 {
            director.site.client.get("http://192.0.2.51/").expect("a page");
        }
        // The kernel adds up what its processors counted every two seconds.
        director.site.lab.wait_until("the kernel's count", LIMIT, || {
            given(&director.site.a, "TCP 192.0.2.51:80").iter().sum::<u64>() == 6
        });
        web[1].stop();
        director.wait_for_table(80, "192.0.2.11:80=3");

        let host = &director.site.a;
        let (before, text) = (host.ok(["ipvsadm", "-Ln", "--stats", "--exact"]), dump(&director));
        let numbers = |name: &str| {
            let line = before.lines().find(|line| line.contains(name));
            let words = line.unwrap_or_else(|| panic!("no {name} in {before}")).split_whitespace();
            words.filter_map(|word| word.parse::<u64>().ok()).collect::<Vec<_>>()
        };
        let whole = part(&text, "------< Virtual server >------");
        let shown = |part: &str| {
            ["Connections", "Packets in", "Bytes in"]
                .map(|name| value(part, name).parse::<u64>().expect("a number"))
        };
        let [connections, packets, bytes] = shown(whole);
        let counted = numbers("192.0.2.51:80");
        assert_eq!((connections, packets, bytes), (counted[0], counted[1], counted[3]), "{text}");
        assert_eq!(connections, 6);
        assert_eq!(
            (value(whole, "quorum_state_up"), value(whole, "live weight")),
            ("true".into(), "3".into())
        );

        let first = part(&text, "RIP = 192.0.2.11");
        let counted = numbers("192.0.2.11:80");
        assert_eq!(shown(first), [counted[0], counted[1], counted[3]]);
        assert_eq!(value(first, "Active connections"), "0");
        let state = |part: &str| {
            ["alive", "num failed checkers", "RS set"].map(|name| value(part, name)).join(" ")
        };
        assert_eq!(state(first), "true 0 true");
        let second = part(&text, "RIP = 192.0.2.12");
        assert_eq!(state(second), "false 1 false");
        assert!(!second.contains("Active connections"), "the kernel has nothing of it");
        let checks = text.split("------< Health checkers >------").nth(1).unwrap_or_default();
        let ups: Vec<_> = checks.lines().filter(|line| line.starts_with("   Up = ")).collect();
        assert_eq!(ups, ["   Up = true", "   Up = false"]);
    });
}

#[test]
fn what_is_counted_of_a_group_is_that_of_all_its_services() {
    guest::run(|| {
        let site = Site::direct_routing("group-statistics", &[VIP, "192.0.2.52"]);
        let _web = site.web_servers(80);
        site.a.add_address("eth0", "192.0.2.52/32");
        let servers = ["192.0.2.11 80", "192.0.2.12 80"].map(|place| real(place, "")).concat();
        let text = service(80, QUICK, &servers)
            .replace("virtual_server 192.0.2.51 80", "virtual_server group G");
        let group = format!("virtual_server_group G {{\n {VIP} 80\n 192.0.2.52 80\n}}\n");
        let director = Director::start(site, &(group + &text));
        for (vip, times) in [(VIP, 4), ("192.0.2.52", 2)] {
            for _ in 0..times {
                director.site.client.get(&format!("http://{vip}/")).expect("a page");
            }
        }
        // The kernel adds up what its processors counted every two seconds.
        let counted = |vip: &str| given(&director.site.a, &format!("TCP {vip}:80"));
        director.site.lab.wait_until("the kernel's count", LIMIT, || {
            (counted(VIP), counted("192.0.2.52")) == (vec![2, 2], vec![1, 1])
        });
        let text = dump(&director);
        let connections = |heading| value(part(&text, heading), "Connections");
        assert_eq!(connections("------< Virtual server >------"), "6", "{text}");
        assert_eq!(connections("RIP = 192.0.2.11"), "3", "{text}");
        assert_eq!(connections("RIP = 192.0.2.12"), "3", "{text}");
    });
}

/// Each of them shows all of the service, and its own servers.
#[test]
fn what_is_counted_of_a_service_is_shown_by_all_that_share_it() {
    guest::run(|| {
        let site = Site::direct_routing("shared-statistics", &[VIP]);
        let _web = site.web_servers(80);
        let one = |place| service(80, QUICK, &real(place, ""));
        let director = Director::start(site, &(one("192.0.2.11 80") + &one("192.0.2.12 80")));
        for _ in 0..4 {
            director.site.client.get("http://192.0.2.51/").expect("a page");
        }
        // The kernel adds up what its processors counted every two seconds.
        director.site.lab.wait_until("the kernel's count", LIMIT, || {
            given(&director.site.a, "TCP 192.0.2.51:80") == [2, 2]
        });
        let text = dump(&director);
        let blocks: Vec<&str> = text.split("------< Virtual server >------").skip(1).collect();
        let of_services: Vec<_> = blocks.iter().map(|block| value(block, "Connections")).collect();
        assert_eq!(of_services, ["4", "4"], "{text}");
        for server in ["RIP = 192.0.2.11", "RIP = 192.0.2.12"] {
            assert_eq!(value(part(&text, server), "Connections"), "2", "{text}");
        }
    });
}
