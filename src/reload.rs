//! Whether a new configuration may replace the running one.
//!
//! Reading it is `conf`'s business, comparing it the cores'. A file that is broken changes
//! nothing: half of a configuration is worse than the old one.

use conf::{Class, Loaded};

use crate::cli::Options;
use crate::log::Log;
use crate::world;

/// What of a loaded configuration matters to the next reload.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    namespace: Option<String>,
    instance: Option<String>,
    torn: bool,
}

impl Running {
    /// Remembers a configuration that runs.
    #[must_use]
    pub(crate) fn of(loaded: &Loaded) -> Self {
        let globals = &loaded.config.globals;
        Self {
            namespace: globals.net_namespace.clone(),
            instance: globals.instance.clone(),
            torn: is_torn(loaded),
        }
    }

    /// Reads the configuration again; `None`, with the reasons in the log, when it must not be
    /// used.
    #[must_use]
    pub(crate) fn reload(&self, options: &Options, log: &Log) -> Option<Loaded> {
        let loaded = match world::reload(options) {
            Ok(loaded) => loaded,
            Err(error) => {
                log.error(format!("{error} - keeping the running configuration"));
                return None;
            }
        };
        for line in loaded.report.log_lines() {
            log.info(line);
        }
        match self.accept(&loaded) {
            Ok(()) => Some(loaded),
            Err(why) => {
                log.error(format!("{why} - keeping the running configuration"));
                None
            }
        }
    }

    fn accept(&self, loaded: &Loaded) -> Result<(), String> {
        let globals = &loaded.config.globals;
        let fixed =
            |what| Err(format!("Cannot change {what} at a reload - please restart keepalived"));
        if loaded.report.is_fatal().is_some() {
            Err("The new configuration cannot be run".to_owned())
        } else if globals.net_namespace != self.namespace {
            fixed("network namespace")
        } else if globals.instance != self.instance {
            fixed("instance name")
        } else if is_torn(loaded) && !self.torn {
            Err("The new configuration is incomplete".to_owned())
        } else if globals.reload.check.is_some() && loaded.report.test_exit_code() != 0 {
            Err("New config failed validation".to_owned())
        } else {
            Ok(())
        }
    }
}

/// Braces or quotes without their partners: the file is probably being written.
///
/// One that has run like this before is its operator's business, and may be read again.
fn is_torn(loaded: &Loaded) -> bool {
    let torn = [Class::MissingClose, Class::UnexpectedClose, Class::UnmatchedQuote];
    loaded.report.diagnostics().iter().any(|found| torn.contains(&found.class))
}
