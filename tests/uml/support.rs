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
    ips.iter().all(|ip| held(ip))
}

pub(crate) fn holds_none(host: &Host, ips: &[&str]) -> bool {
    let addresses = host.addresses();
    addresses.iter().all(|address| !ips.contains(&&*address.ip.to_string()))
}
