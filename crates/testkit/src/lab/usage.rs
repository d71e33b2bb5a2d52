//! What a family of processes costs: processor time and memory, as the kernel counts them.

use std::fs;
use std::time::Duration;

use nix::unistd::Pid;

/// The cost of a process and its descendants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many processes there are.
    pub processes: usize,
    /// Time on a processor since they started, to the nanosecond.
    pub cpu: Duration,
    /// Proportional set size: shared pages count in parts.
    pub memory_kib: u64,
}

/// Adds up what these processes have used.
pub(super) fn of(processes: impl Iterator<Item = Pid>) -> Usage {
    processes.fold(Usage::default(), |sum, process| Usage {
        processes: sum.processes + 1,
        cpu: sum.cpu + cpu(process),
        memory_kib: sum.memory_kib + memory(process),
    })
}

/// Of all its threads; the first number of `schedstat` is nanoseconds on a processor.
fn cpu(process: Pid) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

fn memory(process: Pid) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
