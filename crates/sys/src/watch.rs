//! What happens to the files of directories (inotify).
//!
//! Decides which events are reported, and that of a lost one something is said. What they mean is
//! the callers' business.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd, RawFd};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A directory among those that are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(WatchDescriptor);

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A file of this name is there and complete: it was closed after writing, or moved here.
    Complete(Place, OsString),
    /// A file of this name was made or written to, and more may follow.
    Touched(Place, OsString),
    /// The file of this name was removed, or moved away.
    Removed(Place, OsString),
    /// So much happened that some of it was lost.
    Lost,
    /// The directory was removed or renamed: nothing more will be seen of it.
    Gone(Place),
}

impl Seen {
    /// The name of the file, if it is about one.
    #[must_use]
    pub const fn file(&self) -> Option<&OsString> {
        match self {
            Self::Complete(_, name) | Self::Touched(_, name) | Self::Removed(_, name) => Some(name),
            Self::Lost | Self::Gone(_) => None,
        }
    }
}

/// Watched directories, to be awaited inside a tokio runtime.
#[derive(Debug)]
pub struct Directories {
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

impl Directories {
    /// None yet.
    ///
    /// # Errors
    /// When the user watches too much already. Panics outside a tokio runtime.
    pub fn new() -> io::Result<Self> {
        let events = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        // SAFETY: it keeps its descriptor open until it is dropped, and never changes it.
        let events = unsafe { AsyncFd::register_with_interest(Events(events), Interest::READABLE) };
        Ok(Self { events: events? })
    }

    /// Watches one more; watching one again gives the same place.
    ///
    /// # Errors
    /// When there is no such directory, or the user has too many watches.
    pub fn watch(&self, path: &Path) -> io::Result<Place> {
        let about = AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_MODIFY
            | AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_MOVE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_ONLYDIR;
        Ok(Place(self.events.get_ref().0.add_watch(path, about)?))
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
                Ok(events) => seen.extend(events.into_iter().filter_map(|event| self.news(event))),
                Err(Errno::EINTR) => {}
                Err(_) => return seen,
            }
        }
    }

    fn news(&self, event: InotifyEvent) -> Option<Seen> {
        if event.mask.contains(AddWatchFlags::IN_MOVE_SELF) {
            // It would be watched at its new place, where nobody asked for it.
            let _ = self.events.get_ref().0.rm_watch(event.wd);
        }
        meaning(event)
    }
}

fn meaning(event: InotifyEvent) -> Option<Seen> {
    let gone = AddWatchFlags::IN_DELETE_SELF
        | AddWatchFlags::IN_MOVE_SELF
        | AddWatchFlags::IN_IGNORED
        | AddWatchFlags::IN_UNMOUNT;
    let place = Place(event.wd);
    if event.mask.intersects(gone) {
        return Some(Seen::Gone(place));
    }
    if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
        return Some(Seen::Lost);
    }
    let name = event.name?;
    let complete = AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MOVED_TO;
    let removed = AddWatchFlags::IN_DELETE | AddWatchFlags::IN_MOVED_FROM;
    Some(if event.mask.intersects(complete) {
        Seen::Complete(place, name)
    } else if event.mask.intersects(removed) {
        Seen::Removed(place, name)
    } else {
        Seen::Touched(place, name)
    })
}
