//! Where the pid files are, and which of them this daemon holds (compat 03 §5).
//!
//! keepalived has a process for each part; here one process holds the files of all its parts,
//! because scripts look for them.

use std::path::{Path, PathBuf};

use conf::Config;
use sys::lockfile::{PidFile, PidFileError};

use crate::cli::Options;

const RUN: &str = "/run";
const RUN_DIRECTORY: &str = "/run/keepalived";

/// The pid files, held until dropped; then they are removed, and their directory if empty.
#[derive(Debug)]
pub(crate) struct PidFiles {
    files: Vec<PidFile>,
    directory: Option<PathBuf>,
}

impl PidFiles {
    /// Writes and locks the files of the daemon and of every part that is configured.
    ///
    /// # Errors
    /// [`PidFileError::Locked`] when another daemon holds one.
    pub(crate) fn create(options: &Options, config: &Config) -> Result<Self, PidFileError> {
        let globals = &config.globals;
        let namespace = options.namespace.is_some() || globals.net_namespace.is_some();
        let own_directory = globals.use_pid_dir || globals.instance.is_some() || namespace;
        let directory = Path::new(if own_directory { RUN_DIRECTORY } else { RUN });
        let mut held = Self { files: Vec::new(), directory: None };
        if own_directory {
            // If it cannot be made, the files in it say why.
            let _ = std::fs::create_dir_all(directory);
            held.directory = Some(directory.to_owned());
        }
        let place = |given: &Option<PathBuf>, part: &str| {
            let suffix = globals.instance.as_ref().map(|name| format!("_{name}"));
            let name = format!("{part}{}.pid", suffix.unwrap_or_default());
            given.clone().unwrap_or_else(|| directory.join(name))
        };
        held.files.push(PidFile::create(&place(&options.pid_file, "keepalived"))?);
        if config.vrrp_configured && !options.checkers_only {
            held.files.push(PidFile::create(&place(&options.vrrp_pid_file, "vrrp"))?);
        }
        if config.checkers_configured && !options.vrrp_only {
            held.files.push(PidFile::create(&place(&options.checkers_pid_file, "checkers"))?);
        }
        Ok(held)
    }
}

impl Drop for PidFiles {
    fn drop(&mut self) {
        self.files.clear();
        if let Some(directory) = &self.directory {
            // Other instances may have theirs in it: only an empty one goes.
            let _ = std::fs::remove_dir(directory);
        }
    }
}
