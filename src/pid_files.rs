//! Where the pid files are, and which of them this daemon holds (compat 03 §5).
//!
//! keepalived has a process for each part; here one process holds the files of all its parts,
//! because scripts look for them.

use std::path::{Path, PathBuf};

use conf::{Config, Globals};
use sys::lockfile::{PidFile, PidFileError};

use crate::cli::Options;

const RUN: &str = "/run";
const RUN_DIRECTORY: &str = "/run/keepalived";

/// The pid files, held until dropped; then they are removed, and their directory if empty.
#[derive(Debug)]
pub(crate) struct PidFiles {
    daemon: Option<PidFile>,
    vrrp: Option<PidFile>,
    checkers: Option<PidFile>,
    bfd: Option<PidFile>,
    places: Places,
}

/// Where each file belongs.
#[derive(Debug)]
struct Places {
    /// A directory of keepalived's own, which goes with the last file in it.
    own: Option<PathBuf>,
    vrrp: PathBuf,
    checkers: PathBuf,
    bfd: PathBuf,
}

impl PidFiles {
    /// Writes and locks the files of the daemon and of every part that is configured.
    ///
    /// # Errors
    /// [`PidFileError::Locked`] when another daemon holds one.
    pub(crate) fn create(options: &Options, config: &Config) -> Result<Self, PidFileError> {
        let globals = &config.globals;
        let directory = directory(options, globals);
        make_own(Some(directory));
        let place = |given: &Option<PathBuf>, part: &str| place(given, part, options, globals);
        let places = Places {
            own: is_own(directory).then(|| directory.to_owned()),
            vrrp: place(&options.vrrp_pid_file, "vrrp"),
            checkers: place(&options.checkers_pid_file, "checkers"),
            bfd: place(&options.bfd_pid_file, "bfd"),
        };
        let daemon = PidFile::create(&of_daemon(options, globals))?;
        let daemon = Some(daemon);
        let mut files = Self { daemon, vrrp: None, checkers: None, bfd: None, places };
        files.update(options, config)?;
        Ok(files)
    }

    /// Has a file for every part that is configured now, and none for the others.
    ///
    /// # Errors
    /// As [`PidFiles::create`].
    pub(crate) fn update(
        &mut self,
        options: &Options,
        config: &Config,
    ) -> Result<(), PidFileError> {
        let routing = config.vrrp_configured && !options.checkers_only;
        let balancing = config.checkers_configured && !options.vrrp_only;
        let detecting = config.bfd_configured && !options.no_bfd;
        hold(&mut self.vrrp, &self.places.vrrp, routing)?;
        hold(&mut self.checkers, &self.places.checkers, balancing)?;
        hold(&mut self.bfd, &self.places.bfd, detecting)
    }
}

/// Where the file of the daemon as a whole belongs. No other daemon of the machine has it.
pub(crate) fn of_daemon(options: &Options, globals: &Globals) -> PathBuf {
    place(&options.pid_file, "keepalived", options, globals)
}

fn place(given: &Option<PathBuf>, part: &str, options: &Options, globals: &Globals) -> PathBuf {
    let suffix = globals.instance.as_ref().map(|name| format!("_{name}"));
    let name = format!("{part}{}.pid", suffix.unwrap_or_default());
    given.clone().unwrap_or_else(|| directory(options, globals).join(name))
}

/// The directory of the daemon's files.
#[must_use]
pub(crate) fn directory(options: &Options, globals: &Globals) -> &'static Path {
    let namespace = options.namespace.is_some() || globals.net_namespace.is_some();
    let own = globals.use_pid_dir || globals.instance.is_some() || namespace;
    Path::new(if own { RUN_DIRECTORY } else { RUN })
}

/// Makes keepalived's own directory, if this is the one.
pub(crate) fn make_own(directory: Option<&Path>) {
    if directory.is_some_and(is_own) {
        // If it cannot be made, the files in it say why.
        let _ = std::fs::create_dir_all(RUN_DIRECTORY);
    }
}

fn is_own(directory: &Path) -> bool {
    directory == Path::new(RUN_DIRECTORY)
}

fn hold(file: &mut Option<PidFile>, place: &Path, wanted: bool) -> Result<(), PidFileError> {
    if !wanted {
        *file = None;
    } else if file.is_none() {
        *file = Some(PidFile::create(place)?);
    }
    Ok(())
}

impl Drop for PidFiles {
    fn drop(&mut self) {
        (self.daemon, self.vrrp) = (None, None);
        (self.checkers, self.bfd) = (None, None);
        if let Some(directory) = &self.places.own {
            // Other instances may have theirs in it: only an empty one goes.
            let _ = std::fs::remove_dir(directory);
        }
    }
}
