//! One host of a lab: a network namespace with `eth0` on the segment and a directory for its files.
//! Decides how commands get into the namespace; what they do there is the test's business.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::daemon::DaemonBuilder;
use super::run::{self, Finished, must, succeed};
use super::switch::Switch;
use super::{Address, Frr, Process, Program, Shared, address, need, switch};

/// The link that every host has.
const FIRST_LINK: &str = "eth0";

/// A host; clones are the same host.
#[derive(Clone)]
pub struct Host {
    shared: Arc<Shared>,
    name: String,
    namespace: String,
    directory: PathBuf,
}

impl Host {
    pub(super) fn build(shared: &Arc<Shared>, switch: &Switch, name: &str, address: &str) -> Self {
        let host = Self {
            shared: Arc::clone(shared),
            name: name.to_owned(),
            namespace: shared.name.namespace(name),
            directory: shared.name.directory().join(name),
        };
        must("make the host's directory", fs::create_dir_all(&host.directory));
        succeed(&["ip", "netns", "add", &host.namespace]);
        switch::without_ipv6(&host.namespace);
        host.ip(&["link", "set", "lo", "up"]);
        host.plug_into(switch, FIRST_LINK, address);
        host
    }

    /// The name given by the test.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The network namespace, as `ip netns` knows it.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The directory for this host's files.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Plugs one more link into the lab's segment, up and with this address; for another segment
    /// see [`Segment::join`](super::Segment::join).
    pub fn add_link(&self, link: &str, address: &str) {
        self.plug_into(&self.shared.switch, link, address);
    }

    pub(super) fn plug_into(&self, switch: &Switch, link: &str, address: &str) {
        switch.connect(&self.name, &self.namespace, link);
        self.ip(&["addr", "add", address, "dev", link]);
    }

    /// Turns IPv6 on, without duplicate address detection.
    pub fn enable_ipv6(&self) {
        switch::with_ipv6(&self.namespace);
    }

    /// Takes the carrier from `eth0`, as pulling the cable does.
    pub fn unplug(&self) {
        self.unplug_link(FIRST_LINK);
    }

    /// Puts the cable of `eth0` back.
    pub fn plug(&self) {
        self.plug_link(FIRST_LINK);
    }

    /// Takes the carrier from a link.
    pub fn unplug_link(&self, link: &str) {
        self.switch_of(link).carrier(&self.name, link, false);
    }

    /// Puts the cable of a link back.
    pub fn plug_link(&self, link: &str) {
        self.switch_of(link).carrier(&self.name, link, true);
    }

    /// Cuts the host off without taking its carrier: the switch forwards nothing for it.
    pub fn isolate(&self) {
        self.switch_of(FIRST_LINK).membership(&self.name, FIRST_LINK, false);
    }

    /// Ends [`isolate`](Self::isolate).
    pub fn rejoin(&self) {
        self.switch_of(FIRST_LINK).membership(&self.name, FIRST_LINK, true);
    }

    /// All addresses of the host.
    pub fn addresses(&self) -> Vec<Address> {
        address::parse(&succeed(&["ip", "-n", &self.namespace, "-j", "addr", "show"]))
    }

    /// Whether some link holds this address.
    pub fn holds(&self, ip: &str) -> bool {
        let ip: IpAddr = must("read an address", ip.parse());
        self.addresses().iter().any(|address| address.ip == ip)
    }

    /// The hardware address of `eth0`.
    pub fn mac(&self) -> String {
        self.ok(["cat", "/sys/class/net/eth0/address"]).trim().to_owned()
    }

    /// Runs a program in the namespace to its end.
    pub fn run<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Finished {
        run::finish(&self.inside(words))
    }

    /// Runs a program that has to succeed, and gives its standard output.
    ///
    /// # Panics
    /// With what the program wrote, when it fails.
    pub fn ok<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> String {
        succeed(&self.inside(words))
    }

    /// The body at this URL; `None` when there is no answer within a second.
    pub fn fetch(&self, url: &str) -> Option<String> {
        need(&["curl"]);
        let done = self.run(["curl", "-sS", "--fail", "--max-time", "1", url]);
        (done.code == Some(0)).then_some(done.stdout)
    }

    /// Starts a program in the namespace; it dies with the lab.
    pub fn spawn<S: AsRef<OsStr>>(
        &self,
        title: &str,
        words: impl IntoIterator<Item = S>,
    ) -> Process {
        self.start(title, &self.inside(words))
    }

    /// Starts a program outside of the namespace, which has to enter it by itself.
    pub(super) fn spawn_outside(&self, title: &str, words: &[OsString]) -> Process {
        self.start(title, words)
    }

    fn start(&self, title: &str, words: &[OsString]) -> Process {
        let log = self.shared.new_log(&format!("{title} on {}", self.name));
        Process::start(words, log, &self.directory)
    }

    /// Begins describing a daemon to start here.
    pub fn daemon(&self, program: &Program) -> DaemonBuilder {
        DaemonBuilder::new(self, program)
    }

    /// Starts haproxy in the foreground with this configuration, pid in `haproxy.pid`.
    pub fn haproxy(&self, configuration: &str) -> Process {
        need(&["haproxy"]);
        let file = self.write("haproxy.cfg", configuration);
        let pid = self.directory.join("haproxy.pid");
        let words: [&OsStr; 6] = [
            "haproxy".as_ref(),
            "-db".as_ref(),
            "-f".as_ref(),
            file.as_ref(),
            "-p".as_ref(),
            pid.as_ref(),
        ];
        let process = self.spawn("haproxy", words);
        must("write haproxy's pid", fs::write(&pid, process.pid().to_string()));
        process
    }

    /// Starts FRR's BFD with these `peer` blocks.
    pub fn frr(&self, peers: &str) -> Frr {
        Frr::start(self, peers)
    }

    /// Where a file of this host is.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes a file of this host.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name);
        must("write a host's file", fs::write(&path, text));
        path
    }

    /// Writes an executable shell script of this host; `body` follows the shebang.
    pub fn script(&self, name: &str, body: &str) -> PathBuf {
        let path = self.write(name, &format!("#!/bin/sh\n{body}\n"));
        must(
            "make a script executable",
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)),
        );
        path
    }

    /// What is in a file of this host; empty when there is none.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// Polls until the condition holds, like [`Lab::wait_until`](super::Lab::wait_until).
    pub(super) fn wait_until(&self, what: &str, limit: Duration, holds: impl FnMut() -> bool) {
        self.shared.wait_until(what, limit, holds);
    }

    fn switch_of(&self, link: &str) -> Arc<Switch> {
        let switch = self.shared.switch_of(&self.name, link);
        switch.unwrap_or_else(|| panic!("lab: {} has no link {link}", self.name))
    }

    pub(super) fn ip(&self, words: &[&str]) {
        succeed(&[&["ip", "-n", &self.namespace], words].concat());
    }

    fn inside<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Vec<OsString> {
        let enter = ["ip", "netns", "exec", &self.namespace].map(OsString::from);
        enter.into_iter().chain(words.into_iter().map(|word| word.as_ref().to_owned())).collect()
    }
}
