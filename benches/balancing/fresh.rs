//! A director whose kernel has never had a service: the host is made for one run. The kernel keeps
//! removed destinations for minutes and searches them, which would slow later runs down.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use testkit::lab::{Daemon, Host, Lab, Program};

use crate::table::Table;
use crate::virtual_servers::{ROUTE, Size};

/// Generous: what has not happened by then does not happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_micros(500);

/// A running daemon with what is needed to look at it. The daemon ends before the lab.
pub(crate) struct Fresh {
    pub(crate) daemon: Daemon,
    pub(crate) table: Table,
    pub(crate) host: Host,
    pub(crate) lab: Lab,
    /// From the program's first moment to the last destination in the table.
    pub(crate) started: Duration,
}

/// Times since the signal.
pub(crate) struct Stop {
    /// `None` when destinations stayed in the table.
    pub(crate) emptied: Option<Duration>,
    pub(crate) ended: Duration,
    /// Destinations in the table when the process had ended.
    pub(crate) left: usize,
}

impl Fresh {
    /// Starts the program and waits until the table is full.
    pub(crate) fn start(label: &str, program: &Program, size: Size) -> Self {
        let lab = Lab::new(label);
        let host = lab.host("a", "192.0.2.1/24");
        // No default route: questions to name servers fail at once.
        host.ok(["ip", "route", "add", ROUTE, "via", "192.0.2.254"]);
        let table = Table::of(&host);
        let daemon = host.daemon(program).start(&size.configuration());
        let start = first_moment(&daemon, program);
        let Some(started) = table.fill(size, start, LIMIT) else {
            lab.fail("the table was not filled")
        };
        Self { daemon, table, host, lab, started }
    }

    /// Asks for an orderly stop and sees it through.
    pub(crate) fn stop(&mut self) -> Stop {
        let start = Instant::now();
        self.daemon.term();
        let (mut emptied, mut ended) = (None, None);
        while ended.is_none() && start.elapsed() < LIMIT {
            if emptied.is_none() {
                emptied = self.table.wait(start, LOOK_EVERY, str::is_empty);
            }
            if !self.daemon.process().is_running() {
                ended = Some(start.elapsed());
            }
            thread::sleep(LOOK_EVERY);
        }
        let Some(ended) = ended else { self.lab.fail("the daemon did not stop") };
        let left = self.table.destinations();
        emptied = emptied.or_else(|| (left == 0).then_some(ended));
        Stop { emptied, ended, left }
    }
}

/// When the process that enters the host's namespace becomes the program itself.
fn first_moment(daemon: &Daemon, program: &Program) -> Instant {
    let path = program.path().as_os_str().as_encoded_bytes();
    let line = format!("/proc/{}/cmdline", daemon.pid());
    while !fs::read(&line).is_ok_and(|words| words.starts_with(path)) {
        thread::sleep(LOOK_EVERY);
    }
    Instant::now()
}
