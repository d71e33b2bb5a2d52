//! Tells the outside what happened: by running scripts, and by lines in named pipes.
//!
//! What is worth telling is decided by the cores; here is decided in which order scripts run,
//! how long one may hold up the next, and what a script inherits from the daemon.

mod checks;
mod fifo;
mod guarded;
mod orphans;
mod queue;
mod script;

pub use checks::{Checks, Ended};
pub use fifo::{Fifo, FifoError};
pub use guarded::Guarded;
pub use orphans::Undertaker;
pub use queue::Queues;
pub use script::{Command, Outcome, Running};
