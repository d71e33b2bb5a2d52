//! The files that the daemon reads and writes beside its configuration.

use std::path::PathBuf;

/// Where files are kept, and how they look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
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
