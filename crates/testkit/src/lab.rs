//! A segment of real network namespaces in which real daemons run: ours or the original one.
//! Decides how labs are named, built and removed; nothing here knows what VRRP ought to do,
//! that is for the tests. Needs root, and says loudly which Debian package is missing.
//!
//! Every lab has names of its own (process id, start time of the process, counter), so labs of
//! several threads and several processes live side by side. A lab goes when it is dropped; when its
//! process is killed, a helper that waits at the end of a pipe removes it; and what both missed is
//! swept by the next lab on the machine.
//!
//! ```no_run
//! use std::time::Duration;
//! use testkit::lab::{Lab, Program};
//!
//! let lab = Lab::new("handover");
//! let (a, b) = (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"));
//! let capture = lab.capture();
//! let mut first = a.daemon(&Program::Original).start("vrrp_instance VI_1 { … }");
//! lab.wait_until("a to hold the address", Duration::from_secs(10), || a.holds("192.0.2.51"));
//! first.term();
//! assert!(capture.adverts().iter().any(|advert| advert.priority == 0));
//! # let _ = b;
//! ```

mod address;
mod capture;
mod daemon;
mod echo;
mod filter;
mod forged;
mod frame;
mod frr;
mod haproxy;
mod host;
mod http;
mod ipvs;
mod ipvs_writes;
mod log;
mod manners;
pub(crate) mod names;
mod netlink;
mod network;
mod packages;
mod process;
mod program;
mod realserver;
pub(crate) mod reaper;
pub(crate) mod run;
mod scheduling;
mod segment;
mod switch;
mod syslog;
mod takeover;
#[cfg(test)]
mod tests;
mod usage;
mod web;

pub use address::Address;
pub use capture::Capture;
pub use daemon::{Daemon, DaemonBuilder};
pub use echo::{Conversation, EchoServer};
pub use forged::Forged;
pub use frame::{Advert, Announcement, Origin};
pub use frr::{Frr, FrrPeer};
pub use haproxy::answering;
pub use host::Host;
pub use ipvs::{Forward, IpvsServer, IpvsService, IpvsTable};
pub use ipvs_writes::IpvsWrites;
pub use log::{Log, LogLine};
pub use manners::{Answer, Manner, Mannered};
pub use netlink::Netlink;
pub use nix::sys::signal::Signal;
pub use packages::need;
pub use process::Process;
pub use program::Program;
pub use realserver::Delivery;
pub use run::Finished;
pub use scheduling::{Part, Scheduling};
pub use segment::Segment;
pub use syslog::{Syslog, SyslogLine};
pub use takeover::Takeover;
pub use usage::Usage;
pub use web::WebServer;

use std::ffi::OsString;
use std::iter;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use names::LabName;
use reaper::Reaper;
use switch::Switch;

const POLL_EVERY: Duration = Duration::from_millis(10);

/// A segment (a bridge in a namespace of its own), the hosts plugged into it, and what else there is.
pub struct Lab {
    shared: Arc<Shared>,
    reaper: Reaper,
}

/// What hosts, daemons and captures of one lab have in common.
struct Shared {
    label: String,
    name: LabName,
    switch: Arc<Switch>,
    /// The switches of further segments.
    others: Mutex<Vec<Arc<Switch>>>,
    logs: Mutex<Vec<Log>>,
}

impl Lab {
    /// Builds an empty segment; `label` is what failure texts call it.
    ///
    /// # Panics
    /// When a tool is missing, the caller is not root, or the kernel refuses.
    pub fn new(label: &str) -> Self {
        need(&["ip", "setpriv"]);
        reaper::sweep_leftovers();
        let name = LabName::next();
        let reaper = Reaper::start(&name);
        run::must("make the lab's directory", std::fs::create_dir_all(name.directory()));
        let switch = Arc::new(Switch::build(&name, "switch"));
        let (others, logs) = (Mutex::default(), Mutex::default());
        let shared = Shared { label: label.to_owned(), name, switch, others, logs };
        Self { shared: Arc::new(shared), reaper }
    }

