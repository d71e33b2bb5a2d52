//! `config_save_dir`: what was read at each reload, and what the daemon ran before and after it,
//! as files for whoever looks for the reload that went wrong.
//!
//! The names are keepalived's: `keepalived.conf.PID.N`, and for each part
//! `keepalived_PART.PID.N.pre` and `.post`. N is 0 at the start.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use conf::{Config, Report};
use nix::libc::O_NOFOLLOW;

use crate::dump;
use crate::log::Log;

/// The mode of the directory: there are passwords in the copies.
const MODE: u32 = 0o700;

/// Which side of a reload a dump is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// What ran before it.
    Before,
    /// What runs after it.
    After,
}

impl Side {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Before => "pre",
            Self::After => "post",
        }
    }
}

/// One reload, or the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copies<'a> {
    pub(super) directory: &'a Path,
    /// 0 at the start.
    pub(super) number: u32,
    pub(super) log: &'a Log,
}

impl Copies<'_> {
    /// Keeps every file that was read, the included ones after the main one.
    pub(super) fn keep_files(self, report: &Report) {
        let mut text = String::new();
        for (name, lines) in report.sources().files() {
            text.extend(["# ", name, "\n", lines, if lines.ends_with('\n') { "" } else { "\n" }]);
        }
        self.write("keepalived.conf", "", &text);
    }

    /// Keeps a dump of each part that is configured.
    pub(super) fn keep_state(self, config: &Config, side: Side) {
        let parts = [
            ("vrrp", config.vrrp_configured, dump::routing as fn(&Config) -> String),
            ("check", config.checkers_configured, dump::balancing),
        ];
        for (part, configured, lines) in parts {
            if configured {
                let suffix = format!(".{}", side.suffix());
                self.write(&format!("keepalived_{part}"), &suffix, &lines(config));
            }
        }
    }

    fn write(self, name: &str, suffix: &str, text: &str) {
        let process = std::process::id();
        let path = self.directory.join(format!("{name}.{process}.{}{suffix}", self.number));
        if let Err(error) = make(self.directory).and_then(|()| write(&path, text)) {
            self.log.error(format!("Cannot write {}: {error}", path.display()));
        }
    }
}

/// It need not be there yet.
fn make(directory: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(MODE).create(directory) {
        // The umask would keep even its owner from entering it.
        Ok(()) => fs::set_permissions(directory, Permissions::from_mode(MODE)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).custom_flags(O_NOFOLLOW);
    options.open(path)?.write_all(text.as_bytes())
}
