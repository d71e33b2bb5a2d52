//! The value of a watched file (compat 11 §7.6). Reading it is the driver's business.

use crate::config;
use crate::view::FileView;

/// A watched file.
#[derive(Debug)]
pub(crate) struct File {
    config: config::TrackFile,
    /// What was read last; `None` until something was.
    pub(crate) value: Option<i32>,
}

impl File {
    pub(crate) fn view(&self) -> FileView {
        FileView { config: self.config.clone(), value: self.value }
    }

    pub(crate) const fn new(config: config::TrackFile, value: Option<i32>) -> Self {
        Self { config, value }
    }

    /// The same file after a reload: another path is another value.
    pub(crate) fn replaced(self, config: config::TrackFile) -> Self {
        let value = self.value.filter(|_| self.config.path == config.path);
        Self { config, value }
    }
}
