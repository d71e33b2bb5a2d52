//! What can go wrong between us and the kernel.

use std::io;

use netlink_packet_core::DecodeError;

use crate::channel::invalid;

/// A failure that concerns a whole question or the socket, not one request of a batch.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no socket.
    #[error("cannot open a netlink socket")]
    Open(#[source] io::Error),
    /// The kernel did not take a question.
    #[error("cannot send a netlink request")]
    Send(#[source] io::Error),
    /// No answer can be had.
    #[error("cannot receive from netlink")]
    Receive(#[source] io::Error),
    /// The kernel refused to answer.
    #[error("the kernel refused {what}")]
    Refused {
        /// What was asked for.
        what: &'static str,
        /// Its error number as an error.
        #[source]
        source: io::Error,
    },
    /// A message that does not make sense.
    #[error("cannot read a netlink message")]
    Decode(#[from] DecodeError),
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Open(error) | Error::Send(error) | Error::Receive(error) => error,
            Error::Refused { source, .. } => source,
            Error::Decode(error) => invalid(error),
        }
    }
}
