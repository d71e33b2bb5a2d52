//! What the configuration says about reloads: whether it is checked first, when one is due, which
//! files tell of it (compat 02).
//!
//! Values only; what is done with them is the daemon's business.

use std::path::{Path, PathBuf};

/// Settings of reloads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReloadSettings {
    /// `reload_check_config`: a reload is refused when anything is wrong, and what is wrong is
    /// written to this file; `/dev/null` unless one is given.
    pub check: Option<PathBuf>,
    /// `reload_time_file`: the file whose first line says when to reload.
    pub time_file: Option<PathBuf>,
    /// `reload_repeat`: a time without a date is kept for the next day.
    pub repeat: bool,
    /// `reload_file`: exists while configuration files are read.
    pub file: Option<ReloadFile>,
    /// `config_save_dir`: where copies of the configuration are kept.
    pub save_directory: Option<PathBuf>,
    /// `tmp_config_directory`: where keepalived keeps its copy of the configuration. Ours is in
    /// memory; the directory is compared at a reload and not used.
    pub config_directory: Option<PathBuf>,
}

/// Where the file is that exists while configuration files are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReloadFile {
    /// `keepalived.reload` in the directory of the pid files.
    Usual,
    /// Somewhere else.
    At(PathBuf),
}

impl ReloadSettings {
    /// The file that findings of a check are written to; `None` when nobody wants them.
    #[must_use]
    pub fn findings(&self) -> Option<&Path> {
        self.check.as_deref().filter(|path| *path != Path::new("/dev/null"))
    }
}
