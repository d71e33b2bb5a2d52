//! Lines that the crates at the edges say by `tracing`: handed to the log like all others.
//!
//! They have no handle of the log and need none. What the cores say comes as values instead.

use std::fmt::{Debug, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use super::{Level, Log, Text};

/// Sends everything that is said by `tracing` in this process to the log.
pub(crate) fn install(log: Log) {
    let registry = tracing_subscriber::registry().with(ToLog(log));
    // It fails only when there is one already, which then does the same.
    let _ = tracing::subscriber::set_global_default(registry);
}

struct ToLog(Log);

#[derive(Default)]
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing into a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

impl<S: Subscriber> Layer<S> for ToLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        if level > tracing::Level::INFO && !self.0.is_detailed() {
            return;
        }
        let mut words = Words::default();
        event.record(&mut words);
        let level = if level == tracing::Level::ERROR { Level::Error } else { Level::Info };
        self.0.put(level, Text::Words(words.0));
    }
}
