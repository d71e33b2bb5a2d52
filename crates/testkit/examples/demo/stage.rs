//! The site with everything that runs on it, and looking at it: who has the addresses, what the
//! tables hold. Decides how a director is started and when it counts as master; what is done to
//! it is for the acts.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use testkit::lab::{Capture, Daemon, EchoServer, Host, IpvsTable, Process, Program, WebServer};
use testkit::site::Site;

use crate::clients::Clients;
use crate::table::{FILES, MAIL, SERVICES, Service, WEB};
use crate::timeline::Timeline;

/// What has not happened by then does not happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);
/// Between two looks, each of which runs a program.
const PAUSE: Duration = Duration::from_millis(40);
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/balanced");

/// Everything on one segment. What ends first comes first; the lab comes last.
pub(crate) struct Stage {
    pub(crate) clients: Clients,
    _lines: Vec<EchoServer>,
    pub(crate) web: Vec<WebServer>,
    pub(crate) a: Director,
    pub(crate) b: Director,
    pub(crate) capture: Capture,
    pub(crate) site: Site,
}

/// A host, the daemon that runs there, and the kernel's news about its addresses.
pub(crate) struct Director {
    pub(crate) host: Host,
    pub(crate) daemon: Daemon,
    news: Process,
    program: Program,
    configuration: String,
}

impl Stage {
    /// Builds the site and starts both directors with the example.
    pub(crate) fn start(program: &Program, timeline: &Timeline) -> Self {
        let site = Site::direct_routing("demo", &SERVICES.map(|service| service.vip));
        let capture = site.lab.capture();
        let web = site.web_servers(WEB.port);
        let ports = [&MAIL, &FILES].map(|service| service.port);
        let lines =
            site.servers.iter().flat_map(|server| ports.map(|port| server.echo_server(port)));
        let lines = lines.collect();
        timeline.tell("site", "web is nginx; mail and files answer lines");
        let [a, b] = [&site.a, &site.b].map(|host| {
            let director = Director::start(host, program);
            timeline.tell("start", &format!("keepalived on {}", director.name()));
            director
        });
        let clients = Clients::new(&site.client);
        Self { clients, _lines: lines, web, a, b, capture, site }
    }

    /// Waits until one director has all addresses and the other none, and tells so.
    pub(crate) fn wait_for_master(&self, name: &str, timeline: &Timeline) {
        let (on, off) = if name == "a" { (&self.a, &self.b) } else { (&self.b, &self.a) };
        self.wait_until(&format!("all addresses on {name} only"), || {
            on.held().len() == SERVICES.len() && off.held().is_empty()
        });
        timeline.tell("master", &format!("{name}: it has {}", on.held().join(" ")));
    }

    /// Waits until all clients get answers.
    pub(crate) fn wait_for_clients(&self) {
        self.wait_until("answers for all clients", || self.clients.are_served());
    }

    /// Waits until the service has so many servers on both directors; how long it took on each.
    pub(crate) fn wait_for_servers(&self, service: &Service, count: usize) -> [Duration; 2] {
        let start = Instant::now();
        let mut took = [None; 2];
        self.wait_until(&format!("{count} servers for {} on both", service.what), || {
            for (director, took) in [&self.a, &self.b].into_iter().zip(&mut took) {
                if took.is_none() && service.servers(&director.table()).len() == count {
                    *took = Some(start.elapsed());
                }
            }
            took.iter().all(Option::is_some)
        });
        took.map(Option::unwrap_or_default)
    }

    /// Looks again and again until it is so; how long that took.
    ///
    /// # Panics
    /// When it does not come; the text carries all logs.
    pub(crate) fn wait_until(&self, what: &str, mut holds: impl FnMut() -> bool) -> Duration {
        self.site.lab.wait_until(what, LIMIT, || {
            let holds = holds();
            if !holds {
                thread::sleep(PAUSE);
            }
            holds
        })
    }
}

impl Director {
    fn start(host: &Host, program: &Program) -> Self {
        let file = Path::new(EXAMPLE).join(format!("director-{}.conf", host.name()));
        let configuration = fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("demo: cannot read {}: {error}", file.display()));
        let news = host.spawn("ip monitor", ["ip", "monitor", "address"]);
        let daemon = host.daemon(program).start(&configuration);
        Self { host: host.clone(), daemon, news, program: program.clone(), configuration }
    }

    /// Starts the daemon again after its end.
    pub(crate) fn start_again(&mut self) {
        self.daemon = self.host.daemon(&self.program).start(&self.configuration);
    }

    /// The same, with adverts in another rhythm from now on.
    pub(crate) fn start_faster(&mut self) {
        self.configuration = faster(&self.configuration);
        self.start_again();
    }

    pub(crate) fn name(&self) -> &str {
        self.host.name()
    }

    /// Which of the virtual addresses it has.
    pub(crate) fn held(&self) -> Vec<String> {
        let addresses = self.host.addresses().into_iter().map(|address| address.ip.to_string());
        addresses.filter(|ip| SERVICES.iter().any(|service| service.vip == ip)).collect()
    }

    /// Its IPVS table.
    pub(crate) fn table(&self) -> IpvsTable {
        self.host.ipvs()
    }

    /// How many changes of addresses the kernel has told of so far.
    pub(crate) fn changes(&self) -> usize {
        self.news.log().text().lines().count()
    }

    /// Whether nothing is left of a daemon that has ended.
    pub(crate) fn is_clean(&self) -> bool {
        self.held().is_empty() && self.table().services.is_empty()
    }
}

/// What `examples/fast-pair` has instead: version 3, an advert every 100 ms, no authentication.
fn faster(configuration: &str) -> String {
    let (head, rest) = configuration.split_once("authentication {").expect("a PASS example");
    let (_, tail) = rest.split_once('}').expect("its end");
    assert!(head.contains("advert_int 1\n"), "demo: the example has another interval");
    head.replace("advert_int 1\n", "version 3\n    advert_int 0.1\n") + tail
}
