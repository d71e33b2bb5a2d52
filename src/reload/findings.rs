//! The log file of `reload_check_config`: what was found in the configuration of the last reload.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use conf::Report;
use nix::libc::{O_NOFOLLOW, O_NONBLOCK};

/// Writes everything that was found, or nothing, into a file that held the last findings.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(path: &Path, report: &Report) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // Lines of a configuration are nobody else's business.
    options.write(true).create(true).truncate(true).mode(0o600);
    // Never through a link, and never held up by a pipe that nobody reads.
    let mut file = BufWriter::new(options.custom_flags(O_NOFOLLOW | O_NONBLOCK).open(path)?);
    report.log_lines().try_for_each(|line| writeln!(file, "{line}"))?;
    file.flush()
}
