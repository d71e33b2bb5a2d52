//! `reload_file`: exists as long as configuration files are read, so that whoever writes them can
//! wait for the end of that.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use conf::{Globals, ReloadFile};
use nix::libc::{O_NOFOLLOW, O_NONBLOCK};

use crate::cli::Options;
use crate::log::Log;
use crate::pid_files;

/// Everybody may see that it is there.
const MODE: u32 = 0o644;

/// Where the file belongs; `None` when it is not wanted.
#[must_use]
pub(crate) fn place(options: &Options, globals: &Globals) -> Option<PathBuf> {
    match globals.reload.file.as_ref()? {
        ReloadFile::At(path) => Some(path.clone()),
        ReloadFile::Usual => {
            let name = globals.instance.as_ref().map(|name| format!("_{name}"));
            let name = format!("keepalived{}.reload", name.unwrap_or_default());
            Some(pid_files::directory(options, globals).join(name))
        }
    }
}

/// The file; it goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Marker {
    path: PathBuf,
    log: Log,
}

impl Marker {
    /// Makes the file, or empties the one that is there. Reading goes on when that fails.
    #[must_use]
    pub(crate) fn put(path: PathBuf, log: &Log) -> Self {
        if let Err(error) = make(&path) {
            let code = error.raw_os_error().unwrap_or_default();
            log.error(format!(
                "Failed to create reload file ({}) {code} - {error}",
                path.display()
            ));
        }
        Self { path, log: log.clone() }
    }
}

/// Never through a link that somebody else may have put there.
fn make(path: &Path) -> io::Result<()> {
    pid_files::make_own(path.parent());
    let mut options = OpenOptions::new();
    options.write(true).mode(MODE).custom_flags(O_NOFOLLOW | O_NONBLOCK);
    match options.clone().create_new(true).open(path) {
        // The umask is for others' files.
        Ok(file) => file.set_permissions(Permissions::from_mode(MODE)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            options.truncate(true).open(path).map(drop::<File>)
        }
        Err(error) => Err(error),
    }
}

impl Drop for Marker {
    fn drop(&mut self) {
        remove(&self.path, &self.log);
    }
}

/// Takes a file away that need not be there.
pub(super) fn remove(path: &Path, log: &Log) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            log.error(format!("Cannot remove {}: {error}", path.display()));
        }
        Ok(()) | Err(_) => {}
    }
}
