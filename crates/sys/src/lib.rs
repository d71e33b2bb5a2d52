//! The system calls that the standard library does not offer, and the C libraries of patterns and TLS,
//! behind safe functions.
//!
//! The only crate of the workspace with `unsafe` in it. It decides how a call is made soundly,
//! never whether or when: policy, log lines and retries belong to the callers.

pub mod carrier;
pub mod datagram;
pub mod lockfile;
mod message;
pub mod namespace;
pub mod packet;
pub mod pattern;
pub mod proc_events;
pub mod process;
pub mod raw;
pub mod scheduler;
pub mod script;
pub mod socket;
pub mod timer;
pub mod tls;
pub mod watch;
