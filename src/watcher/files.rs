//! Files that hold a number, seen through their directories (inotify).
//!
//! Says what each file holds now and whenever that changes. A file is read when it is complete:
//! whoever writes one empties it first. A file that is not there holds 0, and so does one whose
//! directory is not there; it may come later.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::libc::O_NONBLOCK;
use sys::watch::{Directories, Place, Seen};

use super::value::{LONGEST, value};
use crate::log::Log;

/// How often a directory that is not there is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Watched files, each known to its owner by a key.
#[derive(Debug)]
pub(crate) struct Files<K> {
    directories: Option<Directories>,
    watched: Vec<Watched<K>>,
    log: Log,
}

#[derive(Debug)]
struct Watched<K> {
    key: K,
    /// Where it really is: links are followed when the watch begins.
    path: PathBuf,
    name: OsString,
    /// Its directory; `None` while that is not there.
    place: Option<Place>,
    /// What was read last.
    value: i32,
}

impl<K: Clone> Files<K> {
    /// No files yet.
    pub(crate) const fn new(log: Log) -> Self {
        Self { directories: None, watched: Vec::new(), log }
    }

    /// Watches these files and no others; says what each holds. Use inside a tokio runtime.
    pub(crate) fn watch(&mut self, files: impl Iterator<Item = (K, PathBuf)>) -> Vec<(K, i32)> {
        self.watched = files.map(|(key, path)| Watched::new(key, &path)).collect();
        self.directories = None;
        if !self.watched.is_empty() {
            match Directories::new() {
                Ok(directories) => self.directories = Some(directories),
                Err(error) => self.log.info(format!("Unable to monitor track files: {error}")),
            }
        }
        self.find_places();
        for file in &mut self.watched {
            file.read(&self.log);
        }
        self.watched.iter().map(|file| (file.key.clone(), file.value)).collect()
    }

    /// The next files that hold something else, with what they hold. May be dropped while it
    /// waits.
    pub(crate) async fn changed(&mut self) -> Vec<(K, i32)> {
        loop {
            let Some(directories) = &self.directories else {
                return std::future::pending().await;
            };
            let incomplete = self.watched.iter().any(|file| file.place.is_none());
            let seen = tokio::select! {
                ready = directories.ready() => match ready {
                    Ok(()) => directories.seen(),
                    Err(_) => return std::future::pending().await,
                },
                () = tokio::time::sleep(LOOK_AGAIN), if incomplete => Vec::new(),
            };
            let mut due = self.concerned(&seen);
            due.extend(self.find_places());
            let changed = self.read_again(&due);
            if !changed.is_empty() {
                return changed;
            }
        }
    }

    /// The files that something happened to.
    fn concerned(&mut self, seen: &[Seen]) -> BTreeSet<usize> {
        let mut due = BTreeSet::new();
        for (index, file) in self.watched.iter_mut().enumerate() {
            for seen in seen {
                match seen {
                    Seen::Complete(place, name) | Seen::Removed(place, name)
                        if file.place == Some(*place) && file.name == *name =>
                    {
                        due.insert(index);
                    }
                    Seen::Lost => drop(due.insert(index)),
                    Seen::Gone(place) if file.place == Some(*place) => {
                        file.place = None;
                        due.insert(index);
                    }
                    Seen::Complete(..) | Seen::Removed(..) | Seen::Touched(..) | Seen::Gone(_) => {}
                }
            }
        }
        due
    }

    /// Watches directories that were not there before; returns the files in them.
    fn find_places(&mut self) -> BTreeSet<usize> {
        let Some(directories) = &self.directories else {
            return BTreeSet::new();
        };
        let missing = self.watched.iter_mut().enumerate().filter(|(_, file)| file.place.is_none());
        let found = missing.filter_map(|(index, file)| {
            file.place = directories.watch(directory(&file.path)).ok();
            file.place.map(|_| index)
        });
        found.collect()
    }

    fn read_again(&mut self, due: &BTreeSet<usize>) -> Vec<(K, i32)> {
        let mut changed = Vec::new();
        for index in due {
            let Some(file) = self.watched.get_mut(*index) else { continue };
            let before = file.value;
            file.read(&self.log);
            if file.value != before {
                changed.push((file.key.clone(), file.value));
            }
        }
        changed
    }
}

impl<K> Watched<K> {
    fn new(key: K, path: &Path) -> Self {
        let path = resolved(path);
        let name = path.file_name().unwrap_or_default().to_owned();
        Self { key, path, name, place: None, value: 0 }
    }

    /// What cannot be read holds 0; a number that cannot be a value leaves the last one.
    fn read(&mut self, log: &Log) {
        match content(&self.path).map(|content| value(&content)) {
            Ok(Ok(value)) => self.value = value,
            Ok(Err(number)) => {
                let path = self.path.display();
                log.info(format!("Invalid number {number} read from {path} - ignoring"));
            }
            Err(error) => {
                self.value = 0;
                if error.kind() != io::ErrorKind::NotFound {
                    log.info(format!("Cannot read track file {}: {error}", self.path.display()));
                }
            }
        }
    }
}

/// Where a file is, links followed as far as they lead.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let name = path.file_name().unwrap_or_default();
        directory(path).canonicalize().map_or_else(|_| path.to_owned(), |found| found.join(name))
    })
}

/// The directory that a file is in.
fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn content(path: &Path) -> io::Result<Vec<u8>> {
    // A pipe without a writer would hold up whoever opens it.
    let file = OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut content = Vec::new();
    file.take(LONGEST).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::log;

    #[test]
    fn a_directory_that_is_removed_and_made_again_is_watched_again() {
        let above = tempfile::tempdir().expect("a directory");
        let (directory, file) = (above.path().join("d"), above.path().join("d/f"));
        let write = |value: &str| {
            let new = above.path().join("new");
            fs::write(&new, value).expect("a file");
            fs::rename(new, &file).expect("a file");
        };
        crate::runtime::block_on(async {
            fs::create_dir(&directory).expect("a directory");
            write("3");
            let mut files = Files::new(log::silent());
            assert_eq!(files.watch(std::iter::once(("f", file.clone()))), [("f", 3)]);
            let mut next = async || {
                let limit = Duration::from_secs(60);
                tokio::time::timeout(limit, files.changed()).await.expect("a change")
            };
            fs::remove_dir_all(&directory).expect("it was there");
            assert_eq!(next().await, [("f", 0)]);
            fs::create_dir(&directory).expect("a directory");
            write("4");
            assert_eq!(next().await, [("f", 4)]);
            write("5");
            assert_eq!(next().await, [("f", 5)]);
        });
    }
}
