//! Names of labs: unique on the machine, and telling whether the process that made one still lives.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// What every namespace and directory of a lab starts with.
const FAMILY: &str = "kalab";
/// Where `ip netns` keeps its names.
const NAMESPACES: &str = "/run/netns";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The stem of all names of one lab: `kalab-<pid>-<start time>-<n>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LabName {
    stem: String,
    directory: PathBuf,
}

impl LabName {
    /// A stem that nobody has used.
    pub(crate) fn next() -> Self {
        let pid = process::id();
        let started = start_time(pid).expect("a process finds itself in /proc");
        let count = NEXT.fetch_add(1, Ordering::Relaxed);
        Self::of(format!("{FAMILY}-{pid}-{started}-{count}"))
    }

    fn of(stem: String) -> Self {
        let directory = Path::new("/tmp").join(&stem);
        Self { stem, directory }
    }

    /// The part shared by all names of the lab.
    pub(super) fn stem(&self) -> &str {
        &self.stem
    }

    /// Where the lab keeps its files.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The name of one namespace of this lab.
    pub(super) fn namespace(&self, part: &str) -> String {
        format!("{}-{part}", self.stem)
    }
}

/// The labs on this machine whose process has gone.
pub(super) fn orphans() -> Vec<LabName> {
    let mut stems: Vec<String> = entries(NAMESPACES)
        .chain(entries("/tmp"))
        .filter_map(|entry| stem_of(&entry))
        .filter(|stem| !owner_lives(stem))
        .collect();
    stems.sort();
    stems.dedup();
    stems.into_iter().map(LabName::of).collect()
}

/// The file of a namespace, for `setns`.
pub(super) fn namespace_file(namespace: &str) -> PathBuf {
    Path::new(NAMESPACES).join(namespace)
}

fn entries(directory: &str) -> impl Iterator<Item = String> {
    let read = fs::read_dir(directory).into_iter().flatten();
    read.flatten().filter_map(|entry| entry.file_name().into_string().ok())
}

fn stem_of(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.splitn(5, '-').collect();
    let numbers = parts.get(1..4)?;
    let numeric = numbers.iter().all(|part| part.parse::<u64>().is_ok());
    (parts.first() == Some(&FAMILY) && numeric).then(|| format!("{FAMILY}-{}", numbers.join("-")))
}

fn owner_lives(stem: &str) -> bool {
    let mut numbers = stem.split('-').skip(1).map(str::parse::<u64>);
    let (Some(Ok(pid)), Some(Ok(started))) = (numbers.next(), numbers.next()) else {
        return true;
    };
    u32::try_from(pid).is_ok_and(|pid| start_time(pid) == Some(started))
}

/// When a process started, in clock ticks since boot: a reused pid does not look alive.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(") ")?;
    after_name.split(' ').nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_found_in_the_names_made_from_it() {
        let name = LabName::next();
        assert_eq!(stem_of(&name.namespace("a")).as_deref(), Some(name.stem()));
        assert_eq!(stem_of(name.stem()).as_deref(), Some(name.stem()));
        assert_eq!(stem_of("kalab-notes-1-2"), None);
    }

    #[test]
    fn the_owner_of_a_new_name_lives_and_that_of_an_impossible_one_does_not() {
        assert!(owner_lives(LabName::next().stem()));
        assert!(!owner_lives(&format!("{FAMILY}-{}-1-0", process::id())));
    }
}
