//! Pid files that are locked for as long as the daemon runs, so that there is one only.
//!
//! Decides how such a file is made, locked and removed; its path is configuration.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::scheduler::check;

/// How often a file is opened anew that its previous owner removed in the meantime.
const TRIES: usize = 10;

/// A pid file that we hold the lock of; dropping it removes the file.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
    file: File,
}

/// Why there is no pid file.
#[derive(Debug, thiserror::Error)]
pub enum PidFileError {
    /// Another process holds it: a daemon is running already.
    #[error("another process has pid file {} locked", .0.display())]
    Locked(PathBuf),
    /// It cannot be opened or written.
    #[error("Cannot open {} pidfile: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl PidFile {
    /// Makes or takes over the file, locks it, and writes this process's id and a newline into
    /// it; its mode is 0644 whatever the umask. Call it after going to the background.
    ///
    /// # Errors
    /// [`PidFileError::Locked`] when a process holds it; symbolic links are refused (`ELOOP`).
    pub fn create(path: &Path) -> Result<Self, PidFileError> {
        let failed = |source| PidFileError::Io { path: path.to_owned(), source };
        let file = match open_locked(path).map_err(failed)? {
            Some(file) => file,
            None => return Err(PidFileError::Locked(path.to_owned())),
        };
        let created = Self { path: path.to_owned(), file };
        created.write().map_err(failed)?;
        Ok(created)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether somebody has removed or replaced the file since.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        !is_at(&self.file, &self.path)
    }

    /// Removes the file, as dropping it does, but tells when that fails.
    ///
    /// # Errors
    /// When the directory does not allow it; a file that is gone already is no error.
    pub fn remove(self) -> io::Result<()> {
        self.remove_file()
    }

    fn write(&self) -> io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.write_all(format!("{}\n", std::process::id()).as_bytes())
    }

    fn remove_file(&self) -> io::Result<()> {
        // Somebody else's file of the same name stays.
        if self.is_lost() { Ok(()) } else { fs::remove_file(&self.path) }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        self.remove_file().ok();
    }
}

/// The opened and locked file, or `None` when it is locked by another process.
fn open_locked(path: &Path) -> io::Result<Option<File>> {
    for _ in 0..TRIES {
        let file = open(path)?;
        if !lock(&file)? {
            return Ok(None);
        }
        // Its previous owner may have removed it between the opening and the locking.
        if is_at(&file, path) {
            return Ok(Some(file));
        }
    }
    Err(io::Error::other("the file is removed again and again"))
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(0o644);
    options.custom_flags(libc::O_NOFOLLOW).open(path)
}

/// Locks the open file description, so that no other close of the file gives the lock away.
fn lock(file: &File) -> io::Result<bool> {
    // SAFETY: `flock` is plain data for which all zeros mean "from the start to the end".
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = libc::c_short::try_from(libc::F_WRLCK).map_err(io::Error::other)?;
    // SAFETY: the pointer leads to `request`, which outlives the call.
    match check(unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw const request) }) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) if error.raw_os_error() == Some(libc::EACCES) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the open file is the one at this path.
fn is_at(file: &File, path: &Path) -> bool {
    let same = |ours: &fs::Metadata, theirs: &fs::Metadata| {
        (ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino())
    };
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(ours), Ok(theirs)) => same(&ours, &theirs),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory that is removed when the test ends, however it does.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let id = std::process::id();
            let path = std::env::temp_dir().join(format!("sys-lockfile-{name}-{id}"));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn file(&self) -> PathBuf {
            self.0.join("keepalived.pid")
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn a_pid_file_replaces_a_stale_one_and_goes_away_with_us() {
        let directory = Directory::new("stale");
        fs::write(directory.file(), "99999999999 and more\n").unwrap();
        let held = PidFile::create(&directory.file()).unwrap();
        let text = fs::read_to_string(directory.file()).unwrap();
        assert_eq!(text, format!("{}\n", std::process::id()));
        assert_eq!(fs::metadata(directory.file()).unwrap().mode() & 0o7777, 0o644);
        held.remove().unwrap();
        assert!(!directory.file().exists());
    }

    #[test]
    fn a_second_owner_is_refused_and_changes_nothing() {
        let directory = Directory::new("locked");
        let held = PidFile::create(&directory.file()).unwrap();
        let second = PidFile::create(&directory.file());
        assert!(matches!(second, Err(PidFileError::Locked(_))));
        assert!(!fs::read_to_string(directory.file()).unwrap().is_empty());
        drop(held);
        PidFile::create(&directory.file()).unwrap();
    }

    #[test]
    fn a_symbolic_link_is_not_followed() {
        let directory = Directory::new("link");
        let target = directory.0.join("precious");
        fs::write(&target, "data").unwrap();
        std::os::unix::fs::symlink(&target, directory.file()).unwrap();
        assert!(matches!(PidFile::create(&directory.file()), Err(PidFileError::Io { .. })));
        assert_eq!(fs::read_to_string(&target).unwrap(), "data");
    }

    #[test]
    fn the_file_of_another_is_left_alone() {
        let directory = Directory::new("lost");
        let held = PidFile::create(&directory.file()).unwrap();
        fs::remove_file(directory.file()).unwrap();
        fs::write(directory.file(), "1\n").unwrap();
        assert!(held.is_lost());
        drop(held);
        assert!(directory.file().exists());
    }
}
