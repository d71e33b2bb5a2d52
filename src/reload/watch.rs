//! One file that may come, change and go, seen through its directory (inotify).
//!
//! Says that something happened and what the first line is now; what that means is decided by
//! whoever asks.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::libc::O_NONBLOCK;
use sys::watch::{Directories, Seen};
use tokio::time::{Instant, sleep_until};

/// Whoever writes a file empties it first: it is read when that has settled.
const SETTLES: Duration = Duration::from_millis(100);
/// More than the longest line that can mean something.
const LINE: u64 = 64;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The file may be another one.
    File,
    /// There is no directory to watch any more.
    DirectoryGone,
}

/// A watched file.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    name: OsString,
    directory: Directories,
    settled_at: Option<Instant>,
}

impl Watch {
    /// Watches a file that need not be there yet; its directory has to.
    ///
    /// # Errors
    /// When there is no such directory, or the user has too many watches.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        let watched = Directories::new()?;
        watched.watch(directory(path))?;
        Ok(Self { path: path.to_owned(), name, directory: watched, settled_at: None })
    }

    /// The next change. May be dropped while it waits.
    pub(super) async fn changed(&mut self) -> Change {
        loop {
            if let Some(settled_at) = self.settled_at {
                sleep_until(settled_at).await;
                self.settled_at = None;
                // What came meanwhile is in the file that is read now.
                return self.heard().unwrap_or(Change::File);
            }
            if self.directory.ready().await.is_err() {
                return Change::DirectoryGone;
            }
            match self.heard() {
                Some(Change::DirectoryGone) => return Change::DirectoryGone,
                Some(Change::File) => self.settled_at = Some(Instant::now() + SETTLES),
                None => {}
            }
        }
    }

    /// What everything that has happened amounts to.
    fn heard(&self) -> Option<Change> {
        let seen = self.directory.seen();
        if seen.iter().any(|seen| matches!(seen, Seen::Gone(_))) {
            return Some(Change::DirectoryGone);
        }
        let about = |seen: &Seen| seen.file().is_none_or(|name| *name == self.name);
        seen.iter().any(about).then_some(Change::File)
    }

    /// The first line of the file; `None` when there is no file, or nothing in it.
    ///
    /// # Errors
    /// When it cannot be read, or is no file.
    pub(super) fn first_line(&self) -> io::Result<Option<String>> {
        // A pipe without a writer would hold up whoever opens it.
        let mut options = OpenOptions::new();
        let file = match options.read(true).custom_flags(O_NONBLOCK).open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        first_line(&file)
    }

    /// Takes the file away.
    ///
    /// # Errors
    /// When that is not possible; one that is not there is none.
    pub(super) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn first_line(file: &File) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    file.take(LINE).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    Ok(Some(String::from_utf8_lossy(line).chars().map(shown).collect()))
}

/// The directory that a file is in.
pub(super) fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
