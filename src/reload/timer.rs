//! `reload_time_file` in the running daemon: the file is watched, the schedule told of it and of
//! the time, and what the schedule wants done is done.

use std::path::PathBuf;
use std::time::Duration;

use chrono::Utc;
use conf::ReloadSettings;

use super::clock_text::Here;
use super::schedule::{Effect, Schedule};
use super::watch::{Change, Watch, directory};
use crate::log::Log;

/// What makes the daemon reload by the clock.
#[derive(Debug)]
pub(crate) struct Timer {
    path: Option<PathBuf>,
    /// `None` without a path, and when its directory is not there.
    watch: Option<Watch>,
    /// The line that the schedule knows of.
    line: Option<String>,
    schedule: Schedule<Here>,
    log: Log,
}

impl Timer {
    /// Nothing is watched before it is configured.
    pub(crate) const fn new(log: Log) -> Self {
        let schedule = Schedule::new(Here, false);
        Self { path: None, watch: None, line: None, schedule, log }
    }

    /// Watches the file that is configured now. One whose directory had disappeared is looked for
    /// again. Needs a runtime.
    pub(crate) fn configure(&mut self, settings: &ReloadSettings) {
        self.schedule.set_repeat(settings.repeat);
        if self.path != settings.time_file || self.watch.is_none() {
            self.path.clone_from(&settings.time_file);
            self.watch = self.watching();
        }
        self.look();
        self.carry_out();
    }

    /// Ends when it is time to reload. May be dropped while it waits.
    pub(crate) async fn due(&mut self) {
        loop {
            let wait = self.schedule.wait(Utc::now());
            let change = tokio::select! {
                change = next_change(&mut self.watch) => Some(change),
                () = after(wait) => None,
            };
            match change {
                Some(Change::File) => self.look(),
                Some(Change::DirectoryGone) => self.stop_watching(),
                None => self.schedule.tick(Utc::now()),
            }
            if self.carry_out() {
                return;
            }
        }
    }

    fn watching(&self) -> Option<Watch> {
        let path = self.path.as_ref()?;
        Watch::new(path)
            .inspect_err(|error| {
                let place = directory(path).display();
                self.log.error(format!(
                    "Unable to monitor reload timer file directory {place} - ignoring ({error}; \
                     looked for again at the next reload)"
                ));
            })
            .ok()
    }

    /// Tells the schedule of the file, if that is news.
    fn look(&mut self) {
        let line = match self.watch.as_ref().map(Watch::first_line).transpose() {
            Ok(line) => line.flatten(),
            Err(error) => {
                let path = self.path.clone().unwrap_or_default();
                self.log.error(format!("Cannot read {}: {error}", path.display()));
                None
            }
        };
        if line != self.line {
            self.schedule.file_holds(Utc::now(), line.as_deref());
            self.line = line;
        }
    }

    fn stop_watching(&mut self) {
        self.watch = None;
        self.look();
        // As the original: first what it leads to, then why.
        self.carry_out();
        self.log.info("Directory of reload timer file has disappeared. Monitoring stopped.");
    }

    /// Does what the schedule wants done; whether that is a reload.
    fn carry_out(&mut self) -> bool {
        let mut reload = false;
        while let Some(effect) = self.schedule.poll_effect() {
            match effect {
                Effect::Say(line) => self.log.info(line),
                Effect::Remove => self.remove(),
                Effect::Reload => reload = true,
            }
        }
        reload
    }

    /// Takes the file away, unless it holds something new by now.
    fn remove(&self) {
        let Some(watch) = &self.watch else { return };
        let served = watch.first_line().is_ok_and(|line| line == self.line);
        if served && let Err(error) = watch.remove() {
            let path = self.path.clone().unwrap_or_default();
            self.log.error(format!("Cannot remove {}: {error}", path.display()));
        }
    }
}

async fn next_change(watch: &mut Option<Watch>) -> Change {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

async fn after(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
