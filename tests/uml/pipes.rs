//! What pipes are told of servers and services: every line of a life, under every kind of name,
//! and which pipe hears what.

use testkit::guest;
use testkit::lab::{Host, WebServer};
use testkit::site::Site;

use crate::director::{Director, QUICK, real, service};
use crate::support::{LIMIT, under_test};

const VIP: &str = "192.0.2.51";

/// A script that writes every line of its pipe into the file that its argument names.
fn reader(host: &Host) -> String {
    let body = format!("exec sed -u 99q <\"$2\" >>{}/\"$1\"", host.directory().display());
    host.script("reader", &body).display().to_string()
}

/// Pipes for everything, for VRRP and for load balancing, each with a reader.
fn globals(host: &Host) -> String {
    let reader = reader(host);
    let pipe = |name: &str| {
        let path = host.file(&format!("{name}.pipe"));
        let keyword = if name == "all" { String::new() } else { format!("{name}_") };
        format!(
            " {keyword}notify_fifo {}\n {keyword}notify_fifo_script \"{reader} {name}\"\n",
            path.display()
        )
    };
    let pipes = ["all", "vrrp", "lvs"].map(pipe).concat();
    let instance = "vrrp_instance VI_1 {\n state MASTER\n interface eth0\n virtual_router_id 51\n \
                    priority 100\n version 3\n advert_int 0.1\n virtual_ipaddress {\n 192.0.2.52\n \
                    }\n}\n";
    format!("global_defs {{\n script_user root\n{pipes}}}\n{instance}")
}

/// Two servers that have to pass a check before they serve; without `second` the other one only.
fn balanced(second: bool) -> String {
    let check = "TCP_CHECK {\n retry 0\n }";
    let servers = [(1, true), (2, second)];
    let servers = servers.map(|(number, there)| {
        if there { real(&format!("192.0.2.1{number} 80"), check) } else { String::new() }
    });
    service(80, &format!("{QUICK}\n delay_loop 1\n alpha\n omega"), &servers.concat())
}

/// Services that nobody checks, known by a mark and by a group; nobody is told of their end.
fn unchecked() -> String {
    let rest = "lb_algo rr\n lb_kind DR\n protocol TCP\n real_server 192.0.2.13 80 {\n }\n}\n";
    let group = format!("virtual_server_group many {{\n {VIP} 81\n}}\n");
    format!("{group}virtual_server fwmark 7 {{\n {rest}virtual_server group many {{\n {rest}")
}

impl Director {
    fn heard(&self, file: &str) -> Vec<String> {
        self.site.a.read(file).lines().map(str::to_owned).collect()
    }

    /// Insists that the pipe for load balancing has said this since the last call, in any order:
    /// checks of several servers come as they like.
    fn expect(&self, seen: &mut usize, wanted: &[&str]) {
        let lines = || self.heard("lvs").split_off(*seen);
        let what = format!("{wanted:?}");
        self.site.lab.wait_until(&what, LIMIT, || lines().len() >= wanted.len());
        let mut lines = lines();
        *seen += lines.len();
        lines.sort();
        assert_eq!(lines, wanted, "{}", self.site.lab.logs());
    }
}

const RS1: &str = "RS [192.0.2.11]:tcp:80 [192.0.2.51]:tcp:80";
const RS2: &str = "RS [192.0.2.12]:tcp:80 [192.0.2.51]:tcp:80";
const VS: &str = "VS [192.0.2.51]:tcp:80";

