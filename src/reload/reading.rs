//! One reading of the configuration, on a thread of its own: signals are heard meanwhile, and a
//! stop does not wait for a large file.

use std::thread;

use conf::Loaded;
use tokio::sync::oneshot::{Receiver, channel};

use super::marker::Marker;
use crate::cli::Options;
use crate::world;

/// A reading that is under way.
#[derive(Debug)]
pub(super) struct Reading {
    outcome: Receiver<Result<Loaded, world::Error>>,
    /// Goes with the reading, however that ends.
    _marker: Option<Marker>,
}

impl Reading {
    /// Begins to read in the network namespace of the calling thread.
    pub(super) fn start(options: &Options, secure_scripts: bool, marker: Option<Marker>) -> Self {
        let (done, outcome) = channel();
        let options = options.clone();
        // Without a thread the sender is dropped, and that is the answer.
        let _ = thread::Builder::new().name("reload".to_owned()).spawn(move || {
            // Nobody waits for it after a stop.
            let _ = done.send(world::reload(&options, secure_scripts));
        });
        Self { outcome, _marker: marker }
    }

    /// What was read, or why nothing was. May be dropped while it waits.
    pub(super) async fn done(&mut self) -> Result<Loaded, String> {
        match (&mut self.outcome).await {
            Ok(outcome) => outcome.map_err(|error| error.to_string()),
            Err(_) => Err("The configuration cannot be read: its reader is lost".to_owned()),
        }
    }
}
