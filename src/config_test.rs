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
    if !options.unexpected.is_empty() {
        let words = options.unexpected.join(" ");
        let _ = writeln!(std::io::stdout(), "Unexpected argument(s): {words} ");
    }
    let log_file = options.config_test.as_ref().and_then(Option::as_deref);
    let mut output = match open(log_file, options.umask().unwrap_or(DEFAULT_UMASK)) {
        Ok(output) => output,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{}", unopened(log_file, &error));
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
        output.write_all(loaded.report.render(wants_colour()).as_bytes())
    } else {
        loaded.report.log_lines().try_for_each(|line| writeln!(output, "{line}"))
    };
    Exit::Config(loaded.report.test_exit_code())
}

/// A terminal that can show colours, in front of somebody who wants them (no-color.org).
fn wants_colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let able = std::env::var_os("TERM").is_some_and(|kind| !kind.is_empty() && kind != "dumb");
    able && !refused
}

/// keepalived's umask from its first moment on.
const DEFAULT_UMASK: u32 = 0o177;

/// The log file, never through a symbolic link; standard error without one.
fn open(log_file: Option<&Path>, umask: u32) -> std::io::Result<Box<dyn Write>> {
    let Some(path) = log_file else {
        return Ok(Box::new(std::io::stderr()));
    };
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o644 & !umask).custom_flags(nix::libc::O_NOFOLLOW);
    Ok(Box::new(options.open(path)?))
}

/// The words of keepalived: the name, the number of the error and what it means.
fn unopened(log_file: Option<&Path>, error: &std::io::Error) -> String {
    let name = log_file.unwrap_or(Path::new("")).display();
    let number = error.raw_os_error().unwrap_or_default();
    let words = error.to_string();
    let words = words.split(" (os error").next().unwrap_or_default();
    format!("Unable to open config-test log file {name} {number} - {words}")
}
