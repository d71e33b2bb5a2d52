//! `-t`: reads the configuration as the daemon would, complains, and ends (compat 03 §3.2).

use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::cli::Options;
use crate::exit::Exit;
use crate::world;

/// Tests the configuration.
pub(crate) fn run(options: &Options) -> Exit {
    let log_file = options.config_test.as_ref().and_then(Option::as_deref);
    let mut output = match open(log_file) {
        Ok(output) => output,
        Err(error) => {
            let name = log_file.unwrap_or(Path::new("")).display();
            let _ =
                writeln!(std::io::stderr(), "Unable to open config-test log file {name}: {error}");
            return Exit::Failed;
        }
    };
    let loaded = match world::load(options) {
        Ok(loaded) => loaded,
        Err(error) => {
            let _ = writeln!(output, "{error}");
            // As the original: a missing namespace is no error of the configuration.
            return Exit::Clean;
        }
    };
    // Whoever asked has gone when writing fails; the status still tells.
    let _ = if log_file.is_none() && std::io::stderr().is_terminal() {
        output.write_all(loaded.report.render(true).as_bytes())
    } else {
        loaded.report.log_lines().try_for_each(|line| writeln!(output, "{line}"))
    };
    Exit::Config(loaded.report.test_exit_code())
}

/// The log file, never through a symbolic link; standard error without one.
fn open(log_file: Option<&Path>) -> std::io::Result<Box<dyn Write>> {
    let Some(path) = log_file else {
        return Ok(Box::new(std::io::stderr()));
    };
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o644).custom_flags(nix::libc::O_NOFOLLOW);
    Ok(Box::new(options.open(path)?))
}
