//! What a test does to the network of a host beside plugging links: addresses, routes, settings.
//! And how a thread of the test gets into a host, to hold sockets there.

use std::fs::{self, File};
use std::thread;

use nix::sched::{CloneFlags, setns};

use super::run::must;
use super::{Host, names};

impl Host {
    /// Adds an address (`192.0.2.51/32`) to a link. An IPv6 one is usable at once; one with `/128`
    /// is a virtual address, which is never the source of what the host itself sends.
    pub fn add_address(&self, link: &str, address: &str) {
        let more: &[&str] = match address.split_once(':').map(|_| address.ends_with("/128")) {
            Some(true) => &["nodad", "preferred_lft", "0"],
            Some(false) => &["nodad"],
            None => &[],
        };
        self.ip(&[&["addr", "add", address, "dev", link], more].concat());
    }

    /// Takes an address from a link.
    pub fn remove_address(&self, link: &str, address: &str) {
        self.ip(&["addr", "del", address, "dev", link]);
    }

    /// Sends everything without a better route to this gateway, in place of an earlier one.
    pub fn default_route(&self, gateway: &str) {
        let family = if gateway.contains(':') { "-6" } else { "-4" };
        self.ip(&[family, "route", "replace", "default", "via", gateway]);
    }

    /// What a kernel setting (`net.ipv4.ip_forward`) is here.
    pub fn sysctl(&self, key: &str) -> String {
        let text = self.inside_thread(|| fs::read_to_string(setting(key)));
        must(&format!("read {key}"), text).trim().to_owned()
    }

    /// Changes a kernel setting.
    pub fn set_sysctl(&self, key: &str, value: &str) {
        let set = self.inside_thread(|| fs::write(setting(key), value));
        must(&format!("set {key} to {value}"), set);
    }

    /// Makes it a router, for both families.
    pub fn forwards(&self) {
        self.set_sysctl("net.ipv4.ip_forward", "1");
        self.set_sysctl("net.ipv6.conf.all.forwarding", "1");
    }

    /// Does some work in a thread inside the host's namespace. Sockets that the work opens belong
    /// to the host for as long as they live.
    ///
    /// # Panics
    /// When the work does.
    pub fn inside_thread<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        inside_thread(self.namespace(), work)
    }
}

/// Does some work in a thread inside a namespace. What a thread sees of `/proc/sys/net` is that of
/// its namespace, so settings need no program either.
pub(super) fn inside_thread<T: Send>(namespace: &str, work: impl FnOnce() -> T + Send) -> T {
    let file = names::namespace_file(namespace);
    let worked = thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let namespace = must("open a namespace", File::open(file));
            must("enter a namespace", setns(namespace, CloneFlags::CLONE_NEWNET));
            work()
        });
        worker.join()
    });
    worked.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn setting(key: &str) -> String {
    format!("/proc/sys/{}", key.replace('.', "/"))
}
