//! The kernel's IPVS through generic netlink: changing its table in batches, listing it.
//!
//! Decides how services and destinations are put to the kernel and what its answers mean. Which
//! of them there should be, and what follows from a failure, is decided elsewhere.

mod attribute;
mod batch;
mod change;
mod daemon;
mod destination;
mod error;
mod failure;
pub mod fuzzing;
mod info;
mod number;
mod service;
mod socket;
mod statistics;
mod timeouts;
mod writer;

pub use change::{Change, Command};
pub use daemon::{Direction, SyncDaemon};
pub use error::Error;
pub use failure::{Failure, meaning};
pub use info::Info;
pub use socket::Socket;
pub use statistics::{Counted, Counts, Load, Traffic};
pub use timeouts::Timeouts;
