//! A network namespace with a table of its own, and `ipvsadm` as the second opinion about it.

use std::io::Write;
use std::net::IpAddr;
use std::process::{Command, Stdio};

use ipvs::{Change, Socket};
use net::{
    Destination, DestinationKey, Forwarding, Granularity, ModuleName, Persistence, Protocol,
    Service, ServiceFlags, ServiceKey,
};
use nix::sched::{CloneFlags, unshare};

/// Runs the test with an empty table. A test has a thread to itself, and with it a namespace.
pub(crate) fn in_guest(test: impl FnOnce(&mut Socket)) {
    in_bare_guest(|socket| {
        ip("link set lo up");
        test(socket);
    });
}

/// The same where not even the loopback interface works.
pub(crate) fn in_bare_guest(test: impl FnOnce(&mut Socket)) {
    unshare(CloneFlags::CLONE_NEWNET).expect("these tests must be able to unshare");
    let mut socket = Socket::open().expect("these tests need a kernel with IPVS");
    test(&mut socket);
}

fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split_whitespace()).status();
    assert!(status.expect("these tests need iproute2").success(), "ip {arguments}");
}

/// The table as `ipvsadm -S -n` prints it, sorted.
pub(crate) fn saved() -> Vec<String> {
    let output = Command::new("ipvsadm").args(["-S", "-n"]).output();
    let output = output.expect("these tests need ipvsadm");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ipvsadm -S: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<_> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.sort();
    lines
}

/// Gives these lines to `ipvsadm -R`.
pub(crate) fn restore(lines: &[String]) {
    let mut command = Command::new("ipvsadm");
    let mut child = command.arg("-R").stdin(Stdio::piped()).spawn().expect("needs ipvsadm");
    let mut text = lines.join("\n");
    text.push('\n');
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "ipvsadm -R");
}

/// Makes the changes, all of which must succeed.
pub(crate) fn apply(socket: &mut Socket, changes: &[Change]) {
    let failures: Vec<_> = socket.apply(changes).iter().map(ToString::to_string).collect();
    assert_eq!(failures, Vec::<String>::new());
}

pub(crate) fn key(protocol: Protocol, ip: &str, port: u16) -> ServiceKey {
    ServiceKey::Address { protocol, ip: ip.parse().unwrap(), port }
}

pub(crate) fn module(name: &str) -> ModuleName {
    ModuleName::new(name).unwrap()
}

pub(crate) fn service(key: ServiceKey, scheduler: &str) -> Service {
    let scheduler = module(scheduler);
    Service { key, scheduler, flags: ServiceFlags::NONE, persistence: None }
}

pub(crate) fn persistent(timeout: u32, granularity: Granularity, engine: &str) -> Persistence {
    Persistence { timeout, granularity, engine: ModuleName::new(engine) }
}

pub(crate) fn destination(ip: &str, port: u16, forwarding: Forwarding) -> Destination {
    let ip: IpAddr = ip.parse().unwrap();
    Destination {
        key: DestinationKey { ip, port },
        forwarding,
        weight: 1,
        upper_threshold: 0,
        lower_threshold: 0,
    }
}
