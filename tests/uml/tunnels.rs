//! Every encapsulation that the kernel of a guest has, with packets through it, in both families,
//! and all three methods behind one service. The servers' ends are what operators set up with `ip`.

use std::collections::BTreeSet;

use testkit::guest;
use testkit::lab::Host;
use testkit::site::Site;

use crate::director::Director;
use crate::support::LIMIT;

const VIP: &str = "192.0.2.51";
const VIP6: &str = "2001:db8::51";
const GUE_PORT: &str = "5555";
const ALL: [&str; 3] = ["real1", "real2", "real3"];

/// Makes a server take packets out of any tunnel: IP in IP, GUE, GRE, and IPv6 in IPv4.
fn open_tunnels(server: &Host) {
    for module in ["ipip", "ip6_tunnel", "sit", "fou", "fou6", "ip_gre", "ip6_gre"] {
        server.ok(["modprobe", module]);
    }
    for link in ["tunl0", "ip6tnl0", "sit0", "gre0", "ip6gre0"] {
        server.ok(["ip", "link", "set", link, "up"]);
        if !link.contains('6') {
            // What comes out of a tunnel goes back another way.
            server.set_sysctl(&format!("net.ipv4.conf.{link}.rp_filter"), "0");
        }
    }
    for family in ["-4", "-6"] {
        server.ok(["ip", family, "fou", "add", "port", GUE_PORT, "gue"]);
    }
}

/// How a server is reached: in the configuration, and as `ipvsadm -S` shows it.
type Method = (&'static str, &'static str);

const DR: Method = ("DR", "-g");
const NAT: Method = ("NAT", "-m");
const IPIP: Method = ("TUN type ipip", "-i --tun-type ipip");
const GUE: Method = ("TUN type gue port 5555", "-i --tun-type gue --tun-port 5555 --tun-nocsum");
const GUE_CSUM: Method =
    ("TUN type gue port 5555 csum", "-i --tun-type gue --tun-port 5555 --tun-csum");
const GUE_REMCSUM: Method =
    ("TUN type gue port 5555 remcsum", "-i --tun-type gue --tun-port 5555 --tun-remcsum");
const GRE: Method = ("TUN type gre", "-i --tun-type gre --tun-nocsum");
const GRE_CSUM: Method = ("TUN type gre csum", "-i --tun-type gre --tun-csum");

/// The addresses of the servers of either family, but for the last digit.
const FOUR: &str = "192.0.2.1";
const SIX: &str = "2001:db8::1";

/// Both addresses of the site with the servers that stand behind them.
struct Step {
    methods: [Method; 3],
    /// Where the servers of the IPv6 address are.
    six: &'static str,
}

const STEPS: [Step; 5] = [
    Step { methods: [IPIP, GUE, GRE], six: SIX },
    Step { methods: [GRE_CSUM, GUE_CSUM, IPIP], six: SIX },
    Step { methods: [GUE, GRE, GUE_REMCSUM], six: SIX },
    // IPv6 in tunnels to servers of IPv4.
    Step { methods: [IPIP, GUE, GRE], six: FOUR },
    Step { methods: [DR, GUE, NAT], six: SIX },
];

impl Step {
    fn places(&self) -> [(&'static str, &'static str); 2] {
        [(VIP, FOUR), (VIP6, self.six)]
    }

    fn configuration(&self) -> String {
        let mut text = String::new();
        for (vip, place) in self.places() {
            for protocol in ["TCP", "UDP"] {
                text += &format!("virtual_server {vip} 7 {{\n lb_algo rr\n protocol {protocol}\n");
                for ((words, _), last) in self.methods.iter().zip(1..) {
                    text += &format!(" real_server {place}{last} 7 {{\n lvs_method {words}\n }}\n");
                }
                text += "}\n";
            }
        }
        text
    }

    /// All destinations as `ipvsadm -S` shows them.
    fn shown(&self) -> BTreeSet<String> {
        let mut shown = BTreeSet::new();
        for (vip, place) in self.places() {
            for protocol in ["-t", "-u"] {
                for ((_, options), last) in self.methods.iter().zip(1..) {
                    let (how, tunnel) = options.split_once(' ').unwrap_or((options, ""));
                    let server = bracketed(&format!("{place}{last}"));
                    let line = format!(
                        "-a {protocol} {}:7 -r {server}:7 {how} -w 1 {tunnel}",
                        bracketed(vip)
                    );
                    shown.insert(line.trim().to_owned());
                }
            }
        }
        shown
    }
}

