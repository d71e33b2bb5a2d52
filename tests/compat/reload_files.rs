//! The files that tell of reloads: `reload_file` while the configuration is read, and the copies
//! of `config_save_dir`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Alone, LIMIT, under_test, usual};

fn with(settings: &str, more: &str) -> String {
    format!("global_defs {{\n  {settings}\n}}\n{}", usual(more))
}

/// Takes a moment to read, and means nothing.
fn long(configuration: &str) -> String {
    format!(
        "{configuration}{}",
        "! and nothing more to be said about this, at some length\n".repeat(400_000)
    )
}

/// Mode and length of each sight of the file, until told to end.
fn watch(path: &Path, end: &AtomicBool) -> Vec<(u32, u64)> {
    let mut seen = Vec::new();
    while !end.load(Ordering::Relaxed) {
        if let Ok(about) = fs::metadata(path) {
            seen.push((about.permissions().mode() & 0o7777, about.len()));
        }
        thread::sleep(Duration::from_millis(1));
    }
    seen
}

/// What is seen of the file while this is done.
fn seen_during(path: &Path, doing: impl FnOnce()) -> Vec<(u32, u64)> {
    let end = AtomicBool::new(false);
    thread::scope(|scope| {
        let watching = scope.spawn(|| watch(path, &end));
        doing();
        end.store(true, Ordering::Relaxed);
        watching.join().expect("watching does not fail")
    })
}

#[test]
fn a_reload_file_is_gone_when_the_configuration_has_been_read() {
    let scene = Alone::new("reload-file");
    let reading = scene.host.file("reading");
    let setting = format!("reload_file {}", reading.display());
    let daemon = scene.start_master(&with(&setting, ""), "192.0.2.51");
    assert!(!reading.exists(), "the start is over");
    // As an updater does it.
    scene.host.write("reading", "new files\n");
    daemon.reload(&with(&setting, "priority 150"));
    scene.lab.wait_until("the end of the reading", LIMIT, || !reading.exists());
    scene.wait_for_priority(150);
}

/// Debian's 2.2.7 removes the file and never makes it.
#[test]
fn a_reload_file_is_there_while_the_configuration_is_read() {
    let scene = Alone::new("reload-file-there");
    let reading = scene.host.file("reading");
    let configuration = with(&format!("reload_file {}", reading.display()), "");
    let mut daemon = None;
    let at_start = seen_during(&reading, || {
        daemon = Some(scene.start_master(&long(&configuration), "192.0.2.51"));
    });
    let daemon = daemon.unwrap();
    let at_reload = seen_during(&reading, || {
        daemon.hup();
        daemon.wait_for_log("Reload complete", LIMIT);
    });
    if under_test().is_ours() {
        for seen in [at_start, at_reload] {
            assert!(!seen.is_empty(), "never seen");
            // Between making it and opening it to everybody there is a moment.
            assert_eq!(seen.last(), Some(&(0o644, 0)), "{seen:?}");
        }
    }
    assert!(!reading.exists());
}

#[test]
fn a_stop_while_the_configuration_is_read_is_not_delayed_and_leaves_no_file() {
    let scene = Alone::new("reload-file-stop");
    let reading = scene.host.file("reading");
    let configuration = with(&format!("reload_file {}", reading.display()), "");
    let mut daemon = scene.start_master(&configuration, "192.0.2.51");
    daemon.reload(&long(&long(&configuration)));
    thread::sleep(Duration::from_millis(100));
    let asked = Instant::now();
    assert!(daemon.stop().success());
    assert!(!reading.exists());
    if under_test().is_ours() {
        assert!(asked.elapsed() < Duration::from_millis(1_500), "{:?}", asked.elapsed());
        assert_eq!(daemon.log().count("Reload complete"), 0, "it was over before the stop");
    }
}

/// The names in a directory that exists.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The same without the process ids, which are others for each part of 2.2.7.
fn kinds(directory: &Path) -> Vec<String> {
    let is_id = |part: &str| part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_digit());
    let kind = |part| if is_id(part) { "PID" } else { part };
    names(directory)
        .iter()
        .map(|name| name.split('.').map(kind).collect::<Vec<_>>().join("."))
        .collect()
}

fn content(directory: &Path, (start, end): (&str, &str)) -> String {
    let names = names(directory);
    let name = names.iter().find(|name| name.starts_with(start) && name.ends_with(end));
    name.and_then(|name| fs::read_to_string(directory.join(name)).ok()).unwrap_or_default()
}

#[test]
fn copies_are_kept_of_what_was_read_and_of_what_ran_before_and_after() {
    let scene = Alone::new("reload-copies");
    let copies = scene.host.file("copies");
    let setting = format!("config_save_dir {}", copies.display());
    let daemon = scene.start_master(&with(&setting, ""), "192.0.2.51");
    daemon.reload(&with(&setting, "priority 150"));
    daemon.wait_for_log("Reload complete", LIMIT);
    scene.wait_for_priority(150);
    let expected = [
        "keepalived.conf.PID.0",
        "keepalived.conf.PID.1",
        "keepalived_vrrp.PID.1.post",
        "keepalived_vrrp.PID.1.pre",
    ];
    scene.lab.wait_until("all copies", LIMIT, || kinds(&copies) == expected);
    assert!(!content(&copies, ("keepalived.conf.", ".0")).contains("priority 150"));
    assert!(content(&copies, ("keepalived.conf.", ".1")).contains("priority 150"));
    assert!(content(&copies, ("keepalived_vrrp.", ".1.pre")).contains("   Priority = 100\n"));
    assert!(content(&copies, ("keepalived_vrrp.", ".1.post")).contains("   Priority = 150\n"));
    if under_test().is_ours() {
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&copies), 0o700);
        for name in names(&copies) {
            assert_eq!(mode(&copies.join(name)), 0o600, "there are passwords in it");
        }
    }
}
