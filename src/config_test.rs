//! `-t` and `--print-conf`: read the configuration as the daemon would, complain, print what was
//! understood if that is asked for, and end (compat 03 §3.2).
//!
//! Complaints never hold a secret; what is printed holds every password that is configured.

use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use conf::{Class, Loaded};

use crate::cli::Options;
use crate::exit::Exit;
use crate::{version, world};

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
    if let Some(file) = &options.print_config
        && let Err(error) = print(&loaded, options, file.as_deref())
    {
        let _ = writeln!(std::io::stderr(), "Unable to write the configuration: {error}");
        return Exit::Failed;
    }
    Exit::Config(loaded.report.test_exit_code())
}

/// Prints the configuration to a file that did not exist, for nobody but its owner to read, or to
/// standard output.
fn print(loaded: &Loaded, options: &Options, file: Option<&Path>) -> std::io::Result<()> {
    let text = heading(loaded, options) + &conf::print(&loaded.config);
    let Some(path) = file else {
        return std::io::stdout().write_all(text.as_bytes());
    };
    let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    new.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// Where it comes from, and whether something is missing.
fn heading(loaded: &Loaded, options: &Options) -> String {
    // What ends a line would end the comment.
    let file = options.config.display().to_string().replace(char::is_control, "?");
    let mut text = format!("# {file} as {} understands it.\n", version::short());
    text.push_str("# If passwords are configured, they stand in here.\n");
    let problems = loaded.report.diagnostics().iter().filter(|found| found.class != Class::Notice);
    match problems.count() {
        0 => {}
        1 => text.push_str("# One problem was found; what it is about may be missing.\n"),
        many => {
            text += &format!("# {many} problems were found; what they are about may be missing.\n");
        }
    }
    text.push('\n');
    text
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
