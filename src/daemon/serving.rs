//! The running daemon: what it is asked for, what its parts say, and what it tells the service
//! manager.

use conf::{Config, Loaded};

use super::parts::{News, Parts};
use crate::cli::Options;
use crate::dump::{self, Dump, Dumps};
use crate::exit::Exit;
use crate::log::Log;
use crate::one_time;
use crate::pid_files::PidFiles;
use crate::reload::{Reloads, Timer};
use crate::signals::{Asked, Signals};

/// Why the serving ends.
enum End {
    /// That was asked for, or a part gave up.
    Asked,
    /// A part is lost without which there is nothing to serve.
    Broken,
}

/// The daemon, started.
#[derive(Debug)]
pub(super) struct Serving<'a> {
    options: &'a Options,
    parts: Parts,
    files: PidFiles,
    reloads: Reloads,
    timer: Timer,
    dumps: Dumps,
    /// Every part has reached its first state; until then the service manager has to wait.
    started: bool,
    log: &'a Log,
}

impl<'a> Serving<'a> {
    /// Takes over what was started with this configuration.
    pub(super) fn new(
        options: &'a Options,
        loaded: Loaded,
        parts: Parts,
        files: PidFiles,
        log: &'a Log,
    ) -> Self {
        log_configuration(options, &loaded.config, log);
        let namespace = options.namespace.clone();
        let namespace = namespace.or_else(|| loaded.config.globals.net_namespace.clone());
        let dumps = Dumps::new(namespace, log);
        let reloads = Reloads::new(options, loaded, log);
        let mut timer = Timer::new(log.clone());
        timer.configure(&reloads.running().globals.reload);
        Self { options, parts, files, reloads, timer, dumps, started: false, log }
    }

    /// Serves until it is told to stop, or cannot go on; then runs the script of the end.
    pub(super) async fn until_stopped(mut self, signals: Signals) -> Exit {
        let end = self.serve(signals).await;
        let Self { options, mut parts, log, reloads, dumps, files: _files, .. } = self;
        let script = reloads.running().globals.shutdown.clone();
        // A reading that is under way has lost its purpose, and its file goes now.
        drop(reloads);
        let exit = match end {
            End::Asked => {
                log.info("Stopping");
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
                parts.stop(options);
                parts.end(log).await
            }
            End::Broken => parts.broken(log).await,
        };
        dumps.finish();
        one_time::shutdown(&script, log).await;
        exit
    }

    async fn serve(&mut self, mut signals: Signals) -> End {
        loop {
            tokio::select! {
                asked = signals.next() => match asked {
                    Asked::Stop => return End::Asked,
                    Asked::Reload => self.ask_for_reload(),
                    Asked::Dump(dump) => self.dump(dump),
                    Asked::LessComputing => self.parts.warn_of_computing(self.log),
                },
                () = self.timer.due() => self.ask_for_reload(),
                read = self.reloads.read() => self.reload(read),
                news = self.parts.next() => match news {
                    News::Ready => {
                        self.started = true;
                        self.log.info("Startup complete");
                        tell_ready();
                    }
                    News::Broken => return End::Broken,
                    News::GaveUp(part) => {
                        self.log.alert(format!("{part} part died: Exiting"));
                        return End::Asked;
                    }
                },
            }
        }
    }

    fn dump(&mut self, dump: Dump) {
        let views = self.parts.show(dump);
        self.dumps.make(dump, self.reloads.running(), views);
    }

    fn ask_for_reload(&mut self) {
        if self.reloads.ask() {
            tell_reloading();
        }
    }

    /// A new configuration was read: it is used if that may be.
    fn reload(&mut self, read: Result<Loaded, String>) {
        if let Some(config) = self.reloads.take(read) {
            self.parts.reconfigure(self.options, config, self.log);
            log_configuration(self.options, config, self.log);
            self.timer.configure(&config.globals.reload);
            if let Err(error) = self.files.update(self.options, config) {
                self.log.error(error.to_string());
            }
            if self.started {
                self.log.info("Reload complete");
            }
        }
        if self.started {
            tell_ready();
        }
        if self.reloads.done() {
            tell_reloading();
        }
    }
}

fn tell_ready() {
    let _ = sd_notify::notify(&[
        sd_notify::NotifyState::Ready,
        sd_notify::NotifyState::MainPid(std::process::id()),
    ]);
}

fn tell_reloading() {
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Reloading]);
}

/// `-d`.
fn log_configuration(options: &Options, config: &Config, log: &Log) {
    if options.dump {
        for line in dump::lines(config) {
            log.info(line);
        }
    }
}
