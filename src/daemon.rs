//! The daemon's life as a recipe: log, configuration, pid files, parts, signals, the end.

mod balancing;
mod detecting;
mod parts;
mod quiet_igmp;
mod respawn;
mod routing;
mod schedules;
mod serving;
mod shape;

use std::io::ErrorKind;

use conf::{Config, Loaded};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::stat::{Mode, umask};
use nix::sys::time::TimeVal;
use notify::Undertaker;
use sys::lockfile::PidFileError;
use sys::namespace::{PrivateRunDirectory, private_run_directory};

use crate::cli::Options;
use crate::exit::Exit;
use crate::log::{self, Log, Writer};
use crate::pid_files::PidFiles;
use crate::reload::marker::{self, Marker};
use crate::signals::{self, Signals};
use crate::{one_time, runtime, version, world};
use parts::Parts;
use serving::Serving;

/// Runs until it is stopped.
pub(crate) fn run(options: &Options) -> Exit {
    sys::process::ignore_requests();
    signals::keep_requests();
    let (facility, complaint) = options.facility();
    let (log, writer) = log::open(log::Settings {
        console: options.foreground && options.console,
        facility,
        detail: options.detail(),
        suffix: String::new(),
    });
    announce(options, complaint, &log);
    match prepare(options, &log) {
        Ok(prepared) => live(options, prepared, log, writer),
        Err(exit) => {
            drop(log);
            writer.write_rest();
            exit
        }
    }
}

/// What a start needs to have before threads run.
struct Prepared {
    loaded: Loaded,
    /// The network namespace that the daemon is in; `None` where it was started.
    namespace: Option<String>,
    /// Held as long as the daemon runs.
    _run_directory: Option<PrivateRunDirectory>,
}

fn announce(options: &Options, complaint: Option<String>, log: &Log) {
    log.info(format!("Starting {}", version::short()));
    log.info(format!("Running on {}", version::kernel()));
    let words: Vec<String> =
        std::env::args_os().map(|word| format!("'{}'", word.display())).collect();
    log.info(format!("Command line: {}", words.join(" ")));
    if let Some(complaint) = complaint {
        log.info(complaint);
    }
    if !options.unexpected.is_empty() {
        log.info(format!("Unexpected argument(s): {}", options.unexpected.join(" ")));
    }
    for option in options.without_effect() {
        log.info(format!("{option} has no effect yet"));
    }
    log.info(format!("Configuration file {}", options.config.display()));
}

/// Everything that can make a start fail before anything runs.
fn prepare(options: &Options, log: &Log) -> Result<Prepared, Exit> {
    let loaded = world::load(options).map_err(|error| {
        log.error(error.to_string());
        match error {
            world::Error::Namespace(..) => Exit::Clean,
            world::Error::Links(_) => Exit::Failed,
        }
    })?;
    say_all(&loaded, log);
    runnable(&loaded, log)?;
    if !options.foreground {
        sys::process::daemonize().map_err(|error| {
            log.error(format!("Cannot go to the background: {error}"));
            Exit::Failed
        })?;
    }
    let globals = &loaded.config.globals;
    umask(Mode::from_bits_truncate(options.umask().unwrap_or(globals.umask)));
    let namespace = options.namespace.clone().or_else(|| globals.net_namespace.clone());
    let _run_directory = match namespace.as_deref().map(private_run_directory).transpose() {
        Ok(directory) => directory,
        Err(error) => {
            log.error(format!("Cannot make a run directory for the namespace: {error}"));
            return Err(Exit::Failed);
        }
    };
    let loaded = read_with_marker(options, loaded, log)?;
    Ok(Prepared { loaded, namespace, _run_directory })
}

/// Where the configuration says that a file tells of its being read, it has to be read again:
/// before, nobody knew that.
fn read_with_marker(options: &Options, loaded: Loaded, log: &Log) -> Result<Loaded, Exit> {
    let Some(path) = marker::place(options, &loaded.config.globals) else {
        return Ok(loaded);
    };
    let _marker = Marker::put(path, log);
    let again = world::reload(options, false).map_err(|error| {
        log.error(error.to_string());
        Exit::Failed
    })?;
    if again.report != loaded.report {
        say_all(&again, log);
    }
    runnable(&again, log)?;
    Ok(again)
}

