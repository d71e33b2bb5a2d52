//! A lab must be real, private, and gone afterwards.

use std::path::Path;
use std::thread;
use std::time::Duration;

use super::{Lab, answering, names};

const SOON: Duration = Duration::from_secs(5);

fn two_hosts(lab: &Lab) -> (super::Host, super::Host) {
    (lab.host("a", "192.0.2.1/24"), lab.host("b", "192.0.2.2/24"))
}

#[test]
fn hosts_of_one_lab_reach_each_other_and_not_those_of_another() {
    let (one, other) = (Lab::new("one"), Lab::new("other"));
    let (a, _b) = two_hosts(&one);
    let (_x, y) = (other.host("x", "192.0.2.1/24"), other.host("y", "192.0.2.3/24"));
    let mut serving = a.haproxy(&answering(8080, "from a"));
    one.wait_until("haproxy on a", SOON, || {
        a.fetch("http://192.0.2.1:8080/").as_deref() == Some("from a")
    });
    assert_eq!(y.fetch("http://192.0.2.1:8080/"), None);
    assert!(!serving.has_ended());
    serving.kill_9();
    assert!(!serving.is_running() && serving.has_ended());
}

#[test]
fn a_dropped_lab_leaves_neither_namespace_nor_directory_nor_process() {
    let lab = Lab::new("dropped");
    let (a, _b) = two_hosts(&lab);
    let mut sleeper = a.spawn("sleeper", ["sleep", "1000"]);
    let (namespace, directory) =
        (names::namespace_file(a.namespace()), lab.directory().to_path_buf());
    assert!(namespace.exists() && directory.exists());
    drop(lab);
    assert!(!namespace.exists() && !directory.exists());
    assert!(sleeper.wait_exit(SOON).is_some());
}

#[test]
fn a_lab_is_removed_when_its_test_panics() {
    let panicked = thread::spawn(|| {
        let lab = Lab::new("panics");
        let a = lab.host("a", "192.0.2.1/24");
        std::panic::panic_any(names::namespace_file(a.namespace()));
    });
    let namespace = panicked.join().expect_err("it panics");
    let namespace = namespace.downcast::<std::path::PathBuf>().expect("it carries the file");
    assert!(!namespace.exists());
}

#[test]
fn a_condition_that_never_holds_fails_with_the_logs_of_the_lab() {
    let failed = thread::spawn(|| {
        let lab = Lab::new("fails");
        let a = lab.host("a", "192.0.2.1/24");
        let _talker = a.spawn("talker", ["sh", "-c", "echo a word from the log; sleep 100"]);
        lab.wait_until("nothing", Duration::from_millis(300), || false);
    });
    let text = failed.join().expect_err("it gives up");
    let text = text.downcast::<String>().expect("it says why");
    assert!(text.contains("a word from the log"), "{text}");
}

#[test]
fn a_capture_sees_each_gratuitous_arp_once_and_knows_its_sender() {
    let lab = Lab::new("capture");
    let (a, _b) = two_hosts(&lab);
    let capture = lab.capture();
    a.ok(["sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/eth0/arp_notify"]);
    a.ok(["ip", "link", "set", "eth0", "down"]);
    a.ok(["ip", "link", "set", "eth0", "up"]);
    lab.wait_until("the kernel's announcement", SOON, || capture.counts().1 > 0);
    let announcements = capture.announcements_of("192.0.2.1");
    assert_eq!(announcements.len(), 1);
    assert_eq!((&*announcements[0].origin.host, &announcements[0].mac), ("a", &a.mac()));
}

#[test]
fn an_unplugged_host_loses_its_carrier_and_an_isolated_one_does_not() {
    let lab = Lab::new("cable");
    let (a, _b) = two_hosts(&lab);
    let reaches = || a.run(["sh", "-c", "cat /sys/class/net/eth0/carrier"]).stdout.trim() == "1";
    assert!(reaches());
    a.unplug();
    lab.wait_until("the carrier to go", SOON, || !reaches());
    a.plug();
    lab.wait_until("the carrier to come back", SOON, reaches);
    a.isolate();
    assert!(reaches());
    a.rejoin();
    assert!(Path::new(a.directory()).is_dir());
}

#[test]
fn a_busy_process_uses_processor_time_and_memory() {
    let lab = Lab::new("usage");
    let a = lab.host("a", "192.0.2.1/24");
    let busy = a.spawn("busy", ["sh", "-c", "(while :; do :; done) & wait"]);
    lab.wait_until("a tenth of a second of work", SOON, || busy.usage().cpu.as_millis() >= 100);
    let usage = busy.usage();
    assert_eq!(usage.processes, 2);
    assert!(usage.memory_kib > 0);
}
