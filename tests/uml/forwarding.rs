//! Sites whose directors are set up by hand with ipvsadm: the lab itself forwards packets, by all
//! three methods, and holds connections open. What a daemon does with them is for other tests.

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::guest;
use testkit::lab::Forward;
use testkit::site::{GATEWAY, Site};

const LIMIT: Duration = Duration::from_secs(25);
const VIP: &str = "192.0.2.51";
const VIP6: &str = "2001:db8::51";
const ALL: [&str; 3] = ["real1", "real2", "real3"];

/// Makes director `a` forward TCP and UDP of this port to all servers, in turn.
fn forward(site: &Site, vip: &str, servers: &str, port: u16, method: &str) {
    for protocol in ["-t", "-u"] {
        site.a.ipvsadm(&format!("-A {protocol} {vip}:{port} -s rr"));
        for last in 11..=13 {
            let server = servers.replace('#', &last.to_string());
            site.a.ipvsadm(&format!("-a {protocol} {vip}:{port} -r {server}:{port} {method}"));
        }
    }
}

/// Three requests in a row are answered by three servers.
fn answers(site: &Site, url: &str) -> BTreeSet<String> {
    (0..3).map(|_| site.client.get(url).unwrap_or_else(|why| site.lab.fail(&why))).collect()
}

fn all() -> BTreeSet<String> {
    ALL.map(str::to_owned).into()
}

#[test]
fn direct_routing_reaches_every_server_in_turn() {
    guest::run(|| {
        let site = Site::direct_routing("dr", &[VIP]);
        site.a.add_address("eth0", "192.0.2.51/32");
        forward(&site, VIP, "192.0.2.#", 80, "-g");
        let mut web = site.web_servers(80);
        assert_eq!(answers(&site, "http://192.0.2.51/test.html"), all());

        web[0].stop();
        assert!(site.a.get("http://192.0.2.11/").is_err());
        web[1].hang();
        assert!(site.a.get("http://192.0.2.12/").is_err());
        web[1].resume();
        web[0].start();
        web[2].remove("test.html");
        assert!(site.a.get("http://192.0.2.13/test.html").is_err_and(|why| why.contains("404")));
        assert_eq!(answers(&site, "http://192.0.2.51/"), all());
        site.lab.wait_until("the request to be written down", LIMIT, || {
            web[0].requests().contains(&"192.0.2.51 GET / HTTP/1.0 200 lab".to_owned())
        });
    });
}

#[test]
fn a_tunnel_reaches_every_server_in_turn_in_both_families() {
    guest::run(|| {
        let site = Site::tunnel("tun", &[VIP, VIP6]);
        site.a.add_address("eth0", "192.0.2.51/32");
        site.a.add_address("eth0", "2001:db8::51/128");
        forward(&site, VIP, "192.0.2.#", 80, "-i");
        forward(&site, "[2001:db8::51]", "[2001:db8::#]", 80, "-i");
        let _web = site.web_servers(80);
        assert_eq!(answers(&site, "http://192.0.2.51/"), all());
        assert_eq!(answers(&site, "http://[2001:db8::51]/"), all());
    });
}

#[test]
fn direct_routing_reaches_every_server_in_turn_over_ipv6() {
    guest::run(|| {
        let site = Site::direct_routing("dr6", &[VIP6]);
        site.a.add_address("eth0", "2001:db8::51/128");
        forward(&site, "[2001:db8::51]", "[2001:db8::#]", 80, "-g");
        let _web = site.web_servers(80);
        assert_eq!(answers(&site, "http://[2001:db8::51]/"), all());
    });
}

#[test]
fn nat_reaches_every_server_in_turn_and_keeps_a_connection_open() {
    guest::run(|| {
        let site = Site::nat("nat");
        site.a.add_address("eth0", "192.0.2.51/32");
        site.a.add_address("eth1", &format!("{GATEWAY}/24"));
        forward(&site, VIP, "10.0.0.#", 80, "-m");
        let _web = site.web_servers(80);
        assert_eq!(answers(&site, "http://192.0.2.51/"), all());

        forward(&site, VIP, "10.0.0.#", 7, "-m");
        let _echoes: Vec<_> = site.servers.iter().map(|server| server.echo_server(7)).collect();
        let mut held = site.client.converse("192.0.2.51:7").expect("a connection");
        let first = held.say("one").expect("an answer");
        let (name, _) = first.split_once(": ").expect("a name and the line");
        assert!(ALL.contains(&name), "{first}");
        assert_eq!(held.say("two").expect("an answer"), format!("{name}: two"));
        let table = site.a.ipvs();
        let service = table.service("TCP 192.0.2.51:7").expect("it was added");
        assert_eq!(service.servers.iter().map(|server| server.active).sum::<u32>(), 1);
        assert!(service.servers.iter().all(|server| server.forward == Forward::Masq));
        let datagram = site.client.ask_datagram("192.0.2.51:7", "three").expect("an answer");
        assert!(datagram.ends_with(": three"), "{datagram}");
    });
}
