//! What the value of a tracked file says of a server (compat 21 §7, FILE_CHECK).
//!
//! keepalived forgets `reverse` until the file changes for the first time; here the rule is the
//! same from the start.

use std::sync::Arc;

use crate::config::{FileCheck, FileWeight};
use crate::event::Finding;
use crate::health::Health;

/// A file and its value.
#[derive(Debug)]
pub(crate) struct Follower {
    pub(super) check: Box<FileCheck>,
    /// `None` until anybody has said it: that says nothing of the server.
    value: Option<i64>,
}

/// What is as bad as a failure.
const FAULT: i64 = i32::MIN as i64;

impl Follower {
    pub(super) const fn new(check: Box<FileCheck>, value: Option<i64>) -> Self {
        Self { check, value }
    }

    /// What the value says by itself.
    pub(super) fn health(&self) -> Health {
        let bad = self.value.is_some_and(|value| match self.check.weight {
            FileWeight { factor: 0, reverse } => (value != 0) != reverse,
            FileWeight { .. } => self.product() <= FAULT,
        });
        if bad { Health::Bad } else { Health::Good { failures: 0 } }
    }

    /// What it adds to the configured weight of its server.
    pub(super) fn contribution(&self) -> i64 {
        if self.health() == Health::Bad { 0 } else { self.product() }
    }

    /// The file has this value now.
    pub(super) fn on_value(
        &mut self,
        value: i64,
        health: &mut Health,
        say: &mut dyn FnMut(Finding),
    ) {
        self.value = Some(value);
        let now = self.health();
        if now != *health {
            let file = Arc::clone(&self.check.file);
            say(Finding::File { file, fault: now == Health::Bad });
        }
        *health = now;
    }

    fn product(&self) -> i64 {
        let FileWeight { factor, reverse } = self.check.weight;
        let product = self.value.unwrap_or(0).saturating_mul(i64::from(factor));
        let product = if reverse { product.saturating_neg() } else { product };
        product.clamp(FAULT, -FAULT - 1)
    }
}
