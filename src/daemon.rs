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
use crate::reload::marker::{self, Marker};
use crate::reload::{Reloads, Timer};
use crate::signals::{self, Asked, Signals};
use crate::{dump, runtime, version, world};
use parts::{News, Parts};

/// Runs until it is stopped.
pub(crate) fn run(options: &Options) -> Exit {
    sys::process::ignore_requests();
    signals::keep_requests();
    let (facility, complaint) = options.facility();
    let (log, writer) = log::open(log::Settings {
        console: options.foreground && options.console,
        facility,
        detail: options.detail > 0,
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

fn say_all(loaded: &Loaded, log: &Log) {
    for line in loaded.report.log_lines() {
        log.info(line);
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
    log.info(format!("Stopped {}", version::short()));
    log.finish(writing);
    exit
}

async fn serve(options: &Options, loaded: Loaded, mut files: PidFiles, log: &Log) -> Exit {
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
    dump(options, &loaded.config, log);
    let mut reloads = Reloads::new(options, loaded, log);
    let mut timer = Timer::new(log.clone());
    timer.configure(&reloads.running().globals.reload);
    let mut started = false;
    loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Asked::Stop => return stop(options, parts, log).await,
                Asked::Reload => ask(&mut reloads),
                Asked::Dump => log.info("State dumps do not exist yet"),
            },
            () = timer.due() => ask(&mut reloads),
            read = reloads.read() => {
                if let Some(config) = reloads.take(read) {
                    parts.reconfigure(options, config, log);
                    dump(options, config, log);
                    timer.configure(&config.globals.reload);
                    if let Err(error) = files.update(options, config) {
                        log.error(error.to_string());
                    }
                    if started {
                        log.info("Reload complete");
                    }
                }
                // Before the first state is reached the service manager has to wait.
                if started {
                    tell_ready();
                }
                if reloads.done() {
                    tell_reloading();
                }
            },
            news = parts.next() => match news {
                News::Ready => {
                    started = true;
                    log.info("Startup complete");
                    tell_ready();
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

/// The service manager waits for this.
fn tell_ready() {
    let _ = sd_notify::notify(&[
        sd_notify::NotifyState::Ready,
        sd_notify::NotifyState::MainPid(std::process::id()),
    ]);
}

fn tell_reloading() {
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Reloading]);
}

/// Begins a reload, unless one is under way.
fn ask(reloads: &mut Reloads) {
    if reloads.ask() {
        tell_reloading();
    }
}

/// `-d`.
fn dump(options: &Options, config: &Config, log: &Log) {
    if options.dump {
        for line in dump::lines(config) {
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
