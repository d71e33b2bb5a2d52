//! One attempt to reach a real server per call.
//!
//! Decides how an attempt is made and what its outcome is. When attempts are made, how many of
//! them may fail and what that means for the server is decided by the `lvs` core.

mod connect;
mod http;
mod tcp;
mod waits;

pub use http::Judge;
use lvs::{Outcome, Probe};

/// Makes one attempt. Use inside a tokio runtime with I/O and time.
///
/// It ends after `timeout` for the connection and `patience` for the rest at the latest, whatever
/// the server does. Dropping it closes the connection and leaves nothing behind.
pub async fn attempt(probe: &Probe) -> Outcome {
    match probe {
        Probe::Tcp(connect) => tcp::attempt(connect).await,
        Probe::Http(request) => http::attempt(request).await,
    }
}
