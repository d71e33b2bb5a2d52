//! A named pipe that is told of transitions: one line for each, never waited for.
//!
//! Whoever reads it may come and go. It is opened for both directions, so that writing works
//! without a reader; when the pipe is full, lines are lost (compat 03 §11.7).

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::{Gid, Uid, fchown, geteuid, mkfifo};

/// The mode of a new pipe; the umask of the daemon takes from it.
const MODE: Mode = Mode::from_bits_truncate(0o644);

/// An open pipe. One that was made here is removed when it is dropped.
#[derive(Debug)]
pub struct Fifo {
    path: PathBuf,
    file: File,
    made: bool,
}

/// Why a pipe is not used.
#[derive(Debug)]
pub enum FifoError {
    /// It cannot be made or opened.
    Io(io::Error),
    /// What is there is no pipe, or that of somebody else.
    NotOurs,
}

impl Fifo {
    /// Opens a pipe, and makes it if there is none: then it is this user's.
    ///
    /// # Errors
    /// [`FifoError::NotOurs`] when something else is in its place.
    pub fn open(path: &Path, uid: u32, gid: u32) -> Result<Self, FifoError> {
        let made = match mkfifo(path, MODE) {
            Ok(()) => true,
            Err(Errno::EEXIST) => false,
            Err(error) => return Err(FifoError::Io(error.into())),
        };
        let file = match open(path) {
            Ok(file) => file,
            Err(error) if error.raw_os_error() == Some(Errno::ELOOP as i32) => {
                return Err(FifoError::NotOurs);
            }
            Err(error) => return Err(FifoError::Io(error)),
        };
        let fifo = Self { path: path.to_owned(), file, made };
        fifo.check(uid)?;
        if made {
            let (user, group) = (Uid::from_raw(uid), Gid::from_raw(gid));
            fchown(&fifo.file, Some(user), Some(group))
                .map_err(|error| FifoError::Io(error.into()))?;
        }
        Ok(fifo)
    }

    /// Whoever could put something else there must not be told anything.
    fn check(&self, uid: u32) -> Result<(), FifoError> {
        let metadata = self.file.metadata().map_err(FifoError::Io)?;
        let owned = [geteuid().as_raw(), uid].contains(&metadata.uid());
        if metadata.file_type().is_fifo() && owned { Ok(()) } else { Err(FifoError::NotOurs) }
    }

    /// Whether what stands at its path is still this pipe.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        let identity = |metadata: &Metadata| (metadata.dev(), metadata.ino());
        let (there, here) = (fs::symlink_metadata(&self.path), self.file.metadata());
        there.is_ok_and(|there| here.is_ok_and(|here| identity(&there) == identity(&here)))
    }

    /// Writes one line in one piece. A pipe that is full loses it.
    ///
    /// # Errors
    /// Whatever else keeps the line out.
    pub fn write(&mut self, line: &str) -> io::Result<()> {
        match self.file.write_all(line.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            other => other,
        }
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        if self.made && self.is_in_place() {
            // Somebody may remove it at this moment: that is what is wanted.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
    OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (u32, u32) {
        (geteuid().as_raw(), nix::unistd::getegid().as_raw())
    }

    fn opened(path: &Path) -> Result<Fifo, FifoError> {
        let (uid, gid) = ids();
        Fifo::open(path, uid, gid)
    }

    #[test]
    fn a_pipe_that_nobody_reads_loses_lines_and_waits_for_nobody() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        let mut fifo = opened(&path).unwrap();
        for _ in 0..10_000 {
            fifo.write("INSTANCE \"VI_1\" MASTER 100\n").unwrap();
        }
        drop(fifo);
        assert!(!path.exists(), "it was made here");
    }

    #[test]
    fn a_pipe_of_the_operator_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        mkfifo(&path, Mode::S_IRWXU).unwrap();
        drop(opened(&path).unwrap());
        assert!(path.exists());
    }

    #[test]
    fn whoever_puts_something_else_in_its_place_keeps_that() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        let fifo = opened(&path).unwrap();
        assert!(fifo.is_in_place());
        fs::remove_file(&path).unwrap();
        assert!(!fifo.is_in_place());
        mkfifo(&path, Mode::S_IRWXU).unwrap();
        assert!(!fifo.is_in_place());
        drop(fifo);
        assert!(path.exists());
    }

    #[test]
    fn nothing_else_is_written_into() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "precious").unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        for path in [&file, &link] {
            assert!(matches!(opened(path), Err(FifoError::NotOurs)), "{}", path.display());
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    }
}
