//! Pairs of directors with each of the three forwarding methods, configured as a tutorial does it:
//! who serves while one of them is stopped or off, what ends at which server, and that the kernel
//! has the method that the configuration names. Services found by mark, over UDP and IPv6 too.

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Daemon, Delivery, Forward, Host};
use testkit::site::{GATEWAY, Site};

use crate::support::{LIMIT, holds_all, holds_none, under_test};

const VIP: &str = "192.0.2.51";
const VIP6: &str = "2001:db8::51";
const ALL: [&str; 3] = ["real1", "real2", "real3"];

/// Each test goes through several takeovers.
fn guest() -> Guest {
    Guest::new().limit(Duration::from_secs(240))
}

/// Two directors whose configurations differ in role and priority only.
struct Pair {
    site: Site,
    /// What the master of them holds.
    addresses: Vec<&'static str>,
    configuration: String,
    a: Daemon,
    b: Daemon,
}

impl Pair {
    fn start(site: Site, addresses: &[&'static str], configuration: &str) -> Self {
        let a = site.a.daemon(&under_test()).start(configuration);
        let b = site.b.daemon(&under_test()).start(&of_backup(configuration));
        let (addresses, configuration) = (addresses.to_vec(), configuration.to_owned());
        let pair = Self { site, addresses, configuration, a, b };
        pair.wait_until_on(&pair.site.a, &pair.site.b);
        pair
    }

    fn wait_until_on(&self, on: &Host, off: &Host) {
        let what = format!("the addresses on {} only", on.name());
        let all = &self.addresses;
        self.site.lab.wait_until(&what, LIMIT, || holds_all(on, all) && holds_none(off, all));
    }

    /// Waits until both have this service, with exactly these servers.
    fn wait_until_listed(&self, service: &str, servers: &[(&str, Forward)]) {
        let wanted: BTreeSet<String> = servers.iter().map(|one| format!("{one:?}")).collect();
        for host in [&self.site.a, &self.site.b] {
            let what = format!("{service} on {}: {servers:?}", host.name());
            self.site.lab.wait_until(&what, LIMIT, || {
                let table = host.ipvs();
                let found = table.service(service).map(|one| one.servers.as_slice());
                let found = found.unwrap_or_default().iter();
                let found: BTreeSet<String> =
                    found.map(|one| format!("{:?}", (one.address.as_str(), one.forward))).collect();
                found == wanted
            });
        }
    }

    fn reload(&mut self, configuration: &str) {
        configuration.clone_into(&mut self.configuration);
        self.a.reload(configuration);
        self.b.reload(&of_backup(configuration));
    }

    /// The master stops as an operator stops it, the other serves, and it comes back.
    fn stop_and_start_the_master(&mut self, serves: impl Fn(&Site)) {
        assert!(self.a.stop().success());
        self.wait_until_on(&self.site.b, &self.site.a);
        assert_eq!(self.site.a.ipvs().services, []);
        serves(&self.site);
        self.a = self.site.a.daemon(&under_test()).start(&self.configuration);
        self.wait_until_on(&self.site.a, &self.site.b);
        serves(&self.site);
    }

    /// The master loses its power, and the other serves.
    fn switch_the_master_off(&mut self, serves: impl Fn(&Site)) {
        self.a.kill_9();
        let inner = self.site.inner.as_ref().map(|_| "eth1");
        ["eth0"].into_iter().chain(inner).for_each(|link| self.site.a.unplug_link(link));
        let b = &self.site.b;
        self.site.lab.wait_until("b to take over", LIMIT, || holds_all(b, &self.addresses));
        serves(&self.site);
    }
}

fn of_backup(configuration: &str) -> String {
    let text = configuration.replace("state MASTER", "state BACKUP");
    let text = text.replace("priority 100", "priority 99");
    assert_ne!(text, configuration, "the two directors are to differ");
    text
}

/// Who answers so many requests to this URL.
fn answers(site: &Site, url: &str, requests: usize) -> BTreeSet<String> {
    let ask = |_| site.client.ok(["curl", "-sS", "--max-time", "10", url]).trim().to_owned();
    (0..requests).map(ask).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const NAT: &str = "
vrrp_sync_group VG1 {
    group {
        VI_1
        VI_GATEWAY
    }
}

vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        192.0.2.51
    }
}

