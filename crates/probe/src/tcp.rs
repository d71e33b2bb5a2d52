//! `TCP_CHECK`: a server works when it takes a connection (compat 21 §7).
//!
//! Nothing is sent or read, and the connection is closed at once in the ordinary way.

use lvs::{Connect, Failure, Outcome, Passed};

use crate::connect::connect;
use crate::waits::Waits;

/// Connects and closes.
pub(crate) async fn attempt(wish: &Connect) -> Outcome {
    let mut waits = Waits::begin(wish.timeout, wish.timeout);
    match connect(wish, &mut waits).await {
        Ok(stream) => {
            drop(stream);
            Outcome::Passed(Passed::Worked)
        }
        Err(refusal) => refusal.outcome(Failure::Tcp),
    }
}
