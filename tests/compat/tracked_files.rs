//! `track_file`: what a value does to the priority and the state, and when a file is read.

use testkit::lab::Host;

use crate::dumps::dump;
use crate::support::{Alone, LIMIT, usual};

/// A tracked file `value` on the host; `more` are further lines of its block.
fn tracked(scene: &Alone, more: &str) -> String {
    let file = scene.host.file("value");
    let block = format!("track_file f {{\n  file {}\n  {more}\n}}\n", file.display());
    format!("{block}{}", usual("track_file {\n    f\n  }"))
}

fn write(host: &Host, value: &str) {
    host.write("value", value);
}

#[test]
fn the_value_times_the_weight_is_added_to_the_priority() {
    let scene = Alone::new("file-weight");
    write(&scene.host, "5\n");
    let daemon = scene.start_master(&tracked(&scene, "weight 2"), "192.0.2.51");
    scene.wait_for_priority(110);
    write(&scene.host, "-20\n");
    scene.wait_for_priority(60);
    write(&scene.host, "0x10 and what follows\n");
    scene.wait_for_priority(132);
    write(&scene.host, "no number\n");
    scene.wait_for_priority(100);
    write(&scene.host, "1000\n");
    scene.wait_for_priority(254);
    std::fs::remove_file(scene.host.file("value")).unwrap();
    scene.wait_for_priority(100);
    daemon.log().expect_in_order(&[
        "(VI_1) Changing effective priority from 110 to 60",
        "(VI_1) Changing effective priority from 60 to 132",
        "(VI_1) Changing effective priority from 132 to 100",
        "(VI_1) Changing effective priority from 100 to 254",
        "(VI_1) Changing effective priority from 254 to 100",
    ]);
}

#[test]
fn a_reversed_weight_takes_the_value_away() {
    let scene = Alone::new("file-reverse");
    write(&scene.host, "5\n");
    let _daemon = scene.start_master(&tracked(&scene, "weight 3 reverse"), "192.0.2.51");
    scene.wait_for_priority(85);
    write(&scene.host, "-4\n");
    scene.wait_for_priority(112);
}

#[test]
fn a_number_out_of_range_changes_nothing() {
    let scene = Alone::new("file-range");
    write(&scene.host, "7\n");
    let daemon = scene.start_master(&tracked(&scene, ""), "192.0.2.51");
    scene.wait_for_priority(107);
    write(&scene.host, "99999999999\n");
    let line =
        format!("Invalid number 99999999999 read from {}", scene.host.file("value").display());
    daemon.wait_for_log(&format!("{line} - ignoring"), LIMIT);
    write(&scene.host, "8\n");
    scene.wait_for_priority(108);
    assert!(!daemon.log().has("effective priority from 107 to 100"), "{}", scene.lab.logs());
}

#[test]
fn a_file_that_is_moved_into_place_is_read_and_one_that_is_moved_away_is_none() {
    let scene = Alone::new("file-moved");
    let _daemon = scene.start_master(&tracked(&scene, ""), "192.0.2.51");
    scene.wait_for_priority(100);
    let new = scene.host.write("value.new", "9\n");
    std::fs::rename(&new, scene.host.file("value")).unwrap();
    scene.wait_for_priority(109);
    std::fs::rename(scene.host.file("value"), &new).unwrap();
    scene.wait_for_priority(100);
}

#[test]
fn a_link_leads_to_the_file_that_is_watched() {
    let scene = Alone::new("file-link");
    std::fs::create_dir(scene.host.file("elsewhere")).unwrap();
    let real = scene.host.file("elsewhere").join("real");
    std::fs::write(&real, "3\n").unwrap();
    std::os::unix::fs::symlink(&real, scene.host.file("value")).unwrap();
    let _daemon = scene.start_master(&tracked(&scene, ""), "192.0.2.51");
    scene.wait_for_priority(103);
    std::fs::write(&real, "4\n").unwrap();
    scene.wait_for_priority(104);
}