# The gateway of the real servers.
vrrp_instance VI_GATEWAY {
    state MASTER
    interface eth1
    virtual_router_id 52
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        10.0.0.254/24
    }
}

virtual_server 192.0.2.51 80 {
    delay_loop 6
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 10.0.0.11 8080 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
        }
    }
    real_server 10.0.0.12 8080 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
        }
    }
    real_server 10.0.0.13 8080 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
        }
    }
}

virtual_server 192.0.2.51 7 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 10.0.0.11 7007 {
    }
    real_server 10.0.0.12 7007 {
    }
}

virtual_server 192.0.2.51 7 {
    lb_algo rr
    lb_kind NAT
    protocol UDP
    real_server 10.0.0.12 7007 {
    }
    real_server 10.0.0.13 7007 {
    }
}
";

#[test]
fn a_nat_pair_rewrites_ports_and_moves_with_its_gateway() {
    guest().run(|| {
        let site = Site::nat("nat-pair");
        let _web = site.web_servers(8080);
        let _echoes: Vec<_> = site.servers.iter().map(|server| server.echo_server(7007)).collect();
        let mut pair = Pair::start(site, &[VIP, GATEWAY], NAT);
        let masq = |servers: [&'static str; 2]| servers.map(|server| (server, Forward::Masq));
        let [one, two] = masq(["10.0.0.11:8080", "10.0.0.12:8080"]);
        pair.wait_until_listed("TCP 192.0.2.51:80", &[one, two, ("10.0.0.13:8080", Forward::Masq)]);
        pair.wait_until_listed("TCP 192.0.2.51:7", &masq(["10.0.0.11:7007", "10.0.0.12:7007"]));
        pair.wait_until_listed("UDP 192.0.2.51:7", &masq(["10.0.0.12:7007", "10.0.0.13:7007"]));
        serves_by_nat(&pair.site);
        a_connection_outlives_a_reload(&mut pair);
        pair.stop_and_start_the_master(serves_by_nat);
        pair.switch_the_master_off(serves_by_nat);
    });
}

/// Nobody listens on port 80 or 7 of a real server.
fn serves_by_nat(site: &Site) {
    assert_eq!(answers(site, "http://192.0.2.51/", 6), set(&ALL));
    let mut conversation = site.client.converse("192.0.2.51:7").expect("a connection");
    let answer = conversation.say("hello").expect("an answer");
    assert!(["real1: hello", "real2: hello"].contains(&&*answer), "{answer}");
    let ask = |_| site.client.ask_datagram("192.0.2.51:7", "hello").expect("an answer");
    let datagrams: BTreeSet<String> = (0..4).map(ask).collect();
    assert_eq!(datagrams, set(&["real2: hello", "real3: hello"]));
}

fn a_connection_outlives_a_reload(pair: &mut Pair) {
    let mut held = pair.site.client.converse("192.0.2.51:7").expect("a connection");
    let before = held.say("hello").expect("an answer");
    let slower = NAT.replace("lb_algo rr", "lb_algo wlc").replace("weight 1", "weight 2");
    pair.reload(&slower);
    pair.site.lab.wait_until("the reload", LIMIT, || {
        pair.site.a.ipvs().service("TCP 192.0.2.51:7").is_some_and(|one| one.scheduler == "wlc")
    });
    assert_eq!(held.say("hello").expect("an answer"), before);
    pair.reload(NAT);
    pair.site.lab.wait_until("the reload back", LIMIT, || {
        pair.site.a.ipvs().service("TCP 192.0.2.51:7").is_some_and(|one| one.scheduler == "rr")
    });
    assert_eq!(held.say("hello").expect("an answer"), before);
}

const INSTANCE: &str = "
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        192.0.2.51
    }
}
";

