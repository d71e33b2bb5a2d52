//! Namespaces, and a cable between two of them.

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use net::{Link, LinkIndex, LinkName};
use nix::sched::{CloneFlags, setns, unshare};
use serde_json::Value;

/// A network namespace; the kernel removes it with everything inside once nobody holds it.
pub(crate) struct Namespace(OwnedFd);

impl Namespace {
    pub(crate) fn new() -> Self {
        let make = || {
            unshare(CloneFlags::CLONE_NEWNET).expect("these tests must be able to unshare");
            OwnedFd::from(File::open("/proc/thread-self/ns/net").unwrap())
        };
        let namespace = Self(thread::spawn(make).join().unwrap());
        namespace.ip("link set lo up");
        namespace
    }

    /// Runs the closure in a thread inside.
    pub(crate) fn run<T: Send>(&self, test: impl FnOnce() -> T + Send) -> T {
        let inside = || {
            setns(&self.0, CloneFlags::CLONE_NEWNET).unwrap();
            test()
        };
        match thread::scope(|scope| scope.spawn(inside).join()) {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Runs `ip` inside and returns what it printed.
    pub(crate) fn ip(&self, arguments: &str) -> String {
        let mut command = Command::new("ip");
        command.args(arguments.split_whitespace());
        let output = self.run(move || command.output().expect("these tests need iproute2"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ip {arguments}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The addresses of an interface as `ip` sees them.
    pub(crate) fn shown(&self, link: &str, family: &str) -> Vec<Value> {
        let text = self.ip(&format!("-j {family} addr show dev {link} scope global"));
        let links: Vec<Value> = serde_json::from_str(&text).unwrap();
        let infos = links.iter().filter_map(|link| link["addr_info"].as_array());
        infos.flatten().filter(|address| address["local"].is_string()).cloned().collect()
    }

    /// A cable inside, both ends up, and what the kernel says of its first end.
    pub(crate) fn cable(&self) -> Link {
        self.ip("link add here type veth peer name there");
        self.ip("link set here up");
        self.ip("link set there up");
        self.wait_for("there", true);
        self.wait_for("here", true)
    }

    /// Waits until an interface works, or no longer does: the kernel notices a carrier in its own
    /// time, and until then it drops what is sent.
    pub(crate) fn wait_for(&self, name: &str, up: bool) -> Link {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let link = self.link(name);
            if link.up == up {
                return link;
            }
            assert!(Instant::now() < deadline, "waited in vain for {name}");
            thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn link(&self, name: &str) -> Link {
        let links = self.run(|| rtnl::Socket::open().unwrap().links().unwrap());
        links.into_iter().find(|link| link.name.as_str() == name).unwrap()
    }

    fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd())
    }
}

/// Two namespaces and a cable between them; its ends are called `here` and `there`.
pub(crate) struct Pair {
    pub(crate) here: Namespace,
    pub(crate) there: Namespace,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let pair = Self { here: Namespace::new(), there: Namespace::new() };
        let peer = pair.there.path();
        pair.here.ip(&format!("link add here type veth peer name there netns {peer}"));
        for (namespace, link, ip) in
            [(&pair.here, "here", "192.0.2.1/24"), (&pair.there, "there", "192.0.2.2/24")]
        {
            namespace.ip(&format!("addr add {ip} dev {link}"));
            namespace.ip(&format!("link set {link} up"));
        }
        pair.here.wait_for("here", true);
        pair.there.wait_for("there", true);
        pair
    }
}

pub(crate) fn name(text: &str) -> LinkName {
    LinkName::new(text).unwrap()
}

/// An index that no interface has.
pub(crate) const NOWHERE: LinkIndex = LinkIndex(0x7fff_0000);
