//! `ha_suspend`: checks run only where the service's address is.

use std::thread;
use std::time::Duration;

use testkit::guest;
use testkit::lab::{Daemon, Host, Lab};
use testkit::site::Site;

use crate::director::service_by;
use crate::support::{LIMIT, holds_all, under_test};

const VIP: &str = "192.0.2.51";
const GOOD: &str = "TCP connection to [192.0.2.11]:tcp:80 success.";
const FAILED: &str = "TCP_CHECK on service [192.0.2.11]:tcp:80 failed.";

/// One server at port 80, checked every second, whose first failure is final.
fn suspended(more: &str) -> String {
    let check = "warmup 0\n connect_timeout 1\n delay_loop 1\n TCP_CHECK {\n retry 0\n }";
    let server = format!(" real_server 192.0.2.11 80 {{\n {check}\n }}\n");
    service_by("NAT", 80, &format!("ha_suspend\n{more}"), &server)
}

fn line(verb: &str) -> String {
    format!("{verb} healthchecker for service [192.0.2.11]:tcp:80 for VS [192.0.2.51]:tcp:80")
}

/// Whether the host's table sends anything to the server.
fn serves(host: &Host) -> bool {
    let table = host.ipvs();
    table.service("TCP 192.0.2.51:80").is_some_and(|service| !service.weights().is_empty())
}

fn expect(lab: &Lab, daemon: &Daemon, lines: &[String]) {
    let said = || {
        let wanted = ["healthchecker for service", "TCP", "Netlink reflector reports"];
        let texts = daemon.log().texts().into_iter();
        let texts = texts.filter(|text| wanted.iter().any(|word| text.contains(word)));
        texts.collect::<Vec<_>>()
    };
    lab.wait_until(&format!("{lines:#?}"), LIMIT, || said().len() >= lines.len());
    assert_eq!(said(), lines, "{}", lab.logs());
}

#[test]
fn checks_rest_while_the_address_is_not_here() {
    guest::run(|| {
        let lab = Lab::new("suspend");
        let host = lab.host("a", "192.0.2.1/24");
        let server = lab.host("real1", "192.0.2.11/24");
        let daemon = host.daemon(&under_test()).start(&suspended(""));
        let mut lines = vec![line("Deactivating")];
        let says = |word: &str| format!("Netlink reflector reports IP {VIP} {word}");
        let mut then = |more: &[String]| {
            lines.extend_from_slice(more);
            expect(&lab, &daemon, &lines);
        };
        // Nobody listens, and nobody looks: a check would have failed within two seconds.
        thread::sleep(Duration::from_secs(4));
        then(&[]);
        assert!(serves(&host));
        host.add_address("eth0", "192.0.2.51/32");
        then(&[says("added"), line("Activating"), FAILED.to_owned()]);
        lab.wait_until("no server", LIMIT, || !serves(&host));
        // On another link as well, and gone from the first: it is still here.
        host.ok(["ip", "address", "add", "192.0.2.51/32", "dev", "lo"]);
        host.ok(["ip", "address", "delete", "192.0.2.51/32", "dev", "eth0"]);
        then(&[says("added"), says("removed")]);
        let web = server.web_server(80, "real1");
        then(&[GOOD.to_owned()]);
        lab.wait_until("a server", LIMIT, || serves(&host));
        host.ok(["ip", "address", "delete", "192.0.2.51/32", "dev", "lo"]);
        then(&[says("removed"), line("Suspending")]);
        // While it rests a reload changes nothing, and one that wakes it up does.
        drop(web);
        if under_test().is_ours() {
            daemon.hup();
            daemon.wait_for_log("Reload complete", LIMIT);
        }
        daemon.reload(&suspended("").replace("ha_suspend", ""));
        lab.wait_until("no server", LIMIT, || !serves(&host));
    });
}

/// The backup does not know that a server has died; as master it finds out.
#[test]
fn in_a_pair_the_master_checks() {
    guest::run(|| {
        let site = Site::direct_routing("suspend-pair", &[VIP]);
        let mut web = site.servers[0].web_server(80, "real1");
        let instance = |state: &str, priority: u8| {
            format!(
                "vrrp_instance VI_1 {{\n state {state}\n interface eth0\n virtual_router_id 51\n \
                 priority {priority}\n advert_int 1\n virtual_ipaddress {{\n 192.0.2.51/24\n }}\n}}\n"
            )
        };
        let start = |host: &Host, state: &str, priority: u8| {
            host.daemon(&under_test()).start(&(instance(state, priority) + &suspended("")))
        };
        let (a, b) = (start(&site.a, "MASTER", 100), start(&site.b, "BACKUP", 90));
        site.lab.wait_until("a is master", LIMIT, || holds_all(&site.a, &[VIP]));
        a.wait_for_log(GOOD, LIMIT);
        web.stop();
        site.lab.wait_until("a sees it", LIMIT, || !serves(&site.a));
        assert!(serves(&site.b), "b does not look\n{}", site.lab.logs());
        assert!(!b.log().has(FAILED));
        let mut a = a;
        a.kill_9();
        site.lab.wait_until("b sees it as master", LIMIT, || !serves(&site.b));
        b.log().expect_in_order(&[&line("Deactivating"), &line("Activating"), FAILED]);
    });
}

/// For the original a group's address never counts, and its checks rest for ever.
#[test]
fn the_address_of_a_group_counts() {
    if !under_test().is_ours() {
        eprintln!("the checks of a group rest for ever in 2.2.7");
        return;
    }
    guest::run(|| {
        // Also where nftables marks the packets of the group, so that IPVS does not know it.
        for wish in ["", "nftables_ipvs"] {
            let lab = Lab::new("suspend-group");
            let host = lab.host("a", "192.0.2.1/24");
            let server = "virtual_server 192.0.2.51 80";
            let group = "virtual_server_group G {\n 192.0.2.50-52 80\n}\n";
            let text = suspended("").replace(server, "virtual_server group G");
            let text = format!("global_defs {{\n {wish}\n}}\n{group}{text}");
            let daemon = host.daemon(&under_test()).start(&text);
            daemon.wait_for_log("Deactivating healthchecker", LIMIT);
            host.add_address("eth0", "192.0.2.52/32");
            daemon.wait_for_log(FAILED, LIMIT);
            let serves = || host.ipvs().services.iter().any(|one| !one.weights().is_empty());
            lab.wait_until("no server", LIMIT, || !serves());
        }
    });
}
