//! The segment: a bridge in a namespace of its own, and one port per link of a host.
//! Decides how ports are named and how they are pulled out and put back; hosts own the other ends.

use std::collections::HashMap;
use std::fs;
use std::sync::Mutex;

use nix::net::if_::if_nametoindex;

use super::locked;
use super::names::LabName;
use super::network::inside_thread;
use super::run::{must, succeed};

const BRIDGE: &str = "br0";
const IPV6: &str = "/proc/sys/net/ipv6/conf";

/// The bridge and who is plugged into it.
pub(super) struct Switch {
    namespace: String,
    bridge: u32,
    /// Interface index of a port, and who is behind it.
    ports: Mutex<HashMap<u32, Port>>,
}

struct Port {
    name: String,
    host: String,
}

impl Switch {
    /// Builds the bridge: forwarding at once, flooding multicast, speaking no IPv6 itself.
    pub(super) fn build(lab: &LabName, name: &str) -> Self {
        let namespace = lab.namespace(name);
        succeed(&["ip", "netns", "add", &namespace]);
        without_ipv6(&namespace);
        let bridge = ["type", "bridge", "forward_delay", "0", "stp_state", "0", "mcast_snooping"];
        let add = ["ip", "-n", &namespace, "link", "add", BRIDGE, "up"];
        succeed(&[&add[..], &bridge[..], &["0"]].concat());
        let bridge = link_index(&namespace, BRIDGE);
        Self { namespace, bridge, ports: Mutex::default() }
    }

    /// Joins a host's new link to the bridge; it is up.
    pub(super) fn connect(&self, host: &str, namespace: &str, link: &str) {
        let port = port_name(host, link);
        let near =
            ["ip", "link", "add", link, "up", "netns", namespace, "type", "veth", "peer", "name"];
        succeed(&[&near[..], &[&port, "netns", &self.namespace]].concat());
        self.adopt(host, port);
    }

    /// Makes a port whose other end is a file that some process opens; its name.
    pub(super) fn tap(&self, host: &str) -> String {
        let port = port_name(host, "tap");
        succeed(&["ip", "-n", &self.namespace, "tuntap", "add", "dev", &port, "mode", "tap"]);
        self.adopt(host, port.clone());
        port
    }

    /// Makes a link of the switch's namespace a port of the bridge.
    fn adopt(&self, host: &str, port: String) {
        succeed(&["ip", "-n", &self.namespace, "link", "set", &port, "master", BRIDGE, "up"]);
        let index = link_index(&self.namespace, &port);
        locked(&self.ports).insert(index, Port { name: port, host: host.to_owned() });
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
        locked(&self.ports).get(&index).map(|port| port.host.clone())
    }

    /// Whether this link of a host ends here.
    pub(super) fn has(&self, host: &str, link: &str) -> bool {
        let name = port_name(host, link);
        locked(&self.ports).values().any(|port| port.name == name)
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
    inside_thread(namespace, || {
        set_ipv6("all", "disable_ipv6", "1");
        set_ipv6("default", "disable_ipv6", "1");
    });
}

/// Turns IPv6 on without duplicate address detection, which would only make tests wait.
pub(super) fn with_ipv6(namespace: &str) {
    inside_thread(namespace, || {
        let links: Vec<String> = must("list links", fs::read_dir(IPV6))
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        for setting in ["accept_dad", "disable_ipv6"] {
            ["all", "default"].iter().for_each(|link| set_ipv6(link, setting, "0"));
            links.iter().for_each(|link| set_ipv6(link, setting, "0"));
        }
    });
}

/// Of the namespace that the calling thread is in.
fn set_ipv6(link: &str, setting: &str, value: &str) {
    must("set up IPv6", fs::write(format!("{IPV6}/{link}/{setting}"), value));
}

/// Interface names end at 15 bytes, so hosts and links have to be short.
fn port_name(host: &str, link: &str) -> String {
    let name = format!("{host}.{link}");
    assert!(name.len() <= 15, "lab: {name} is too long for an interface name");
    name
}

fn link_index(namespace: &str, link: &str) -> u32 {
    must("find a link", inside_thread(namespace, || if_nametoindex(link)))
}
