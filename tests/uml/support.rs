//! What the tests of sites share.

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::lab::{Host, Program};

/// Generous: what has not happened by then does not happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The program that this run is about.
pub(crate) fn under_test() -> Program {
    Program::under_test(env!("CARGO_BIN_EXE_keepalived"))
}

/// Builds a library that stands between a program and the kernel; the word for `env` that loads it.
pub(crate) fn preload(host: &Host, source: &str) -> String {
    let (file, library) = (host.write("between.c", source), host.file("between.so"));
    let (file, library) = (file.display().to_string(), library.display().to_string());
    host.ok(["gcc", "-shared", "-fPIC", "-o", &library, &file]);
    format!("LD_PRELOAD={library}")
}

/// Says that a test was left out, and why.
#[expect(clippy::print_stdout, reason = "no test is left out in silence")]
pub(crate) fn did_not_run(why: &str) {
    println!("*** {why}: this test DID NOT RUN ***");
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

/// Everything that `ipvsadm` tells of a host's services and servers but who is connected; what
/// `-S` writes leaves thresholds and tunnels out.
pub(crate) fn everything(host: &Host) -> BTreeSet<String> {
    let listed = |what| servers_of(&host.ok(["ipvsadm", "-Ln", what]));
    let saved = host.ok(["ipvsadm", "-Sn"]);
    let saved = saved.lines().map(|line| line.trim_end().to_owned());
    saved.chain(listed("--thresholds")).chain(listed("--tun-info")).collect()
}

/// How many connections each server of a service (`TCP 192.0.2.51:80`) has been given so far.
pub(crate) fn given(host: &Host, service: &str) -> Vec<u64> {
    let listing = host.ok(["ipvsadm", "-Ln", "--stats", "--exact"]);
    let mut of_service = false;
    let mut given = Vec::new();
    for line in listing.lines().skip(3) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["->", _, connections, ..] if of_service => {
                given.push(connections.parse().expect("a number of connections"));
            }
            ["->", ..] => {}
            [protocol, address, ..] => of_service = format!("{protocol} {address}") == service,
            _ => panic!("ipvsadm says {line:?}"),
        }
    }
    given
}

/// What `ipvsadm -Ln` with more options lists, one text for each server with its service before
/// it.
fn servers_of(listing: &str) -> Vec<String> {
    let mut service = String::new();
    let mut servers = Vec::new();
    for line in listing.lines().skip(3) {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.starts_with("->") {
            servers.push(format!("{service} {line}"));
        } else {
            service = line;
        }
    }
    servers
}
