//! The director: every virtual server, and the next deadline of all of them.

use std::time::Instant;

use crate::config::Config;
use crate::effect::{Effect, Input, Order};

/// The load balancing core.
#[derive(Debug)]
pub struct Director {}

impl Director {
    /// A director of this configuration. The seed decides how first checks are spread.
    #[must_use]
    pub fn new(_config: Config, _now: Instant, _seed: u64) -> Self {
        Self {}
    }

    /// Takes one input.
    pub fn handle(&mut self, _now: Instant, _input: Input) {}

    /// The next thing to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        None
    }

    /// The next order to the kernel; several changes of one virtual server make one order.
    pub fn poll_order(&mut self) -> Option<Order> {
        None
    }

    /// When [`Input::Timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}
