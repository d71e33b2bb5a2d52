//! Dumps: what the daemon understood and what it does, in keepalived's words (compat 03 §7).
//!
//! A signal asks for one. The parts hand out views of themselves, and a thread of its own words
//! and writes them ([`writer`]). `-d` logs the same lines without what is only true at run time.
//! Passwords are not shown.

mod address;
mod command;
mod detecting;
mod globals;
mod json;
mod object;
mod place;
mod routing;
mod services;
mod statistics;
mod time;
mod writer;

use std::collections::BTreeSet;

use conf::Config;
use net::AddressKey;

use crate::vrrp_task::Shown;

pub(crate) use address::set as set_address;
pub(crate) use writer::{Dumps, Views};

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dump {
    /// Everything that is configured, and the state of it.
    State,
    /// The counters of the instances.
    Statistics,
    /// The same; then they begin anew.
    LastStatistics,
    /// The instances and their counters, for programs.
    Json,
}

/// What is only true at one moment.
#[derive(Clone, Copy, Debug)]
struct Moment<'a> {
    /// What the VRRP task shows of itself.
    shown: &'a Shown,
    /// The addresses that the kernel has.
    held: &'a BTreeSet<AddressKey>,
}

/// The lines of `-d`.
pub(crate) fn lines(config: &Config) -> Vec<String> {
    let text = [main(config), routing::text(config, None), services::text(config, None)].concat();
    text.lines().map(str::to_owned).collect()
}

/// What concerns the daemon as a whole.
fn main(config: &Config) -> String {
    globals::text(&config.globals)
}

/// The dump of the VRRP part, as it is configured.
pub(crate) fn routing(config: &Config) -> String {
    main(config) + &routing::text(config, None)
}

/// The dump of the balancing part.
pub(crate) fn balancing(config: &Config) -> String {
    main(config) + &services::text(config, None)
}
