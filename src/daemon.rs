//! The daemon's life as a recipe: log, configuration, pid files, parts, signals, the end.

mod balancing;
mod parts;
mod routing;

use std::io::ErrorKind;

use conf::{Config, Loaded};
use nix::sys::stat::{Mode, umask};
use sys::lockfile::PidFileError;
use sys::namespace::{PrivateRunDirectory, private_run_directory};

use crate::cli::Options;
use crate::exit::Exit;
use crate::log::{self, Log, Writer};
use crate::pid_files::PidFiles;
use crate::reload::Running;
use crate::signals::{Asked, Signals};
use crate::{dump, runtime, version, world};
use parts::{News, Parts};

/// Runs until it is stopped.
pub(crate) fn run(options: &Options) -> Exit {
    sys::process::ignore_requests();
    let (facility, complaint) = options.facility();
    let (log, writer) = log::open(log::Settings {
        console: options.foreground && options.console,
        facility,
        detail: options.detail > 0,
        suffix: String::new(),
    });
    announce(options, complaint, &log);
    match prepare(options, &log) {
        Ok(prepared) => live(options, &prepared, log, writer),
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
    for line in loaded.report.log_lines() {
        log.info(line);
    }
    if let Some(status) = loaded.report.is_fatal() {
        log.error("The configuration cannot be run - exiting");
        return Err(Exit::Config(status));
    }
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
    Ok(Prepared { loaded, namespace, _run_directory })
}

/// After the last fork: threads may be started.
fn live(options: &Options, prepared: &Prepared, log: Log, writer: Writer) -> Exit {
    let Prepared { loaded, namespace, .. } = prepared;
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
    log.info(format!("Stopped {}", version::short()));
    log.finish(writing);
    exit
}

async fn serve(options: &Options, loaded: &Loaded, mut files: PidFiles, log: &Log) -> Exit {
    let mut signals = match Signals::listen(options.ignore_sigint) {
        Ok(signals) => signals,
        Err(error) => {
            log.error(format!("Cannot listen to signals: {error}"));
            return Exit::Failed;
        }
    };
    if !has_work(options, &loaded.config) {
        log.info("Warning - keepalived has no configuration to run");
    }
    let mut parts = match Parts::start(options, &loaded.config, log) {
        Ok(parts) => parts,
        Err(parts::Error::Io(error)) if error.kind() == ErrorKind::PermissionDenied => {
            log.error(format!("missing permission: {error} (try to run it as root)"));
            return Exit::Permission;
        }
        Err(error) => {
            log.error(error.to_string());
            return Exit::Failed;
        }
    };
    dump(options, loaded, log);
    let mut running = Running::of(loaded);
    let mut started = false;
    loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Asked::Stop => return stop(options, parts, log).await,
                Asked::Reload => {
                    if let Some(loaded) = reload(options, &mut running, &mut parts, log)
                        && let Err(error) = files.update(options, &loaded.config)
                    {
                        log.error(error.to_string());
                    }
                    // Before the first state is reached the service manager has to wait.
                    if started {
                        ready(log, "Reload complete");
                    }
                }
                Asked::Dump => log.info("State dumps do not exist yet"),
            },
            news = parts.next() => match news {
                News::Ready => {
                    started = true;
                    ready(log, "Startup complete");
                }
                News::Broken => return parts.broken(log).await,
                News::GaveUp => {
                    log.alert("Healthcheck part died: Exiting");
                    return stop(options, parts, log).await;
                }
            },
        }
    }
}

/// Whether anything is configured that this call of the daemon runs.
fn has_work(options: &Options, config: &Config) -> bool {
    let routing = (config.vrrp_configured || options.all) && !options.checkers_only;
    let balancing = (config.checkers_configured || options.all) && !options.vrrp_only;
    routing || balancing
}

/// The service manager waits for this; without one it is a log line.
fn ready(log: &Log, line: &str) {
    log.info(line);
    let _ = sd_notify::notify(&[
        sd_notify::NotifyState::Ready,
        sd_notify::NotifyState::MainPid(std::process::id()),
    ]);
}

/// Returns the new configuration if it is used.
fn reload(
    options: &Options,
    running: &mut Running,
    parts: &mut Parts,
    log: &Log,
) -> Option<Loaded> {
    log.info("Reloading ...");
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Reloading]);
    let loaded = running.reload(options, log)?;
    *running = Running::of(&loaded);
    parts.reconfigure(options, &loaded.config, log);
    dump(options, &loaded, log);
    Some(loaded)
}

/// `-d`.
fn dump(options: &Options, loaded: &Loaded, log: &Log) {
    if options.dump {
        for line in dump::lines(&loaded.config) {
            log.info(line);
        }
    }
}

async fn stop(options: &Options, mut parts: Parts, log: &Log) -> Exit {
    log.info("Stopping");
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    parts.stop(options);
    parts.end(log).await
}
