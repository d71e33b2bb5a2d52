//! The three hosts, and looking at them: who holds the addresses, who answers the client, whose
//! hardware address the client has noted. Decides how a director is started and when it counts
//! as settled; what is done to it is for the acts.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use testkit::lab::{Capture, Daemon, Host, Lab, Process, Program};

use crate::timeline::Timeline;
use crate::visitor::{Service, Visitor};

/// What has not happened by then does not happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);
/// The addresses of both examples.
pub(crate) const ADDRESSES: [&str; 3] = ["192.0.2.51", "192.0.2.52", "192.0.2.53"];
const VISITED: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 51);
const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

/// Everything on one segment. What ends first comes first; the lab comes last.
pub(crate) struct Site {
    pub(crate) visitor: Visitor,
    _services: [Service; 2],
    pub(crate) a: Director,
    pub(crate) b: Director,
    client: Host,
    pub(crate) capture: Capture,
    pub(crate) lab: Lab,
}

/// A host, the daemon that runs there, and the kernel's news about its addresses.
pub(crate) struct Director {
    pub(crate) host: Host,
    pub(crate) daemon: Daemon,
    news: Process,
    program: Program,
    configuration: String,
}

impl Site {
    /// Builds the segment and starts both directors with an example's configuration.
    pub(crate) fn start(program: &Program, example: &str, timeline: &Timeline) -> Self {
        let lab = Lab::new("demo");
        let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
        let client = lab.host("client", "192.0.2.10/24");
        let capture = lab.capture();
        let services = [Service::start(&a), Service::start(&b)];
        let start = |host: Host| {
            let file =
                Path::new(EXAMPLES).join(example).join(format!("director-{}.conf", host.name()));
            let director = Director::start(host, program, &file);
            // One after the other: their first timers are hardly apart.
            director.daemon.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
            timeline.tell("start", &format!("keepalived on {}", director.host.name()));
            director
        };
        let (a, b) = (start(a), start(b));
        let visitor = Visitor::start(&client, VISITED);
        Self { visitor, _services: services, a, b, client, capture, lab }
    }

    /// Waits until one director has all addresses and the other none, and the client knows.
    pub(crate) fn wait_for_master(&self, name: &str) {
        let (on, off) = self.master_first(name);
        self.lab.wait_until(&format!("all addresses on {name} only"), LIMIT, || {
            on.held().len() == ADDRESSES.len() && off.held().is_empty()
        });
        self.wait_for_client(name);
    }

    /// Waits until the client is answered by this director.
    pub(crate) fn wait_for_client(&self, name: &str) {
        self.lab.wait_until(&format!("the client to be answered by {name}"), LIMIT, || {
            self.visitor.newest().is_some_and(|answer| answer.by == name)
        });
    }

    /// Tells which director has which addresses, and what the client sees.
    pub(crate) fn show(&self, timeline: &Timeline) {
        for director in [&self.a, &self.b] {
            let held = director.held();
            let held = if held.is_empty() { "none".to_owned() } else { held.join(" ") };
            timeline.tell("ip addr", &format!("{}: {held}", director.host.name()));
        }
        let answer = self.visitor.newest().map_or("nobody".to_owned(), |answer| answer.by);
        let text = format!("{VISITED} is answered by {answer}; {}", self.neighbour());
        timeline.tell("client", &text);
    }

    /// Whose hardware address the client sends to.
    fn neighbour(&self) -> String {
        let entry = self.client.ok(["ip", "neigh", "show", &VISITED.to_string()]);
        let owner = [&self.a, &self.b].into_iter().find(|at| entry.contains(&at.host.mac()));
        match owner {
            Some(director) => format!("its ARP entry is that of {}", director.host.name()),
            None => "it has no ARP entry".to_owned(),
        }
    }

    fn master_first(&self, name: &str) -> (&Director, &Director) {
        if self.a.host.name() == name { (&self.a, &self.b) } else { (&self.b, &self.a) }
    }
}

impl Director {
    fn start(host: Host, program: &Program, file: &PathBuf) -> Self {
        let configuration = fs::read_to_string(file)
            .unwrap_or_else(|error| panic!("demo: cannot read {}: {error}", file.display()));
        let news = host.spawn("ip monitor", ["ip", "monitor", "address"]);
        let daemon = host.daemon(program).start(&configuration);
        Self { host, daemon, news, program: program.clone(), configuration }
    }

    /// Starts the daemon again after its end.
    pub(crate) fn start_again(&mut self) {
        self.daemon = self.host.daemon(&self.program).start(&self.configuration);
    }

    /// Which of the addresses it has.
    pub(crate) fn held(&self) -> Vec<String> {
        let addresses = self.host.addresses().into_iter().map(|address| address.ip.to_string());
        addresses.filter(|ip| ADDRESSES.contains(&ip.as_str())).collect()
    }

    /// How many changes of addresses the kernel has told of so far.
    pub(crate) fn changes(&self) -> usize {
        self.news.log().lines().len()
    }

    /// Asks for a stop and waits for it; how long that took, and whether its status was good.
    pub(crate) fn stop(&mut self) -> (Duration, bool) {
        let start = Instant::now();
        let status = self.daemon.stop();
        (start.elapsed(), status.success())
    }
}
