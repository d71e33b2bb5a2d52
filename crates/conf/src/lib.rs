//! The language of keepalived.conf: from files to one typed configuration and its findings.
//!
//! Everything is read before anything is said: [`load`] never prints, logs or exits. What the
//! configuration makes the daemon do is decided elsewhere; the order of work here is
//! `source` (text), `lexer` (lines), `preprocess`, `reader` (pieces), `keyword` (rows), `block`
//! (drafts), `resolve` (the typed configuration).

mod block;
mod diagnostic;
mod encoding;
mod fixed;
mod globals;
mod include;
mod keyword;
mod lexer;
mod line;
mod origin;
mod place;
mod preprocess;
mod print;
mod reader;
mod reference;
mod reload_settings;
mod report;
mod resolve;
mod source;
mod span;
mod suggest;
mod text;
mod value;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use block::words::WordHelp;
pub use diagnostic::{Class, Diagnostic, Stop};
pub use fixed::Fixed;
pub use globals::{
    Account, BufferPolicy, Buffers, Checkers, Command, Dbus, DynamicInterfaces, Fifo, Fifos, Files,
    Firewall, Flush, Globals, Ipvs, IpvsMarks, IpvsNamespace, IpvsTimeouts, Mail, NotifyFifo,
    OneTimeScript, PartScheduling, ProcessNames, ReceiveBuffer, Scheduling, ScriptPolicy, Snmp,
    SyncDaemon, VrrpBuffer, VrrpDefaults,
};
pub use keyword::{Effect, Takes};
pub use place::{BLOCKS, Block, Shares};
pub use print::print;
pub use reference::{Entry, reference, words_of};
pub use reload_settings::{ReloadFile, ReloadSettings};
pub use report::Report;
pub use source::{Part, Position, Sources};
pub use span::{Span, Via};

use block::{ROOT, RootDraft};
use include::{Checks, Opened};
use keyword::Context;
use preprocess::Preprocessor;
use reader::Reader;

/// What the world looks like to the loader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The interfaces of the system.
    pub links: Vec<net::Link>,
    /// The node's name; up to its first dot it is the config id (compat 01 §5).
    pub host_name: String,
    /// The config id that was given instead (`-i`).
    pub config_id: Option<String>,
    /// The environment variables that `${_ENV NAME}` means.
    pub variables: BTreeMap<String, String>,
    /// Where the numbers of `${_RANDOM}` begin.
    pub seed: u64,
    /// How many bytes definitions and sequences may generate; 64 MiB unless given.
    pub generated_limit: Option<u64>,
    /// How many processors there are, where that is known: what may be named as one.
    pub processors: Option<u32>,
    /// The directories that programs are looked for in, separated by colons (`PATH`).
    pub search_path: String,
    /// Scripts are looked up below this directory, which tests fill; empty means the system's own.
    pub script_root: PathBuf,
    /// `-t`: numbers with trailing characters are refused.
    pub testing: bool,
    /// `-e`: every problem of include lines is an error.
    pub all_config: bool,
    /// A daemon that has started to refuse scripts that others could change does not stop to.
    pub secure_scripts: bool,
}

/// Everything that was configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Daemon-wide settings.
    pub globals: Globals,
    /// What a reload must not change.
    pub fixed: Fixed,
    /// What the VRRP core runs.
    pub vrrp: vrrp::config::Config,
    /// `lvs_sync_daemon_interface`: the link of the IPVS synchronisation, and its instance.
    pub sync_daemon: Option<(net::LinkName, vrrp::Name)>,
    /// What the BFD core runs.
    pub bfd: bfd::config::Config,
    /// The instances and sync groups whose transitions are mailed.
    pub mail_alerts: MailAlerts,
    /// What the load balancing core runs; shared, because it may be large.
    pub lvs: Arc<lvs::config::Config>,
    /// Some `vrrp_instance` is configured, whether it can be run or not.
    pub vrrp_configured: bool,
    /// Some `virtual_server` is configured, whether it can be run or not.
    pub checkers_configured: bool,
    /// Some `bfd_instance` is configured.
    pub bfd_configured: bool,
}

/// Whose transitions are mailed (`smtp_alert` and its defaults).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailAlerts {
    /// Names of instances.
    pub instances: Vec<vrrp::Name>,
    /// Names of sync groups.
    pub groups: Vec<vrrp::Name>,
}

/// The outcome of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// What could be understood.
    pub config: Config,
    /// What was found on the way.
    pub report: Report,
}

/// Reads the files that the pattern matches, with everything they include.
#[must_use]
pub fn load(pattern: &Path, environment: &Environment) -> Loaded {
    let checks = if environment.all_config { Checks::ALL } else { Checks::default() };
    let pattern = pattern.to_string_lossy();
    let (files, mut problems) = include::open(&pattern, Path::new(""), checks);
    main_file_problems(&mut problems);
    let mut report = Report::default();
    report.extend(problems);
    main_file_rules(&pattern, &files, environment, &mut report);
    let preprocessor = Preprocessor::new(environment);
    read(Reader::new(files, checks, true, preprocessor), environment, report)
}

/// Reads a text as if it were a file of that name; include lines are not followed.
#[must_use]
pub fn load_text(name: &str, text: &[u8], environment: &Environment) -> Loaded {
    let file = Opened {
        name: name.to_owned(),
        directory: PathBuf::new(),
        path: None,
        bytes: text.to_vec(),
    };
    let preprocessor = Preprocessor::new(environment);
    let reader = Reader::new(vec![file], Checks::default(), false, preprocessor);
    read(reader, environment, Report::default())
}

/// A failed check of the main file counts in a test as its class only (compat 01 §8.2).
fn main_file_problems(problems: &mut [Diagnostic]) {
    for problem in problems.iter_mut().filter(|problem| problem.stop.is_some()) {
        problem.stop = Some(Stop::NoFile);
    }
}

/// Without a main file nothing starts; of several the order is worth a word (compat 01 §8.2).
fn main_file_rules(
    pattern: &str,
    files: &[Opened],
    environment: &Environment,
    report: &mut Report,
) {
    if files.is_empty() {
        let denied = |error: std::io::Error| error.kind() == ErrorKind::PermissionDenied;
        let counts = environment.all_config || File::open(pattern).is_err_and(denied);
        let class = if counts { Class::FileNotFound } else { Class::Notice };
        let message = format!("Unable to read configuration file {pattern}");
        report.add(Diagnostic::new(class, message).stopping(Stop::NoFile));
    }
    if let [first, _, ..] = files {
        let message = format!(
            "WARNING, multiple configuration file matches of {pattern}, starting with {}",
            first.name
        );
        report.add(Diagnostic::new(Class::MultipleFiles, message));
    }
}

fn read(reader: Reader, environment: &Environment, report: Report) -> Loaded {
    let mut context = Context::new(environment, reader, report);
    let mut root = RootDraft::default();
    root.globals.scripts.secure = environment.secure_scripts;
    context.walk_root(ROOT, &mut root);
    let Context { reader, mut report, fixed, .. } = context;
    reader.finish(&mut report);
    root.fixed = fixed;
    resolve::resolve(root, environment, report)
}

#[cfg(test)]
mod tests;
