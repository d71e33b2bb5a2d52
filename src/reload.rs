//! Reloads: who asks for one, how the new configuration is read, and whether it may replace the
//! running one.
//!
//! Reading it is `conf`'s business, comparing it the cores'. A configuration that cannot be used
//! changes nothing: half of one is worse than the old one.

mod clock_text;
mod copies;
mod findings;
pub(crate) mod marker;
mod queue;
mod reading;
mod schedule;
mod timer;
mod watch;

use conf::{Class, Config, Loaded, Report};

use crate::cli::Options;
use crate::log::Log;
use copies::{Copies, Side};
use marker::Marker;
use queue::{Queue, Request};
use reading::Reading;
pub(crate) use timer::Timer;

/// What runs, and the reload that is under way.
#[derive(Debug)]
pub(crate) struct Reloads {
    options: Options,
    log: Log,
    running: Config,
    /// The running file had braces or quotes without their partners.
    torn: bool,
    /// The running file had nothing in it.
    empty: bool,
    /// How often the configuration was read again.
    number: u32,
    queue: Queue,
    reading: Option<Reading>,
}

impl Reloads {
    /// Remembers the configuration of the start.
    #[must_use]
    pub(crate) fn new(options: &Options, loaded: Loaded, log: &Log) -> Self {
        let reloads = Self {
            options: options.clone(),
            log: log.clone(),
            torn: is_torn(&loaded.report),
            empty: is_empty(&loaded.report),
            running: loaded.config,
            number: 0,
            queue: Queue::default(),
            reading: None,
        };
        if let Some(copies) = reloads.copies(&reloads.running) {
            copies.keep_files(&loaded.report);
        }
        reloads
    }

    /// What runs.
    #[must_use]
    pub(crate) const fn running(&self) -> &Config {
        &self.running
    }

    /// Somebody asks for a reload; whether one begins now.
    pub(crate) fn ask(&mut self) -> bool {
        match self.queue.ask() {
            Request::Begin => {
                self.begin();
                return true;
            }
            Request::Queued => self.log.detail("Reload already in progress, request queued"),
            Request::Same => {}
        }
        false
    }

    /// Ends when a new configuration has been read; never without a reload under way. May be
    /// dropped while it waits.
    pub(crate) async fn read(&mut self) -> Result<Loaded, String> {
        match &mut self.reading {
            Some(reading) => reading.done().await,
            None => std::future::pending().await,
        }
    }

    /// Takes what was read as what runs from now on, if that may be; otherwise the log says why
    /// not, and `None` is returned.
    pub(crate) fn take(&mut self, read: Result<Loaded, String>) -> Option<&Config> {
        // Whoever waits for the end of the reading need not wait for the rest.
        self.reading = None;
        self.number += 1;
        let refused = read.and_then(|loaded| {
            self.accept(&loaded)?;
            Ok(loaded)
        });
        match refused {
            Ok(loaded) => {
                self.replace(loaded);
                Some(&self.running)
            }
            Err(why) => {
                self.log.error(format!("{why} - keeping the running configuration"));
                None
            }
        }
    }

    /// The reload is done, whatever came of it; whether the next one begins.
    pub(crate) fn done(&mut self) -> bool {
        let more = self.queue.done();
        if more {
            self.log.detail("Processing queued reload");
            self.begin();
        }
        more
    }

    fn begin(&mut self) {
        let globals = &self.running.globals;
        if globals.reload.check.is_some() {
            self.log.detail("validate conf before Reload");
        } else {
            self.log.info("Reloading ...");
        }
        let marker = marker::place(&self.options, globals).map(|path| Marker::put(path, &self.log));
        self.reading = Some(Reading::start(&self.options, globals.scripts.secure, marker));
    }

    fn accept(&self, loaded: &Loaded) -> Result<(), String> {
        let (old, new) = (&self.running, &loaded.config);
        // As keepalived: what the new file names is gone after the reading.
        if let Some(path) = marker::place(&self.options, &new.globals) {
            marker::remove(&path, &self.log);
        }
        if let Some(copies) = self.copies(new) {
            copies.keep_files(&loaded.report);
        }
        for line in loaded.report.log_lines() {
            self.log.info(line);
        }
        self.check(loaded)?;
        if loaded.report.is_fatal().is_some() {
            Err("The new configuration cannot be run".to_owned())
        } else if let Some(what) = old.fixed.difference(&new.fixed) {
            Err(format!("Cannot change {what} at a reload - please restart keepalived"))
        } else if is_torn(&loaded.report) && !self.torn {
            Err("The new configuration is incomplete".to_owned())
        } else if is_empty(&loaded.report) && !self.empty {
            Err("The new configuration is empty".to_owned())
        } else {
            Ok(())
        }
    }

    /// `reload_check_config`, of the running configuration or of the new one.
    fn check(&self, loaded: &Loaded) -> Result<(), String> {
        let old = &self.running.globals.reload;
        let settings = if old.check.is_some() { old } else { &loaded.config.globals.reload };
        if settings.check.is_none() {
            return Ok(());
        }
        let file = settings.findings();
        if let Some(path) = file
            && let Err(error) = findings::write(path, &loaded.report)
        {
            self.log.error(format!("Cannot write {}: {error}", path.display()));
        }
        if loaded.report.test_exit_code() != 0 {
            let see = file.map(|path| format!(", see {} for details", path.display()));
            return Err(format!("New config failed validation{}", see.unwrap_or_default()));
        }
        if old.check.is_some() {
            self.log.info("Reloading ...");
        }
        Ok(())
    }

    fn replace(&mut self, loaded: Loaded) {
        if let Some(copies) = self.copies(&self.running) {
            copies.keep_state(&self.running, Side::Before);
        }
        self.torn = is_torn(&loaded.report);
        self.empty = is_empty(&loaded.report);
        self.running = loaded.config;
        if let Some(copies) = self.copies(&self.running) {
            copies.keep_state(&self.running, Side::After);
        }
    }

    fn copies<'a>(&'a self, config: &'a Config) -> Option<Copies<'a>> {
        let directory = config.globals.reload.save_directory.as_deref()?;
        Some(Copies { directory, number: self.number, log: &self.log })
    }
}

/// Braces or quotes without their partners: the file is probably being written.
///
/// One that has run like this before is its operator's business, and may be read again.
fn is_torn(report: &Report) -> bool {
    let torn = [Class::MissingClose, Class::UnexpectedClose, Class::UnmatchedQuote];
    report.diagnostics().iter().any(|found| torn.contains(&found.class))
}

/// Nothing at all in it: who writes a file empties it first.
fn is_empty(report: &Report) -> bool {
    report.sources().files().all(|(_, text)| text.trim().is_empty())
}
