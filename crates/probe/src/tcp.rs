//! `TCP_CHECK`: a server works when it takes a connection (compat 21 §7).
//!
//! Nothing is sent or read, and the connection is closed at once in the ordinary way.

use lvs::{Connect, Failure, Outcome, Passed};

use crate::connect::connect;

/// Connects and closes.
pub(crate) async fn attempt(wish: &Connect) -> Outcome {
    match connect(wish).await {
        Ok(stream) => {
            drop(stream);
            Outcome::Passed(Passed::Connected)
        }
        // This check has one word for every connection that could not be made.
        Err(Outcome::Failed(Failure::Unreachable)) => Outcome::Failed(Failure::ConnectFailed),
        Err(outcome) => outcome,
    }
}
