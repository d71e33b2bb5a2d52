//! What can go wrong on a segment.

use std::time::Duration;

/// Probabilities and limits of what goes wrong.
#[derive(Clone, Debug)]
pub struct Faults {
    /// The share of packets lost, 0 to 1.
    pub loss: f64,
    /// The share of packets that arrive twice.
    pub duplication: f64,
    /// The longest extra delay of a packet.
    pub delay: Duration,
    /// The longest time until a network manager carries an order out.
    pub order_delay: Duration,
    /// The share of orders carried out twice.
    pub repeat_order: f64,
    /// The share of script runs that fail.
    pub script_failure: f64,
    /// Nodes that hear only each other; all others hear only each other too.
    pub island: Vec<usize>,
    /// One-way cuts: what the first says, the second does not hear.
    pub unheard: Vec<(usize, usize)>,
}

impl Faults {
    /// A quiet segment with prompt managers.
    pub const NONE: Self = Self {
        loss: 0.0,
        duplication: 0.0,
        delay: Duration::from_micros(100),
        order_delay: Duration::from_millis(2),
        repeat_order: 0.0,
        script_failure: 0.0,
        island: Vec::new(),
        unheard: Vec::new(),
    };

    /// Whether packets from one node to another are cut off.
    pub(super) fn cuts(&self, from: usize, to: usize) -> bool {
        self.island.contains(&from) != self.island.contains(&to)
            || self.unheard.contains(&(from, to))
    }
}
