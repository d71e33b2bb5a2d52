//! Going to the background, in a process of its own that has only one thread: this test is its
//! own `main`, as the usual harness starts threads.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sys::lockfile::PidFile;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("daemon"), Some(directory)) => daemon(Path::new(&directory)),
        // `cargo nextest` asks for the tests first.
        (Some("--list"), _) => Ok(()),
        _ => the_daemon_outlives_its_parent_in_a_session_of_its_own(),
    }
}

/// Leaves what it sees of itself in a file, and its pid file until it has been told to end.
fn daemon(directory: &Path) -> Result<(), Box<dyn Error>> {
    sys::process::daemonize()?;
    let _held = PidFile::create(&directory.join("daemon.pid"))?;
    let mut seen = vec![std::env::current_dir()?];
    for standard in 0..=2 {
        seen.push(fs::read_link(format!("/proc/self/fd/{standard}"))?);
    }
    let stat = fs::read_to_string("/proc/self/stat")?;
    let session = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(3));
    fs::write(directory.join("new"), format!("{seen:?} {}", session.unwrap_or_default()))?;
    fs::rename(directory.join("new"), directory.join("report"))?;
    wait_for(|| directory.join("end").exists());
    Ok(())
}

fn the_daemon_outlives_its_parent_in_a_session_of_its_own() -> Result<(), Box<dyn Error>> {
    let name = format!("sys-daemon-{}", std::process::id());
    let directory = Directory(std::env::temp_dir().join(name));
    fs::create_dir_all(&directory.0)?;
    let this = std::env::current_exe()?;
    let status = Command::new(this).arg("daemon").arg(&directory.0).status()?;
    assert!(status.success(), "the parent exits with 0");
    let (report, pid) = (directory.0.join("report"), directory.0.join("daemon.pid"));
    wait_for(|| report.exists());
    let id = fs::read_to_string(&pid)?;
    let null = "\"/dev/null\"";
    let expected = format!("[\"/\", {null}, {null}, {null}] {}", id.trim());
    assert_eq!(fs::read_to_string(&report)?, expected);
    assert!(PidFile::create(&pid).is_err(), "the daemon holds it");
    fs::write(directory.0.join("end"), "")?;
    wait_for(|| !pid.exists());
    Ok(())
}

fn wait_for(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        if Instant::now() > deadline {
            exit(1);
        }
        sleep(Duration::from_millis(2));
    }
}

/// A directory that is removed when the test ends, however it does.
struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        // Ends the daemon too, should the test have failed before it did.
        fs::write(self.0.join("end"), "").ok();
        sleep(Duration::from_millis(20));
        fs::remove_dir_all(&self.0).ok();
    }
}
