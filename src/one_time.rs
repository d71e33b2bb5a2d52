//! The scripts of the daemon's own start and end (compat 03 §11.6): each is waited for, as long as
//! it may take, before the next thing happens. What they say about themselves changes nothing.
//!
//! When they run is decided by the daemon.

use std::time::Duration;

use conf::OneTimeScript;
use notify::{Guarded, Outcome};
use tokio::time::timeout;

use crate::log::Log;

/// How long a script is waited for that was killed; the kernel may hold it for ever.
const GIVE_UP: Duration = Duration::from_secs(14);

/// Runs the script of the start. A stop that is asked for meanwhile ends the script; says whether
/// there was one.
pub(crate) async fn startup(
    script: &OneTimeScript,
    stop: impl Future<Output = ()>,
    log: &Log,
) -> bool {
    let occasion = Occasion { name: "startup", log };
    let Some(mut run) = occasion.start(script) else { return false };
    let stopped = tokio::select! {
        () = occasion.see_through(&mut run, script.timeout) => false,
        () = stop => true,
    };
    if stopped {
        occasion.end(&mut run).await;
    }
    stopped
}

/// Runs the script of the end.
pub(crate) async fn shutdown(script: &OneTimeScript, log: &Log) {
    let occasion = Occasion { name: "shutdown", log };
    if let Some(mut run) = occasion.start(script) {
        occasion.see_through(&mut run, script.timeout).await;
    }
}

/// What a script is run for, as its log lines call it.
struct Occasion<'a> {
    name: &'static str,
    log: &'a Log,
}

impl Occasion<'_> {
    fn start(&self, script: &OneTimeScript) -> Option<Guarded> {
        let conf::Command { argv, account } = script.command.as_ref()?;
        let Self { name, log } = self;
        log.detail(format!("Running {name} script {}", argv[0]));
        let command = notify::Command { argv: argv.clone(), uid: account.uid, gid: account.gid };
        let started = command.start_guarded();
        started.map_err(|error| self.complain(&error)).ok()
    }

    fn complain(&self, error: &std::io::Error) {
        self.log.alert(format!("Error exec-ing {} script: {error}", self.name));
    }

    /// Waits for its end, and brings it about when that takes too long. The words are keepalived's.
    async fn see_through(&self, run: &mut Guarded, limit: Duration) {
        let Self { name, log } = self;
        match run.wait_for(limit).await {
            Ok(Some(Outcome::Exited(0))) => log.detail(format!("{name} script script succeeded")),
            Ok(Some(Outcome::Exited(status))) => {
                log.info(format!("{name} script script failed, status {status}"));
            }
            Ok(Some(Outcome::Signalled(signal))) => {
                log.info(format!("{name} script died of signal {signal}"));
            }
            Ok(None) => {
                log.info(format!("{name} script timed out"));
                self.end(run).await;
            }
            Err(error) => self.complain(&error),
        }
    }

    async fn end(&self, run: &mut Guarded) {
        if timeout(GIVE_UP, run.end()).await.is_err() {
            self.log.alert(format!("{} script cannot be killed - going on without it", self.name));
        }
    }
}
