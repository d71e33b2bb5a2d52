//! The load balancing core: which servers belong to which service, and which of them work.
//!
//! It decides; it does nothing. There is no clock, socket, file or thread here. The driver
//!
//! 1. calls [`Director::handle`] with the time and one [`Input`], as often as it has some,
//! 2. drains [`Director::poll_order`], whose orders go to whoever programs the kernel,
//! 3. drains [`Director::poll_effect`] and carries every [`Effect`] out,
//! 4. waits for the next input, at most until [`Director::poll_timeout`].

mod agenda;
mod alert;
pub mod config;
mod director;
mod effect;
mod event;
mod health;
mod marks;
mod notice;
mod nursery;
mod pattern;
mod probe;
mod quorum;
mod real_server;
mod reconfigure;
mod request;
#[cfg(test)]
mod tests;
mod units;
mod view;
mod virtual_server;

pub use alert::{Alert, Cause};
pub use director::Director;
pub use effect::{Effect, Facts, Input, Order};
pub use event::{Entry, Event, Finding, Happening, Retries, ServerDeed};
pub use marks::Marks;
pub use notice::{Notice, Subject};
pub use pattern::{Pattern, PatternOptions};
pub use probe::{
    DnsFailure, Failure, LengthMismatch, NotConnected, Obstacle, Outcome, Passed, PingFailure,
    Probe, ProgramFailure, Proof, SmtpFailure, TlsFlaw, UdpFailure, WebFailure,
};
pub use request::{Connect, HttpVersion, Request, Tls};
pub use units::{CheckId, Generation, ServerId, ServerName};
pub use view::{CheckView, ServerView, View};
