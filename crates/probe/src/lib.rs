//! One attempt to reach a real server per call.
//!
//! Decides how an attempt is made and what its outcome is. When attempts are made, how many of
//! them may fail and what that means for the server is decided by the `lvs` core.

mod connect;
mod datagram;
mod dns;
mod equipment;
pub mod fuzzing;
mod http;
mod ping;
mod smtp;
mod tcp;
mod tls;
mod udp;
mod waits;

pub use equipment::{Equipment, Error, compile};
pub use http::{Heard, Judge, digest};
use lvs::{Outcome, Probe};
pub use tls::Error as TlsError;

/// Makes one attempt. Use inside a tokio runtime with I/O and time.
///
/// It ends after `timeout` for the connection and `patience` for the rest at the latest, whatever
/// the server does. Dropping it closes the connection and leaves nothing behind.
pub async fn attempt(probe: &Probe, equipment: &Equipment) -> Outcome {
    match probe {
        Probe::Tcp(connect) => tcp::attempt(connect).await,
        Probe::Http(request) => http::attempt(request, equipment).await,
        Probe::Smtp(check) => smtp::attempt(check).await,
        Probe::Dns(check) => dns::attempt(check).await,
        Probe::Udp(check) => udp::attempt(check).await,
        Probe::Ping(connect) => ping::attempt(connect).await,
    }
}
