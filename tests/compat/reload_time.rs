//! `reload_time_file`: a file that says when to reload.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Local, TimeDelta, Utc};
use testkit::lab::Daemon;

use crate::support::{Alone, LIMIT, under_test, usual};

/// Times have whole seconds; this leaves between one and two of them.
fn soon() -> DateTime<Local> {
    Local::now() + TimeDelta::seconds(2)
}

struct Timed {
    scene: Alone,
    daemon: Daemon,
    file: PathBuf,
}

impl Timed {
    fn new(label: &str, more: &str) -> Self {
        let scene = Alone::new(label);
        let file = scene.host.file("when");
        let timed = |priority| configuration(&file, more, priority);
        let daemon = scene.start_master(&timed(100), "192.0.2.51");
        // What a reload makes of it shows whether there was one.
        daemon.rewrite(&timed(150));
        Self { scene, daemon, file }
    }

    fn write(&self, line: &str) {
        self.scene.host.write("when", &format!("{line}\n"));
    }

    fn said(&self, line: &str) {
        self.daemon.wait_for_log(line, LIMIT);
    }

    /// A reload comes, and not before its time.
    fn reloads_at(&self, time: DateTime<Local>) {
        let due = time - TimeDelta::nanoseconds(i64::from(time.timestamp_subsec_nanos()));
        let shortly_before = due - TimeDelta::milliseconds(200) - Local::now();
        std::thread::sleep(shortly_before.to_std().unwrap_or_default());
        let early = self.daemon.log().count("Reloading ...") > 0;
        // On a busy machine this look may itself come too late to say anything.
        assert!(!early || Local::now() >= due, "{}", self.scene.lab.logs());
        self.said("Reload complete");
        assert!(Local::now() - due < TimeDelta::seconds(2));
        self.scene.wait_for_priority(150);
    }
}

fn configuration(file: &std::path::Path, more: &str, priority: u8) -> String {
    format!(
        "global_defs {{\n  reload_time_file {}\n  {more}\n}}\n{}",
        file.display(),
        usual(&format!("priority {priority}"))
    )
}

#[test]
fn a_time_of_day_reloads_and_the_file_goes() {
    let timed = Timed::new("time-of-day", "");
    let time = soon();
    timed.write(&time.format("%H:%M:%S").to_string());
    timed.said(&format!("Scheduling reload for {}", time.format("%Y-%m-%d %H:%M:%S")));
    timed.reloads_at(time);
    assert!(!timed.file.exists());
    assert!(timed.scene.host.holds("192.0.2.51"));
    assert_eq!(timed.daemon.log().count("Scheduling"), 1, "{}", timed.scene.lab.logs());
}

#[test]
fn a_date_in_utc_reloads_once_although_times_are_repeated() {
    let timed = Timed::new("time-date", "reload_repeat");
    let time = soon();
    timed.write(&time.with_timezone(&Utc).format("%Y-%m-%d %H:%M:%SZ").to_string());
    timed.said(&format!("Scheduling reload for {}", time.format("%Y-%m-%d %H:%M:%S")));
    timed.reloads_at(time);
    assert!(!timed.file.exists());
}

#[test]
fn a_repeated_time_keeps_its_file_for_the_next_day() {
    let timed = Timed::new("time-repeat", "reload_repeat");
    let time = soon();
    timed.write(&time.format("%H:%M:%S").to_string());
    timed.reloads_at(time);
    let tomorrow = time + TimeDelta::days(1);
    timed.said(&format!("Scheduling reload for {}", tomorrow.format("%Y-%m-%d %H:%M:%S")));
    assert!(timed.file.exists());
}

#[test]
fn a_file_that_is_there_at_the_start_counts() {
    let scene = Alone::new("time-start");
    let file = scene.host.write("when", "2037-01-02 03:04:05\n");
    let daemon = scene.start(&configuration(&file, "", 100));
    daemon.wait_for_log("Scheduling reload for 2037-01-02 03:04:05", LIMIT);
}

