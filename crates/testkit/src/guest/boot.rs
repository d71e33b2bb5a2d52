//! Boots a guest, waits for its end and hands out what it wrote.
//! Decides what the guest's kernel is told, where its memory lies and that nothing of it is left:
//! it lives in a process namespace of its own, which dies as a whole with the test or at the limit.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::statvfs::statvfs;

use super::transcript::{self, Transcript};
use super::{Guest, INSIDE};
use crate::lab::names::LabName;
use crate::lab::reaper::{self, Reaper};
use crate::lab::run::must;
use crate::lab::{Log, Process, need};

const INIT: &str = include_str!("init.sh");
const SYSTEMD: &str = "/lib/systemd/systemd";
/// Where a guest's memory belongs, as long as there is room.
const SHARED_MEMORY: &str = "/dev/shm";
/// How often whoever watches a guest is shown its console.
const GLANCE: Duration = Duration::from_millis(50);
/// A guest that has said how its test ended is not waited for longer than this: the kernel in it
/// hangs now and then after it says that it is halted.
const HALT_LIMIT: Duration = Duration::from_secs(10);
/// What the environment of a test may tell the test in the guest.
const PASSED_ON: [&str; 8] =
    ["KEEPALIVED_", "UNDER_TEST", "LAB_", "BENCH_", "UML_", "SIM_", "RELOAD_", "RUST_"];

/// Runs the calling binary with these arguments in a guest, which `what` names in failure texts.
/// Whoever watches is shown the guest's console again and again, the last time after its end.
pub(super) fn boot(
    guest: &Guest,
    what: &str,
    arguments: &[&str],
    watch: impl FnMut(&Log),
) -> Transcript {
    need(&["linux.uml", "modprobe", "ip", "ipvsadm", "setpriv", "unshare"]);
    let systemd = Path::new(SYSTEMD);
    assert!(!guest.systemd || systemd.is_file(), "guests need systemd: apt-get install systemd");
    reaper::sweep_leftovers();
    let name = LabName::next();
    let mut reaper = Reaper::start(&name);
    prepare(guest, &test_script(arguments), name.directory());
    let transcript = run(guest, what, name.directory(), watch);
    reaper.finish();
    transcript
}

/// Writes what the guest's first process needs, and the script that it ends with.
pub(super) fn prepare(guest: &Guest, script: &str, directory: &Path) {
    must("make the guest's directory", fs::create_dir_all(directory));
    write(&directory.join("init.sh"), INIT);
    write(&directory.join("plan.sh"), &plan(guest));
    write(&directory.join("test.sh"), script);
}

fn run(guest: &Guest, what: &str, directory: &Path, mut watch: impl FnMut(&Log)) -> Transcript {
    let log = Log::new(format!("guest of {what}"), directory.join("console"));
    let mut process = Process::start(&kernel(guest, directory), log, directory);
    let mut deadline = Instant::now() + guest.limit;
    let mut told = false;
    let ended = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let ended = process.wait_exit(left.min(GLANCE));
        watch(process.log());
        if !told && transcript::has_ended(&process.log().text()) {
            told = true;
            deadline = deadline.min(Instant::now() + HALT_LIMIT);
        }
        if ended.is_some() || left.is_zero() {
            break ended;
        }
    };
    if ended.is_none() {
        process.kill_9();
    }
    let killed_after = (ended.is_none() && !told).then_some(guest.limit);
    Transcript::new(&process.log().text(), killed_after)
}

/// The guest's kernel as a process. Its root is mounted read-only: nothing of the host is written.
pub(super) fn kernel(guest: &Guest, directory: &Path) -> Vec<OsString> {
    let place = directory.display();
    let memory = memory_directory(guest.memory_mib, directory);
    let words = [
        // The processes of a guest survive their kernel; those of a namespace do not.
        "unshare --pid --fork --kill-child=KILL env".to_owned(),
        format!("TMPDIR={} linux.uml mem={}M", memory.display(), guest.memory_mib),
        "root=/dev/root rootfstype=hostfs rootflags=/ ro quiet selinux=0".to_owned(),
        format!("init={place}/init.sh con=null con0=fd:0,fd:1 umid=guest uml_dir={place}/"),
    ];
    words.iter().flat_map(|part| part.split(' ')).map(OsString::from).collect()
}

/// The kernel unlinks the file of its memory as soon as it has it.
fn memory_directory(mib: u32, otherwise: &Path) -> PathBuf {
    let room = statvfs(SHARED_MEMORY).map(|fs| fs.blocks_available() * fs.fragment_size());
    let fits = room.is_ok_and(|room| room >= u64::from(mib) << 20);
    if fits { SHARED_MEMORY.into() } else { otherwise.to_path_buf() }
}

/// What `init.sh` has to know.
fn plan(guest: &Guest) -> String {
    let binary = this_binary();
    let beside = binary.ancestors().nth(2).unwrap_or(&binary);
    let (project, beside) =
        (quoted(&project().to_string_lossy()), quoted(&beside.to_string_lossy()));
    let systemd = if guest.systemd { "yes" } else { "no" };
    format!("project={project}\nbinaries={beside}\nsystemd={systemd}\n")
}

/// Runs the binary and says how it ended.
fn test_script(arguments: &[&str]) -> String {
    let passed_on = env::vars().filter(|(name, _)| PASSED_ON.iter().any(|p| name.starts_with(p)));
    let exports: String =
        passed_on.map(|(name, value)| format!("export {name}={}\n", quoted(&value))).collect();
    let current = must("find the working directory", env::current_dir());
    let (current, binary) = (current.to_string_lossy(), this_binary());
    let arguments: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
    format!(
        "#!/bin/sh\n{exports}export {INSIDE}=1 PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root\n\
         cd {} || exit 1\n\
         {} {} 2>&1\n\
         echo \"{}$?\"\nhalt -f\n",
        quoted(&current),
        quoted(&binary.to_string_lossy()),
        arguments.join(" "),
        transcript::ENDED,
    )
}

fn this_binary() -> PathBuf {
    must("find the calling binary", env::current_exe())
}

/// The folder of the whole project.
fn project() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    must("find the project", crates.canonicalize())
}

/// The text as one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn write(path: &Path, text: &str) {
    must("write a guest's script", fs::write(path, text));
    must("make it executable", fs::set_permissions(path, fs::Permissions::from_mode(0o755)));
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quotes_keep_a_text_together() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
