//! Says which Debian package to install when a tool that a lab needs is not there.
//! Nothing is ever skipped: a missing tool is a failure.

use std::env;
use std::path::{Path, PathBuf};

/// Program, and the Debian package that brings it.
const PACKAGES: [(&str, &str); 20] = [
    ("ip", "iproute2"),
    ("setpriv", "util-linux"),
    ("ss", "iproute2"),
    ("curl", "curl"),
    ("haproxy", "haproxy"),
    ("keepalived", "keepalived"),
    ("ipvsadm", "ipvsadm"),
    ("tcpdump", "tcpdump"),
    ("tshark", "tshark"),
    ("nft", "nftables"),
    ("nginx", "nginx"),
    ("gnutls-serv", "gnutls-bin"),
    ("linux.uml", "user-mode-linux"),
    ("modprobe", "kmod"),
    ("unshare", "util-linux"),
    ("systemctl", "systemd"),
    ("vtysh", "frr"),
    ("dig", "bind9-dnsutils"),
    ("iptables-legacy", "iptables"),
    ("ip6tables-legacy", "iptables"),
];

/// Insists that these programs are installed and that the caller is root.
///
/// # Panics
/// With the command that installs what is missing.
pub fn need(programs: &[&str]) {
    assert!(nix::unistd::geteuid().is_root(), "labs make network namespaces: run them as root");
    let missing: Vec<&str> =
        programs.iter().filter(|program| find(program).is_none()).map(|p| package(p)).collect();
    assert!(
        missing.is_empty(),
        "labs need more programs: apt-get install {}  (nothing is skipped)",
        missing.join(" ")
    );
}

/// Where a program is; the system directories are searched whatever PATH says.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from);
    env::split_paths(&path)
        .chain(system)
        .map(|directory| directory.join(program))
        .find(|file| Path::is_file(file))
}

fn package(program: &str) -> &str {
    PACKAGES.iter().find(|(name, _)| *name == program).map_or(program, |(_, package)| package)
}
