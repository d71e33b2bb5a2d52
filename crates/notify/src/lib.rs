//! Tells the outside what happened: today by running scripts.
//!
//! What is worth telling is decided by the cores; here is decided in which order scripts run,
//! how long one may hold up the next, and what a script inherits from the daemon.

mod checks;
mod orphans;
mod queue;
mod script;

pub use checks::Checks;
pub use orphans::bury_orphans;
pub use queue::Queues;
pub use script::{Command, Outcome, Running};
