//! The sockets of netlink that there are, as `ss` lists them.

use super::run::{must, succeed};
use super::{Host, need};

/// The sockets of one network namespace at one moment.
pub struct Netlink(String);

impl Netlink {
    /// `NETLINK_ROUTE`.
    pub const ROUTE: u8 = 0;
    /// `NETLINK_CONNECTOR`.
    pub const CONNECTOR: u8 = 11;
    /// `NETLINK_GENERIC`.
    pub const GENERIC: u8 = 16;

    /// Those of a host.
    pub fn of(host: &Host) -> Self {
        need(&["ss"]);
        Self(host.ok(LIST))
    }

    /// Those of the namespace that the test began in.
    pub fn of_first_namespace() -> Self {
        need(&["ss"]);
        Self(succeed(&LIST))
    }

    /// The sizes of the receive buffers of all sockets of this protocol, in bytes as the kernel
    /// counts.
    ///
    /// # Panics
    /// When `ss` writes anything else than it used to.
    pub fn buffers(&self, protocol: u8) -> Vec<u64> {
        let of_protocol = |line: &&str| {
            let place = line.split_whitespace().nth(3).and_then(|place| place.split_once(':'));
            place.is_some_and(|(found, _)| found == protocol.to_string())
        };
        let size = |line: &str| {
            let (_, after) = line.split_once(",rb")?;
            after.split(',').next()?.parse().ok()
        };
        let lines = self.0.lines().filter(of_protocol);
        lines.map(|line| must("read the size of a buffer", size(line).ok_or(line))).collect()
    }
}

/// One socket in a line, with its memory.
const LIST: [&str; 5] = ["ss", "--family=netlink", "--all", "--memory", "--numeric"];