/// Which files were read, and what was found in them.
fn say_all(loaded: &Loaded, log: &Log) {
    say_files(loaded, log);
    for line in loaded.report.log_lines() {
        log.info(line);
    }
}

/// Which files were read.
fn say_files(loaded: &Loaded, log: &Log) {
    for (name, _) in loaded.report.sources().files() {
        log.detail(format!("Opening file '{name}'."));
    }
}

fn runnable(loaded: &Loaded, log: &Log) -> Result<(), Exit> {
    let Some(status) = loaded.report.is_fatal() else {
        return Ok(());
    };
    log.error("The configuration cannot be run - exiting");
    Err(Exit::Config(status))
}

/// After the last fork: threads may be started.
fn live(options: &Options, prepared: Prepared, log: Log, writer: Writer) -> Exit {
    let Prepared { loaded, namespace, _run_directory } = prepared;
    let instance = &loaded.config.globals.instance;
    let suffix = namespace.iter().chain(instance).fold(String::new(), |all, one| all + "_" + one);
    if !suffix.is_empty() {
        log.info(format!("Changing syslog ident to Keepalived{suffix}"));
    }
    let Ok(writing) = writer.start(suffix) else {
        return Exit::Failed;
    };
    log::install(log.part(log::Part::Vrrp));
    let exit = match PidFiles::create(options, &loaded.config) {
        Ok(files) => runtime::block_on(serve(options, loaded, files, &log)),
        Err(error) => {
            log.error(error.to_string());
            match error {
                PidFileError::Locked(_) => {
                    log.info("daemon is already running");
                    Exit::Clean
                }
                PidFileError::Io { .. } => Exit::Failed,
            }
        }
    };
    say_usage(&log);
    log.info(format!("Stopped {}", version::short()));
    log.finish(writing);
    exit
}

/// Processor time of this process, and of the scripts that have ended.
fn say_usage(log: &Log) {
    let of = |who| getrusage(who).map(|usage| (usage.user_time(), usage.system_time()));
    if let (Ok(own), Ok(scripts)) = (of(UsageWho::RUSAGE_SELF), of(UsageWho::RUSAGE_CHILDREN)) {
        let time = |time: TimeVal| format!("{}.{:06}", time.tv_sec(), time.tv_usec());
        let user = format!("{}/{}", time(own.0), time(scripts.0));
        let system = format!("{}/{}", time(own.1), time(scripts.1));
        log.detail(format!("CPU usage (self/children) user: {user} system: {system}"));
    }
}

async fn serve(options: &Options, loaded: Loaded, files: PidFiles, log: &Log) -> Exit {
    let mut signals = match Signals::listen(options.ignore_sigint) {
        Ok(signals) => signals,
        Err(error) => {
            log.error(format!("Cannot listen to signals: {error}"));
            return Exit::Failed;
        }
    };
    adopt_orphans(log);
    let globals = &loaded.config.globals;
    if one_time::startup(&globals.startup, signals.stop(), log).await {
        log.info("Stopping");
        one_time::shutdown(&globals.shutdown, log).await;
        return Exit::Clean;
    }
    if !has_work(options, &loaded.config) {
        log.info("Warning - keepalived has no configuration to run");
    }
    match Parts::start(options, &loaded.config, log) {
        Ok(parts) => {
            let serving = Serving::new(options, loaded, parts, files, log);
            // It holds the whole configuration.
            Box::pin(serving.until_stopped(signals)).await
        }
        Err(balancing::Error::Io(error)) if error.kind() == ErrorKind::PermissionDenied => {
            log.error(format!("missing permission: {error} (try to run it as root)"));
            Exit::Permission
        }
        Err(error) => {
            log.error(error.to_string());
            Exit::Failed
        }
    }
}

/// Adopts and buries what scripts leave behind, whatever part starts them.
fn adopt_orphans(log: &Log) {
    match Undertaker::begin() {
        Ok(undertaker) => drop(tokio::spawn(undertaker.bury())),
        Err(error) => log.info(format!("Cannot adopt what scripts leave behind: {error}")),
    }
}

/// Whether anything is configured that this call of the daemon runs.
fn has_work(options: &Options, config: &Config) -> bool {
    let routing = (config.vrrp_configured || options.all) && !options.checkers_only;
    let balancing = (config.checkers_configured || options.all) && !options.vrrp_only;
    let detecting = (config.bfd_configured || options.all) && !options.no_bfd;
    routing || balancing || detecting
}
