//! The notify pipes: whose they are, what becomes of them at a reload and at the end, who reads
//! them, and that nobody waits for them.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use testkit::lab::Host;

use crate::support::{Alone, FAST, LIMIT, instance, under_test, usual};

/// A script that tells that it has begun, and writes so many lines of its pipe into `lines`.
fn reader(host: &Host, count: u32) -> String {
    let (begun, lines) = (host.file("begun"), host.file("lines"));
    let body = format!(
        "echo \"$*\" >>{}\nexec sed -u {count}q <\"$2\" >>{}",
        begun.display(),
        lines.display()
    );
    host.script("reader", &body).display().to_string()
}

fn lines(host: &Host, file: &str) -> Vec<String> {
    host.read(file).lines().map(str::to_owned).collect()
}

fn globals(lines: &str) -> String {
    format!("global_defs {{\n  script_user root\n  {lines}\n}}\n")
}

/// A pipe of the test's own: nobody removes it, and the test holds it open.
fn own_pipe(path: &Path) -> fs::File {
    mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR).expect("a pipe");
    let mut options = fs::File::options();
    options.read(true).write(true).custom_flags(OFlag::O_NONBLOCK.bits());
    options.open(path).expect("both ends of it")
}

/// What is in a pipe now, but for what filled it up.
fn take(pipe: &mut fs::File) -> Vec<String> {
    let mut bytes = Vec::new();
    // It ends with an error: the pipe is empty.
    let _ = pipe.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    text.lines().map(|line| line.trim_start_matches('.').to_owned()).collect()
}

#[test]
fn a_pipe_belongs_to_whom_it_is_given_and_one_of_the_operator_stays() {
    let scene = Alone::new("pipe-owner");
    let (made, given) = (scene.host.file("made"), scene.host.file("given"));
    let _given = own_pipe(&given);
    let globals = format!(
        "umask 022\n  notify_fifo {}\n  vrrp_notify_fifo {} daemon nogroup",
        given.display(),
        made.display()
    );
    let configuration = format!("{}{}", self::globals(&globals), usual(""));
    let mut daemon = scene.start_master(&configuration, "192.0.2.51");
    let about = |path: &Path| {
        let about = fs::metadata(path).expect("a pipe");
        (about.uid(), about.gid(), about.mode() & 0o777)
    };
    assert_eq!(about(&made), (1, 65_534, 0o644));
    assert_eq!(about(&given), (0, 0, 0o600));
    assert!(daemon.stop().success());
    assert!(given.exists() && !made.exists());
}

/// Newer than 2.2.7, which writes into the file.
#[test]
fn what_is_no_pipe_is_left_alone_since_2_4() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    let scene = Alone::new("pipe-file");
    let file = scene.host.write("file", "precious");
    let globals = globals(&format!("notify_fifo {}", file.display()));
    let mut daemon = scene.start_master(&format!("{globals}{}", usual("")), "192.0.2.51");
    let refused = format!("notify fifo {} is not a fifo we own - not using", file.display());
    daemon.wait_for_log(&refused, LIMIT);
    assert!(daemon.stop().success());
    assert_eq!(scene.host.read("file"), "precious");
}

#[test]
fn a_pipe_that_is_full_loses_lines_and_nobody_waits_for_it() {
    let scene = Alone::new("pipe-full");
    let path = scene.host.file("pipe");
    let mut pipe = own_pipe(&path);
    let mut filled = 0;
    while let Ok(written) = std::io::Write::write(&mut pipe, &[b'.'; 4096]) {
        filled += written;
    }
    assert!(filled > 4096);
    // What a line of the second one says was tried in the first one before.
    let second = scene.host.file("second");
    let mut heard = own_pipe(&second);
    let both = format!("notify_fifo {}\n  vrrp_notify_fifo {}", path.display(), second.display());
    let configuration = format!("{}{}", globals(&both), usual(""));
    let mut daemon = scene.start_master(&configuration, "192.0.2.51");
    scene.host.unplug();
    daemon.wait_for_log("Entering FAULT STATE", LIMIT);
    scene.host.plug();
    let mut lines = Vec::new();
    scene.lab.wait_until("to be master again, and told", LIMIT, || {
        lines.extend(take(&mut heard));
        lines.iter().filter(|line| line.contains("MASTER")).count() == 2
    });
    assert_eq!(take(&mut pipe), [""], "nothing but what filled it");
    assert!(daemon.stop().success());
    assert_eq!(take(&mut pipe), ["INSTANCE \"VI_1\" STOP 100"]);
    assert!(!daemon.log().has("write error"), "{}", daemon.log().text());
}

