//! What can go wrong between us and the kernel's IPVS.

use std::io;

use netlink_packet_core::DecodeError;

/// A failure that concerns a whole request or the socket, not one change of a batch.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no socket.
    #[error("cannot open a generic netlink socket")]
    Open(#[source] io::Error),
    /// The kernel has no IPVS: its module `ip_vs` is missing or not loaded yet.
    #[error("the kernel has no IPVS (module ip_vs)")]
    NoFamily,
    /// The kernel did not take a request.
    #[error("cannot send an IPVS request")]
    Send(#[source] io::Error),
    /// No reply can be had.
    #[error("cannot receive from IPVS")]
    Receive(#[source] io::Error),
    /// The kernel refused a request.
    #[error("the kernel refused {what}")]
    Refused {
        /// What was asked for.
        what: &'static str,
        /// Its error number as an error.
        #[source]
        source: io::Error,
    },
    /// A message that does not make sense.
    #[error("cannot read an IPVS message")]
    Decode(#[from] DecodeError),
}
