//! Which keepalived a test runs: ours or Debian's original.

use std::env;
use std::path::{Path, PathBuf};

use super::packages::need;

const ORIGINAL: &str = "/usr/sbin/keepalived";

/// A keepalived to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// Our daemon, at this path.
    Ours(PathBuf),
    /// Debian's package.
    Original,
}

impl Program {
    /// Our daemon: `KEEPALIVED_BIN` when set, else what cargo built (`CARGO_BIN_EXE_keepalived`).
    pub fn ours(built: &str) -> Self {
        Self::Ours(env::var_os("KEEPALIVED_BIN").map_or_else(|| built.into(), PathBuf::from))
    }

    /// What the environment variable `UNDER_TEST` names: `ours` (also when unset) or `original`.
    ///
    /// # Panics
    /// When it names something else.
    pub fn under_test(built: &str) -> Self {
        match env::var("UNDER_TEST").as_deref() {
            Err(_) | Ok("ours") => Self::ours(built),
            Ok("original") => Self::Original,
            Ok(other) => panic!("UNDER_TEST={other}: it is either ours or original"),
        }
    }

    /// Whether this is our daemon.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Ours(_))
    }

    /// The executable.
    ///
    /// # Panics
    /// When it is not there: a missing program fails a test, it never skips one.
    pub fn path(&self) -> &Path {
        let path = match self {
            Self::Ours(path) => path.as_path(),
            Self::Original => {
                need(&["keepalived"]);
                Path::new(ORIGINAL)
            }
        };
        assert!(path.is_file(), "no keepalived at {}", path.display());
        path
    }
}
