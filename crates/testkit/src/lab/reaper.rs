//! Removes what a lab made, however its process ends.
//! A shell waits at the end of a pipe that only the lab's process holds: the pipe closes when the
//! lab is dropped, and also when the process panics, is interrupted or is killed.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Once;

use super::names::{self, LabName};
use super::run::must;

/// Arguments: stem, directory. Processes go first: a namespace lives as long as they do.
const REMOVE: &str = r#"
for ns in $(ls /run/netns 2>/dev/null | grep "^$1-"); do
    for try in 1 2 3 4 5; do
        pids=$(ip netns pids "$ns" 2>/dev/null)
        [ -z "$pids" ] && break
        kill -9 $pids 2>/dev/null
        sleep 0.02
    done
    ip netns delete "$ns" 2>/dev/null
done
rm -rf "$2"
"#;

/// The waiting shell of one lab.
pub(crate) struct Reaper(Child);

impl Reaper {
    /// Starts waiting; has to come before anything is made.
    pub(crate) fn start(name: &LabName) -> Self {
        let script = format!("trap '' HUP INT TERM\ncat >/dev/null\n{REMOVE}");
        Self(must("start the lab's reaper", shell(&script, name).stdin(Stdio::piped()).spawn()))
    }

    /// Removes the lab now and waits until that is done.
    pub(crate) fn finish(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            // A panic here would hide the failure that is being unwound.
            let _ = writeln!(std::io::stderr(), "lab: the reaper could not be waited for: {error}");
        }
    }
}

/// Removes the labs of processes that are gone; once per process.
pub(crate) fn sweep_leftovers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for name in names::orphans() {
            must("sweep an abandoned lab", shell(REMOVE, &name).status());
        }
    });
}

fn shell(script: &str, name: &LabName) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, "reaper", name.stem()]).arg(name.directory());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.process_group(0);
    command
}
