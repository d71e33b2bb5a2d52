//! Network and mount namespaces, in a thread that has a `/run` of its own.
//!
//! Needs root and `ip`; without, it fails rather than skips.

use std::fs::{self, read_link};
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::thread;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use sys::namespace::{NamespaceError, enter_network, private_run_directory};

/// Runs the test in a thread whose `/run` is empty and its own, as is its network.
fn with_own_run(test: impl FnOnce() + Send + 'static) {
    let inside = || {
        unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET)
            .expect("this test must be able to unshare");
        let nothing = None::<&str>;
        mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)
            .expect("a mount of our own");
        mount(Some("tmpfs"), "/run", Some("tmpfs"), MsFlags::empty(), nothing)
            .expect("a mount of our own");
        test();
    };
    if let Err(panic) = thread::spawn(inside).join() {
        std::panic::resume_unwind(panic);
    }
}

fn network() -> String {
    read_link("/proc/thread-self/ns/net").expect("proc is mounted").display().to_string()
}

#[test]
fn a_named_network_is_entered() {
    with_own_run(|| {
        let made = Command::new("ip").args(["netns", "add", "blue"]).status().unwrap();
        assert!(made.success(), "this test needs iproute2");
        let before = network();
        assert!(matches!(enter_network("red"), Err(NamespaceError::Open { .. })));
        fs::write("/run/netns/file", "").unwrap();
        assert!(matches!(enter_network("file"), Err(NamespaceError::Enter { .. })));
        assert_eq!(network(), before);
        enter_network("blue").unwrap();
        assert_ne!(network(), before);
    });
}

#[test]
fn the_run_directory_is_private_for_as_long_as_it_is_held() {
    with_own_run(|| {
        fs::create_dir("/run/keepalived").unwrap();
        fs::write("/run/keepalived/vrrp.pid", "1").unwrap();
        let held = private_run_directory("blue").unwrap();
        assert!(!fs::exists("/run/keepalived/vrrp.pid").unwrap());
        fs::write("/run/keepalived/vrrp.pid", "2").unwrap();
        fs::remove_file("/run/keepalived/vrrp.pid").unwrap();
        drop(held);
        assert_eq!(fs::read_to_string("/run/keepalived/vrrp.pid").unwrap(), "1");
        assert!(!fs::exists("/run/keepalived/blue").unwrap(), "empty, so it went away");
        let held = private_run_directory("green").unwrap();
        fs::write("/run/keepalived/vrrp.pid", "3").unwrap();
        drop(held);
        assert_eq!(fs::read_to_string("/run/keepalived/green/vrrp.pid").unwrap(), "3");
        assert_eq!(fs::metadata("/run/keepalived/green").unwrap().mode() & 0o7777, 0o755);
    });
}