    /// Adds a host: a namespace with `lo` and `eth0` up, `eth0` on the segment with this address.
    pub fn host(&self, name: &str, address: &str) -> Host {
        Host::build(&self.shared, &self.shared.switch, name, address)
    }

    /// Adds another segment, such as the one between directors and real servers.
    pub fn segment(&self, name: &str) -> Segment {
        Segment::build(&self.shared, name)
    }

    /// Starts recording the adverts and announcements that hosts send from now on.
    pub fn capture(&self) -> Capture {
        Capture::start(&self.shared.switch, true)
    }

    /// Starts recording announcements only, which costs a benchmark with many adverts less.
    pub fn capture_announcements(&self) -> Capture {
        Capture::start(&self.shared.switch, false)
    }

    /// A process that is plugged into the segment by a file, and a log for what it writes: the
    /// words to begin its command line with, and the name of its port.
    pub(crate) fn tap(&self, name: &str) -> (Vec<OsString>, String, Log) {
        let enter = ["ip", "netns", "exec", self.shared.switch.namespace()].map(OsString::from);
        let port = self.shared.switch.tap(name);
        (enter.to_vec(), port, self.shared.new_log(&format!("machine {name}")))
    }

    /// The directory that goes with the lab.
    pub fn directory(&self) -> &Path {
        self.shared.name.directory()
    }

    /// Polls until the condition holds; how long that took.
    ///
    /// # Panics
    /// When it does not hold within `limit`; the text carries the logs of all daemons.
    pub fn wait_until(
        &self,
        what: &str,
        limit: Duration,
        condition: impl FnMut() -> bool,
    ) -> Duration {
        self.shared.wait_until(what, limit, condition)
    }

    /// Polls for the whole time and insists that the condition never stops holding.
    ///
    /// # Panics
    /// At the first poll at which it does not hold; the text carries the logs of all daemons.
    pub fn insist(&self, what: &str, time: Duration, mut condition: impl FnMut() -> bool) {
        let start = Instant::now();
        while start.elapsed() < time {
            if !condition() {
                self.fail(&format!("{what}: no longer so after {:?}", start.elapsed()));
            }
            thread::sleep(POLL_EVERY);
        }
    }

    /// Ends the test with this text and the logs of all daemons.
    ///
    /// # Panics
    /// Always.
    pub fn fail(&self, what: &str) -> ! {
        self.shared.fail(what)
    }

    /// The logs of everything started in this lab so far, for failure texts.
    pub fn logs(&self) -> String {
        self.shared.all_logs()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.reaper.finish();
    }
}

impl Shared {
    fn switch_of(&self, host: &str, link: &str) -> Option<Arc<Switch>> {
        let others = locked(&self.others);
        let mut all = iter::once(&self.switch).chain(others.iter());
        all.find(|switch| switch.has(host, link)).cloned()
    }

    fn wait_until(
        &self,
        what: &str,
        limit: Duration,
        mut condition: impl FnMut() -> bool,
    ) -> Duration {
        let start = Instant::now();
        while !condition() {
            if start.elapsed() > limit {
                self.fail(&format!("waited {limit:?} for {what}"));
            }
            thread::sleep(POLL_EVERY);
        }
        start.elapsed()
    }

    fn fail(&self, what: &str) -> ! {
        panic!("lab {}: {what}\n{}", self.label, self.all_logs())
    }

    fn all_logs(&self) -> String {
        locked(&self.logs).iter().map(Log::titled).collect()
    }

    /// A log of its own for each process, so that a second start does not hide the first.
    fn new_log(&self, title: &str) -> Log {
        let mut logs = locked(&self.logs);
        let path = self.name.directory().join(format!("{}.log", logs.len()));
        logs.push(Log::new(title.to_owned(), path));
        logs[logs.len() - 1].clone()
    }
}

/// Takes the lock even when a test that held it panicked: the data are lists that only grow.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
