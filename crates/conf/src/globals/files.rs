//! Reloads, and the files that the daemon reads and writes beside its configuration.

use std::path::PathBuf;

/// When and how a reload happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reload {
    /// `reload_check_config`: a reload is refused when anything is wrong; where that is logged.
    pub check_log: Option<PathBuf>,
    /// `reload_time_file`: says when to reload.
    pub time_file: Option<PathBuf>,
    /// `reload_repeat`: that file is kept, so a time of the day comes every day.
    pub repeat: bool,
    /// `reload_file`: exists while configuration is read.
    pub marker: Option<ReloadFile>,
}

/// The file that exists while configuration is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReloadFile {
    /// `keepalived.reload` beside the pid files.
    Default,
    /// This one.
    At(PathBuf),
}

/// Where files are kept, and how they look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// `config_save_dir`: copies of the configuration and of the state around each reload.
    pub config_save_directory: Option<PathBuf>,
    /// `tmp_config_directory`: where the text that was read is kept; in memory without it.
    pub temporary_config_directory: Option<PathBuf>,
    /// `data_use_instance`: namespace and instance are part of the names of state dumps.
    pub data_use_instance: bool,
    /// `json_version`: the layout of the JSON dump, 1 or 2.
    pub json_version: u8,
    /// `iproute_usr_dir`: the names of tables and the like that iproute2 brings.
    pub iproute_usr_directory: Option<PathBuf>,
    /// `iproute_etc_dir`: those of this machine; /etc/iproute2 unless set.
    pub iproute_etc_directory: Option<PathBuf>,
    /// `state_dump_file`.
    pub state_dump: Option<PathBuf>,
    /// `stats_dump_file`.
    pub stats_dump: Option<PathBuf>,
    /// `json_dump_file`.
    pub json_dump: Option<PathBuf>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            config_save_directory: None,
            temporary_config_directory: None,
            data_use_instance: false,
            json_version: 1,
            iproute_usr_directory: None,
            iproute_etc_directory: None,
            state_dump: None,
            stats_dump: None,
            json_dump: None,
        }
    }
}
