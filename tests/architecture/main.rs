//! The rules of ARCHITECTURE.md that a machine can check: who imports whom, which lints hold
//! where, where `async` may stand, how long a file may be, and that every module says what it is for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may import of its own kind and of the world. Tests may import more.
const IMPORTS: &[(&str, &[&str])] = &[
    ("net", &[]),
    ("vrrp", &["net", "hmac", "md-5", "sha2"]),
    ("bfd", &["fastrand"]),
    ("lvs", &["net"]),
    ("conf", &["net", "vrrp", "bfd", "lvs", "sys", "annotate-snippets", "glob", "nix", "nom"]),
    ("netlink", &["sys", "libc", "netlink-packet-core", "netlink-sys", "thiserror", "tracing"]),
    ("ipvs", &["net", "netlink", "sys", "libc", "netlink-packet-core", "netlink-sys", "thiserror"]),
    ("nft", &["net", "netlink", "netlink-packet-core", "netlink-packet-netfilter", "netlink-sys"]),
    (
        "probe",
        &[
            "net",
            "lvs",
            "sys",
            "fastrand",
            "libc",
            "md-5",
            "nix",
            "openssl",
            "socket2",
            "thiserror",
            "tokio",
            "tokio-openssl",
        ],
    ),
    ("sys", &["net", "libc", "nix", "openssl-sys", "pcre2-sys", "socket2", "thiserror", "tokio"]),
    ("notify", &["sys", "nix", "tokio", "tracing"]),
    (
        "rtnl",
        &[
            "net",
            "netlink",
            "sys",
            "libc",
            "netlink-packet-core",
            "netlink-packet-route",
            "netlink-sys",
            "pnet_packet",
            "rtnetlink",
            "tokio",
            "tracing",
        ],
    ),
    ("testkit", &["net", "vrrp", "fastrand", "nix", "serde_json", "socket2"]),
];
/// Crates that decide and do nothing.
const CORES: &[&str] = &["net", "vrrp", "bfd", "lvs"];
/// Crates that may wait for something.
const ASYNC: &[&str] = &["rtnl", "notify", "probe", "sys"];
const LONGEST_FILE: usize = 600;
/// In a manifest.
const OF_WORKSPACE: &str = "[lints]\nworkspace = true\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory of the project");
    entries.map(|entry| entry.expect("an entry of it").path()).collect()
}

/// Every Rust file below a directory of the project.
fn sources(below: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(below)];
    while let Some(directory) = waiting.pop() {
        for path in entries(&directory) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "nothing found below {below}");
    found
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs")
}

/// The part of a file before its tests, without comments.
fn code(path: &Path) -> String {
    let text = read(path);
    let before_tests = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The names under `[dependencies]` of a manifest.
fn dependencies(manifest: &Path) -> BTreeSet<String> {
    let text = read(manifest);
    let section = text.split("[dependencies]").nth(1).unwrap_or_default();
    let lines = section.lines().skip(1).take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split(['.', '=', ' ']).next());
    names.filter(|name| !name.is_empty() && !name.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn crates_import_only_what_the_architecture_allows() {
    let known: BTreeSet<&str> = IMPORTS.iter().map(|(name, _)| *name).collect();
    for path in entries(&root().join("crates")) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        assert!(known.contains(name), "crate {name} has no row in this test");
    }
    for (name, allowed) in IMPORTS {
        let manifest = root().join("crates").join(name).join("Cargo.toml");
        for import in dependencies(&manifest) {
            assert!(allowed.contains(&import.as_str()), "{name} must not import {import}");
        }
    }
}

#[test]
fn cores_have_no_clock_no_runtime_and_no_world() {
    let banned = ["Instant::now", "SystemTime", "tokio", "std::fs", "std::net::UdpSocket"];
    let banned = banned.iter().chain(&["std::thread", "async fn", "std::env", "std::process"]);
    for path in CORES.iter().flat_map(|name| sources(&format!("crates/{name}/src"))) {
        let code = code(&path);
        for word in banned.clone() {
            assert!(!code.contains(word) || is_test(&path), "{}: {word}", path.display());
        }
    }
}

/// The compiler sees to it, wherever the workspace's lints hold.
#[test]
fn all_but_sys_keep_to_the_lints_of_the_workspace() {
    let workspace = read(&root().join("Cargo.toml"));
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    assert!(workspace.contains(OF_WORKSPACE));
    for (name, _) in IMPORTS.iter().filter(|(name, _)| *name != "sys") {
        let manifest = read(&root().join("crates").join(name).join("Cargo.toml"));
        assert!(manifest.contains(OF_WORKSPACE), "{name}");
    }
}

#[test]
fn only_the_edges_and_the_daemon_wait() {
    for path in sources("crates") {
        let allowed = ASYNC.iter().any(|name| path.starts_with(root().join("crates").join(name)));
        assert!(allowed || !code(&path).contains("async fn"), "{}", path.display());
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for path in sources("crates").into_iter().chain(sources("src")).chain(sources("tests")) {
        let opens = read(&path).starts_with("//!");
        assert!(opens || path.ends_with("tests.rs"), "{} does not start with //!", path.display());
    }
}

#[test]
fn no_file_is_too_long() {
    for path in sources("crates").into_iter().chain(sources("src")).chain(sources("tests")) {
        let lines = read(&path).lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_way_in_is_short() {
    assert!(read(&root().join("src/main.rs")).lines().count() <= 60);
}