#[test]
fn a_reader_that_ends_is_started_again_by_a_reload_only() {
    let scene = Alone::new("pipe-reader");
    let pipe = scene.host.file("pipe");
    let globals = globals(&format!(
        "vrrp_notify_fifo {}\n  vrrp_notify_fifo_script \"{} own\"",
        pipe.display(),
        reader(&scene.host, 1)
    ));
    let configuration = format!("{globals}{}", usual(""));
    let daemon = scene.start_master(&configuration, "192.0.2.51");
    daemon.wait_for_log("vrrp notify fifo script terminated", LIMIT);
    scene.host.unplug();
    daemon.wait_for_log("Entering FAULT STATE", LIMIT);
    scene.host.plug();
    daemon.wait_for_log_times("Entering MASTER STATE", 2, LIMIT);
    let begun = format!("own {}", pipe.display());
    assert_eq!(lines(&scene.host, "begun"), std::slice::from_ref(&begun));
    daemon.reload(&configuration);
    scene.lab.wait_until("a second reader", LIMIT, || lines(&scene.host, "begun").len() == 2);
    assert_eq!(lines(&scene.host, "begun"), [begun.clone(), begun]);
}

/// In keepalived the reader of the pipe for everything is one of the part that started it.
#[test]
fn the_end_of_every_reader_is_told_in_the_words_of_vrrp_where_nothing_is_balanced() {
    let scene = Alone::new("pipe-readers");
    let reader = reader(&scene.host, 1);
    let globals = globals(&format!(
        "notify_fifo {}\n  notify_fifo_script \"{reader} all\"\n  vrrp_notify_fifo {}\n  \
         vrrp_notify_fifo_script \"{reader} vrrp\"",
        scene.host.file("all").display(),
        scene.host.file("vrrp").display()
    ));
    let daemon = scene.start_master(&format!("{globals}{}", usual("")), "192.0.2.51");
    daemon.wait_for_log_times("vrrp notify fifo script terminated", 2, LIMIT);
    let expected = ["INSTANCE \"VI_1\" BACKUP 100"; 2];
    assert_eq!(lines(&scene.host, "lines"), expected);
}

/// keepalived makes all pipes anew at a reload, and so heals one that somebody removed.
#[test]
fn a_reload_makes_a_pipe_again_that_somebody_removed_and_closes_one_that_is_not_wanted() {
    let scene = Alone::new("pipe-removed");
    let pipe = scene.host.file("pipe");
    let with = format!("{}{}", globals(&format!("notify_fifo {}", pipe.display())), usual(""));
    let daemon = scene.start_master(&with, "192.0.2.51");
    fs::remove_file(&pipe).expect("the pipe");
    daemon.reload(&with);
    scene.lab.wait_until("the pipe", LIMIT, || pipe.exists());
    daemon.wait_for_log_times("Reload complete", 1, LIMIT);
    daemon.reload(&usual(""));
    scene.lab.wait_until("the pipe to go", LIMIT, || !pipe.exists());
}

/// keepalived 2.2.7 forgets the instances that stay masters.
#[test]
fn a_reload_tells_every_state_again_where_that_is_wanted() {
    let scene = Alone::new("pipe-again");
    let path = scene.host.file("pipe");
    let mut pipe = own_pipe(&path);
    let told = scene.host.file("told");
    let script = scene.host.script("tell", &format!("echo \"$*\" >>{}", told.display()));
    let configuration = |more: &str| {
        let globals = globals(&format!("notify_fifo {}\n  {more}", path.display()));
        let group = "vrrp_sync_group G1 {\n  group {\n    VI_1\n  }\n}\n";
        let master = usual(&format!("notify {}", script.display()));
        let faulty = instance(
            "VI_2",
            52,
            "192.0.2.52",
            &format!("{FAST}\n  track_interface {{\n    eth1\n  }}"),
        );
        format!("{globals}{group}{master}{faulty}")
    };
    scene.host.add_link("eth1", "198.51.100.1/24");
    scene.host.unplug_link("eth1");
    let daemon = scene.start_master(&configuration(""), "192.0.2.51");
    scene.lab.wait_until("scripts", LIMIT, || lines(&scene.host, "told").len() == 2);
    daemon.reload(&configuration(""));
    daemon.wait_for_log("Reload complete", LIMIT);
    let mut before = Vec::new();
    scene.lab.wait_until("the lines of the start", LIMIT, || {
        before.extend(take(&mut pipe));
        before.len() >= 5
    });
    before.sort();
    let expected = [
        "GROUP \"G1\" BACKUP 0",
        "GROUP \"G1\" MASTER 0",
        "INSTANCE \"VI_1\" BACKUP 100",
        "INSTANCE \"VI_1\" MASTER 100",
        "INSTANCE \"VI_2\" FAULT 100",
    ];
    assert_eq!(before, expected, "and nothing of the reload");

    daemon.reload(&configuration("fifo_write_vrrp_states_on_reload"));
    let mut expected = vec!["GROUP \"G1\" MASTER 0", "INSTANCE \"VI_2\" FAULT 100"];
    if under_test().is_ours() {
        expected.insert(1, "INSTANCE \"VI_1\" MASTER 100");
    }
    let mut again = Vec::new();
    scene.lab.wait_until("the lines of the reload", LIMIT, || {
        again.extend(take(&mut pipe));
        again.len() >= expected.len()
    });
    assert_eq!(again, expected);
    assert_eq!(lines(&scene.host, "told").len(), 2, "scripts hear nothing of it");
}
