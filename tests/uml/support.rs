//! What the tests of sites share.

use std::time::Duration;

use testkit::lab::{Host, Program};

/// Generous: what has not happened by then does not happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(25);

/// The program that this run is about.
pub(crate) fn under_test() -> Program {
    Program::under_test(env!("CARGO_BIN_EXE_keepalived"))
}

pub(crate) fn holds_all(host: &Host, ips: &[&str]) -> bool {
    let addresses = host.addresses();
    let held = |ip: &&str| addresses.iter().any(|address| address.ip.to_string() == **ip);
    ips.iter().all(held)
}

pub(crate) fn holds_none(host: &Host, ips: &[&str]) -> bool {
    let addresses = host.addresses();
    addresses.iter().all(|address| !ips.contains(&&*address.ip.to_string()))
}

/// What `ipvsadm -Ln` with more options lists, one text for each server with its service before
/// it, in an order that does not depend on where the kernel keeps them.
pub(crate) fn servers_of(listing: &str) -> Vec<String> {
    let mut service = "";
    let mut servers = Vec::new();
    for line in listing.lines().skip(3).map(str::trim) {
        if line.starts_with("->") {
            servers.push(format!("{service} {line}"));
        } else {
            service = line;
        }
    }
    servers.sort();
    servers
}
