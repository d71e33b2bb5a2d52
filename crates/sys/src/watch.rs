//! What happens to the files of one directory (inotify).
//!
//! Decides which events are reported, and that of a lost one something is said. What they mean is
//! the callers' business.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd, RawFd};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A file of this name came, went, or was written to.
    File(OsString),
    /// So much happened that some of it was lost.
    Lost,
    /// The directory was removed or renamed: nothing more will be seen.
    Gone,
}

/// A watched directory, to be awaited inside a tokio runtime.
#[derive(Debug)]
pub struct Directory {
    events: AsyncFd<Events>,
}

/// nix's inotify lacks `AsRawFd`, which `AsyncFd` asks for.
#[derive(Debug)]
struct Events(Inotify);

impl AsRawFd for Events {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl Directory {
    /// Watches a directory.
    ///
    /// # Errors
    /// When there is none, or the user has too many watches. Panics outside a tokio runtime.
    pub fn watch(path: &Path) -> io::Result<Self> {
        let events = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        let about = AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_MODIFY
            | AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_MOVE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_ONLYDIR;
        events.add_watch(path, about)?;
        // SAFETY: it keeps its descriptor open until it is dropped, and never changes it.
        let events = unsafe { AsyncFd::register_with_interest(Events(events), Interest::READABLE) };
        Ok(Self { events: events? })
    }

    /// Ends when something has happened. Dropping the future loses nothing.
    ///
    /// # Errors
    /// When the runtime ends.
    pub async fn ready(&self) -> io::Result<()> {
        self.events.readable().await?.clear_ready();
        Ok(())
    }

    /// Everything that has happened since the last call; does not wait.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let mut seen = Vec::new();
        loop {
            match self.events.get_ref().0.read_events() {
                Ok(events) => seen.extend(events.into_iter().filter_map(meaning)),
                Err(Errno::EINTR) => {}
                Err(_) => return seen,
            }
        }
    }
}

fn meaning(event: InotifyEvent) -> Option<Seen> {
    let gone = AddWatchFlags::IN_DELETE_SELF
        | AddWatchFlags::IN_MOVE_SELF
        | AddWatchFlags::IN_IGNORED
        | AddWatchFlags::IN_UNMOUNT;
    if event.mask.intersects(gone) {
        Some(Seen::Gone)
    } else if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
        Some(Seen::Lost)
    } else {
        event.name.map(Seen::File)
    }
}
