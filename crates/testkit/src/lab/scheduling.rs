//! How the kernel schedules a part of a daemon, read from `/proc` (proc(5)).
//! Decides which process and thread a part is, for both programs; not how it should be scheduled.

use std::fs;
use std::path::{Path, PathBuf};

use super::Daemon;

/// A part of the daemon: what the original has a process for, and ours threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// VRRP.
    Vrrp,
    /// Load balancing.
    Checkers,
    /// BFD.
    Bfd,
}

/// How one thread is scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduling {
    /// The nice value.
    pub nice: i32,
    /// The priority in real time (`SCHED_RR`), if it runs in real time.
    pub realtime: Option<u32>,
    /// The processors that it may use, as the kernel lists them: `0-1`.
    pub processors: String,
    /// Memory of its process is locked.
    pub locks_memory: bool,
    /// Microseconds that it may compute in real time without a break.
    pub realtime_limit: Option<u64>,
}

impl Daemon {
    /// How a part is scheduled; of ours the thread of this name. `None` as long as there is none.
    pub fn scheduling(&self, part: Part, thread: &str) -> Option<Scheduling> {
        let file = match part {
            Part::Vrrp => &self.pid_files()[1],
            Part::Checkers => &self.pid_files()[2],
            Part::Bfd => &self.pid_files()[3],
        };
        let pid = fs::read_to_string(file).ok()?;
        let process = Path::new("/proc").join(pid.trim());
        let thread = match self.is_ours() {
            true => thread_named(&process, thread)?,
            false => process.clone(),
        };
        Scheduling::read(&process, &thread)
    }
}

impl Scheduling {
    fn read(process: &Path, thread: &Path) -> Option<Self> {
        let stat = fs::read_to_string(thread.join("stat")).ok()?;
        // Fields from the third on; a name may hold blanks.
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split_whitespace().collect();
        let round_robin = *fields.get(38)? == "2";
        let status = fs::read_to_string(thread.join("status")).ok()?;
        let status = |name: &str| {
            status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .map(|text| text.trim().to_owned())
        };
        let limits = fs::read_to_string(process.join("limits")).ok()?;
        let limit = limits.lines().find_map(|line| line.strip_prefix("Max realtime timeout"))?;
        Some(Self {
            nice: fields.get(16)?.parse().ok()?,
            realtime: fields.get(37)?.parse().ok().filter(|_| round_robin),
            processors: status("Cpus_allowed_list:")?,
            locks_memory: status("VmLck:")? != "0 kB",
            realtime_limit: limit.split_whitespace().nth(1)?.parse().ok(),
        })
    }
}

fn thread_named(process: &Path, name: &str) -> Option<PathBuf> {
    let threads = fs::read_dir(process.join("task")).ok()?;
    threads.flatten().map(|entry| entry.path()).find(|thread| {
        fs::read_to_string(thread.join("comm")).is_ok_and(|comm| comm.trim_end() == name)
    })
}