#[test]
fn what_happens_to_the_file_moves_and_cancels_the_reload() {
    let timed = Timed::new("time-changes", "");
    let aside = |name: &str| timed.scene.host.file(name);
    let lines = [
        "Scheduling reload for 2037-01-01 00:00:00",
        "Reload time updated from 2037-01-01 00:00:00 to 2037-01-01 00:00:01",
        "Reload time updated from 2037-01-01 00:00:01 to 2037-01-01 00:00:02",
        "Cancelling reload scheduled for 2037-01-01 00:00:02",
        "Scheduling reload for 2037-01-01 00:00:02",
        "Cancelling reload scheduled for 2037-01-01 00:00:02",
    ];
    timed.write("37-01-01 00:00:00");
    timed.said(lines[0]);
    timed.write("2037-01-01 00:00:01");
    timed.said(lines[1]);
    timed.scene.host.write("new", "2037-01-01 00:00:02\n");
    std::fs::rename(aside("new"), &timed.file).unwrap();
    timed.said(lines[2]);
    std::fs::rename(&timed.file, aside("away")).unwrap();
    timed.said(lines[3]);
    std::fs::rename(aside("away"), &timed.file).unwrap();
    timed.daemon.wait_for_log_times(lines[4], 1, LIMIT);
    std::fs::remove_file(&timed.file).unwrap();
    timed.daemon.wait_for_log_times(lines[5], 2, LIMIT);
    timed.daemon.log().expect_in_order(&lines);
    assert_eq!(timed.daemon.log().count("Reloading"), 0);
}

#[test]
fn what_is_no_time_is_named_and_cancels_the_reload() {
    let timed = Timed::new("time-bad", "");
    timed.write("2037-01-01 00:00:00");
    timed.said("Scheduling reload for 2037-01-01 00:00:00");
    for (line, said) in [
        ("25:00:00", "Reload date/time 25:00:00 invalid - ignoring"),
        ("1:2:3", "Reload time 1:2:3 format is incorrect - ignoring"),
        ("2037-02-30 00:00:00", "Reload time 2037-02-30 00:00:00 is not valid - ignoring"),
    ] {
        timed.write(line);
        timed.said(said);
        timed.said(&format!("Invalid reload time '{line}' specified - ignoring"));
    }
    timed.said("Cancelling reload scheduled for 2037-01-01 00:00:00");
    timed.write("2020-01-01 00:00:00");
    timed.said("Reload time 2020-01-01 00:00:00 is in the past - ignoring");
    if under_test().is_ours() {
        assert!(timed.daemon.log().has("expected HH:MM:SS"), "a hint");
        assert_eq!(timed.daemon.log().count("Invalid reload time"), 3, "each is said once");
    }
}

#[test]
fn a_lost_directory_ends_the_watch_until_the_next_reload() {
    let scene = Alone::new("time-directory");
    let directory = scene.host.file("times");
    let file = directory.join("when");
    let daemon = scene.start_master(&configuration(&file, "", 100), "192.0.2.51");
    let place = directory.display();
    daemon.wait_for_log(&format!("Unable to monitor reload timer file directory {place}"), LIMIT);
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(&file, "2037-01-01 00:00:00\n").unwrap();
    daemon.hup();
    daemon.wait_for_log("Scheduling reload for 2037-01-01 00:00:00", LIMIT);
    daemon.wait_for_log("Reload complete", LIMIT);
    std::fs::rename(&directory, scene.host.file("moved")).unwrap();
    let gone = "Directory of reload timer file has disappeared. Monitoring stopped.";
    daemon.wait_for_log(gone, LIMIT);
    daemon.log().expect_in_order(&["Cancelling reload scheduled for 2037-01-01 00:00:00", gone]);
    std::thread::sleep(Duration::from_millis(300));
    assert!(scene.host.holds("192.0.2.51"));
}
