//! Running in another network namespace, with a private `/run/keepalived` there.
//!
//! [`enter_network`] and [`private_run_directory`] change the calling thread only: make them before
//! any other thread starts. [`within`] changes nobody.
//! The names and places are those of `ip netns`.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};

/// Where `ip netns add` keeps its namespaces.
const NAMESPACES: &str = "/run/netns";
/// The network namespace that the process was started in, once it has left it.
static STARTED_IN: OnceLock<File> = OnceLock::new();
/// Where the daemon's own files are.
const RUN: &str = "/run/keepalived";

/// Why a network namespace could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum NamespaceError {
    /// There is no such namespace, or it is not ours to open.
    #[error("cannot open {path}: {source}")]
    Open {
        /// The file that stands for it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The kernel does not let us in.
    #[error("cannot enter {path}: {source}")]
    Enter {
        /// The file that stands for it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Moves the calling thread, and what it starts later, to the network namespace of this name.
///
/// # Errors
/// When it does not exist (the name of a file in another directory never does), or without
/// `CAP_SYS_ADMIN`.
pub fn enter_network(name: &str) -> Result<(), NamespaceError> {
    let path = Path::new(NAMESPACES).join(name);
    let file = plain_name(name).and_then(|()| File::open(&path));
    let file = match file {
        Ok(file) => file,
        Err(source) => return Err(NamespaceError::Open { path, source }),
    };
    if let Ok(here) = File::open("/proc/thread-self/ns/net") {
        STARTED_IN.get_or_init(|| here);
    }
    setns(file, CloneFlags::CLONE_NEWNET)
        .map_err(|errno| NamespaceError::Enter { path, source: errno.into() })
}

/// Moves the calling thread back to the network namespace that the process was started in;
/// nothing when it never left.
///
/// # Errors
/// Without `CAP_SYS_ADMIN`.
pub fn return_to_first_network() -> io::Result<()> {
    match STARTED_IN.get() {
        Some(first) => Ok(setns(first, CloneFlags::CLONE_NEWNET)?),
        None => Ok(()),
    }
}

/// A network namespace that need not be the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network<'a> {
    /// That of process 1: the machine's own, unless this is a container.
    OfProcessOne,
    /// One of this name.
    Named(&'a str),
}

/// Does something in another network namespace, on a thread of its own; the caller stays where it
/// is. Sockets that the work opens belong to the other namespace for as long as they live.
///
/// # Errors
/// When it does not exist, or without `CAP_SYS_ADMIN`.
///
/// # Panics
/// When the work does.
pub fn within<T: Send>(
    network: Network<'_>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, NamespaceError> {
    let (path, plain) = match network {
        Network::OfProcessOne => (PathBuf::from("/proc/1/ns/net"), Ok(())),
        Network::Named(name) => (Path::new(NAMESPACES).join(name), plain_name(name)),
    };
    let file = match plain.and_then(|()| File::open(&path)) {
        Ok(file) => file,
        Err(source) => return Err(NamespaceError::Open { path, source }),
    };
    let worked = thread::scope(|scope| {
        let enter = || setns(file, CloneFlags::CLONE_NEWNET);
        scope.spawn(|| enter().map(|()| work())).join()
    });
    let worked = worked.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    worked.map_err(|errno| NamespaceError::Enter { path, source: errno.into() })
}

fn plain_name(name: &str) -> io::Result<()> {
    let refused = name.is_empty() || name == "." || name == ".." || name.contains('/');
    if refused { Err(io::ErrorKind::InvalidInput.into()) } else { Ok(()) }
}

/// `/run/keepalived` as a directory of our own, which others see as `/run/keepalived/NAME`. Taken
/// back when dropped.
#[derive(Debug)]
pub struct PrivateRunDirectory {
    outside: PathBuf,
}

/// Gives the calling thread a mount namespace of its own in which `/run/keepalived` is
/// `/run/keepalived/NAME` (made with mode 0755 where missing).
///
/// # Errors
/// Without `CAP_SYS_ADMIN`, or when the directories cannot be made.
pub fn private_run_directory(name: &str) -> io::Result<PrivateRunDirectory> {
    plain_name(name)?;
    let outside = Path::new(RUN).join(name);
    make_directory(Path::new(RUN))?;
    make_directory(&outside)?;
    unshare(CloneFlags::CLONE_NEWNS)?;
    // Slaves: mounts of the host still arrive here, ours do not go there.
    let nothing = None::<&str>;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_SLAVE, nothing)?;
    mount(Some(&outside), RUN, nothing, MsFlags::MS_BIND, nothing)?;
    Ok(PrivateRunDirectory { outside })
}

/// A directory of mode 0755, whatever the umask; one that exists is left alone.
fn make_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(0o755)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

impl Drop for PrivateRunDirectory {
    fn drop(&mut self) {
        // Best effort: the mount goes with the process, and a directory in use stays.
        if umount2(RUN, MntFlags::MNT_DETACH).is_ok() {
            fs::remove_dir(&self.outside).ok();
            // Somebody else's when it is not empty.
            fs::remove_dir(RUN).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_lead_out_of_the_directory() {
        for name in ["", ".", "..", "../../proc/1/ns/net", "a/b"] {
            assert!(matches!(enter_network(name), Err(NamespaceError::Open { .. })), "{name}");
            let entered = within(Network::Named(name), || ());
            assert!(matches!(entered, Err(NamespaceError::Open { .. })), "{name}");
        }
    }
}
