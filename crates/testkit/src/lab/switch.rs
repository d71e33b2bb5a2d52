//! The segment: a bridge in a namespace of its own, and one port per link of a host.
//! Decides how ports are named and how they are pulled out and put back; hosts own the other ends.

use std::collections::HashMap;
use std::sync::Mutex;

use super::names::LabName;
use super::run::succeed;
use super::{locked, run};

const BRIDGE: &str = "br0";

/// The bridge and who is plugged into it.
pub(super) struct Switch {
    namespace: String,
    bridge: u32,
    /// Interface index of a port, and the name of the host behind it.
    ports: Mutex<HashMap<u32, String>>,
}

impl Switch {
    /// Builds the bridge: forwarding at once, flooding multicast, speaking no IPv6 itself.
    pub(super) fn build(name: &LabName) -> Self {
        let namespace = name.namespace("switch");
        succeed(&["ip", "netns", "add", &namespace]);
        without_ipv6(&namespace);
        let bridge = ["type", "bridge", "forward_delay", "0", "stp_state", "0", "mcast_snooping"];
        let add = ["ip", "-n", &namespace, "link", "add", BRIDGE];
        succeed(&[&add[..], &bridge[..], &["0"]].concat());
        succeed(&["ip", "-n", &namespace, "link", "set", BRIDGE, "up"]);
        let bridge = link_index(&namespace, BRIDGE);
        Self { namespace, bridge, ports: Mutex::default() }
    }

    /// Joins a host's new link to the bridge.
    pub(super) fn connect(&self, host: &str, namespace: &str, link: &str) {
        let port = port_name(host, link);
        let near = ["ip", "link", "add", link, "netns", namespace, "type", "veth", "peer", "name"];
        succeed(&[&near[..], &[&port, "netns", &self.namespace]].concat());
        succeed(&["ip", "-n", &self.namespace, "link", "set", &port, "master", BRIDGE, "up"]);
        let index = link_index(&self.namespace, &port);
        locked(&self.ports).insert(index, host.to_owned());
    }

    /// Takes the carrier from a host's link, or gives it back.
    pub(super) fn carrier(&self, host: &str, link: &str, up: bool) {
        let state = if up { "up" } else { "down" };
        let port = port_name(host, link);
        succeed(&["ip", "-n", &self.namespace, "link", "set", &port, state]);
    }

    /// Takes a port out of the bridge, or puts it back; the host keeps its carrier.
    pub(super) fn membership(&self, host: &str, link: &str, member: bool) {
        let port = port_name(host, link);
        let set = ["ip", "-n", &self.namespace, "link", "set", &port];
        let master: &[&str] = if member { &["master", BRIDGE] } else { &["nomaster"] };
        succeed(&[&set[..], master].concat());
    }

    /// Which host is behind a port.
    pub(super) fn host_behind(&self, index: u32) -> Option<String> {
        locked(&self.ports).get(&index).cloned()
    }

    /// The namespace of the bridge.
    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The interface index of the bridge itself.
    pub(super) fn bridge(&self) -> u32 {
        self.bridge
    }
}

/// Turns IPv6 off in a namespace, also for links that come later.
pub(super) fn without_ipv6(namespace: &str) {
    set_ipv6(namespace, "echo 1 >$all/disable_ipv6; echo 1 >$default/disable_ipv6");
}

/// Turns IPv6 on without duplicate address detection, which would only make tests wait.
pub(super) fn with_ipv6(namespace: &str) {
    let no_wait = "echo 0 >$all/accept_dad; echo 0 >$default/accept_dad";
    set_ipv6(namespace, &format!("{no_wait}; for f in $conf/*/accept_dad; do echo 0 >$f; done"));
    set_ipv6(namespace, "for f in $conf/*/disable_ipv6; do echo 0 >$f; done");
}

fn set_ipv6(namespace: &str, script: &str) {
    let names = "conf=/proc/sys/net/ipv6/conf; all=$conf/all; default=$conf/default";
    succeed(&["ip", "netns", "exec", namespace, "sh", "-c", &format!("{names}; {script}")]);
}

/// Interface names end at 15 bytes, so hosts and links have to be short.
fn port_name(host: &str, link: &str) -> String {
    let name = format!("{host}.{link}");
    assert!(name.len() <= 15, "lab: {name} is too long for an interface name");
    name
}

fn link_index(namespace: &str, link: &str) -> u32 {
    let json = succeed(&["ip", "-n", namespace, "-j", "link", "show", "dev", link]);
    let links: serde_json::Value = run::must("read what ip says", serde_json::from_str(&json));
    let index = links.pointer("/0/ifindex").and_then(serde_json::Value::as_u64);
    index.and_then(|index| u32::try_from(index).ok()).expect("ip gives a link its index")
}
