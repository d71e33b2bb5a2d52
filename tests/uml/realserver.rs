//! `examples/realserver`: what it changes, that it never answers ARP, and that it undoes everything.

use testkit::guest;
use testkit::lab::{Delivery, Host, Lab};

/// What `Host::realserver` writes.
const FILE: &str = "site.conf";
const SETTINGS: [&str; 2] = ["net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.all.arp_announce"];

fn settings(host: &Host) -> [String; 2] {
    SETTINGS.map(|key| host.sysctl(key))
}

fn answers_arp(client: &Host, vip: &str) -> bool {
    client.run(["ip", "neigh", "flush", "all"]);
    client.run(["ping", "-c", "1", "-W", "1", vip]).code == Some(0)
}

#[test]
fn a_real_server_holds_its_addresses_in_silence_and_leaves_no_trace() {
    guest::run(|| {
        let lab = Lab::new("realserver");
        let (client, real) = (lab.host("client", "192.0.2.10/24"), lab.host("r", "192.0.2.11/24"));
        real.enable_ipv6();
        real.set_sysctl("net.ipv4.conf.all.arp_announce", "1");
        let before = settings(&real);
        real.add_address("lo", "192.0.2.51/32");
        assert!(answers_arp(&client, "192.0.2.51"), "without the script it answers");
        real.remove_address("lo", "192.0.2.51/32");

        for _ in 0..2 {
            real.realserver(Delivery::DirectRouting, &["192.0.2.51", "2001:db8::51"]);
            assert!(real.holds("192.0.2.51") && real.holds("2001:db8::51"));
            assert_eq!(settings(&real), ["1", "2"]);
        }
        assert!(!answers_arp(&client, "192.0.2.51"));
        assert_eq!(real.realserver_script("status", FILE).code, Some(0));

        real.remove_address("lo", "192.0.2.51/32");
        let status = real.realserver_script("status", FILE);
        assert_eq!((status.code, &*status.stdout), (Some(3), "192.0.2.51 is not on lo\n"));
        for _ in 0..2 {
            assert_eq!(real.realserver_script("stop", FILE).code, Some(0));
            assert!(!real.holds("192.0.2.51") && !real.holds("2001:db8::51"));
            assert_eq!(settings(&real), before);
        }
    });
}

#[test]
fn a_setting_goes_back_when_the_last_instance_that_needs_it_stops() {
    guest::run(|| {
        let lab = Lab::new("instances");
        let real = lab.host("r", "192.0.2.11/24");
        let before = settings(&real);
        for (file, vip) in [("one.conf", "192.0.2.51"), ("two.conf", "192.0.2.52")] {
            real.write(file, &format!("METHOD=DR\nVIPS={vip}\n"));
            assert_eq!(real.realserver_script("start", file).code, Some(0));
        }
        assert_eq!(real.realserver_script("stop", "one.conf").code, Some(0));
        assert!(!real.holds("192.0.2.51") && real.holds("192.0.2.52"));
        assert_eq!(settings(&real), ["1", "2"]);
        assert_eq!(real.realserver_script("stop", "two.conf").code, Some(0));
        assert_eq!(settings(&real), before);
    });
}

#[test]
fn a_tunnel_end_is_set_up_and_taken_down() {
    guest::run(|| {
        let lab = Lab::new("tunnel");
        let real = lab.host("r", "192.0.2.11/24");
        let up = || real.ok(["ip", "-o", "link", "show", "tunl0"]).contains(",UP");
        real.realserver(Delivery::Tunnel, &["192.0.2.51"]);
        assert!(real.addresses().iter().any(|held| held.link == "tunl0" && held.prefix == 32));
        assert!(up());
        assert_eq!(real.sysctl("net.ipv4.conf.tunl0.rp_filter"), "2");
        assert_eq!(real.realserver_script("stop", FILE).code, Some(0));
        assert!(!up() && !real.holds("192.0.2.51"));
    });
}

#[test]
fn what_cannot_be_understood_is_refused_with_a_reason() {
    guest::run(|| {
        let lab = Lab::new("refused");
        let real = lab.host("r", "192.0.2.11/24");
        let cases = [
            ("VIPS=192.0.2.51", "METHOD is missing; it is DR or TUN"),
            ("METHOD=NAT VIPS=192.0.2.51", "METHOD=NAT; it is DR or TUN"),
            ("METHOD=DR", "VIPS is missing; it lists the virtual addresses"),
            ("METHOD=DR VIPS=192.0.2.51/32", "192.0.2.51/32: leave the prefix length out"),
            ("METHOD=DR VIPS=www", "www is not an address"),
        ];
        for (text, reason) in cases {
            real.write(FILE, text);
            let done = real.realserver_script("start", FILE);
            assert_eq!(done.code, Some(2), "{text}: {}", done.text());
            assert!(done.stderr.contains(reason), "{}", done.stderr);
        }
        assert_eq!(real.realserver_script("restart", FILE).code, Some(2));
        assert!(real.addresses().iter().all(|address| address.link != "lo" || address.prefix == 8));
    });
}
