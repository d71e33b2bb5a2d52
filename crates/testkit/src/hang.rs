//! Programs whose start hangs, as it does on a disk that no longer answers.
//!
//! The kernel asks before it executes them, and nobody answers. Like a program on NFS, and unlike one
//! on a broken disk, they can be killed.

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use nix::fcntl::AT_FDCWD;
use nix::sys::fanotify::{EventFFlags, Fanotify, InitFlags, MarkFlags, MaskFlags};

/// When they start after all: a test that waits for one shall fail, not hang.
const RELEASED_AFTER: Duration = Duration::from_secs(60);

/// As long as this lives, whoever executes the program hangs.
#[derive(Debug)]
pub struct Hanging {
    _release: Sender<()>,
}

impl Hanging {
    /// Lets the start of this program hang. Needs `CAP_SYS_ADMIN`.
    ///
    /// # Panics
    /// When the kernel refuses.
    #[must_use]
    pub fn start_of(program: &Path) -> Self {
        let flags = InitFlags::FAN_CLASS_CONTENT | InitFlags::FAN_CLOEXEC;
        let group = Fanotify::init(flags, EventFFlags::O_RDONLY | EventFFlags::O_CLOEXEC)
            .expect("a kernel that can be asked before files are executed, and CAP_SYS_ADMIN");
        let executions = MaskFlags::FAN_OPEN_EXEC_PERM;
        group
            .mark(MarkFlags::FAN_MARK_ADD, executions, AT_FDCWD, Some(program))
            .expect("a program that is there");
        let (release, released) = channel();
        std::thread::spawn(move || {
            let _ = released.recv_timeout(RELEASED_AFTER);
            drop(group);
        });
        Self { _release: release }
    }
}
