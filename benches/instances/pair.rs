//! A pair of directors with many virtual routers between them.

use std::thread;
use std::time::Duration;

use testkit::lab::{Capture, Daemon, Host, Lab, Program};

/// Generous: what has not happened by then does not happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// How long a pair is left alone before anything is measured.
const SETTLED: Duration = Duration::from_secs(3);
/// Virtual router ids end at 255.
const ON_ONE_LINK: usize = 250;

/// Director `a`, which is master of all, and `b`, their backup. Daemons come first: they end
/// before the lab.
pub(crate) struct Pair {
    pub(crate) master: Daemon,
    pub(crate) backup: Daemon,
    /// One for each segment.
    pub(crate) captures: Vec<Capture>,
    pub(crate) lab: Lab,
}

/// What a pair is started with.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    /// What its lab is called when it fails.
    pub(crate) label: &'static str,
    /// How many virtual routers there are; 250 share a link.
    pub(crate) instances: usize,
    /// The interval of their adverts, in seconds as it is written.
    pub(crate) interval: &'static str,
    /// How many addresses each has.
    pub(crate) addresses: usize,
    /// Whether the daemons run with `-D`.
    pub(crate) detail: bool,
    /// Whether adverts are captured too, which costs as much as receiving them.
    pub(crate) adverts: bool,
}

impl Setup {
    pub(crate) const fn total(&self) -> usize {
        self.instances * self.addresses
    }

    fn links(&self) -> usize {
        self.instances.div_ceil(ON_ONE_LINK)
    }
}

impl Pair {
    /// Starts the master, then the backup once all addresses are announced, and lets them settle.
    pub(crate) fn start(master: &Program, backup: &Program, setup: &Setup) -> Self {
        let lab = Lab::new(setup.label);
        let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
        let mut captures =
            vec![if setup.adverts { lab.capture() } else { lab.capture_announcements() }];
        for link in 1..setup.links() {
            // One virtual router id may stand once on a segment.
            let segment = lab.segment(&format!("segment{link}"));
            segment.join(&a, &format!("eth{link}"), &format!("198.51.{link}.1/24"));
            segment.join(&b, &format!("eth{link}"), &format!("198.51.{link}.2/24"));
            captures.push(segment.capture());
        }
        let start = |host: &Host, program: &Program, priority: u8| {
            let daemon = host.daemon(program);
            let daemon = if setup.detail { daemon } else { daemon.without_detail() };
            daemon.start(&configuration(priority, setup))
        };
        let master = start(&a, master, 200);
        lab.wait_until("a to announce all addresses", LIMIT, || {
            captures.iter().map(|capture| capture.announced_by("a")).sum::<usize>() == setup.total()
        });
        let backup = start(&b, backup, 100);
        lab.wait_until("b to be the backup of all", LIMIT, || {
            backup.log().count("Entering BACKUP STATE") >= setup.instances
        });
        thread::sleep(SETTLED);
        captures.iter().for_each(Capture::clear);
        Self { master, backup, captures, lab }
    }

    /// How often the backup has believed to be master.
    pub(crate) fn flaps(&self) -> usize {
        self.backup.log().count("Entering MASTER STATE")
    }
}

fn configuration(priority: u8, setup: &Setup) -> String {
    (0..setup.instances).map(|number| instance(number, priority, setup)).collect()
}

fn instance(number: usize, priority: u8, setup: &Setup) -> String {
    let (link, vrid) = (number / ON_ONE_LINK, number % ON_ONE_LINK + 1);
    let numbers = number * setup.addresses..(number + 1) * setup.addresses;
    let addresses: Vec<String> =
        numbers.map(|n| format!("10.99.{}.{}", n / 250, n % 250 + 1)).collect();
    format!(
        "vrrp_instance V{number} {{\n  state BACKUP\n  interface eth{link}\n  \
         virtual_router_id {vrid}\n  priority {priority}\n  version 3\n  advert_int {}\n  \
         virtual_ipaddress {{\n    {}\n  }}\n}}\n",
        setup.interval,
        addresses.join("\n    ")
    )
}
