//! Runs Debian's `keepalived -t` on many files, each time as process 1 of its own PID namespace,
//! all in one network namespace of their own, within a bounded time.
//!
//! Started otherwise, 2.2.7 ends itself without a word where a script runs as another user.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use testkit::lab::Program;

use crate::verdict::Verdict;

/// The node's name there.
pub(super) const HOST_NAME: &str = "lb1";

/// `$1` is keepalived, the files are in the current directory.
const LOOP: &str = r#"
hostname lb1
for link in eth0 eth1 ens33 bond0 quiet0; do
    ip link add $link type veth peer name to-$link
    ip link set $link up
    ip link set to-$link up
done
ip link set quiet0 multicast off
ip tuntap add tun0 mode tun
ip link add mac0 link eth0 type macvlan mode private
ip link add mac1 link eth0 type macvlan mode bridge
for file in *.conf; do
    name=${file%.conf}
    timeout -s KILL 10 unshare --pid --fork --kill-child --mount-proc \
        "$1" -t -f "$file" </dev/null >"$name.out" 2>&1
    echo $? >"$name.status"
done
"#;

/// What it says of each text; runs with different labels may go on at the same time. 137 as status: it did not come to an end.
pub(super) fn judge(label: &str, texts: &[String]) -> Vec<Verdict> {
    let scratch = Scratch::new(label);
    for (number, text) in (0..).zip(texts) {
        fs::write(scratch.file(number, "conf"), text).expect("a file can be written");
    }
    let seconds = texts.len() + 60;
    run(&scratch.0, &seconds.to_string());
    (0..).take(texts.len()).map(|number| verdict(&scratch, number)).collect()
}

fn run(directory: &Path, seconds: &str) {
    let status = Command::new("timeout")
        .args(["-s", "KILL", seconds])
        .args(["unshare", "--net", "--uts", "--mount", "--pid", "--fork", "--kill-child"])
        .args(["sh", "-c", LOOP, "sh"])
        .arg(Program::Original.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("LANG", "C")
        .env("REGION", "north")
        .current_dir(directory)
        .stdin(Stdio::null())
        .status()
        .expect("timeout and unshare are there");
    assert!(status.success(), "the runs of the original ended with {status}");
}

fn verdict(scratch: &Scratch, number: u32) -> Verdict {
    let read = |extension| fs::read(scratch.file(number, extension)).expect("the run wrote it");
    let status = String::from_utf8_lossy(&read("status")).trim().parse();
    let output = read("out");
    Verdict::original(status.expect("a status is a number"), &String::from_utf8_lossy(&output))
}

/// A directory that is gone when this is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(label: &str) -> Self {
        let name = format!("keepalived-differential-{label}-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).expect("a directory can be made");
        Self(directory)
    }

    fn file(&self, number: u32, extension: &str) -> PathBuf {
        self.0.join(format!("{number:06}.{extension}"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is only litter.
        let _ = fs::remove_dir_all(&self.0);
    }
}
