//! Runs Debian's `keepalived -t` on many files, each time as process 1 of its own PID namespace,
//! all in one network namespace of their own, within a bounded time.
//!
//! Started otherwise, 2.2.7 ends itself without a word where a script runs as another user.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use testkit::lab::Program;

use crate::verdict::Verdict;

/// The node's name there.
pub(super) const HOST_NAME: &str = "lb1";

/// `$1` is keepalived, the files are in the current directory.
const LOOP: &str = r#"
hostname lb1
for link in eth0 eth1 ens33 bond0; do
    ip link add $link type veth peer name to-$link
    ip link set $link up
    ip link set to-$link up
done
for file in *.conf; do
    name=${file%.conf}
    timeout -s KILL 10 unshare --pid --fork --kill-child --mount-proc \
        "$1" -t -f "$file" </dev/null >"$name.out" 2>&1
    echo $? >"$name.status"
done
"#;

/// What it says of each text. 137 as status: it did not come to an end.
pub(super) fn judge(texts: &[String]) -> Vec<Verdict> {
    let directory =
        std::env::temp_dir().join(format!("keepalived-differential-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    for (number, text) in texts.iter().enumerate() {
        fs::write(directory.join(format!("{number:06}.conf")), text).unwrap();
    }
    run(&directory, texts.len());
    let verdicts = (0..texts.len()).map(|number| verdict(&directory, number)).collect();
    fs::remove_dir_all(&directory).unwrap();
    verdicts
}

fn run(directory: &Path, count: usize) {
    let limit = 60 + count.to_string().parse::<u64>().unwrap();
    let status = Command::new("timeout")
        .args(["-s", "KILL", &limit.to_string()])
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

fn verdict(directory: &Path, number: usize) -> Verdict {
    let read = |extension| fs::read(directory.join(format!("{number:06}.{extension}"))).unwrap();
    let status = String::from_utf8_lossy(&read("status")).trim().parse().unwrap();
    Verdict::original(status, &String::from_utf8_lossy(&read("out")))
}