#[test]
fn a_file_without_weight_is_a_fault_while_it_is_not_zero() {
    let scene = Alone::new("file-fault");
    write(&scene.host, "0\n");
    let daemon = scene.start_master(&tracked(&scene, "weight 0"), "192.0.2.51");
    write(&scene.host, "1\n");
    scene.wait_for_priority(0);
    scene.wait_until_gone("192.0.2.51");
    write(&scene.host, "0\n");
    scene.wait_until_held("192.0.2.51");
    daemon.log().expect_in_order(&[
        "(VI_1): tracked file f now FAULT state",
        "(VI_1) Entering FAULT STATE",
        "(VI_1): tracked file f leaving FAULT state",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) Entering MASTER STATE",
    ]);
}

#[test]
fn a_status_of_minus_254_is_a_fault_from_the_start() {
    let scene = Alone::new("file-fault-start");
    write(&scene.host, "-254\n");
    let daemon = scene.start(&tracked(&scene, ""));
    daemon.wait_for_log("(VI_1): entering FAULT state (tracked file f has status -254)", LIMIT);
    // keepalived hears of a change only once it has reached its loop.
    daemon.wait_for_log("Startup complete", LIMIT);
    assert_eq!(scene.capture.counts(), (0, 0));
    write(&scene.host, "-253\n");
    scene.wait_until_held("192.0.2.51");
    scene.wait_for_priority(1);
}

#[test]
fn an_initial_value_is_written_where_there_is_no_file() {
    let scene = Alone::new("file-init");
    let daemon = scene.start_master(&tracked(&scene, "init_file 12"), "192.0.2.51");
    scene.wait_for_priority(112);
    assert_eq!(scene.host.read("value").trim(), "12");
    drop(daemon);
    write(&scene.host, "3\n");
    let _daemon = scene.start_master(&tracked(&scene, "init_file 12"), "192.0.2.51");
    scene.wait_for_priority(103);
    assert_eq!(scene.host.read("value").trim(), "3");
}

#[test]
fn an_initial_value_replaces_what_is_there_when_it_shall() {
    let scene = Alone::new("file-overwrite");
    write(&scene.host, "3\n");
    let _daemon = scene.start_master(&tracked(&scene, "init_file 12 overwrite"), "192.0.2.51");
    scene.wait_for_priority(112);
    assert_eq!(scene.host.read("value").trim(), "12");
}

#[test]
fn a_reload_reads_the_file_that_is_tracked_then() {
    let scene = Alone::new("file-reload");
    write(&scene.host, "5\n");
    scene.host.write("other", "30\n");
    let configuration = tracked(&scene, "");
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.wait_for_priority(105);
    let other = scene.host.file("other").display().to_string();
    let value = scene.host.file("value").display().to_string();
    daemon.reload(&configuration.replace(&value, &other));
    scene.wait_for_priority(130);
    write(&scene.host, "50\n");
    scene.host.write("other", "31\n");
    scene.wait_for_priority(131);
    assert!(scene.host.holds("192.0.2.51"));
}

#[test]
fn the_dump_shows_the_value_and_who_tracks_it() {
    let scene = Alone::new("file-dump");
    write(&scene.host, "-5\n");
    let daemon = scene.start_master(&tracked(&scene, "weight 3 reverse"), "192.0.2.51");
    scene.wait_for_priority(115);
    let text = dump(&scene, &daemon, "DATA", "keepalived.data");
    let path = scene.host.file("value");
    let expected = format!(
        "------< VRRP Track files >------\n Track file = f\n   File = {}\n   Status = -5\n   \
         Weight = 3 reverse\n   Tracking instances :\n     VI_1, weight 3 reverse\n",
        path.display()
    );
    assert!(text.contains(&expected), "{text}");
    assert!(text.contains("   Tracked files :\n     f, weight 3 reverse\n"), "{text}");
}