fn bracketed(ip: &str) -> String {
    if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() }
}

fn destinations(host: &Host) -> BTreeSet<String> {
    let saved = host.ok(["ipvsadm", "-Sn"]);
    let lines = saved.lines().filter(|line| line.starts_with("-a"));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// What has checksums in GRE is taken only by a tunnel that is made for it, and such a tunnel takes
/// nothing else.
fn open_checked_gre(server: &Host) {
    for (kind, from, to) in
        [("gre", "192.0.2.1", "192.0.2.11"), ("ip6gre", "2001:db8::1", "2001:db8::11")]
    {
        let link = format!("{kind}1");
        let add = ["ip", "link", "add", &link, "up", "type", kind];
        server.ok(add.iter().chain(&["remote", from, "local", to, "icsum"]));
    }
    server.set_sysctl("net.ipv4.conf.gre1.rp_filter", "0");
}

/// Answers to what was translated have to come back through the director, and no others: it
/// takes none that seem to come from itself.
fn prepare_translation(site: &Site) {
    site.a.forwards();
    site.a.set_sysctl("net.ipv4.conf.all.send_redirects", "0");
    let last = &site.servers[2];
    last.set_sysctl("net.ipv6.conf.eth0.accept_redirects", "0");
    for (family, from, client, way) in [
        ("-4", "192.0.2.13", "192.0.2.10/32", "192.0.2.1"),
        ("-6", "2001:db8::13", "2001:db8::10/128", "2001:db8::1"),
    ] {
        last.ok(["ip", family, "rule", "add", "from", from, "table", "7"]);
        last.ok(["ip", family, "route", "add", client, "via", way, "table", "7"]);
    }
}

#[test]
fn packets_go_through_every_tunnel_and_beside_it() {
    guest::run(|| {
        let site = Site::tunnel("tunnels", &[VIP, VIP6]);
        site.a.add_address("eth0", &format!("{VIP6}/128"));
        site.servers.iter().for_each(open_tunnels);
        open_checked_gre(&site.servers[0]);
        prepare_translation(&site);
        let _echoes: Vec<_> = site.servers.iter().map(|server| server.echo_server(7)).collect();
        let director = Director::start(site, &STEPS[0].configuration());
        for step in &STEPS {
            director.daemon.reload(&step.configuration());
            let (lab, wanted) = (&director.site.lab, step.shown());
            let what = format!("{wanted:#?}, not {:#?}", destinations(&director.site.a));
            lab.wait_until(&what, LIMIT, || destinations(&director.site.a) == wanted);
            expect_all(&director.site, step);
        }
    });
}

/// Each server answers over both protocols and both families, also to more than a packet can hold
/// beside the headers of a tunnel.
fn expect_all(site: &Site, step: &Step) {
    let methods = step.methods.map(|(words, _)| words);
    let all: BTreeSet<String> = ALL.map(str::to_owned).into();
    let long = "x".repeat(3000);
    for (vip, place) in step.places() {
        let to = format!("{}:7", bracketed(vip));
        let name = |answer: String| answer.split(':').next().unwrap_or_default().to_owned();
        let converse = |_| {
            let said = site.client.converse(&to).and_then(|mut one| {
                one.say(&long)?;
                one.say("who")
            });
            said.map(name).unwrap_or_else(|why| format!("{why}"))
        };
        let ask = |_| {
            let said = site.client.ask_datagram(&to, "who");
            said.map(name).unwrap_or_else(|why| format!("{why}"))
        };
        let connections: BTreeSet<String> = (0..3).map(converse).collect();
        assert_eq!(connections, all, "{to} by {methods:?} at {place}N: connections");
        let datagrams: BTreeSet<String> = (0..3).map(ask).collect();
        assert_eq!(datagrams, all, "{to} by {methods:?} at {place}N: datagrams");
    }
}