const TUNNELS: &str = "
virtual_server 192.0.2.51 80 {
    delay_loop 6
    lb_algo rr
    lb_kind TUN
    protocol TCP
    real_server 192.0.2.11 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
        }
    }
    real_server 192.0.2.12 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
        }
    }
    real_server 192.0.2.13 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
        }
    }
}
";

/// Port 80 is mixed by two blocks for the same service, port 8080 within one block.
const MIXED: &str = "
virtual_server 192.0.2.51 80 {
    delay_loop 6
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 192.0.2.11 80 {
        TCP_CHECK {
            connect_timeout 3
        }
    }
}

virtual_server 192.0.2.51 80 {
    delay_loop 6
    lb_algo rr
    lb_kind TUN
    protocol TCP
    real_server 192.0.2.12 80 {
        TCP_CHECK {
            connect_timeout 3
        }
    }
}

virtual_server 192.0.2.51 8080 {
    delay_loop 6
    lb_algo rr
    lvs_method DR
    protocol TCP
    real_server 192.0.2.11 8080 {
    }
    real_server 192.0.2.13 8080 {
        lvs_method TUN
    }
}
";

#[test]
fn a_tunnel_pair_serves_and_takes_direct_routing_beside_its_tunnels() {
    guest().run(|| {
        let site = Site::tunnel("tun-pair", &[VIP]);
        let _web = [site.web_servers(80), site.web_servers(8080)];
        let mut pair = Pair::start(site, &[VIP], &format!("{INSTANCE}{TUNNELS}"));
        let tunnels = ["192.0.2.11:80", "192.0.2.12:80", "192.0.2.13:80"];
        let tunnels = tunnels.map(|server| (server, Forward::Tunnel));
        pair.wait_until_listed("TCP 192.0.2.51:80", &tunnels);
        let serves = |site: &Site| assert_eq!(answers(site, "http://192.0.2.51/", 6), set(&ALL));
        serves(&pair.site);
        pair.stop_and_start_the_master(serves);

        let moved = &pair.site.servers[0];
        assert_eq!(moved.realserver_script("stop", "site.conf").code, Some(0));
        moved.realserver(Delivery::DirectRouting, &[VIP]);
        pair.reload(&format!("{INSTANCE}{MIXED}"));
        let by_blocks = [("192.0.2.11:80", Forward::Route), ("192.0.2.12:80", Forward::Tunnel)];
        pair.wait_until_listed("TCP 192.0.2.51:80", &by_blocks);
        let in_block = [("192.0.2.11:8080", Forward::Route), ("192.0.2.13:8080", Forward::Tunnel)];
        pair.wait_until_listed("TCP 192.0.2.51:8080", &in_block);
        serves_mixed(&pair.site);
        pair.switch_the_master_off(serves_mixed);
        assert!(pair.b.stop().success());
        assert_eq!(pair.site.b.ipvs().services, []);
    });
}

fn serves_mixed(site: &Site) {
    assert_eq!(answers(site, "http://192.0.2.51/", 4), set(&["real1", "real2"]));
    assert_eq!(answers(site, "http://192.0.2.51:8080/", 4), set(&["real1", "real3"]));
}

const DIRECT: &str = "
virtual_server fwmark 7 {
    delay_loop 6
    lb_algo rr
    lb_kind DR
    persistence_timeout 50
    real_server 192.0.2.11 {
        TCP_CHECK {
            connect_port 80
        }
    }
    real_server 192.0.2.12 {
        TCP_CHECK {
            connect_port 80
        }
    }
    real_server 192.0.2.13 {
        TCP_CHECK {
            connect_port 80
        }
    }
}

