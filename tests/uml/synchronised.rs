//! Two directors with a kernel each, on one segment with a client and two real servers: what a
//! client has open outlives the director that forwards it, as its successor has been told of it.
//!
//! The directors are guests; everybody else is in namespaces of the machine that runs the test.

use std::thread;
use std::time::Duration;

use testkit::guest::Machine;
use testkit::lab::{Conversation, Delivery, EchoServer, Host, Lab};

use crate::support::under_test;

const VIP: &str = "192.0.2.51";
const SERVICE: &str = "192.0.2.51:7";
const CONF: &str = "/run/keepalived.conf";
const LOG: &str = "/run/keepalived.log";
/// The kernel gathers what it tells the other director for up to two seconds, and the machine that
/// runs the test may be busy.
const LIMIT: Duration = Duration::from_secs(40);
/// The kernel tells of a connection with its third packet.
const LINES: u32 = 3;

/// A director, and who runs on it.
struct Director {
    machine: Machine,
    group: String,
    configuration: String,
}

impl Director {
    fn boot(lab: &Lab, name: &str, address: &str, configuration: String) -> Self {
        let mut machine = Machine::boot(lab, name, address);
        machine.write(CONF, &configuration);
        let mut director = Self { machine, group: String::new(), configuration };
        director.start();
        director
    }

    fn start(&mut self) {
        let program = under_test();
        let path = program.path().to_string_lossy();
        self.group = self.machine.start(&[&*path, "-n", "-l", "-D", "-f", CONF], LOG);
    }

    /// All of the daemon at once; addresses and services stay.
    fn kill_9(&mut self) {
        self.machine.ok(&["env", "kill", "-9", "--", &format!("-{}", self.group)]);
    }

    fn holds_the_address(&mut self) -> bool {
        self.machine.ok(&["ip", "-o", "addr"]).contains(VIP)
    }

    /// Which way it synchronises: `master` or `backup`.
    fn synchronises(&mut self, way: &str) -> bool {
        let text = self.machine.ok(&["ipvsadm", "-L", "--daemon"]);
        let mut daemons = text.lines().filter(|line| line.contains("sync daemon"));
        daemons.next().is_some_and(|line| line.starts_with(way)) && daemons.next().is_none()
    }

    /// Whether its kernel knows an established connection of the client from this port.
    fn knows(&mut self, port: u16) -> bool {
        let text = self.machine.ok(&["ipvsadm", "-Lnc"]);
        let client = format!("192.0.2.10:{port}");
        text.lines().any(|line| line.contains(&client) && line.contains("ESTABLISHED"))
    }

    fn account(&mut self) -> String {
        if !self.machine.is_on() {
            return "switched off".to_owned();
        }
        let asked = [&["ip", "-br", "addr"][..], &["ipvsadm", "-Ln"], &["ipvsadm", "-Lnc"]];
        let mut account: Vec<String> =
            asked.map(|words| self.machine.run(words).stdout).into_iter().collect();
        account.push(self.machine.read(LOG));
        format!("{}\n{}", self.configuration, account.join("\n"))
    }
}

/// The whole site. The directors end before the lab.
struct Site {
    a: Director,
    b: Director,
    client: Host,
    _echoes: Vec<EchoServer>,
    lab: Lab,
}

impl Site {
    fn build(label: &str, synchronisation: &str) -> Self {
        let lab = Lab::new(label);
        let client = lab.host("client", "192.0.2.10/24");
        let servers = [11, 12].map(|last| {
            let server = lab.host(&format!("real{}", last - 10), &format!("192.0.2.{last}/24"));
            server.realserver(Delivery::DirectRouting, &[VIP]);
            server
        });
        let echoes = servers.iter().map(|server| server.echo_server(7)).collect();
        let of = |state: &str, priority| configuration(synchronisation, state, priority);
        let a = Director::boot(&lab, "a", "192.0.2.1/24", of("MASTER", 100));
        let b = Director::boot(&lab, "b", "192.0.2.2/24", of("BACKUP", 99));
        Self { a, b, client, _echoes: echoes, lab }
    }

    fn wait_until(
        &mut self,
        what: &str,
        mut holds: impl FnMut(&mut Director, &mut Director) -> bool,
    ) {
        let start = std::time::Instant::now();
        while !holds(&mut self.a, &mut self.b) {
            if start.elapsed() > LIMIT {
                let accounts = [self.a.account(), self.b.account()];
                self.lab.fail(&format!("no {what}\n{}", accounts.join("\n----\n")));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// One director; both have the same service.
fn configuration(synchronisation: &str, state: &str, priority: u8) -> String {
    format!(
        "global_defs {{\n {synchronisation}\n}}\n\
         vrrp_instance VI_1 {{\n state {state}\n interface eth0\n virtual_router_id 51\n \
         priority {priority}\n advert_int 1\n virtual_ipaddress {{\n {VIP}\n }}\n}}\n\
         virtual_server {VIP} 7 {{\n lb_algo rr\n lb_kind DR\n protocol TCP\n \
         real_server 192.0.2.11 7 {{\n TCP_CHECK {{\n connect_timeout 3\n }}\n }}\n \
         real_server 192.0.2.12 7 {{\n TCP_CHECK {{\n connect_timeout 3\n }}\n }}\n}}\n"
    )
}

/// A client's connection with the name of the server behind it.
struct Held {
    conversation: Conversation,
    server: String,
}

impl Held {
    fn open(client: &Host) -> Self {
        let mut conversation = client.converse(SERVICE).expect("a connection");
        let answer = conversation.say("who").expect("an answer");
        let server = answer.split(':').next().unwrap_or_default().to_owned();
        let mut held = Self { conversation, server };
        (0..LINES).for_each(|number| held.goes_on(&format!("line {number}")));
        held
    }

    fn port(&self) -> u16 {
        self.conversation.port()
    }

    fn goes_on(&mut self, line: &str) {
        let answer = self.conversation.say(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(answer, format!("{}: {line}", self.server));
    }
}

#[test]
fn open_connections_outlive_their_director_and_its_return() {
    let mut site = Site::build("sync", "lvs_sync_daemon eth0 VI_1");
    site.wait_until("roles", |a, b| {
        a.holds_the_address() && a.synchronises("master") && b.synchronises("backup")
    });
    let mut held = [Held::open(&site.client), Held::open(&site.client)];
    assert_ne!(held[0].server, held[1].server, "in turn");
    let ports = held.each_ref().map(Held::port);
    site.wait_until("connections told to b", |_, b| ports.iter().all(|port| b.knows(*port)));

    // The daemon alone: its machine keeps the address and the services.
    site.a.kill_9();
    site.wait_until("takeover", |_, b| b.holds_the_address() && b.synchronises("master"));
    held.iter_mut().for_each(|one| one.goes_on("without its daemon"));

    site.a.start();
    site.wait_until("return", |a, b| {
        a.synchronises("master") && b.synchronises("backup") && !b.holds_the_address()
    });
    held.iter_mut().for_each(|one| one.goes_on("after its return"));
    // One that was opened meanwhile too.
    let mut last = Held::open(&site.client);
    let port = last.port();
    site.wait_until("connection told to b", |_, b| b.knows(port));

    site.a.machine.power_off();
    site.wait_until("takeover", |_, b| b.holds_the_address() && b.synchronises("master"));
    held.iter_mut().for_each(|one| one.goes_on("without its machine"));
    last.goes_on("without its machine");
}