#[test]
fn pipes_hear_of_servers_and_services_as_long_as_the_daemon_runs() {
    guest::run(|| {
        let site = Site::direct_routing("pipes", &[VIP]);
        let mut web: Vec<WebServer> = site.web_servers(80);
        let globals = globals(&site.a);
        let all = format!("{globals}{}{}", balanced(true), unchecked());
        let mut director = Director::start(site, &all);
        let seen = &mut 0;
        let up = |name: &str| format!("{name} UP");
        let down = |name: &str| format!("{name} DOWN");
        director.expect(seen, &[&up(RS1), &up(RS2), "VS FWM 7 UP", &up(VS), "VS [many]:0 UP"]);
        web[0].stop();
        director.expect(seen, &[&down(RS1)]);
        web[1].stop();
        director.expect(seen, &[&down(RS2), &down(VS)]);
        web[0] = director.site.servers[0].web_server(80, "real1");
        director.expect(seen, &[&up(RS1), &up(VS)]);
        web[1] = director.site.servers[1].web_server(80, "real2");
        director.expect(seen, &[&up(RS2)]);

        director.daemon.reload(&format!("{globals}{}{}", balanced(false), unchecked()));
        director.expect(seen, &[&down(RS2)]);
        assert!(director.daemon.stop().success());
        if under_test().is_ours() {
            // keepalived ends the reader before it writes the last lines.
            director.expect(seen, &[&down(RS1), &down(VS)]);
        }

        let mut lvs = director.heard("lvs");
        let mut all = director.heard("all");
        let vrrp = director.heard("vrrp");
        assert!(lvs.iter().all(|line| line.starts_with("RS ") || line.starts_with("VS ")));
        assert!(vrrp.contains(&"INSTANCE \"VI_1\" MASTER 100".to_owned()), "{vrrp:?}");
        assert!(vrrp.iter().all(|line| line.starts_with("INSTANCE ")), "{vrrp:?}");
        lvs.extend(vrrp);
        lvs.sort();
        all.sort();
        assert_eq!(all, lvs);
        for name in ["all", "vrrp", "lvs"] {
            assert!(!director.site.a.file(&format!("{name}.pipe")).exists(), "{name}");
        }
    });
}

/// Servers that are in service from the start are told of where that is wanted, before their service.
#[test]
fn servers_that_nobody_has_checked_yet_are_told_of_if_that_is_wanted() {
    guest::run(|| {
        let site = Site::direct_routing("init", &[VIP]);
        let lvs = |wish: &str| {
            let pipe = site.a.file("lvs.pipe").display().to_string();
            let script = format!("lvs_notify_fifo_script \"{} lvs\"", reader(&site.a));
            format!(
                "global_defs {{\n script_user root\n {wish}\n lvs_notify_fifo {pipe}\n {script}\n}}\n"
            )
        };
        let told = site.a.file("told");
        let script = site.a.script("up", &format!("echo \"$1\" >>{}", told.display()));
        let server = |last: u8| {
            let check = "TCP_CHECK {\n retry 0\n }";
            let up = format!("notify_up \"{} {last}\"", script.display());
            real(&format!("192.0.2.{last} 80"), &format!("{up}\n {check}"))
        };
        let servers = [server(11), server(12)].concat();
        let head = lvs("rs_init_notifies");
        let late = format!("{QUICK}\n delay_loop 60").replace("warmup 0", "warmup 60");
        let two = format!("{head}{}", service(80, &late, &servers));
        let mut director = Director::start(site, &two);
        let in_order = |count: usize| {
            let lab = &director.site.lab;
            lab.wait_until(&format!("{count} lines"), LIMIT, || {
                director.heard("lvs").len() >= count
            });
            director.heard("lvs")
        };
        let mut wanted = [RS1, RS2, VS].map(|name| format!("{name} UP")).to_vec();
        assert_eq!(in_order(3), wanted, "{}", director.site.lab.logs());
        let told = || director.site.a.read("told");
        director.site.lab.wait_until("both scripts", LIMIT, || told().lines().count() == 2);
        let three = format!("{head}{}", service(80, &late, &(servers.clone() + &server(13))));
        director.daemon.reload(&three);
        wanted.push("RS [192.0.2.13]:tcp:80 [192.0.2.51]:tcp:80 UP".to_owned());
        assert_eq!(in_order(4), wanted, "{}", director.site.lab.logs());
        assert!(director.daemon.stop().success());
    });
}