virtual_server 192.0.2.51 53 {
    delay_loop 6
    lb_algo rr
    lb_kind DR
    ops
    protocol UDP
    real_server 192.0.2.11 53 {
    }
    real_server 192.0.2.12 53 {
    }
}

virtual_server 2001:db8::51 80 {
    delay_loop 6
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 2001:db8::11 80 {
        TCP_CHECK {
            connect_timeout 3
        }
    }
    real_server 2001:db8::13 80 {
        TCP_CHECK {
            connect_timeout 3
        }
    }
}
";

#[test]
fn a_direct_routing_pair_serves_by_mark_by_datagram_and_over_ipv6() {
    guest().run(|| {
        let site = Site::direct_routing("dr-pair", &[VIP, VIP6]);
        let _web = [site.web_servers(80), site.web_servers(8080)];
        let _echoes: Vec<_> = site.servers.iter().map(|server| server.echo_server(53)).collect();
        for last in 100..106 {
            site.client.add_address("eth0", &format!("192.0.2.{last}/24"));
        }
        [&site.a, &site.b].into_iter().for_each(mark_the_web);
        site.a.add_address("eth0", "2001:db8::51/128");
        let mut pair = Pair::start(site, &[VIP], &format!("{INSTANCE}{DIRECT}"));
        let route = |server| (server, Forward::Route);
        let marked = ["192.0.2.11:0", "192.0.2.12:0", "192.0.2.13:0"];
        pair.wait_until_listed("FWM 7", &marked.map(route));
        pair.wait_until_listed("UDP 192.0.2.51:53", &["192.0.2.11:53", "192.0.2.12:53"].map(route));
        let six = ["[2001:db8::11]:80", "[2001:db8::13]:80"];
        pair.wait_until_listed("TCP [2001:db8::51]:80", &six.map(route));
        serves_by_mark(&pair.site);
        serves_datagrams(&pair.site);
        let over_ipv6 = answers(&pair.site, "http://[2001:db8::51]/", 4);
        assert_eq!(over_ipv6, set(&["real1", "real3"]));
        pair.stop_and_start_the_master(serves_by_mark);
        pair.switch_the_master_off(|site| {
            serves_by_mark(site);
            serves_datagrams(site);
        });
    });
}

/// Gives everything that comes for the two ports of the web the mark 7.
fn mark_the_web(director: &Host) {
    director.ok(["tc", "qdisc", "add", "dev", "eth0", "clsact"]);
    for port in ["80", "8080"] {
        let filter = ["tc", "filter", "add", "dev", "eth0", "ingress", "protocol", "ip", "flower"];
        let wanted = ["dst_ip", VIP, "ip_proto", "tcp", "dst_port", port];
        let words = filter.into_iter().chain(wanted);
        director.ok(words.chain(["action", "skbedit", "mark", "7"]));
    }
}

/// A client gets the same server for both ports, and not all clients get the same.
fn serves_by_mark(site: &Site) {
    let mut servers = BTreeSet::new();
    for last in 100..106 {
        let from = format!("192.0.2.{last}");
        let both = ["http://192.0.2.51/", "http://192.0.2.51:8080/"].map(|url| {
            let words = ["curl", "-sS", "--max-time", "10", "--interface", &from, url];
            site.client.ok(words).trim().to_owned()
        });
        assert_eq!(both[0], both[1], "one client, one server");
        servers.extend(both);
    }
    assert_eq!(servers, set(&ALL));
}

/// Each datagram is scheduled by itself: all of one client's port reach both servers.
fn serves_datagrams(site: &Site) {
    let ask = |_| site.client.ask_datagram("192.0.2.51:53", "who").expect("an answer");
    let datagrams: BTreeSet<String> = (0..4).map(ask).collect();
    assert_eq!(datagrams, set(&["real1: who", "real2: who"]));
}
