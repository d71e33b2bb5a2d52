//! What can be seen of the core from outside, for dumps.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config;
use crate::units::{Diagnostic, Discriminator, Interval, SessionId, StateKind};

/// What can be seen of a session from outside.
#[derive(Clone, Debug)]
pub struct View {
    /// Its number over its life.
    pub id: SessionId,
    /// Its configuration.
    pub config: Arc<config::Session>,
    /// Its state.
    pub state: StateKind,
    /// What it goes by.
    pub discriminator: Discriminator,
    /// Why it was last down.
    pub diagnostic: Diagnostic,
    /// The other end's state, as far as it was heard.
    pub remote_state: StateKind,
    /// What the session goes by there.
    pub remote_discriminator: Option<Discriminator>,
    /// Why the other end was last down.
    pub remote_diagnostic: Diagnostic,
    /// How fast the other end wishes to send.
    pub remote_min_tx: Interval,
    /// How fast the other end may be sent to.
    pub remote_min_rx: Interval,
    /// The other end's multiplier; zero as long as nothing was heard.
    pub remote_multiplier: u8,
    /// The other end wishes to hear nothing while both are up.
    pub remote_demand: bool,
    /// Its last packet could not be sent.
    pub mute: bool,
    /// It waits for an answer to a poll.
    pub polling: bool,
    /// How fast it says that it wishes to send.
    pub desired_min_tx: Interval,
    /// How often it sends, jitter aside.
    pub interval: Duration,
    /// How long the other end may be silent; zero as long as nothing was heard.
    pub detection: Duration,
    /// When a packet was last accepted.
    pub last_heard: Option<Instant>,
    /// When something is due next.
    pub deadline: Option<Instant>,
    /// Its counters.
    pub stats: Stats,
}

/// The counters of one session, kept over reloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Packets accepted.
    pub received: u64,
    /// Packets for it that were ignored.
    pub discarded: u64,
    /// Packets sent.
    pub sent: u64,
    /// Times it went up.
    pub went_up: u32,
    /// Times it ceased to be up.
    pub went_down: u32,
}
